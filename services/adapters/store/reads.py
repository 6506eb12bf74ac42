"""Reads for people: the state of the line, dead letters, the trace of a chart. No patient data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from messages.stage import Stage
from services.chart.places import Place
from services.chart.ports import Store
from services.chart.rows import (
    ChartRow,
    ClaimRow,
    DeadLetterRow,
    JournalRow,
    MessageRow,
    QueryRow,
    RawRow,
    SubmissionRow,
    TimerRow,
)


@dataclass(frozen=True, slots=True)
class StageState:
    """What one stage has before it."""

    stage: str
    due: int  # messages that are due or in work
    oldest_age_ms: int  # age of the oldest of them; 0 when there is none
    waiting: int  # charts that wait at this stage
    dead_letters: int


@dataclass(frozen=True, slots=True)
class LineState:
    """The line at one moment."""

    at_ms: int
    stages: tuple[StageState, ...]
    places: dict[str, int]
    outcomes: dict[str, int]
    dead_letters: dict[str, int]  # open, by reason code
    owners: dict[str, int]  # open dead letters, by owner
    queries_open: int
    claims: dict[str, int]
    submissions: dict[str, int]
    raws: dict[str, int]

    @property
    def busy(self) -> int:
        """Messages that are due or in work."""
        return sum(stage.due for stage in self.stages)


def line_state(store: Store, now_ms: int) -> LineState:
    """Count everything. Raises: Outage."""
    due = store.count(MessageRow, {}, ("stage",))
    places = store.count(ChartRow, {}, ("place", "stage", "outcome"))
    letters = store.count(DeadLetterRow, {"state": "open"}, ("stage", "code", "owner"))
    waiting: Counter[str] = Counter()
    by_place: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    for (place, stage, outcome), number in places.items():
        by_place[str(place)] += number
        if place == Place.WAITING:
            waiting[str(stage)] += number
        if outcome:
            outcomes[str(outcome)] += number
    by_stage, by_code, by_owner = Counter[str](), Counter[str](), Counter[str]()
    for (stage, code, owner), number in letters.items():
        by_stage[str(stage)] += number
        by_code[str(code)] += number
        by_owner[str(owner)] += number
    stages = tuple(
        StageState(
            stage=stage,
            due=due.get((stage,), 0),
            oldest_age_ms=_oldest_age(store, stage, now_ms) if due.get((stage,)) else 0,
            waiting=waiting[stage],
            dead_letters=by_stage[stage],
        )
        for stage in Stage
    )
    return LineState(
        at_ms=now_ms,
        stages=stages,
        places=dict(by_place),
        outcomes=dict(outcomes),
        dead_letters=dict(by_code),
        owners=dict(by_owner),
        queries_open=sum(store.count(QueryRow, {"state": "open"}).values()),
        claims=_by_one(store.count(ClaimRow, {}, ("state",))),
        submissions=_by_one(store.count(SubmissionRow, {}, ("state",))),
        raws=_by_one(store.count(RawRow, {}, ("state",))),
    )


def _by_one(counted: dict[tuple[object, ...], int]) -> dict[str, int]:
    return {str(key[0]): number for key, number in counted.items()}


def _oldest_age(store: Store, stage: str, now_ms: int) -> int:
    oldest = store.select(MessageRow, {"stage": stage}, order_by="said_ms", limit=1)
    return now_ms - oldest[0].said_ms if oldest else 0


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything that happened to one subject, and where it is now."""

    subject: str
    chart: ChartRow | None
    raw: RawRow | None
    entries: tuple[JournalRow, ...]
    claims: tuple[ClaimRow, ...]
    dead_letters: tuple[DeadLetterRow, ...]
    held_by: str  # what the chart waits for, in words
    files: Mapping[str, str]  # the names of the claims' files by submission id


def subject_of(store: Store, key: str) -> str:
    """The chart or message that a dead letter, a query or a claim is about; else the key itself."""
    if key.startswith("d_"):
        return next((o.subject for o in store.select(DeadLetterRow, {"dead_letter_id": key})), key)
    if key.startswith("q_"):
        return next((one.chart_id for one in store.select(QueryRow, {"query_id": key})), key)
    if key.startswith("cl_"):
        return next((one.chart_id for one in store.select(ClaimRow, {"claim_id": key})), key)
    return key


def trace(store: Store, key: str) -> Trace | None:
    """The trace of a chart or an outside message, or of that which a dead letter, a query or a
    claim is about; None when there is no such thing."""  # noqa: D205, D209 - one sentence
    subject = subject_of(store, key)
    charts = store.select(ChartRow, {"chart_id": subject})
    raws = store.select(RawRow, {"raw_id": subject})
    if not charts and not raws:
        return None
    entries = store.select(JournalRow, {"subject": subject}, order_by="seq")
    letters = store.select(DeadLetterRow, {"subject": subject}, order_by="last_ms")
    claims = store.select(ClaimRow, {"chart_id": subject}, order_by="created_ms")
    chart = charts[0] if charts else None
    raw = raws[0] if raws else None
    held = _held_by(store, chart) if chart else (raw.state if raw else "")
    sent = store.select(SubmissionRow, {"submission_id": [one.submission_id for one in claims]})
    return Trace(
        subject=subject,
        chart=chart,
        raw=raw,
        entries=tuple(entries),
        claims=tuple(claims),
        dead_letters=tuple(letters),
        held_by=held,
        files={one.submission_id: one.file_name for one in sent},
    )


def _held_by(store: Store, chart: ChartRow) -> str:
    if chart.place == Place.WAITING:
        timers = store.select(TimerRow, {"timer_id": chart.place_id})
        return timers[0].why if timers else ""
    if chart.place == Place.DEAD_LETTER:
        letters = store.select(DeadLetterRow, {"dead_letter_id": chart.place_id})
        return letters[0].sentence if letters else ""
    if chart.place == Place.QUERY:
        return "an open question to the provider"
    if chart.place == Place.DUE:
        return f"due for {chart.stage}"
    return f"finished: {chart.outcome}"


def attempts_of(letter: DeadLetterRow) -> list[dict[str, object]]:
    """The attempts of a dead letter, oldest first."""
    attempts: list[dict[str, object]] = orjson.loads(letter.attempts)
    return attempts
