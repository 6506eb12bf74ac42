"""Tests, and what they need: fakes, builders and real servers."""
