"""What happens to a claim's row and its chart when an answer comes; never backwards.

An answer moves a chart only when the chart is at submission, or is a dead letter because this
very answer was missing. Anywhere else the claim's row is brought up to date and the chart is left
alone: it learns what became of its claim when it comes here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from messages.assembly import ClaimAssembled
from messages.coding import CodesAssigned
from messages.envelope import Fact
from messages.path import Stage
from messages.submission import ClaimAccepted, ClaimRejected
from services.chart.failures import Rejected
from services.chart.places import Place
from services.chart.ports import Work
from services.chart.rows import ChartRow, ClaimRow, DeadLetterRow
from services.submission.failures import NoAcknowledgement

MOVES: dict[str, frozenset[str]] = {
    "queued": frozenset({"sent", "rejected"}),
    "sent": frozenset({"accepted", "rejected"}),
    "accepted": frozenset({"rejected"}),  # by the payer, after the clearinghouse took it
    "rejected": frozenset(),  # the next try is another claim
    "paid": frozenset(),
    "denied": frozenset(),
}


def may_become(claim: ClaimRow, state: str) -> bool:
    """Whether the move is forwards; a late or repeated answer is not."""
    return state in MOVES[claim.state]


def moved(claim: ClaimRow, state: str, now_ms: int, **changes: object) -> ClaimRow:
    """The row in its next state. Only a bug can ask for a move that is not in the table."""
    if not may_become(claim, state):
        raise AssertionError(f"a claim cannot go from {claim.state} to {state}")
    return replace(claim, state=state, updated_ms=now_ms, **changes)  # type: ignore[arg-type]


def is_here(work: Work, chart: ChartRow) -> bool:
    """Whether an answer may move the chart."""
    if chart.place in {Place.WAITING, Place.DUE}:
        return chart.stage == Stage.SUBMISSION
    return lacks_answer(work, chart)


def lacks_answer(work: Work, chart: ChartRow) -> bool:
    """Whether the chart is a dead letter only because no acknowledgement came."""
    if chart.place != Place.DEAD_LETTER:
        return False
    return work.get(DeadLetterRow, chart.place_id).code == NoAcknowledgement.code


def accept(work: Work, claim: ClaimRow, payer_control_number: str) -> Iterator[Fact]:
    """The payer has taken the claim."""
    if not may_become(claim, "accepted"):
        return
    number = payer_control_number or claim.payer_control_number
    now_ms = work.clock.now_ms()
    work.put(moved(claim, "accepted", now_ms, payer_control_number=number))
    if is_here(work, work.get(ChartRow, claim.chart_id)):
        yield ClaimAccepted(chart_id=claim.chart_id, claim_id=claim.claim_id)
    else:
        work.note(claim.chart_id, "claim.accepted", claim=claim.claim_id)


def reject(work: Work, claim: ClaimRow, failure: Rejected) -> Iterator[Fact]:
    """The claim never entered adjudication: a person corrects the chart, then it is built anew."""
    if not may_become(claim, "rejected"):
        return
    work.put(moved(claim, "rejected", work.clock.now_ms()))
    yield ClaimRejected(chart_id=claim.chart_id, claim_id=claim.claim_id)
    chart = work.get(ChartRow, claim.chart_id)
    if not is_here(work, chart):
        return
    if chart.place == Place.DEAD_LETTER:  # what it waited for is here: it leaves, and stops anew
        work.say(ClaimAssembled(chart_id=claim.chart_id, claim_id=claim.claim_id))
    work.stop(claim.chart_id, failure, resume_with=CodesAssigned(chart_id=claim.chart_id))
