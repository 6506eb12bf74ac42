"""What a person does with a dead letter: resume it, with corrections if need be, or discard it.

Doing it twice is doing it once: the second time says when and by whom it was done. Who acts and
why stand in the dead letter and in the journal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from messages.coding import CodesAssigned
from messages.completeness import ChartComplete
from messages.envelope import ChartFact
from messages.intake import ChartChanged
from messages.path import Stage
from services.chart.model import Override, Status
from services.chart.ports import Conflict, Work
from services.chart.rows import ChartRow, DeadLetterRow, MessageRow
from services.worklist.corrections import Corrected, Correction, correct
from services.worklist.failures import (
    AlreadyClosed,
    Busy,
    NoReason,
    NoSuchDeadLetter,
    NothingToCorrect,
    NotOverridable,
)

TRIES = 5
ORDER = list(Stage)
GO_BACK_WITH: dict[Stage, type[ChartFact]] = {
    Stage.COMPLETENESS: ChartChanged,
    Stage.CODING: ChartComplete,
    Stage.ASSEMBLY: CodesAssigned,
}


class Desk(Work, Protocol):
    """The unit of work of a person."""

    def begin(self, message: MessageRow | None, who: str) -> None:
        """Whoever acts is `who`; no message is being worked on."""

    def keep(self) -> None:
        """What was written belongs to the commit."""

    def commit(self) -> None:
        """Make it durable. Raises: Conflict, Outage."""

    def resume(self, letter: DeadLetterRow, why: str) -> None:
        """Say again what stopped, at the stage where it stopped."""

    def discard(self, letter: DeadLetterRow, why: str) -> None:
        """It goes no further; nothing is deleted."""

    def close_letter(self, letter: DeadLetterRow, state: str, why: str) -> None:
        """The dead letter is resumed, discarded or superseded."""


D = TypeVar("D", bound=Desk)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who resumes, why, and what is corrected or overridden before."""

    by: str
    reason: str
    corrections: tuple[Correction, ...] = ()
    overrides: tuple[str, ...] = ()  # rule ids


@dataclass(frozen=True, slots=True)
class Resolved:
    """What became of a dead letter. `changed` is False when it had been done before."""

    dead_letter_id: str
    subject: str
    state: str  # resumed, discarded
    stage: str  # where the chart goes on
    changed: bool
    at_ms: int
    by: str
    why: str
    paths: tuple[str, ...] = ()  # what was corrected


def carry_out(new_desk: Callable[[], D], who: str, act: Callable[[D], T]) -> T:
    """Do something in one commit of its own; when somebody was faster, look again and redo it.

    Raises:
        Busy: somebody was faster each time.
        Outage: the store does not answer.
    """
    for _ in range(TRIES):
        desk = new_desk()
        desk.begin(None, who)
        done = act(desk)
        desk.keep()
        try:
            desk.commit()
        except Conflict:
            continue
        return done
    raise Busy(f"Others were faster {TRIES} times.")


def letter_of(desk: Work, key: str) -> DeadLetterRow:
    """The dead letter with this id, or the latest one of the chart or message with this id.

    Raises:
        NoSuchDeadLetter: there is none.
    """
    found = desk.find(DeadLetterRow, dead_letter_id=key) or desk.find(DeadLetterRow, subject=key)
    if not found:
        raise NoSuchDeadLetter("There is no dead letter with this id.")
    return max(found, key=lambda letter: (letter.state == "open", letter.last_ms))


