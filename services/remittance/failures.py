"""Why a payment, or its absence, needs a person."""

from __future__ import annotations

from services.chart.failures import Owner, Rejected


class UnreadableRemittance(Rejected):
    """What was fetched is no 835 that can be read."""

    code = "remittance.unreadable"
    owner = Owner.OPS
    fix = "Look at the raw bytes; ask the payer for the file again, or discard it."


class OutOfBalance(Rejected):
    """The sums of the remittance do not hold, so nothing of it is posted."""

    code = "remittance.out-of-balance"
    owner = Owner.BILLER
    fix = "Ask the payer for a corrected 835; discard this one when it has come."


class UnknownClaims(Rejected):
    """The remittance pays nothing that was billed from here."""

    code = "remittance.unknown-claims"
    owner = Owner.BILLER
    fix = "Find out whose money it is and tell the payer; then discard it."


class ClaimIsDenied(Rejected):
    """The payer adjudicated the claim and pays nothing."""

    code = "remittance.denied"
    owner = Owner.BILLER
    fix = "Appeal, or send a replacement claim; then resume to wait for the payer's decision."


class PaymentDiffers(Rejected):
    """The payer adjudicated another charge than was billed."""

    code = "remittance.discrepancy"
    owner = Owner.BILLER
    fix = "Compare the 835 with the claim and settle it with the payer; then resume to finish."


class NeedsBiller(Rejected):
    """A payment that nothing may be concluded from by rule."""

    code = "remittance.needs-biller"
    owner = Owner.BILLER
    fix = "Decide what the payment means for this account; then resume."


class ChangedAfterClaim(Rejected):
    """The chart has changed since the claim was built; the payment is for the old one."""

    code = "remittance.changed-after-claim"
    owner = Owner.BILLER
    fix = "Compare the chart with the claim: replace (7), void (8) or leave it; then resume."


class RemittanceIsOverdue(Rejected):
    """The payer accepted the claim and has not paid in its time."""

    code = "remittance.overdue"
    owner = Owner.BILLER
    fix = "Ask the payer for the claim's status; resume to wait once more."
