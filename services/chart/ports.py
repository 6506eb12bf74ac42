"""The ports: what the line needs from the outside, in the line's own words.

Each is a Protocol with one contract suite that runs on the fake and on the real. Only
`config/wiring.py` joins a port to an adapter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from services.chart.failures import Failure
from services.chart.places import Outcome
from services.chart.rows import (
    CircuitRow,
    ClaimRow,
    DocumentRow,
    MessageRow,
    PaymentRow,
    QueryRow,
    RawRow,
    Row,
    SubmissionRow,
    TimerRow,
)

if TYPE_CHECKING:  # pydantic takes 0.2 s, and `chartline status` needs none of these
    from messages.envelope import Fact
    from services.chart.model import Chart, DocumentText

R = TypeVar("R", bound=Row)


class Clock(Protocol):
    """The time, as a port."""

    def now(self) -> datetime:
        """Now, in UTC and timezone-aware."""

    def now_ms(self) -> int:
        """Now, in UTC milliseconds since 1970."""


class Ids(Protocol):
    """New ids, as a port."""

    def new(self, prefix: str) -> str:
        """A new id such as `c_01JD...`: unique for ever, sortable by the time it was made."""


@dataclass(frozen=True, slots=True)
class MailboxFile:
    """One file that a clearinghouse holds for us."""

    name: str
    content: bytes


class Clearinghouse(Protocol):
    """Where claims go and answers come from."""

    def send(self, name: str, content: bytes) -> None:
        """Put a file. Putting the same name with the same content again is a success.

        Raises:
            Transient: it did not answer; whether the file arrived is not known.
            Outage: it cannot be reached at all.
            Rejected: it refuses the file as such, or holds that name with other content.
        """

    def collect(self, limit: int = 100) -> Sequence[MailboxFile]:
        """The files waiting for us, oldest first. They stay until `confirm`.

        Raises:
            Transient, Outage: as in `send`.
        """

    def confirm(self, names: Collection[str]) -> None:
        """These files are stored here and may go. Confirming an unknown name is a success."""


class Conflict(Exception):
    """Somebody else changed a row since it was read; read again and do it again."""


@dataclass(slots=True)
class Changes:
    """What one commit does. All of it happens, or none."""

    inserts: list[Row] = field(default_factory=list)
    updates: list[tuple[Row, Row]] = field(default_factory=list)  # before, after
    deletes: list[Row] = field(default_factory=list)


class Backend(Protocol):
    """The bare store: rows in, rows out, one atomic commit. Real and fake obey one contract."""

    def select(
        self,
        row_type: type[R],
        where: Mapping[str, object],
        *,
        order_by: str = "",
        limit: int | None = None,
    ) -> list[R]:
        """Rows whose columns equal the values; a list or tuple of values means any of them."""

    def apply(self, changes: Changes) -> None:
        """Commit all changes durably, or none.

        An update or delete of a row that is no longer as it was read (a chart's `version`, a
        message that is gone) and an insert of a key that exists make the whole commit fail.

        Raises:
            Conflict: somebody was faster; nothing was changed.
            Outage: the store does not answer; whether the commit happened is not known.
        """

    def lease(
        self, stages: Collection[str], now_ms: int, until_ms: int, limit: int
    ) -> list[MessageRow]:
        """Take up to `limit` messages that are due for these stages, oldest first.

        Durably sets `due_ms` to `until_ms` and counts a send, so that no other caller gets them
        before the lease ends. Returns the rows as they are now stored.
        """

    def release(self, message_ids: Collection[str], due_ms: int) -> None:
        """Give leases back unused: due at `due_ms`, the send not counted."""

    def close(self) -> None:
        """Let go of connections and threads."""


class Store(Backend, Protocol):
    """A backend with what the processes around the stages need as well."""

    def due_timers(self, now_ms: int, limit: int) -> list[TimerRow]:
        """Timers that are due, the oldest first."""

    def forget_leases(self, now_ms: int) -> int:
        """Leased messages are due in their old order; for a store that one process has alone."""

    def count_leased(self, now_ms: int) -> dict[str, int]:
        """How many leases of each stage are held; rows that were leased together count once."""

    def wait_for_message(self, timeout_s: float) -> bool:
        """Sleep until a commit makes a message due, or the time is over; True when woken."""

    def count(
        self, row_type: type[R], where: Mapping[str, object], group_by: Sequence[str] = ()
    ) -> dict[tuple[object, ...], int]:
        """How many rows, by the values of the columns in `group_by`."""

    def scan(self, row_type: type[R], after_key: str, limit: int) -> list[R]:
        """Rows in the order of their key, those after `after_key`."""


class Work(Protocol):
    """The unit of work of a stage: reads, and writes that are kept only if the stage succeeds."""

    clock: Clock
    ids: Ids

    # -- reads -------------------------------------------------------------------------------
    def chart(self, chart_id: str) -> Chart: ...
    def chart_at(self, facility: str, account: str) -> Chart | None: ...
    def document_texts(self, chart_id: str) -> list[DocumentRow]: ...
    def raw(self, raw_id: str) -> RawRow: ...
    def find(self, row_type: type[R], **where: object) -> list[R]:
        """Rows by equality, with this unit's own writes taken into account."""

    def get(self, row_type: type[R], key: str) -> R:
        """One row by its primary key. Raises: LookupError."""

    # -- writes ------------------------------------------------------------------------------
    def add_chart(self, chart: Chart) -> None: ...
    def save_chart(self, chart: Chart) -> None: ...
    def save_document(self, chart_id: str, document: DocumentText) -> None: ...
    def put(
        self, row: RawRow | ClaimRow | SubmissionRow | QueryRow | PaymentRow | CircuitRow
    ) -> None:
        """Insert the row, or replace the one with its key."""

    def next_number(self, series: str) -> int:
        """The next number of a durable series, gap-free: a stage that fails uses none up."""

    # -- moves -------------------------------------------------------------------------------
    def say(self, fact: Fact) -> None:
        """The fact is due for the stage that takes it; a chart leaves the place it was in."""

    def wait(self, chart_id: str, fact: Fact, until_ms: int, why: str) -> None:
        """The chart waits; the fact is said at `until_ms` unless something wakes it before."""

    def ask(self, query: QueryRow) -> None:
        """The chart waits for this question to be answered."""

    def stop(self, chart_id: str, failure: Failure, resume_with: Fact) -> None:
        """The chart becomes a dead letter; `resume_with` is said when a person resumes it."""

    def finish(self, chart_id: str, outcome: Outcome) -> None:
        """The chart is finished."""

    def remind(self, fact: Fact, at_ms: int, why: str) -> None:
        """Say the fact at `at_ms`; for subjects that are not charts, and for a query's clock.

        One timer per kind of fact and subject: a second call changes nothing.
        """

    def note(self, subject: str, what: str, why: str = "", **detail: object) -> None:
        """An entry in the journal (promise 6)."""

    def after_commit(self, name: str, call: Callable[[], None]) -> None:
        """Call this once the commit stands; it may be lost in a crash, so it must be harmless."""


class StageFunction(Protocol):
    """The shape of `workers/<stage>.py:step`."""

    def __call__(self, fact: Fact, work: Work, line: object) -> Iterable[Fact]: ...