def resume(desk: Desk, key: str, resolution: Resolution) -> Resolved:
    """Correct the chart if asked to, and let it go on at the stage that stopped.

    A correction that an earlier stage reads sends the chart back to that stage.

    Raises:
        NoSuchDeadLetter, NoReason, AlreadyClosed: nothing was changed.
        PathNotAllowed, ValueNotAllowed, NothingToCorrect, NotOverridable: nothing was changed.
    """
    letter = letter_of(desk, key)
    if letter.state == "resumed":
        return _as_it_was(letter)
    _check(letter, resolution.by, resolution.reason)
    stage, paths = Stage(letter.stage), tuple[str, ...]()
    if resolution.overrides:
        _override(desk, letter, resolution)
    if resolution.corrections:
        corrected = _correct(desk, letter, resolution)
        stage = min(stage, corrected.needs, key=ORDER.index)
        paths = tuple(change["path"] for change in corrected.changes)
    if stage == letter.stage:
        desk.resume(letter, resolution.reason)
    else:
        desk.close_letter(letter, "resumed", resolution.reason)
        desk.note(letter.subject, "chart.sent-back", resolution.reason, to=stage.value)
        desk.say(GO_BACK_WITH[stage](chart_id=letter.subject))
    now = desk.clock.now_ms()
    return Resolved(
        letter.dead_letter_id,
        letter.subject,
        "resumed",
        stage,
        changed=True,
        at_ms=now,
        by=resolution.by,
        why=resolution.reason,
        paths=paths,
    )


def discard(desk: Desk, key: str, *, by: str, reason: str) -> Resolved:
    """A person decides that this goes no further; nothing is deleted.

    Raises:
        NoSuchDeadLetter, NoReason, AlreadyClosed: nothing was changed.
    """
    letter = letter_of(desk, key)
    if letter.state == "discarded":
        return _as_it_was(letter)
    _check(letter, by, reason)
    desk.discard(letter, reason)
    return Resolved(
        letter.dead_letter_id,
        letter.subject,
        "discarded",
        letter.stage,
        changed=True,
        at_ms=desk.clock.now_ms(),
        by=by,
        why=reason,
    )


def _as_it_was(letter: DeadLetterRow) -> Resolved:
    return Resolved(
        letter.dead_letter_id,
        letter.subject,
        letter.state,
        letter.stage,
        changed=False,
        at_ms=letter.closed_ms,
        by=letter.closed_by,
        why=letter.closed_why,
    )


def _check(letter: DeadLetterRow, by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise NoReason("An action on a dead letter needs a name and a reason.")
    if letter.state != "open":
        raise AlreadyClosed(f"This dead letter is {letter.state} already.")


def _held(desk: Desk, letter: DeadLetterRow) -> None:
    """The letter must hold a chart. Raises: NothingToCorrect."""
    charts = desk.find(ChartRow, chart_id=letter.subject)
    if not charts or charts[0].place_id != letter.dead_letter_id:
        raise NothingToCorrect("This dead letter holds no chart.")


def _correct(desk: Desk, letter: DeadLetterRow, resolution: Resolution) -> Corrected:
    """Correct the chart; codes that were assigned before are looked at again."""
    _held(desk, letter)
    corrected = correct(desk.chart(letter.subject), resolution.corrections)
    chart = corrected.chart
    if ORDER.index(corrected.needs) <= ORDER.index(Stage.CODING):
        chart = chart.model_copy(update={"coding": None})
    desk.save_chart(chart)
    changes = list(corrected.changes)
    desk.note(letter.subject, "chart.corrected", resolution.reason, changes=changes)
    return corrected


def _override(desk: Desk, letter: DeadLetterRow, resolution: Resolution) -> None:
    """Add the person's decisions to the chart. Raises: NotOverridable, NothingToCorrect."""
    _held(desk, letter)
    chart = desk.chart(letter.subject)
    findings = chart.coding.findings if chart.coding else ()
    for one in findings:
        named = one.rule_id in resolution.overrides and one.status is Status.FAIL
        if named and not one.overridable:
            raise NotOverridable(f"{one.rule_id} cannot be overridden.", where=one.target)
    at = desk.clock.now()
    added = tuple(
        Override(rule_id=rule, reason=resolution.reason, by=resolution.by, at=at)
        for rule in resolution.overrides
        if rule not in {known.rule_id for known in chart.overrides}
    )
    desk.save_chart(chart.model_copy(update={"overrides": (*chart.overrides, *added)}))
    rules = list(resolution.overrides)
    desk.note(letter.subject, "chart.overridden", resolution.reason, rules=rules)
