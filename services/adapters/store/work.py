"""The unit of work: what a stage reads and writes, and the one commit that keeps it.

One unit serves a batch of messages. `begin` opens a message, `keep` adds what its stage wrote to
the commit, `drop` forgets it. `commit` makes everything kept durable at once: seen-marks, charts,
messages, timers, journal (promise 3). A chart's place changes only through `_move`, which takes
the chart out of the place it was in, so it cannot be in two (promise 2).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

import orjson

from messages.envelope import ChartFact, Fact
from messages.path import STAGE_THAT_TAKES
from messages.query import QueryExpired, QueryRaised, QueryReminderDue
from services.adapters.store import journal
from services.adapters.store.scratch import Scratch
from services.chart.failures import Failure
from services.chart.model import Chart, DocumentText
from services.chart.places import Outcome, Place, assert_legal
from services.chart.ports import Backend, Clock, Ids
from services.chart.rows import (
    ChartRow,
    CircuitRow,
    ClaimRow,
    CounterRow,
    DeadLetterRow,
    DocumentRow,
    JournalRow,
    MessageRow,
    PaymentRow,
    QueryRow,
    RawRow,
    Row,
    SubmissionRow,
    TimerRow,
)

R = TypeVar("R", bound=Row)
BESIDE = (QueryRaised, QueryReminderDue, QueryExpired)


class ChartCache:
    """Parsed charts by id and version, so that a process parses a body once. Bounded."""

    def __init__(self, size: int = 512) -> None:
        self._size = size
        self._charts: OrderedDict[tuple[str, int], Chart] = OrderedDict()

    def parse(self, row: ChartRow) -> Chart:
        """The chart in the row's body."""
        found = self._charts.pop((row.chart_id, row.version), None)
        chart = found or Chart.model_validate_json(row.body)
        self.remember(row, chart)
        return chart

    def known(self, chart_id: str, version: int) -> Chart | None:
        """The chart at this version, if it is still here."""
        return self._charts.get((chart_id, version))

    def remember(self, row: ChartRow, chart: Chart) -> None:
        """Keep a chart that was just written."""
        self._charts[row.chart_id, row.version] = chart
        while len(self._charts) > self._size:
            self._charts.popitem(last=False)


