"""The embedded store: SQLite in one file, with a write-ahead log and a full sync at every commit.

One connection writes, behind a lock; readers have connections of their own and never wait for it.
Several processes may use the file at once. Statements come ready from `sql.py`.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import starmap
from pathlib import Path
from typing import Any, TypeVar

from messages.stage import Stage
from services.adapters.store import sql
from services.adapters.store.bell import Bell
from services.adapters.store.failures import StoreRefused
from services.adapters.store.migrations import HEAD
from services.adapters.store.plan import Operation, plan
from services.adapters.store.tables import TABLE_OF
from services.chart.failures import Outage
from services.chart.ports import Changes, Conflict
from services.chart.rows import MessageRow, Row, TimerRow

R = TypeVar("R", bound=Row)

BUSY_TIMEOUT_S = 5.0
OTHER_PROCESSES_S = 0.5  # how often a waiter looks whether another process has committed
PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA wal_autocheckpoint = 4000",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA cache_size = -32768",
    "PRAGMA temp_store = MEMORY",
)
BROKEN_RULE = {
    sqlite3.SQLITE_CONSTRAINT_UNIQUE,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
    sqlite3.SQLITE_CONSTRAINT_ROWID,
}


@contextmanager
def translated() -> Iterator[None]:
    """SQLite's errors in the house's words. None of them carries a value from a row."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        if error.sqlite_errorcode in BROKEN_RULE:
            raise Conflict("A row with that key exists.") from None
        raise StoreRefused(f"The store refused a row ({error.sqlite_errorname}).") from None
    except (sqlite3.ProgrammingError, sqlite3.InterfaceError, OverflowError) as error:
        raise StoreRefused(f"The store refused a value ({type(error).__name__}).") from None
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "SQLITE_ERROR")
        if name == "SQLITE_ERROR":
            raise StoreRefused("The store's tables are missing or old.") from None
        raise Outage(f"The store does not answer ({name}).") from None


