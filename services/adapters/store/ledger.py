"""The bottom of the unit of work: its rows, who acts on which message, and the journal."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from services.adapters.store import journal
from services.adapters.store.scratch import Scratch
from services.chart.ports import Backend, Clock, Ids
from services.chart.rows import ChartRow, JournalRow, MessageRow, Row

R = TypeVar("R", bound=Row)


class Ledger:
    """Reads rows, writes the journal, and knows the message that is being worked on."""

    def __init__(self, backend: Backend, clock: Clock, ids: Ids) -> None:
        self.clock = clock
        self.ids = ids
        self._backend = backend
        self._rows = Scratch(backend)
        self._message: MessageRow | None = None
        self._who = "line"

    def get(self, row_type: type[R], key: str) -> R:
        """One row by its primary key. Raises: LookupError."""
        row = self._rows.get(row_type, key)
        if row is None:
            raise LookupError(f"no {row_type.__name__} with this key")
        return row

    def find(self, row_type: type[R], **where: object) -> list[R]:
        """Rows by equality, with this unit's own writes taken into account."""
        return self._rows.find(row_type, where)

    def _touched(self, chart_id: str) -> ChartRow:
        """The chart's row with the version it will have after this commit."""
        row = self.get(ChartRow, chart_id)
        base = self._rows.base_version(chart_id)
        if base is None or row.version > base:
            return row
        return replace(row, version=base + 1, updated_ms=self.clock.now_ms())

    def _stage_now(self) -> str:
        return self._message.stage if self._message else ""

    def note(self, subject: str, what: str, why: str = "", **detail: object) -> None:
        """An entry in the journal: who, what, when, why (promise 6)."""
        row = self._rows.get(ChartRow, subject)
        if row is not None:
            touched = self._touched(subject)
            self._rows.put(self._journalled(touched, what, why, detail))
            return
        chain = self._rows.find(JournalRow, {"subject": subject})
        last = max(chain, key=lambda entry: entry.seq, default=None)
        seq, head = (last.seq + 1, last.hash) if last else (1, journal.GENESIS)
        self._write(subject, seq, head, what, why, detail)

    def _journalled(
        self, row: ChartRow, what: str, why: str, detail: dict[str, object]
    ) -> ChartRow:
        seq = row.journal_seq + 1
        entry = self._write(row.chart_id, seq, row.journal_head, what, why, detail)
        return replace(row, journal_seq=seq, journal_head=entry.hash)

    def _write(
        self, subject: str, seq: int, head: str, what: str, why: str, detail: dict[str, object]
    ) -> JournalRow:
        if self._message is not None:
            detail = {**detail, "message": self._message.message_id}
        entry = journal.entry(
            subject,
            seq,
            head,
            at_ms=self.clock.now_ms(),
            who=self._who,
            what=what,
            why=why,
            detail=detail,
        )
        self._rows.put(entry)
        return entry
