"""The distributed store: PostgreSQL, many processes, one commit in one round trip.

Statements come ready from `postgres_sql.py`. Connections are opened when needed and kept; those
that fail are closed, so after an outage the next call connects anew and fails at once if it can't.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import starmap
from operator import itemgetter
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8BinaryDumper

from messages.stage import Stage
from services.adapters.store import arrays, postgres_sql
from services.adapters.store.failures import NoTables, StoreRefused
from services.adapters.store.listener import Listener
from services.adapters.store.migrations import HEAD
from services.adapters.store.plan import plan
from services.adapters.store.sql import check_columns
from services.adapters.store.tables import TABLE_OF
from services.chart.failures import Outage
from services.chart.ports import Changes, Conflict
from services.chart.rows import MessageRow, Row, TimerRow

R = TypeVar("R", bound=Row)
Connection = psycopg.Connection[tuple[Any, ...]]

CONNECT: dict[str, Any] = {  # an address may say otherwise
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "tcp_user_timeout": 30_000,
    "application_name": "chartline",
}
# Every hot statement finds its rows by an index. The planner, asked about a table that was empty
# when it looked, would read it whole for as long as the prepared plan lives.
SETTINGS = (
    "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;"
    " SET plan_cache_mode = force_generic_plan; SET jit = off;"
    " SET idle_in_transaction_session_timeout = '60s'"
)
LOST_RACES = (
    errors.UniqueViolation,
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.DivisionByZero,  # how a statement says that it did not find every row as it was read
)
OUTAGES = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.ReadOnlySqlTransaction,  # a standby, for as long as a fail-over takes
)


@contextmanager
def translated() -> Iterator[None]:
    """PostgreSQL's errors in the house's words. Its own name values from rows, so none is kept."""
    try:
        yield
    except LOST_RACES as error:
        raise Conflict(f"Somebody was faster ({type(error).__name__}).") from None
    except OUTAGES as error:
        raise Outage(f"The store does not answer ({type(error).__name__}).") from None
    except errors.UndefinedTable:
        raise NoTables from None
    except psycopg.Error as error:
        raise StoreRefused(f"The store refused ({type(error).__name__}).") from None


def connect(url: str) -> Connection:
    """A connection as the store uses them.

    Raises:
        psycopg.OperationalError: the server does not answer.
    """
    parameters = {**CONNECT, **conninfo_to_dict(url)}
    connection = psycopg.connect(autocommit=True, prepare_threshold=0, **parameters)
    connection.prepared_max = 1_000
    connection.adapters.register_dumper(int, Int8BinaryDumper)
    arrays.register(connection)
    connection.execute(SETTINGS, prepare=False)
    return connection


class PostgresBackend:
    """`services.chart.ports.Store` over a database that `migrate.upgrade` has made.

    Opens nothing before the first call. At most `pool_size` calls are under way at once, each on a
    connection of its own; one more connection listens once `wait_for_message` is used.
    """

    def __init__(self, url: str, *, pool_size: int = 4) -> None:
        self._url = url
        self._permits = threading.BoundedSemaphore(pool_size)
        self._idle: deque[Connection] = deque()
        self._listener = Listener(url)

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
        shape, parameters = postgres_sql.shape_of(table, where)
        text = postgres_sql.select(table, shape, order_by)
        return list(starmap(row_type, self._fetch(text, [*parameters, limit])))

    def due_timers(self, now_ms: int, limit: int) -> list[TimerRow]:
        """The timers that are due, oldest first."""
        return list(starmap(TimerRow, self._fetch(postgres_sql.DUE_TIMERS, [now_ms, limit])))

    def next_due_ms(self, stages: Collection[str]) -> int | None:
        """When the next message of these stages or the next timer is due; None: there is none."""
        packed = arrays.text_array(list(stages))
        due: int | None = self._fetch(postgres_sql.NEXT_DUE, [packed])[0][0]
        return due

    def count_leased(self, now_ms: int) -> dict[str, int]:
        """See `Store.count_leased`."""
        packed = arrays.text_array([stage.value for stage in Stage])
        return dict(self._fetch(postgres_sql.COUNT_LEASED, [packed, now_ms]))

    def count(
        self, row_type: type[R], where: Mapping[str, object], group_by: Sequence[str] = ()
    ) -> dict[tuple[object, ...], int]:
        """How many rows, by the values of `group_by`; without groups `{(): number}`."""
        table = TABLE_OF[row_type]
        check_columns(table, group_by)
        shape, parameters = postgres_sql.shape_of(table, where)
        found = self._fetch(postgres_sql.count(table, shape, tuple(group_by)), parameters)
        return {row[:-1]: row[-1] for row in found}

    def scan(self, row_type: type[R], after_key: str, limit: int) -> list[R]:
        """The next rows after a key ("" to begin), in the order of keys."""
        text = postgres_sql.scan(TABLE_OF[row_type])
        return list(starmap(row_type, self._fetch(text, [after_key, limit])))

    def migrated(self) -> bool:
        """Whether the database has the tables of this version."""
        try:
            return self._fetch("SELECT version_num FROM alembic_version", []) == [(HEAD,)]
        except StoreRefused:
            return False

    def _fetch(self, text: str, parameters: list[object]) -> list[Any]:
        with self._connection() as connection:
            return connection.execute(text, parameters, binary=True).fetchall()

    # -- writes ------------------------------------------------------------------------------

    def apply(self, changes: Changes) -> None:
        """See `Backend.apply`. One round trip; listeners are told of new messages."""
        operations = plan(changes)
        if not operations:
            return
        statements = [postgres_sql.write(operation) for operation in operations]
        if any(operation.table.row_type is MessageRow for operation in operations):
            statements.append((postgres_sql.NOTIFY, []))
        with self._connection() as connection, connection.pipeline():
            connection.execute("BEGIN")
            for text, parameters in statements:
                connection.execute(text, parameters)
            connection.execute("COMMIT")

    def lease(
        self, stages: Collection[str], now_ms: int, until_ms: int, limit: int
    ) -> list[MessageRow]:
        """See `Backend.lease`. Skips what another lease is just taking."""
        self._listener.bell.listen()
        if not stages or limit <= 0:
            return []
        packed = arrays.text_array(list(stages))
        leased = self._fetch(postgres_sql.LEASE, [packed, now_ms, limit, limit, until_ms])
        leased.sort(key=itemgetter(-1, 0))  # when it was due, then its id
        return [MessageRow(*row[:-1]) for row in leased]

    def release(self, message_ids: Collection[str], due_ms: int) -> None:
        """See `Backend.release`."""
        packed = arrays.text_array(sorted(message_ids))
        self._run(postgres_sql.RELEASE, [due_ms, packed])

    def forget_leases(self, now_ms: int) -> int:
        """See `Store.forget_leases`."""
        return self._run(postgres_sql.FORGET_LEASES, [now_ms])

    def _run(self, text: str, parameters: list[object]) -> int:
        """Run one statement that makes messages due; returns how many rows it changed."""
        with self._connection() as connection:
            changed = connection.execute(text, parameters).rowcount
            connection.execute(postgres_sql.NOTIFY)
            return changed

    # -- waiting and ending ------------------------------------------------------------------

    def wait_for_message(self, timeout_s: float) -> bool:
        """Whether a message may have come since this thread's last `lease`; waits so long."""
        return self._listener.wait(timeout_s)

    def close(self) -> None:
        """Close the connections and end the listener; a later call opens them again."""
        self._listener.close()
        while self._idle:
            self._idle.pop().close()

    # -- connections -------------------------------------------------------------------------

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        """A connection for this call alone, outside a transaction before and after."""
        with translated(), self._permits:
            connection = self._take()
            try:
                yield connection
            finally:
                self._put_back(connection)

    def _take(self) -> Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return connect(self._url)

    def _put_back(self, connection: Connection) -> None:
        """Keep it for the next call, or close it, and with it all that may share its fate."""
        if connection.info.transaction_status == TransactionStatus.INERROR:
            with suppress(psycopg.Error):
                connection.execute("ROLLBACK")
        if connection.info.transaction_status == TransactionStatus.IDLE:
            self._idle.append(connection)
            return
        connection.close()
        while self._idle:
            self._idle.pop().close()
