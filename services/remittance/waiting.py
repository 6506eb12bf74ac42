"""A claim that was accepted waits for its payment, as long as the payer may take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from messages.envelope import Fact
from messages.remittance import ClaimPaid, RemittanceOverdue
from messages.submission import ClaimAccepted
from services.chart.places import Outcome
from services.chart.ports import Work
from services.chart.rows import ClaimRow
from services.remittance.failures import NeedsBiller, RemittanceIsOverdue

DAY_MS = 86_400_000
DAYS_WHEN_UNKNOWN = 30


class Profile(Protocol):
    """What remittance asks of a payer's profile."""

    @property
    def remit_days(self) -> float: ...  # noqa: D102 - how long a payment may take


def wait(fact: ClaimAccepted, work: Work, payers: Mapping[str, Profile]) -> Iterator[Fact]:
    """The chart waits for payment, or is finished when the claim has been paid meanwhile.

    This is also how a chart goes on that a biller has resumed: denied claims wait for the appeal.
    """
    claim = work.get(ClaimRow, fact.claim_id)
    match claim.state:
        case "paid":
            work.finish(claim.chart_id, Outcome.PAID)
            yield ClaimPaid(chart_id=claim.chart_id, claim_id=claim.claim_id)
        case "rejected":
            sentence = "The payer accepted this claim and has rejected it since."
            work.stop(claim.chart_id, NeedsBiller(sentence), resume_with=fact)
        case _:
            profile = payers.get(claim.payer_id)
            days = profile.remit_days if profile else DAYS_WHEN_UNKNOWN
            until_ms = work.clock.now_ms() + int(days * DAY_MS)
            late = RemittanceOverdue(chart_id=claim.chart_id, claim_id=claim.claim_id)
            work.wait(claim.chart_id, late, until_ms, "waiting for payment")


def overdue(fact: RemittanceOverdue, work: Work, payers: Mapping[str, Profile]) -> Iterator[Fact]:
    """The time is over: a biller asks the payer. A claim that is paid after all finishes."""
    claim = work.get(ClaimRow, fact.claim_id)
    again = ClaimAccepted(chart_id=fact.chart_id, claim_id=fact.claim_id)
    if claim.state in {"paid", "rejected"}:
        yield from wait(again, work, payers)
        return
    sentence = "The payer accepted the claim and has not paid it in the time of its profile."
    work.stop(fact.chart_id, RemittanceIsOverdue(sentence), resume_with=again)
