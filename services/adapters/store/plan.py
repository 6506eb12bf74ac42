"""What one commit does, sorted into as few statements as possible: the same for every database.

Deletes come first, then updates, then inserts, so that a timer may be replaced by one with the
same key in one commit. A row may appear once among the deletes and updates of a commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import compress
from operator import ne
from typing import Any, Literal

from services.adapters.store.failures import StoreRefused, UnstorableText
from services.adapters.store.tables import TABLE_OF, Columns, Table
from services.chart.ports import Changes
from services.chart.rows import Row

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One statement for many rows.

    `parameters` holds one tuple a row. Insert: the row's values. Delete: the key, then the values
    to compare. Update: the new values of the columns `changed`, the key, the values to compare.
    """

    kind: Literal["delete", "update", "insert"]
    table: Table
    changed: Columns
    parameters: list[Values]

    @property
    def columns(self) -> Columns:
        """The column of each parameter."""
        return _columns(self.kind, self.table, self.changed)


@cache
def _columns(kind: str, table: Table, changed: Columns) -> Columns:
    match kind:
        case "insert":
            return table.columns
        case "update":
            return (*changed, table.key, *table.compare)
        case _:
            return (table.key, *table.compare_on_delete)


def plan(changes: Changes) -> list[Operation]:
    """The operations of a commit, in the order in which they must run.

    Raises:
        StoreRefused: a row appears twice, a row of an append-only table would change, or a value
            is not of its column's type.
        UnstorableText: a text holds a NUL or a lone surrogate.
    """
    planned = [*_deletes(changes.deletes), *_updates(changes.updates), *_inserts(changes.inserts)]
    _refuse_second_touch(planned)
    for operation in planned:
        _check_values(operation)
    return planned


def _deletes(rows: list[Row]) -> list[Operation]:
    by_table: dict[type[Row], list[Row]] = {}
    for row in rows:
        by_table.setdefault(type(row), []).append(row)
    planned = []
    for row_type, same in by_table.items():
        table = TABLE_OF[row_type]
        _refuse_rewriting(table)
        compared = [table.columns.index(column) for column in table.compare_on_delete]
        parameters = [
            (values[0], *[values[i] for i in compared]) for values in map(table.values, same)
        ]
        planned.append(Operation("delete", table, (), sorted(parameters)))
    return planned


def _updates(pairs: list[tuple[Row, Row]]) -> list[Operation]:
    grouped: dict[tuple[type[Row], Columns], list[Values]] = {}
    for before, after in pairs:
        table = TABLE_OF[type(before)]
        _refuse_rewriting(table)
        old, new = table.values(before), table.values(after)
        differs = list(map(ne, old, new))
        if differs[0]:
            raise StoreRefused(f"An update would change the key of a row of {table.name}.")
        # A row that did not change is still compared: its key is set to itself.
        changed = tuple(compress(table.columns, differs)) or (table.key,)
        written = tuple(compress(new, differs)) or (new[0],)
        compared = [old[table.columns.index(column)] for column in table.compare]
        grouped.setdefault((type(before), changed), []).append((*written, old[0], *compared))
    planned = []
    for (row_type, changed), parameters in grouped.items():
        at = len(changed)  # the key: one order of locks for everybody
        parameters.sort(key=lambda values: str(values[at]))
        planned.append(Operation("update", TABLE_OF[row_type], changed, parameters))
    return planned


def _inserts(rows: list[Row]) -> list[Operation]:
    by_table: dict[type[Row], list[Row]] = {}
    for row in rows:
        by_table.setdefault(type(row), []).append(row)
    return [
        Operation("insert", TABLE_OF[row_type], (), list(map(TABLE_OF[row_type].values, same)))
        for row_type, same in by_table.items()
    ]


def _refuse_rewriting(table: Table) -> None:
    if table.append_only:
        raise StoreRefused(f"The table {table.name} is append-only.")


def _refuse_second_touch(planned: list[Operation]) -> None:
    touched: dict[str, list[object]] = {}
    for operation in planned:
        if operation.kind != "insert":
            at = len(operation.changed)
            keys = touched.setdefault(operation.table.name, [])
            keys.extend([values[at] for values in operation.parameters])
    for name, keys in touched.items():
        if len(set(keys)) != len(keys):
            raise StoreRefused(f"One commit would change the same row of {name} twice.")


def _check_values(operation: Operation) -> None:
    """Whole columns at a time: this runs for every value that is ever written."""
    table = operation.table
    values: Iterator[Values] = zip(*operation.parameters, strict=True)
    for name, column in zip(operation.columns, values, strict=True):
        kind = table.type_of(name)
        if kind is str:
            refuse_unstorable(table, column)
        elif not (set(map(type, column)) <= {kind, bool} and (kind is bytes or _fits(column))):
            raise wrong_type(table)


def _fits(numbers: Values) -> bool:
    return bool(min(numbers) >= -(2**63) and max(numbers) < 2**63)


def wrong_type(table: Table) -> StoreRefused:
    """What is said of a value that is not of its column's type; it does not name the value."""
    return StoreRefused(f"A value for the table {table.name} is not of its column's type.")


def refuse_unstorable(table: Table, texts: Iterable[Any]) -> None:
    """Refuse texts that not every database can store, the same for all.

    Raises:
        StoreRefused: a value is not a text.
        UnstorableText: a text holds a NUL or a lone surrogate.
    """
    try:
        text = "".join(texts)
    except TypeError:
        raise wrong_type(table) from None
    if "\0" in text or not (text.isascii() or _encodes(text)):
        raise UnstorableText(
            f"A text for the table {table.name} holds a NUL or a lone surrogate.",
            where=table.name,
        )


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
