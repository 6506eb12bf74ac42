"""A claim waits: for the payer's sending window, then for the acknowledgement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from messages.assembly import ClaimAssembled
from messages.coding import CodesAssigned
from messages.envelope import Fact
from messages.submission import AckOverdue, BatchDue, ClaimAccepted
from services.chart.ports import Work
from services.chart.rows import ClaimRow, SubmissionRow
from services.submission.failures import NoAcknowledgement, RejectedBy277, UnknownPayer

HOUR_MS = 3_600_000
WHY = "waiting for the payer's acknowledgement"


class Profile(Protocol):
    """What submission asks of a payer's profile."""

    @property
    def mailbox(self) -> str: ...  # noqa: D102 - where its files go
    @property
    def batch_window_s(self) -> float: ...  # noqa: D102 - how long claims are gathered
    @property
    def ack_hours(self) -> float: ...  # noqa: D102 - how long an acknowledgement may take


def profile_of(payers: Mapping[str, Profile], payer_id: str) -> Profile:
    """The payer's profile. Raises: UnknownPayer."""
    profile = payers.get(payer_id)
    if profile is None:
        raise UnknownPayer("There is no profile for the payer of this claim.", where="payer")
    return profile


def queue(
    fact: ClaimAssembled, work: Work, payers: Mapping[str, Profile], window_ms: int
) -> Iterator[Fact]:
    """The claim waits to be sent and answered; `window_ms` below zero: as the profile says.

    What has been answered already is not waited for: another worker may have been faster.

    Raises:
        UnknownPayer: nothing says how this payer is reached.
    """
    claim = work.get(ClaimRow, fact.claim_id)
    match claim.state:
        case "queued" | "sent":
            profile = profile_of(payers, claim.payer_id)
            window = window_ms if window_ms >= 0 else int(profile.batch_window_s * 1000)
            now_ms = work.clock.now_ms()
            _wait(work, claim, now_ms + window, profile)
            if claim.state == "queued":
                batch = BatchDue(payer_id=claim.payer_id, transaction=claim.transaction)
                work.remind(batch, now_ms + window, "the payer's sending window")
        case "rejected":
            sentence = "This claim was rejected before adjudication."
            again = CodesAssigned(chart_id=claim.chart_id)
            work.stop(claim.chart_id, RejectedBy277(sentence), resume_with=again)
        case _:
            yield ClaimAccepted(chart_id=claim.chart_id, claim_id=claim.claim_id)


def overdue(fact: AckOverdue, work: Work, payers: Mapping[str, Profile]) -> Iterator[Fact]:
    """No acknowledgement came in time. A claim that was never sent waits on; none is sent again.

    Raises:
        UnknownPayer: nothing says how long this payer may take.
    """
    claim = work.get(ClaimRow, fact.claim_id)
    assembled = ClaimAssembled(chart_id=claim.chart_id, claim_id=claim.claim_id)
    if claim.state != "sent":
        yield from queue(assembled, work, payers, 0)
    elif _is_sent(work, claim):
        sentence = "No acknowledgement has come for the file that carried this claim."
        work.stop(claim.chart_id, NoAcknowledgement(sentence), resume_with=assembled)
    else:
        _wait(work, claim, work.clock.now_ms(), profile_of(payers, claim.payer_id))


def _is_sent(work: Work, claim: ClaimRow) -> bool:
    """Whether the clearinghouse has the claim's file."""
    if claim.state != "sent" or not claim.submission_id:
        return False
    return work.get(SubmissionRow, claim.submission_id).state != "built"


def _wait(work: Work, claim: ClaimRow, from_ms: int, profile: Profile) -> None:
    late = AckOverdue(chart_id=claim.chart_id, claim_id=claim.claim_id)
    work.wait(claim.chart_id, late, from_ms + int(profile.ack_hours * HOUR_MS), WHY)