class UnitOfWork:
    """Implements `services.chart.ports.Work` over any `Backend`."""

    def __init__(
        self, backend: Backend, clock: Clock, ids: Ids, cache: ChartCache | None = None
    ) -> None:
        self.clock = clock
        self.ids = ids
        self._backend = backend
        self._rows = Scratch(backend)
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

    def get(self, row_type: type[R], key: str) -> R:
        """One row by its primary key. Raises: LookupError."""
        row = self._rows.get(row_type, key)
        if row is None:
            raise LookupError(f"no {row_type.__name__} with this key")
        return row

    def find(self, row_type: type[R], **where: object) -> list[R]:
        """Rows by equality, with this unit's own writes taken into account."""
        return self._rows.find(row_type, where)

    def raw(self, raw_id: str) -> RawRow:
        """The outside message. Raises: LookupError."""
        return self.get(RawRow, raw_id)

    def chart(self, chart_id: str) -> Chart:
        """The chart as this unit of work sees it. Raises: LookupError."""
        chart = self._charts_open.get(chart_id) or self._charts_kept.get(chart_id)
        return chart or self._cache.parse(self.get(ChartRow, chart_id))

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

    def _touched(self, chart_id: str) -> ChartRow:
        """The chart's row with the version it will have after this commit."""
        row = self.get(ChartRow, chart_id)
        base = self._rows.base_version(chart_id)
        if base is None or row.version > base:
            return row
        return replace(row, version=base + 1, updated_ms=self.clock.now_ms())

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

    # -- moves --------------------------------------------------------------------------------

    def say(self, fact: Fact) -> None:
        """The fact is due for the stage that takes it; a chart leaves the place it was in."""
        stage = STAGE_THAT_TAKES.get(type(fact).__name__)
        if stage is None:
            if isinstance(fact, ChartFact):
                self.note(fact.chart_id, type(fact).__name__)
            return
        message = self._message_for(fact, stage)
        self._rows.put(message)
        if isinstance(fact, ChartFact) and not isinstance(fact, BESIDE):
            what = type(fact).__name__
            self._move(fact.chart_id, Place.DUE, message.message_id, stage=stage, what=what)

    def _message_for(self, fact: Fact, stage: str) -> MessageRow:
        now = self.clock.now_ms()
        cause = self._message
        message_id = self.ids.new("m")
        return MessageRow(
            message_id=message_id,
            subject=fact.subject,
            stage=stage,
            kind=type(fact).__name__,
            body=fact.model_dump_json(),
            due_ms=now,
            sends=0,
            attempts=0,
            errors="[]",
            caused_by=cause.message_id if cause else "",
            trace=cause.trace if cause and cause.trace else message_id,
            said_ms=now,
        )

    def wait(self, chart_id: str, fact: Fact, until_ms: int, why: str) -> None:
        """The chart waits; the fact is said at `until_ms` unless something wakes it before."""
        timer_id = self.ids.new("t")
        self._rows.put(self._timer(timer_id, chart_id, f"place:{chart_id}", fact, until_ms, why))
        self._move(chart_id, Place.WAITING, timer_id, what="chart.waits", why=why)

    def remind(self, fact: Fact, at_ms: int, why: str) -> None:
        """Say the fact at `at_ms`; one timer per kind of fact and subject.

        Whoever counts on a timer that is set already writes to it, so that the commit fails when
        somebody has fired it meanwhile: else both would believe that the other took care.
        """
        key = f"{type(fact).__name__}:{fact.subject}"
        if any(timer.key == key for timer in self._rows.opened(TimerRow)):
            return
        found = self._rows.find(TimerRow, {"key": key})
        for timer in found:
            self._rows.put(replace(timer, set_ms=timer.set_ms + 1))
        if not found:
            self._rows.put(self._timer(self.ids.new("t"), fact.subject, key, fact, at_ms, why))

    def _timer(
        self, timer_id: str, subject: str, key: str, fact: Fact, due_ms: int, why: str
    ) -> TimerRow:
        kind, body = type(fact).__name__, fact.model_dump_json()
        return TimerRow(timer_id, subject, key, kind, body, due_ms, why, self.clock.now_ms())

    def fire(self, timer: TimerRow) -> None:
        """The timer's time has come: say its fact."""
        fact = Fact.registry[timer.kind].model_validate_json(timer.body)
        self._rows.delete(timer)
        self.say(fact)

    def ask(self, query: QueryRow) -> None:
        """The chart waits for this question to be answered."""
        self._rows.put(query)
        self._move(query.chart_id, Place.QUERY, query.query_id, what="chart.asks")

    def finish(self, chart_id: str, outcome: Outcome) -> None:
        """The chart is finished."""
        self._move(
            chart_id, Place.FINISHED, "", what="chart.finished", why=outcome, outcome=outcome
        )

    def stop(self, chart_id: str, failure: Failure, resume_with: Fact) -> None:
        """The chart becomes a dead letter; `resume_with` is said when a person resumes it."""
        again = (type(resume_with).__name__, resume_with.model_dump_json())
        stage = self._stage_now() or STAGE_THAT_TAKES[again[0]]
        self._stop_chart(chart_id, failure, again, stage, [])

    def stop_message(
        self, message: MessageRow, failure: Failure, attempts: list[dict[str, object]]
    ) -> None:
        """What the message is about becomes a dead letter; resuming says the message again."""
        again = (message.kind, message.body)
        chart = self._rows.get(ChartRow, message.subject)
        if chart is not None and chart.place_id == message.message_id:
            self._stop_chart(chart.chart_id, failure, again, message.stage, attempts)
        else:
            self._stop_other(message.subject, failure, again, message.stage, attempts)

    def stop_subject(self, subject: str, failure: Failure, resume_with: Fact) -> None:
        """Something that is not a chart becomes a dead letter."""
        kind = type(resume_with).__name__
        again = (kind, resume_with.model_dump_json())
        self._stop_other(subject, failure, again, STAGE_THAT_TAKES[kind], [])

    def _stop_other(
        self,
        subject: str,
        failure: Failure,
        again: tuple[str, str],
        stage: str,
        attempts: list[dict[str, object]],
    ) -> None:
        self._letter(subject, failure, again, stage, attempts)
        raw = self._rows.get(RawRow, subject)
        if raw is not None:
            self._rows.put(replace(raw, state="stopped"))
        self.note(subject, "message.stopped", type(failure).code)

    def _stop_chart(
        self,
        chart_id: str,
        failure: Failure,
        again: tuple[str, str],
        stage: str,
        attempts: list[dict[str, object]],
    ) -> None:
        letter_id = self._letter(chart_id, failure, again, stage, attempts)
        why = type(failure).code
        self._move(chart_id, Place.DEAD_LETTER, letter_id, what="chart.stopped", why=why)

    def _letter(
        self,
        subject: str,
        failure: Failure,
        again: tuple[str, str],
        stage: str,
        attempts: list[dict[str, object]],
    ) -> str:
        """A dead letter about any subject; returns its id."""
        now = self.clock.now_ms()
        earlier = self._rows.find(DeadLetterRow, {"subject": subject})
        same = [letter for letter in earlier if letter.code == type(failure).code]
        tried = attempts or [attempt_of(failure, now)]
        letter = DeadLetterRow(
            dead_letter_id=self.ids.new("d"),
            subject=subject,
            stage=stage,
            code=type(failure).code,
            sentence=failure.sentence,
            fix=failure.suggested_fix,
            location=failure.where,
            owner=type(failure).owner,
            state="open",
            kind=again[0],
            body=again[1],
            attempts=orjson.dumps(tried).decode(),
            returns=len(earlier),
            first_ms=min([letter.first_ms for letter in same], default=now),
            last_ms=now,
            closed_ms=0,
            closed_by="",
            closed_why="",
        )
        self._rows.put(letter)
        return letter.dead_letter_id

    def resume(self, letter: DeadLetterRow, why: str) -> None:
        """Say again what the dead letter keeps, to the stage that takes it."""
        message_id = self.ids.new("m")
        now = self.clock.now_ms()
        stage = STAGE_THAT_TAKES.get(letter.kind, letter.stage)
        self.close_letter(letter, "resumed", why)
        message = MessageRow(
            message_id=message_id,
            subject=letter.subject,
            stage=stage,
            kind=letter.kind,
            body=letter.body,
            due_ms=now,
            sends=0,
            attempts=0,
            errors="[]",
            caused_by=letter.dead_letter_id,
            trace=message_id,
            said_ms=now,
        )
        self._rows.put(message)
        chart = self._rows.get(ChartRow, letter.subject)
        if chart is not None and chart.place_id == letter.dead_letter_id:
            self._move(
                chart.chart_id,
                Place.DUE,
                message_id,
                what="chart.resumed",
                why=why,
                stage=stage,
            )
            return
        raw = self._rows.get(RawRow, letter.subject)
        if raw is not None:
            self._rows.put(replace(raw, state="stored"))
        self.note(letter.subject, "message.resumed", why)

    def discard(self, letter: DeadLetterRow, why: str) -> None:
        """A person decides that this goes no further; nothing is deleted."""
        self.close_letter(letter, "discarded", why)
        chart = self._rows.get(ChartRow, letter.subject)
        if chart is not None and chart.place_id == letter.dead_letter_id:
            self.finish(chart.chart_id, Outcome.DISCARDED)
            return
        self.note(letter.subject, "message.discarded", why)

    def close_letter(self, letter: DeadLetterRow, state: str, why: str) -> None:
        """A dead letter is resumed, discarded or superseded."""
        now = self.clock.now_ms()
        closed = replace(letter, state=state, closed_ms=now, closed_by=self._who, closed_why=why)
        self._rows.put(closed)

    def _stage_now(self) -> str:
        return self._message.stage if self._message else ""

    def _move(
        self,
        chart_id: str,
        place: Place,
        place_id: str,
        *,
        what: str,
        why: str = "",
        stage: str = "",
        outcome: str = "",
    ) -> None:
        """The only way a chart changes its place."""
        row = self._touched(chart_id)
        before = Place(row.place) if row.place else None
        assert_legal(before, place)
        self._leave(row)
        moved = replace(
            row,
            place=place,
            place_id=place_id,
            stage=stage or self._stage_now() or row.stage,
            outcome=outcome,
        )
        self._rows.put(self._journalled(moved, what, why, {"at": place_id}))

    def _leave(self, row: ChartRow) -> None:
        """Take away what holds the chart where it is."""
        if row.place == Place.DUE:
            message = self._rows.get(MessageRow, row.place_id)
            if message is not None:
                self._rows.delete(message)
        elif row.place == Place.WAITING:
            timer = self._rows.get(TimerRow, row.place_id)
            if timer is not None:
                self._rows.delete(timer)
        elif row.place == Place.QUERY:
            query = self.get(QueryRow, row.place_id)
            if query.state == "open":
                self._rows.put(replace(query, state="withdrawn", closed_ms=self.clock.now_ms()))
        elif row.place == Place.DEAD_LETTER:
            letter = self.get(DeadLetterRow, row.place_id)
            if letter.state == "open":
                self.close_letter(letter, "superseded", "the chart changed")

    # -- journal ------------------------------------------------------------------------------

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

    def after_commit(self, name: str, call: Callable[[], None]) -> None:
        """Call this once the commit stands; it may be lost in a crash, so it must be harmless."""
        self._after_open[name] = call


def attempt_of(failure: Failure, at_ms: int) -> dict[str, object]:
    """One failed attempt, for the dead letter: no patient data, no traceback."""
    kind = next(
        base.__name__
        for base in type(failure).__mro__
        if base.__name__ in {"Transient", "Rejected", "Defect", "Failure"}
    )
    return {
        "at_ms": at_ms,
        "kind": kind.lower(),
        "code": type(failure).code,
        "sentence": failure.sentence,
    }
