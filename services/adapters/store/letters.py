"""Dead letters: how a chart or a message stops, and how a person sets it going again."""

from __future__ import annotations

from dataclasses import replace

import orjson

from messages.envelope import Fact
from messages.path import STAGE_THAT_TAKES
from services.adapters.store.moves import Moves
from services.chart.failures import Failure
from services.chart.places import Outcome, Place
from services.chart.rows import ChartRow, DeadLetterRow, MessageRow, RawRow


class Letters(Moves):
    """Stop, resume and discard."""

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
