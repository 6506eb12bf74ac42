"""The statements of the PostgreSQL store, built once and cached.

Names of tables and columns come from `tables.py` only; every value is a parameter. What changes
many rows takes one array a column (`arrays.py`) and fails by dividing by zero when it did not find
every row as it was read: so a whole commit is one round trip.
"""

# ruff: noqa: S608 - what is joined into a statement is a name from `tables.py`, never a value

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from services.adapters.store.arrays import pack
from services.adapters.store.plan import Operation, Values
from services.adapters.store.sql import check_where, is_many, listed, ordered
from services.adapters.store.tables import TABLE_OF, Columns, Table
from services.chart.rows import MessageRow, TimerRow

NAMES: dict[type, str] = {str: "text", int: "int8", bytes: "bytea"}
Shape = tuple[tuple[str, bool], ...]  # columns, and whether each is compared with many values
CHANNEL = "chartline"


def write(operation: Operation) -> tuple[str, list[object]]:
    """The statement of an operation, for all its rows, and its parameters."""
    table, rows = operation.table, operation.parameters
    text, kinds = _write(operation.kind, table, operation.changed)
    columns: Iterator[Values] = zip(*rows, strict=True)
    parameters: list[object] = list(map(pack, kinds, columns))
    if operation.kind != "insert":
        parameters.append(len(rows))
    return text, parameters


@cache
def _write(kind: str, table: Table, changed: Columns) -> tuple[str, tuple[type, ...]]:
    """The statement and the types of its arrays."""
    if kind == "insert":
        text = f"INSERT INTO {table.name} ({listed(table.columns)}) SELECT * FROM "
        return text + _unnest(table.types), table.types
    compared = (table.key, *(table.compare if kind == "update" else table.compare_on_delete))
    kinds = tuple(table.type_of(column) for column in (*changed, *compared))
    is_same = " AND ".join(
        f't."{column}" = v.v{at}' for at, column in enumerate(compared, len(changed))
    )
    names = ", ".join(f"v{at}" for at in range(len(kinds)))
    values = f"{_unnest(kinds)} AS v ({names}) WHERE {is_same} RETURNING 1"
    if kind == "update":
        sets = ", ".join(f'"{column}" = v.v{at}' for at, column in enumerate(changed))
        done = f"UPDATE {table.name} AS t SET {sets} FROM {values}"
    else:
        done = f"DELETE FROM {table.name} AS t USING {values}"
    return f"WITH done AS ({done}) SELECT 1 / (count(*) = %s)::int FROM done", kinds


def _unnest(kinds: Sequence[type]) -> str:
    return f"unnest({', '.join(f'%s::{NAMES[kind]}[]' for kind in kinds)})"


def shape_of(table: Table, where: Mapping[str, object]) -> tuple[Shape, list[object]]:
    """What a `where` compares, and its parameters."""
    check_where(table, where)
    shape = tuple((column, is_many(value)) for column, value in where.items())
    parameters = [
        pack(table.type_of(column), list(value)) if is_many(value) else value
        for column, value in where.items()
    ]
    return shape, parameters


def _conditions(shape: Shape) -> str:
    parts = [f'"{column}" = ANY(%s)' if many else f'"{column}" = %s' for column, many in shape]
    return " WHERE " + " AND ".join(parts) if parts else ""


@cache
def select(table: Table, shape: Shape, order_by: str) -> str:
    """Whole rows; the last parameter is the limit, None for none."""
    rows = f"SELECT {listed(table.columns)} FROM {table.name}{_conditions(shape)}"
    return f"{rows}{ordered(table, order_by)} LIMIT %s"


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
    return f'{rows} WHERE "{table.key}" > %s ORDER BY "{table.key}" LIMIT %s'


MESSAGE = ", ".join(f'message."{column}"' for column in TABLE_OF[MessageRow].columns)
# Each stage is read in the order of its index, so a long backlog costs nothing. Parameters:
# stages, now, limit, limit, until. The last column of a row is when it was due before.
LEASE = (
    "WITH due AS MATERIALIZED (SELECT oldest.* FROM unnest(%s::text[]) AS stages (stage),"
    " LATERAL (SELECT message_id, due_ms FROM message WHERE message.stage = stages.stage"
    " AND due_ms <= %s ORDER BY due_ms, message_id LIMIT %s FOR UPDATE SKIP LOCKED) AS oldest"
    " ORDER BY due_ms, message_id LIMIT %s)"
    " UPDATE message SET due_ms = %s, sends = sends + 1 FROM due"
    f" WHERE message.message_id = due.message_id RETURNING {MESSAGE}, due.due_ms"
)
RELEASE = (
    "UPDATE message SET due_ms = %s, sends = greatest(sends - 1, 0) WHERE message_id = ANY(%s)"
)
FORGET_LEASES = "UPDATE message SET due_ms = said_ms WHERE due_ms > %s AND sends > 0"
COUNT_LEASED = (
    "SELECT stage, count(DISTINCT due_ms) FROM message"
    " WHERE stage = ANY(%s) AND due_ms > %s AND sends > 0 GROUP BY stage"
)
NEXT_DUE = (
    "SELECT least((SELECT min(first.due_ms) FROM unnest(%s::text[]) AS stages (stage),"
    " LATERAL (SELECT due_ms FROM message WHERE message.stage = stages.stage"
    " ORDER BY due_ms LIMIT 1) AS first), (SELECT min(due_ms) FROM timer))"
)
DUE_TIMERS = (
    f"SELECT {listed(TABLE_OF[TimerRow].columns)} FROM timer"
    " WHERE due_ms <= %s ORDER BY due_ms, timer_id LIMIT %s"
)
NOTIFY = f"SELECT pg_notify('{CHANNEL}', '')"
