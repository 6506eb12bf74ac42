"""What remittance takes and gives."""

from __future__ import annotations

from messages.envelope import ChartFact, Fact


class RemittanceReceived(Fact):
    """An 835 was fetched and stored."""

    raw_id: str

    @property
    def subject(self) -> str:
        return self.raw_id


class RemittanceOverdue(ChartFact):
    """The payer accepted the claim and has not paid in its time (a timer)."""

    claim_id: str


class ClaimPaid(ChartFact):
    """The payer has paid, and the payment balances and is posted."""

    claim_id: str


class ClaimDenied(ChartFact):
    """The payer adjudicated the claim and paid nothing: replace or appeal."""

    claim_id: str


class DiscrepancyFound(ChartFact):
    """The payment does not agree with the claim."""

    claim_id: str
