"""The store in plain dictionaries: the fake that obeys the same contract as the real ones.

Deterministic and fast enough for thousands of simulated runs. The hooks let a simulation crash
between any two effects: `before_*` runs before anything has changed, `after_*` once it stands.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any, TypeVar, cast

from services.adapters.store.bell import Bell
from services.adapters.store.plan import Operation, plan
from services.adapters.store.sql import check_columns, check_where, is_many, order_of
from services.adapters.store.tables import TABLE_OF, TABLES, Columns, Table
from services.chart.ports import Changes, Conflict
from services.chart.rows import MessageRow, Row, TimerRow

R = TypeVar("R", bound=Row)
Values = tuple[Any, ...]


def no_hook(changes: Changes | None) -> None:
    """Nothing happens here."""


class MemoryBackend:
    """`services.chart.ports.Store` in memory."""

    def __init__(self) -> None:
        self.rows: dict[type[Any], dict[str, Any]] = {table.row_type: {} for table in TABLES}
        self.before_apply: Callable[[Changes], None] = no_hook
        self.after_apply: Callable[[Changes], None] = no_hook
        self.before_lease: Callable[[None], None] = no_hook
        self.after_lease: Callable[[None], None] = no_hook
        self._indexes = {
            (table.row_type, columns): dict[Any, dict[str, None]]()
            for table in TABLES
            for columns in {(index[0],) for index in (*table.indexes, *table.uniques)}
            | set(table.uniques)
        }
        self._by_type = {
            table.row_type: [
                (attrgetter(*columns), index)
                for (row_type, columns), index in self._indexes.items()
                if row_type is table.row_type
            ]
            for table in TABLES
        }
        self._lock = threading.RLock()
        self._bell = Bell()

    # -- reads -------------------------------------------------------------------------------

    def select(
        self,
        row_type: type[R],
        where: Mapping[str, object],
        *,
        order_by: str = "",
        limit: int | None = None,
    ) -> list[R]:
        """See `Backend.select`."""
        table = TABLE_OF[row_type]
        order = order_of(table, order_by)
        with self._lock:
            found = self._where(table, where)
        for column, descending in reversed(order):
            found.sort(key=attrgetter(column), reverse=descending)
        return found[:limit]

    def due_timers(self, now_ms: int, limit: int) -> list[TimerRow]:
        """The timers that are due, oldest first."""
        timers = self.select(TimerRow, {}, order_by="due_ms")
        return [timer for timer in timers if timer.due_ms <= now_ms][:limit]

    def next_due_ms(self, stages: Collection[str]) -> int | None:
        """When the next message of these stages or the next timer is due."""
        with self._lock:
            due = [message.due_ms for message in self._where(MESSAGE, {"stage": list(stages)})]
            due += [timer.due_ms for timer in self._where(TABLE_OF[TimerRow], {})]
        return min(due, default=None)

    def count_leased(self, now_ms: int) -> dict[str, int]:
        """See `Store.count_leased`."""
        with self._lock:
            leases = {(row.stage, row.due_ms) for row in self._leased(now_ms)}
        return dict(Counter(stage for stage, _ in leases))

    def count(
        self, row_type: type[R], where: Mapping[str, object], group_by: Sequence[str] = ()
    ) -> dict[tuple[object, ...], int]:
        """How many rows, by the values of `group_by`."""
        table = TABLE_OF[row_type]
        check_columns(table, tuple(group_by))
        with self._lock:
            found = self._where(table, where)
        if not group_by:
            return {(): len(found)}
        return dict(Counter(tuple(getattr(row, by) for by in group_by) for row in found))

    def scan(self, row_type: type[R], after_key: str, limit: int) -> list[R]:
        """The next rows after a key, in the order of keys."""
        with self._lock:
            rows = self.rows[row_type]
            keys = sorted(key for key in rows if key > after_key)[:limit]
            return [rows[key] for key in keys]

    def migrated(self) -> bool:
        """There is nothing to migrate."""
        return True

    def _where(self, table: Table, where: Mapping[str, object]) -> list[Any]:
        check_where(table, where)
        wanted: dict[str, set[Any]] = {
            column: set(value) if is_many(value) else {value} for column, value in where.items()
        }
        rows = self.rows[table.row_type]
        keys: Collection[str] = rows
        if table.key in wanted:
            keys = wanted.pop(table.key)
        else:
            for column in wanted:
                index = self._indexes.get((table.row_type, (column,)))
                if index is not None:
                    keys = [key for value in wanted.pop(column) for key in index.get(value, ())]
                    break
        found = [rows[key] for key in keys if key in rows]
        for column, values in wanted.items():
            found = [row for row in found if getattr(row, column) in values]
        return found

    # -- writes ------------------------------------------------------------------------------

    def apply(self, changes: Changes) -> None:
        """See `Backend.apply`."""
        self.before_apply(changes)
        operations = plan(changes)
        with self._lock:
            undo: list[tuple[Table, str, Row | None]] = []
            try:
                for operation in operations:
                    self._run(operation, undo)
            except BaseException:
                for table, key, row in reversed(undo):
                    self._set(table, key, row)
                raise
        if any(operation.table is MESSAGE for operation in operations):
            self._bell.ring()
        self.after_apply(changes)

    def lease(
        self, stages: Collection[str], now_ms: int, until_ms: int, limit: int
    ) -> list[MessageRow]:
        """See `Backend.lease`."""
        self._bell.listen()
        self.before_lease(None)
        with self._lock:
            found = self._where(MESSAGE, {"stage": list(stages)})
            due = [row for row in found if row.due_ms <= now_ms]
            due.sort(key=lambda row: (row.due_ms, row.message_id))
            leased = [replace(row, due_ms=until_ms, sends=row.sends + 1) for row in due[:limit]]
            for row in leased:
                self._set(MESSAGE, row.message_id, row)
        self.after_lease(None)
        return leased

    def release(self, message_ids: Collection[str], due_ms: int) -> None:
        """See `Backend.release`."""
        with self._lock:
            for message_id in message_ids:
                row = self.rows[MessageRow].get(message_id)
                if row is not None:
                    sends = max(row.sends - 1, 0)
                    self._set(MESSAGE, message_id, replace(row, due_ms=due_ms, sends=sends))
        self._bell.ring()

    def forget_leases(self, now_ms: int) -> int:
        """See `Store.forget_leases`."""
        with self._lock:
            leased = self._leased(now_ms)
            for row in leased:
                self._set(MESSAGE, row.message_id, replace(row, due_ms=row.said_ms))
        self._bell.ring()
        return len(leased)

    def _leased(self, now_ms: int) -> list[MessageRow]:
        rows = self.rows[MessageRow].values()
        return [row for row in rows if row.sends and row.due_ms > now_ms]

    def wait_for_message(self, timeout_s: float) -> bool:
        """Whether a message may have come since this thread's last `lease`; waits so long."""
        return self._bell.wait(timeout_s)

    def close(self) -> None:
        """Wake whoever waits; the rows stay, as in a file."""
        self._bell.ring()

    def _run(self, operation: Operation, undo: list[tuple[Table, str, Row | None]]) -> None:
        table = operation.table
        rows = self.rows[table.row_type]
        for values in operation.parameters:
            key = values[len(operation.changed)]
            before = rows.get(key)
            match operation.kind:
                case "insert":
                    after = self._new(table, values, before)
                case "update":
                    _compare(table, table.compare, before, values[len(operation.changed) + 1 :])
                    changes = dict(zip(operation.changed, values, strict=False))
                    after = replace(cast("Any", before), **changes)
                    self._check_uniques(table, after, operation.changed)
                case _:
                    _compare(table, table.compare_on_delete, before, values[1:])
                    after = None
            undo.append((table, key, before))
            self._set(table, key, after)

    def _new(self, table: Table, values: Values, before: Any) -> Any:
        if before is not None:
            raise Conflict(f"A row of {table.name} with that key exists.")
        row = table.row_type(*values)
        self._check_uniques(table, row, table.columns)
        return row

    def _check_uniques(self, table: Table, row: Any, changed: Columns) -> None:
        for unique in table.uniques:
            if not set(unique).isdisjoint(changed):
                holders = self._indexes[table.row_type, unique].get(attrgetter(*unique)(row), {})
                if holders.keys() - {getattr(row, table.key)}:
                    raise Conflict(f"A row of {table.name} with that value exists.")

    def _set(self, table: Table, key: str, row: Row | None) -> None:
        rows = self.rows[table.row_type]
        before = rows.pop(key, None)
        for value_of, index in self._by_type[table.row_type]:
            if before is not None:
                index[value_of(before)].pop(key)
            if row is not None:
                index.setdefault(value_of(row), {})[key] = None
        if row is not None:
            rows[key] = row


def _compare(table: Table, columns: Columns, row: Row | None, read: Values) -> None:
    if row is None or tuple(getattr(row, column) for column in columns) != read:
        raise Conflict(f"A row of {table.name} is no longer as it was read.")


MESSAGE = TABLE_OF[MessageRow]
