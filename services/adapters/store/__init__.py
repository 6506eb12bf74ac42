"""The store: rows, unit of work, reads, migrations."""
