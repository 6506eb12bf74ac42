"""The statements of the SQLite store, built once and cached, and what both databases share.

Names of tables and columns come from `tables.py` only; every value is a parameter.
"""

# ruff: noqa: S608 - what is joined into a statement is a name from `tables.py`, never a value

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import TypeGuard

import orjson

from services.adapters.store.failures import StoreRefused
from services.adapters.store.plan import Operation, refuse_unstorable, wrong_type
from services.adapters.store.tables import TABLE_OF, Columns, Table
from services.chart.rows import MessageRow, TimerRow

LISTED = 64  # up to so many values stand as single parameters; more go in as one JSON list
Shape = tuple[tuple[str, int], ...]  # columns and how many values each is compared with


def check_columns(table: Table, columns: Iterable[str]) -> None:
    """Only columns of the table may reach a statement.

    Raises:
        StoreRefused: the table has no such column.
    """
    for column in columns:
        if column not in table.columns:
            raise StoreRefused(f"The table {table.name} has no such column.")


def is_many(value: object) -> TypeGuard[Collection[object]]:
    """Whether a value of a `where` means "any of these"."""
    return isinstance(value, (list, tuple, set, frozenset))


def listed(columns: Columns) -> str:
    """Columns, quoted: some of them are words of SQL."""
    return ", ".join(f'"{column}"' for column in columns)


@cache
def order_of(table: Table, order_by: str) -> tuple[tuple[str, bool], ...]:
    """The order of a select as (column, descending); the key decides ties.

    `order_by` is a comma-separated list of columns; a leading "-" means descending.
    """
    parts = [part.strip() for part in order_by.split(",") if part.strip()]
    order = tuple((part.removeprefix("-"), part.startswith("-")) for part in parts)
    check_columns(table, tuple(column for column, _ in order))
    if table.key not in [column for column, _ in order]:
        order = (*order, (table.key, False))
    return order


@cache
def ordered(table: Table, order_by: str) -> str:
    """The ORDER BY clause."""
    return " ORDER BY " + ", ".join(
        f'"{column}" DESC' if descending else f'"{column}"'
        for column, descending in order_of(table, order_by)
    )


def write(operation: Operation) -> str:
    """The statement of an operation, for one row."""
    return _write(operation.kind, operation.table, operation.changed)


@cache
def _write(kind: str, table: Table, changed: Columns) -> str:
    match kind:
        case "insert":
            marks = ", ".join("?" * len(table.columns))
            return f"INSERT INTO {table.name} ({listed(table.columns)}) VALUES ({marks})"
        case "update":
            sets = ", ".join(f'"{column}" = ?' for column in changed)
            return f"UPDATE {table.name} SET {sets}{_guard(table, table.compare)}"
        case _:
            return f"DELETE FROM {table.name}{_guard(table, table.compare_on_delete)}"


def _guard(table: Table, compared: Columns) -> str:
    return " WHERE " + " AND ".join(f'"{column}" = ?' for column in (table.key, *compared))


def check_where(table: Table, where: Mapping[str, object]) -> None:
    """Refuse what one database would understand and another would not.

    Raises:
        StoreRefused: the table has no such column, or a value has not the column's type.
        UnstorableText: no row can hold such a text.
    """
    check_columns(table, where)
    for column, value in where.items():
        kind = table.type_of(column)
        values = value if is_many(value) else (value,)
        if kind is str:
            refuse_unstorable(table, values)
        elif not all(isinstance(each, kind) for each in values):
            raise wrong_type(table)


def shape_of(table: Table, where: Mapping[str, object]) -> tuple[Shape, list[object]]:
    """What a `where` compares, and its parameters.

    Shape: a column's number is -1 for equality, 0 for one JSON list, else the number of values.
    """
    check_where(table, where)
    shape: list[tuple[str, int]] = []
    parameters: list[object] = []
    for column, value in where.items():
        if not is_many(value):
            shape.append((column, -1))
            parameters.append(value)
        elif 0 < len(value) <= LISTED:
            shape.append((column, len(value)))
            parameters.extend(value)
        else:
            shape.append((column, 0))
            parameters.append(json_list(value))
    return tuple(shape), parameters


