"""Rows for tests: valid, unique by their key, with one difference."""

from __future__ import annotations

from typing import Any, TypeVar

from services.adapters.store.tables import TABLE_OF, TABLES
from services.chart.rows import Row

R = TypeVar("R", bound=Row)
EVERY_TYPE: tuple[type[Any], ...] = tuple(table.row_type for table in TABLES)
EMPTY: dict[type, object] = {str: "", int: 0, bytes: b""}


def a_row(row_type: type[R], key: str, /, **fields: object) -> R:
    """A row with this key; what must be unique is made from the key, the rest is empty."""
    table = TABLE_OF[row_type]
    values = {column: EMPTY[kind] for column, kind in zip(table.columns, table.types, strict=True)}
    for unique in table.uniques:
        text = next(column for column in unique if table.type_of(column) is str)
        values[text] = f"{text} of {key}"
    made: R = row_type(**{**values, table.key: key, **fields})  # type: ignore[arg-type]
    return made
