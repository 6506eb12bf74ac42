"""Fakes: each obeys the contract suite of its port."""
