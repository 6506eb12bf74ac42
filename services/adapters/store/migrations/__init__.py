"""The migrations of the store. `HEAD` is the newest revision, known without loading Alembic."""

from __future__ import annotations

HEAD = "0001"
