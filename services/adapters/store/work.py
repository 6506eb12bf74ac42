"""The unit of work: what a stage reads and writes, and the one commit that keeps it.

One unit serves a batch of messages. `begin` opens a message, `keep` adds what its stage wrote to
the commit, `drop` forgets it. `commit` makes everything kept durable at once: seen-marks, charts,
messages, timers, journal (promise 3). It is built in four floors, a file each: `ledger` (rows and
journal), `moves` (where charts go), `letters` (dead letters), and this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from services.adapters.store import journal
from services.adapters.store.cache import ChartCache
from services.adapters.store.letters import Letters
from services.chart.model import Chart, DocumentText
from services.chart.ports import Backend, Clock, Ids
from services.chart.rows import (
    ChartRow,
    CircuitRow,
    ClaimRow,
    CounterRow,
    DocumentRow,
    MessageRow,
    PaymentRow,
    QueryRow,
    RawRow,
    Row,
    SubmissionRow,
)

R = TypeVar("R", bound=Row)


class UnitOfWork(Letters):
    """Implements `services.chart.ports.Work` over any `Backend`."""

    def __init__(
        self, backend: Backend, clock: Clock, ids: Ids, cache: ChartCache | None = None
    ) -> None:
        super().__init__(backend, clock, ids)
        self._cache = cache or ChartCache()
        self._charts_open: dict[str, Chart] = {}
        self._charts_kept: dict[str, Chart] = {}
        self._after_open: dict[str, Callable[[], None]] = {}
        self._after_kept: dict[str, Callable[[], None]] = {}
        self._message: MessageRow | None = None
        self._who = "line"

    # -- one message --------------------------------------------------------------------------

    def preload(self, row_type: type[R], keys: Iterable[str]) -> None:
        """Read these rows in one go."""
        self._rows.preload(row_type, keys)

    def seen(self, message_id: str) -> bool:
        """Whether the message's work is already done: its row is gone."""
        return self._rows.get(MessageRow, message_id) is None

    def begin(self, message: MessageRow | None, who: str) -> None:
        """Open a message (None: a person or a door acts); `who` signs the journal."""
        self._message = message
        self._who = who
        if message is not None:
            self._rows.delete(message)

    def keep(self) -> None:
        """The stage has finished: its writes belong to the commit."""
        self._rows.keep()
        self._charts_kept.update(self._charts_open)
        self._after_kept.update(self._after_open)
        self._forget_open()

    def drop(self) -> None:
        """The stage has failed: its writes never were."""
        self._rows.drop()
        self._forget_open()

    def _forget_open(self) -> None:
        self._charts_open.clear()
        self._after_open.clear()
        self._message = None

    def adopt(self, messages: Iterable[MessageRow]) -> None:
        """These rows were just leased: they are as the store has them."""
        self._rows.adopt(MessageRow, messages)

    def moved(self, message: MessageRow) -> bool:
        """Whether the chart that the message held has got another place."""
        row = self._rows.get(ChartRow, message.subject)
        return row is None or row.place_id != message.message_id

    def put_back(self, message: MessageRow) -> None:
        """The message stays due, as given: a retry."""
        self._rows.put(message)

    def said(self, kinds: frozenset[str], now_ms: int) -> list[MessageRow]:
        """Messages of this commit, of these kinds, that are due now and were not tried yet."""
        return [
            row
            for row in self._rows.kept(MessageRow)
            if row.kind in kinds and row.due_ms <= now_ms and not row.sends and not row.attempts
        ]

    def commit(self) -> None:
        """Make everything kept durable, at once.

        Raises:
            Conflict: somebody was faster; nothing was changed.
            Outage: the store did not answer.
        """
        for chart_id, chart in self._charts_kept.items():
            row = self._rows.get(ChartRow, chart_id)
            assert row is not None
            written = replace(row, body=chart.model_dump_json())
            self._rows.put(written)
            self._rows.keep()
        self._backend.apply(self._rows.changes())
        for row in self._rows.kept(ChartRow):
            version = self._rows.base_version(row.chart_id) or 0
            current = self._charts_kept.get(row.chart_id)
            current = current or self._cache.known(row.chart_id, version)
            if current is not None:
                self._cache.remember(row, current)
        for call in self._after_kept.values():
            call()

    # -- reads --------------------------------------------------------------------------------

    def raw(self, raw_id: str) -> RawRow:
        """The outside message. Raises: LookupError."""
        return self.get(RawRow, raw_id)

    def chart(self, chart_id: str) -> Chart:
        """The chart as this unit of work sees it. Raises: LookupError."""
        chart = self._charts_open.get(chart_id) or self._charts_kept.get(chart_id)
        return chart or self._cache.parse(self._as_read(self.get(ChartRow, chart_id)))

    def _as_read(self, row: ChartRow) -> ChartRow:
        """The row with the version that its body is of: one that moved here has the next already.

        The cache must not learn a version that this commit may lose to somebody else.
        """
        version = self._rows.base_version(row.chart_id)
        return row if version in {None, row.version} else replace(row, version=version)

    def chart_at(self, facility: str, account: str) -> Chart | None:
        """The chart with this account number at this facility."""
        rows = self._rows.find(ChartRow, {"facility": facility, "account": account})
        return self.chart(rows[0].chart_id) if rows else None

    def document_texts(self, chart_id: str) -> list[DocumentRow]:
        """The texts of the chart's documents, all versions."""
        return self._rows.find(DocumentRow, {"chart_id": chart_id})

    # -- writes -------------------------------------------------------------------------------

    def add_chart(self, chart: Chart) -> None:
        """A new chart; the stage must also give it a place."""
        now = self.clock.now_ms()
        row = ChartRow(
            chart_id=chart.chart_id,
            facility=chart.facility,
            account=chart.account,
            encounter_class=chart.encounter.encounter_class or "",
            payer_id=chart.coverages[0].payer_id if chart.coverages else "",
            place="",
            place_id="",
            stage="",
            outcome="",
            version=1,
            journal_seq=0,
            journal_head=journal.GENESIS,
            created_ms=now,
            updated_ms=now,
            body="",
        )
        self._rows.put(row)
        self._charts_open[chart.chart_id] = chart

    def save_chart(self, chart: Chart) -> None:
        """Replace the chart's content; its place is another matter."""
        row = self._touched(chart.chart_id)
        self._rows.put(
            replace(
                row,
                encounter_class=chart.encounter.encounter_class or "",
                payer_id=chart.coverages[0].payer_id if chart.coverages else "",
            )
        )
        self._charts_open[chart.chart_id] = chart

    def save_document(self, chart_id: str, document: DocumentText) -> None:
        """Keep the text of this version of a document."""
        head = document.head
        self._rows.put(
            DocumentRow(
                document_row_id=f"{chart_id}/{head.document_id}/{head.version}",
                chart_id=chart_id,
                document_id=head.document_id,
                version=head.version,
                text=document.text,
            )
        )

    def put(
        self, row: RawRow | ClaimRow | SubmissionRow | QueryRow | PaymentRow | CircuitRow
    ) -> None:
        """Insert the row, or replace the one with its key."""
        self._rows.put(row)

    def next_number(self, series: str) -> int:
        """The next number of a durable series; a stage that fails uses none up."""
        row = self._rows.get(CounterRow, series)
        value = (row.value if row else 0) + 1
        self._rows.put(CounterRow(series, value))
        return value

    def after_commit(self, name: str, call: Callable[[], None]) -> None:
        """Call this once the commit stands; it may be lost in a crash, so it must be harmless."""
        self._after_open[name] = call
