"""Completeness: what must be there before a chart is coded, and how long it may be missing."""
