"""Remittance: takes ClaimAccepted, RemittanceReceived and RemittanceOverdue.

Gives ClaimPaid, ClaimDenied or DiscrepancyFound.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from messages.envelope import Fact
from messages.remittance import RemittanceOverdue, RemittanceReceived
from messages.submission import ClaimAccepted
from services.chart.ports import Work
from services.remittance.posting import post
from services.remittance.waiting import overdue, wait

if TYPE_CHECKING:
    from config.wiring import Line


def step(fact: Fact, work: Work, line: Line) -> Iterator[Fact]:
    """Wait for the payment, post it, and finish the chart or stop it for a biller.

    Raises:
        Rejected: the remittance cannot be read, does not balance, or is not ours.
    """
    match fact:
        case ClaimAccepted():
            yield from wait(fact, work, line.payers)
        case RemittanceReceived():
            yield from post(work, work.raw(fact.raw_id))
        case RemittanceOverdue():
            yield from overdue(fact, work, line.payers)
        case _:
            raise TypeError(f"remittance does not take {type(fact).__name__}")
