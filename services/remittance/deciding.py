"""What one claim payment means for the claim it pays.

CLP02 (rules 3.9): 1, 2, 3 processed as primary, secondary, tertiary; 19, 20, 21 the same and
forwarded; 4 denied; 22 reversal; 23 not our claim; 25 predetermination. What is none of the plain
cases is for a biller, and money is never concluded from silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.chart.rows import ClaimRow, PaymentRow
from services.edi.remit_835 import Adjustment, ClaimPayment
from services.remittance.failures import OutOfBalance
from services.remittance.reasons import words_of

PROCESSED = frozenset({"1", "2", "3", "19", "20", "21"})
DENIED = "4"
OPEN_CLAIMS = frozenset({"sent", "accepted", "denied"})  # denied: an appeal may still be paid
_CONTRACTUAL = ("CO", "45")
_PATIENT = "PR"
_STATUS_WORDS = {
    "22": "takes back an earlier payment",
    "23": "says that the claim was sent to another payer",
    "25": "says what would be paid, and pays nothing",
}


@dataclass(frozen=True, slots=True)
class Paid:
    """The payer paid what the claim asked for, less what is adjusted."""


@dataclass(frozen=True, slots=True)
class Denied:
    """The payer pays nothing; `words` say why."""

    words: str


@dataclass(frozen=True, slots=True)
class Differs:
    """The payer adjudicated another charge than was billed."""

    words: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """A biller must say what it means."""

    words: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same payment was posted before, from another file."""


Decision = Paid | Denied | Differs | Unclear | Repeated


def decide(
    payment: ClaimPayment, check_number: str, claim: ClaimRow, posted: Sequence[PaymentRow]
) -> Decision:
    """The meaning of a payment. `posted` are the claim's payments so far.

    Raises:
        OutOfBalance: an amount has fractions of a cent.
    """
    if any(_same(payment, check_number, row) for row in posted):
        return Repeated()
    if payment.status != DENIED and payment.status not in PROCESSED:
        what = _STATUS_WORDS.get(payment.status, "is of a kind that no rule knows")
        return Unclear(f"The payment (CLP02 {payment.status[:2]}) {what}.")
    if claim.state not in OPEN_CLAIMS:
        return Unclear(f"A payment came for a claim that is {claim.state} already.")
    if payment.status == DENIED or _pays_nothing(payment):
        return Denied(f"The payer denied the claim: {words_of(_refusing(payment))}.")
    charged = cents(payment.charged, payment)
    if charged != claim.total_cents:
        off = (charged - claim.total_cents) / 100
        return Differs(
            f"The payer adjudicated a charge that differs from the claim's by {off:.2f}."
        )
    return Paid()


def cents(amount: Decimal, payment: ClaimPayment) -> int:
    """Dollars as cents. Raises: OutOfBalance."""
    scaled = amount.scaleb(2)
    if scaled != scaled.to_integral_value():
        where = f"segment {payment.number}, CLP"
        raise OutOfBalance("An amount has fractions of a cent.", where=where)
    return int(scaled)


def _same(payment: ClaimPayment, check_number: str, row: PaymentRow) -> bool:
    return (
        row.check_number == check_number
        and row.status == payment.status
        and row.charged_cents == cents(payment.charged, payment)
        and row.paid_cents == cents(payment.paid, payment)
    )


def _pays_nothing(payment: ClaimPayment) -> bool:
    """Whether nothing is paid for a reason that is neither the contract nor the patient's share."""
    return payment.paid == 0 and bool(_refusing(payment))


def _refusing(payment: ClaimPayment) -> list[Adjustment]:
    return [
        one
        for one in payment.all_adjustments
        if one.group != _PATIENT and (one.group, one.reason) != _CONTRACTUAL and one.amount
    ]