def json_list(values: Iterable[object]) -> str:
    """Any number of values as one parameter.

    Raises:
        StoreRefused: a value is neither a text nor a number.
    """
    try:
        return orjson.dumps(list(values)).decode()
    except TypeError:
        raise StoreRefused("A list of values must hold texts or numbers.") from None


def _conditions(shape: Shape) -> str:
    parts = []
    for column, many in shape:
        values = ", ".join("?" * many) or "SELECT value FROM json_each(?)"
        parts.append(f'"{column}" = ?' if many < 0 else f'"{column}" IN ({values})')
    return " WHERE " + " AND ".join(parts) if parts else ""


@cache
def select(table: Table, shape: Shape, order_by: str) -> str:
    """Whole rows; the last parameter is the limit, -1 for none."""
    rows = f"SELECT {listed(table.columns)} FROM {table.name}{_conditions(shape)}"
    return f"{rows}{ordered(table, order_by)} LIMIT ?"


@cache
def count(table: Table, shape: Shape, group_by: Columns) -> str:
    """How many rows, by group; the number stands last."""
    rows = f"count(*) FROM {table.name}{_conditions(shape)}"
    if not group_by:
        return f"SELECT {rows}"
    return f"SELECT {listed(group_by)}, {rows} GROUP BY {listed(group_by)}"


@cache
def scan(table: Table) -> str:
    """Rows after a key, in the order of keys."""
    rows = f"SELECT {listed(table.columns)} FROM {table.name}"
    return f'{rows} WHERE "{table.key}" > ? ORDER BY "{table.key}" LIMIT ?'


@cache
def due_messages(stages: int) -> str:
    """The oldest messages that are due. Parameters: per stage: stage, now, limit; then limit.

    Each stage is read in the order of its index, so a long backlog costs nothing.
    """
    oldest = (
        "SELECT * FROM (SELECT message_id, due_ms FROM message"
        " WHERE stage = ? AND due_ms <= ? ORDER BY due_ms, message_id LIMIT ?)"
    )
    ids = " UNION ALL ".join([oldest] * stages) + " ORDER BY due_ms, message_id LIMIT ?"
    return (
        f"SELECT {listed(MESSAGE.columns)} FROM message WHERE message_id IN"
        f" (SELECT message_id FROM ({ids})) ORDER BY due_ms, message_id"
    )


@cache
def next_due(stages: int) -> str:
    """When the earliest message of so many stages or the earliest timer is due."""
    parts = ["SELECT min(due_ms) AS due_ms FROM message WHERE stage = ?"] * stages
    parts.append("SELECT min(due_ms) AS due_ms FROM timer")
    return f"SELECT min(due_ms) FROM ({' UNION ALL '.join(parts)})"


MESSAGE = TABLE_OF[MessageRow]
LEASE = (
    "UPDATE message SET due_ms = ?, sends = sends + 1"
    " WHERE message_id IN (SELECT value FROM json_each(?))"
)
RELEASE = (
    "UPDATE message SET due_ms = ?, sends = max(sends - 1, 0)"
    " WHERE message_id IN (SELECT value FROM json_each(?))"
)
FORGET_LEASES = "UPDATE message SET due_ms = said_ms WHERE due_ms > ? AND sends > 0"
COUNT_LEASED = (
    "SELECT stage, count(DISTINCT due_ms) FROM message"
    " WHERE stage IN (SELECT value FROM json_each(?)) AND due_ms > ? AND sends > 0 GROUP BY stage"
)
DUE_TIMERS = (
    f"SELECT {listed(TABLE_OF[TimerRow].columns)} FROM timer"
    " WHERE due_ms <= ? ORDER BY due_ms, timer_id LIMIT ?"
)
