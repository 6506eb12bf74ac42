"""X12: one writer, one tolerant reader, one guide check, and a module for each transaction."""
