"""Where charts go: the moves of the unit of work (design promise 2).

A chart's place changes only through `_move`, which takes the chart out of the place it was in, so
it cannot be in two.
"""

from __future__ import annotations

from dataclasses import replace

from messages.envelope import ChartFact, Fact
from messages.path import STAGE_THAT_TAKES
from messages.query import QueryExpired, QueryRaised, QueryReminderDue
from services.adapters.store.ledger import Ledger
from services.chart.places import Outcome, Place, assert_legal
from services.chart.rows import ChartRow, DeadLetterRow, MessageRow, QueryRow, TimerRow

BESIDE = (QueryRaised, QueryReminderDue, QueryExpired)


class Moves(Ledger):
    """Say, wait, remind, ask and finish."""

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

    def close_letter(self, letter: DeadLetterRow, state: str, why: str) -> None:
        """A dead letter is resumed, discarded or superseded."""
        now = self.clock.now_ms()
        closed = replace(letter, state=state, closed_ms=now, closed_by=self._who, closed_why=why)
        self._rows.put(closed)

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
