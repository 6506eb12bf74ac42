"""Whether a remittance adds up, at each of its three levels (005010X221A1, section 1.10.2).

A line: charge = payment + its adjustments. A claim: CLP03 = CLP04 + all adjustments of the claim
and its lines. A check: BPR02 = sum of CLP04 - sum of PLB, and never below zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from services.edi.remit_835 import Adjustment, ClaimPayment, Remittance


@dataclass(frozen=True, slots=True)
class Imbalance:
    """One sum that is wrong, in dollars; `number` is the segment it was found at."""

    level: str  # line, claim, check
    number: int
    stated: Decimal
    summed: Decimal

    @property
    def words(self) -> str:
        """The sum in words: amounts and a position, no identifier."""
        return f"{self.level} at segment {self.number}: {self.stated} stated, {self.summed} summed"


def balance(remittance: Remittance) -> tuple[Imbalance, ...]:
    """Every sum of the remittance that is wrong, lines first within their claim; none is good."""
    found = [wrong for claim in remittance.claims for wrong in _claim(claim)]
    found.extend(_check(remittance))
    return tuple(found)


def _claim(claim: ClaimPayment) -> Iterator[Imbalance]:
    for line in claim.services:
        summed = line.paid + _sum(line.adjustments)
        if line.charged != summed:
            yield Imbalance("line", line.number, line.charged, summed)
    summed = claim.paid + _sum(claim.all_adjustments)
    if claim.charged != summed:
        yield Imbalance("claim", claim.number, claim.charged, summed)


def _check(remittance: Remittance) -> Iterator[Imbalance]:
    paid = sum((claim.paid for claim in remittance.claims), Decimal(0))
    kept = sum((one.amount for one in remittance.provider_adjustments), Decimal(0))
    if remittance.paid_total != paid - kept or remittance.paid_total < 0:
        yield Imbalance("check", remittance.number, remittance.paid_total, paid - kept)


def _sum(adjustments: Iterable[Adjustment]) -> Decimal:
    return sum((one.amount for one in adjustments), Decimal(0))