class SqliteBackend:
    """`services.chart.ports.Store` over one SQLite file that `migrate.upgrade` has made.

    Opens nothing before the first call; after an outage the next call opens anew.
    """

    def __init__(self, path: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        self._bell = Bell()
        self._writing = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._heard = threading.local()
        self._readers: deque[sqlite3.Connection] = deque()

    # -- reads -------------------------------------------------------------------------------

    def select(
        self,
        row_type: type[R],
        where: Mapping[str, object],
        *,
        order_by: str = "",
        limit: int | None = None,
    ) -> list[R]:
        """See `Backend.select`; `order_by` may name several columns, "-" before one descends."""
        table = TABLE_OF[row_type]
        shape, parameters = sql.shape_of(table, where)
        parameters.append(-1 if limit is None else limit)
        return self._rows(row_type, sql.select(table, shape, order_by), parameters)

    def due_timers(self, now_ms: int, limit: int) -> list[TimerRow]:
        """The timers that are due, oldest first."""
        return self._rows(TimerRow, sql.DUE_TIMERS, [now_ms, limit])

    def next_due_ms(self, stages: Collection[str]) -> int | None:
        """When the next message of these stages or the next timer is due; None: there is none."""
        due: int | None = self._fetch(sql.next_due(len(stages)), list(stages))[0][0]
        return due

    def count_leased(self, now_ms: int) -> dict[str, int]:
        """See `Store.count_leased`."""
        stages = sql.json_list(stage.value for stage in Stage)
        return dict(self._fetch(sql.COUNT_LEASED, [stages, now_ms]))

    def count(
        self, row_type: type[R], where: Mapping[str, object], group_by: Sequence[str] = ()
    ) -> dict[tuple[object, ...], int]:
        """How many rows, by the values of `group_by`; without groups `{(): number}`."""
        table = TABLE_OF[row_type]
        sql.check_columns(table, tuple(group_by))
        shape, parameters = sql.shape_of(table, where)
        found = self._fetch(sql.count(table, shape, tuple(group_by)), parameters)
        return {row[:-1]: row[-1] for row in found}

    def scan(self, row_type: type[R], after_key: str, limit: int) -> list[R]:
        """The next rows after a key ("" to begin), in the order of keys."""
        return self._rows(row_type, sql.scan(TABLE_OF[row_type]), [after_key, limit])

    def migrated(self) -> bool:
        """Whether the file exists and has the tables of this version."""
        if not self._path.exists():
            return False
        try:
            return self._fetch("SELECT version_num FROM alembic_version", []) == [(HEAD,)]
        except StoreRefused:
            return False

    def _rows(self, row_type: type[R], text: str, parameters: list[object]) -> list[R]:
        return list(starmap(row_type, self._fetch(text, parameters)))

    def _fetch(self, text: str, parameters: list[object]) -> list[Any]:
        with translated(), self._reader() as reader:
            return reader.execute(text, parameters).fetchall()

    # -- writes ------------------------------------------------------------------------------

    def apply(self, changes: Changes) -> None:
        """See `Backend.apply`."""
        operations = plan(changes)
        with self._commit() as writer:
            for operation in operations:
                _run(writer, operation)
        if any(operation.table.row_type is MessageRow for operation in operations):
            self._bell.ring()

    def lease(
        self, stages: Collection[str], now_ms: int, until_ms: int, limit: int
    ) -> list[MessageRow]:
        """See `Backend.lease`. Commits nothing when nothing is due."""
        self._bell.listen()
        if not stages or limit <= 0:
            return []
        parameters: list[object] = []
        for stage in stages:
            parameters += [stage, now_ms, limit]
        text = sql.due_messages(len(stages))
        with self._commit() as writer:
            self._heard.version = _data_version(writer)
            due = list(starmap(MessageRow, writer.execute(text, [*parameters, limit])))
            if due:
                ids = sql.json_list(row.message_id for row in due)
                writer.execute(sql.LEASE, (until_ms, ids))
        return [replace(row, due_ms=until_ms, sends=row.sends + 1) for row in due]

    def release(self, message_ids: Collection[str], due_ms: int) -> None:
        """See `Backend.release`."""
        with self._commit() as writer:
            writer.execute(sql.RELEASE, (due_ms, sql.json_list(message_ids)))
        self._bell.ring()

    def forget_leases(self, now_ms: int) -> int:
        """See `Store.forget_leases`."""
        with self._commit() as writer:
            forgotten = writer.execute(sql.FORGET_LEASES, (now_ms,)).rowcount
        self._bell.ring()
        return forgotten

    # -- waiting and ending ------------------------------------------------------------------

    def wait_for_message(self, timeout_s: float) -> bool:
        """Whether a message may have come since this thread's last `lease`; waits so long.

        Commits of this process wake it at once, those of other processes within half a second.
        """
        ends = time.monotonic() + timeout_s
        while True:
            left = ends - time.monotonic()
            if self._bell.wait(min(left, OTHER_PROCESSES_S)):
                return True
            with self._connected() as writer:
                version = _data_version(writer)
            if version != getattr(self._heard, "version", version):
                self._heard.version = version
                return True
            self._heard.version = version
            if left <= OTHER_PROCESSES_S:
                return False

    def close(self) -> None:
        """Close the connections; a later call opens them again."""
        self._bell.ring()
        with self._writing:
            self._drop_writer()
        while self._readers:
            self._readers.pop().close()

    # -- connections -------------------------------------------------------------------------

    @contextmanager
    def _commit(self) -> Iterator[sqlite3.Connection]:
        """One transaction on the writing connection: all of it, or none."""
        with self._connected() as writer:
            writer.execute("BEGIN IMMEDIATE")
            try:
                yield writer
                writer.execute("COMMIT")
            except BaseException:
                if writer.in_transaction:
                    writer.execute("ROLLBACK")
                raise

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """The writing connection, for this thread alone; dropped after an outage."""
        with translated(), self._writing:
            if self._writer is None:
                self._writer = self._connect()
            try:
                yield self._writer
            except sqlite3.OperationalError:
                self._drop_writer()
                raise

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        """A reading connection; one that failed is not used again."""
        try:
            reader = self._readers.pop()
        except IndexError:
            reader = self._connect()
        try:
            yield reader
        except sqlite3.DatabaseError:
            reader.close()
            raise
        self._readers.append(reader)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=self._busy_timeout_s,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        for pragma in PRAGMAS:
            connection.execute(pragma)
        return connection

    def _drop_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            with suppress(sqlite3.Error):
                writer.close()


def _run(writer: sqlite3.Connection, operation: Operation) -> None:
    done = writer.executemany(sql.write(operation), operation.parameters).rowcount
    if done != len(operation.parameters):
        raise Conflict(f"A row of {operation.table.name} is no longer as it was read.")


def _data_version(writer: sqlite3.Connection) -> int:
    """Changes when another process has committed."""
    version: int = writer.execute("PRAGMA data_version").fetchone()[0]
    return version
