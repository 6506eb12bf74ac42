"""How the simulated payer behaves, as a table: data in the claim decides, nothing else.

The first row whose suffix ends the subscriber's member id holds; without one the claim is
accepted and paid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.adapters.clearinghouse.sent import SentClaim


class Answer(StrEnum):
    """What the claim gets before adjudication."""

    ACCEPTED = "accepted"  # 277CA A2
    REJECTED = "rejected"  # 277CA A3, A6, A7 or A8
    SILENT = "silent"  # nothing at all: neither 277CA nor 835
    REFUSED = "refused"  # its whole transaction set is refused by the 999


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way of treating a claim."""

    name: str
    member_suffix: str = ""
    answer: Answer = Answer.ACCEPTED
    status: tuple[str, str, str] = ("A2", "20", "")  # 277CA category, status code, entity
    denial: tuple[str, str] | None = None  # CAS group and reason of a claim that is denied
    allowed_percent: int = 60  # of the charge; the rest is the contractual CO-45
    patient_percent: int = 20  # of what is allowed, when the patient's share is coinsurance
    misread_percent: int = 0  # the payer adjudicates a charge that is lower by this


PAID = Scenario("paid")
DEMO_SCENARIOS: tuple[Scenario, ...] = (
    Scenario("member-unknown", "R7", Answer.REJECTED, ("A7", "164", "IL")),
    Scenario("payer-cannot-read", "R3", Answer.REJECTED, ("A3", "21", "")),
    Scenario("no-acknowledgement", "NA", Answer.SILENT),
    Scenario("file-refused", "N8", Answer.REFUSED),
    Scenario("denied-authorization", "D1", denial=("CO", "197")),
    Scenario("denied-necessity", "D5", denial=("CO", "50")),
    Scenario("charge-misread", "U1", misread_percent=10),
)


def scenario_of(claim: SentClaim, scenarios: Sequence[Scenario]) -> Scenario:
    """The row that holds for the claim."""
    member = claim.subscriber.number.upper()
    for scenario in scenarios:
        if scenario.member_suffix and member.endswith(scenario.member_suffix):
            return scenario
    return PAID
