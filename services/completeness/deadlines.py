"""How long a chart may lack something.

A deadline counts from the chart itself (admission, discharge, first seen), never from the message
that was looked at last. So a chart that already waits keeps its first deadline when a message
arrives that does not cure it, and looking twice gives the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from services.chart.failures import Rejected
from services.chart.model import Chart
from services.completeness.deficiency import FAILURES, Deficiency, DeficiencyKind, Deficient
from services.completeness.matrix import CountsFrom

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Waits:
    """Nothing is overdue yet; look again at `until_ms`, which is in the future."""

    until_ms: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """Something has lasted too long, or nobody expects it to cure itself."""

    failure: Rejected


def judge(
    found: Deficient, chart: Chart, *, first_seen_ms: int, now_ms: int, grace_hours: int
) -> Waits | Overdue:
    """Whether the chart may go on waiting. Instants are UTC milliseconds.

    The dead letter is named by the most important overdue deficiency and tells of all of them.
    """
    deadlines = [
        (one, _deadline_ms(one, chart, first_seen_ms, now_ms, grace_hours))
        for one in _running(found)
    ]
    late = [one for one, deadline in deadlines if deadline <= now_ms]
    if late:
        return Overdue(_failure_of(found, late[0]))
    return Waits(min(deadline for _, deadline in deadlines))


def _running(found: Deficient) -> tuple[Deficiency, ...]:
    """While a stay has not ended, what counts from its discharge has no clock yet."""
    if all(one.kind is not DeficiencyKind.NOT_DISCHARGED for one in found.deficiencies):
        return found.deficiencies
    return tuple(one for one in found.deficiencies if one.counts_from is not CountsFrom.DISCHARGE)


def _deadline_ms(
    deficiency: Deficiency, chart: Chart, first_seen_ms: int, now_ms: int, grace_hours: int
) -> int:
    """A chart first seen late still gets the grace; a beginning in the future counts from now."""
    if not deficiency.waits:
        return now_ms
    base = min(_base_ms(deficiency.counts_from, chart, first_seen_ms), now_ms)
    late = first_seen_ms + grace_hours * HOUR_MS
    return max(base + deficiency.deadline_hours * HOUR_MS, late)


def _base_ms(counts_from: CountsFrom, chart: Chart, first_seen_ms: int) -> int:
    encounter = chart.encounter
    match counts_from:
        case CountsFrom.FIRST_SEEN:
            return first_seen_ms
        case CountsFrom.ADMISSION:
            return _ms(encounter.admitted_at, first_seen_ms)
        case CountsFrom.DISCHARGE:
            return _ms(encounter.discharged_at or encounter.admitted_at, first_seen_ms)
        case rest:
            assert_never(rest)


def _ms(at: datetime | None, otherwise: int) -> int:
    return int(at.timestamp() * 1000) if at is not None else otherwise


def _failure_of(found: Deficient, first: Deficiency) -> Rejected:
    in_order = (first, *(one for one in found.deficiencies if one is not first))
    return FAILURES[first.kind](Deficient(in_order).sentence, where=first.where, fix=first.fix)
