"""What the simulated payer pays. All amounts are cents; every line and claim adds up.

Contractual reduction CO-45; the patient's share is a deductible (PR-1), coinsurance (PR-2) or a
copay (PR-3), chosen by the claim's number so that the same claim is always paid the same way.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from services.adapters.clearinghouse.scenarios import Scenario
from services.adapters.clearinghouse.sent import SentClaim, SentLine

_INPATIENT = ("11", "12", "18", "21")
_DEDUCTIBLE, _COINSURANCE, _COPAY = "1", "2", "3"
_FIXED_SHARE = {_DEDUCTIBLE: 5000, _COPAY: 2500}

Cas = tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class PaidLine:
    """One line as adjudicated."""

    line: SentLine
    charged: int
    paid: int
    adjustments: Cas


@dataclass(frozen=True, slots=True)
class Adjudicated:
    """One claim as adjudicated; `adjustments` are of the claim, not of its lines."""

    claim: SentClaim
    payer_control_number: str
    status: str  # CLP02
    charged: int
    paid: int
    patient: int
    adjustments: Cas
    lines: tuple[PaidLine, ...]


def adjudicate(claim: SentClaim, scenario: Scenario, payer_control_number: str) -> Adjudicated:
    """Decide the claim as the scenario says."""
    charged = claim.cents - claim.cents * scenario.misread_percent // 100
    if scenario.denial is not None:
        refused = ((*scenario.denial, charged),)
        return Adjudicated(claim, payer_control_number, "4", charged, 0, 0, refused, ())
    share = _share_of(claim)
    by_claim = claim.institutional and claim.facility in _INPATIENT
    if by_claim or scenario.misread_percent or not _adds_up(claim):
        paid, adjustments = _split(charged, scenario, share, first=True)
        lines: tuple[PaidLine, ...] = ()
    else:
        lines = tuple(
            PaidLine(line, line.cents, *_split(line.cents, scenario, share, first=not at))
            for at, line in enumerate(claim.lines)
        )
        paid, adjustments = sum(line.paid for line in lines), ()
    told = adjustments + tuple(one for line in lines for one in line.adjustments)
    patient = sum(amount for group, _, amount in told if group == "PR")
    return Adjudicated(claim, payer_control_number, "1", charged, paid, patient, adjustments, lines)


def _adds_up(claim: SentClaim) -> bool:
    return sum(line.cents for line in claim.lines) == claim.cents


def _share_of(claim: SentClaim) -> str:
    number = zlib.crc32(claim.control_number.encode())
    return (_DEDUCTIBLE, _COINSURANCE, _COPAY)[number % 3]


def _split(charged: int, scenario: Scenario, share: str, *, first: bool) -> tuple[int, Cas]:
    """What is paid of a charge, and the adjustments that make up the rest."""
    allowed = charged * scenario.allowed_percent // 100
    if share == _COINSURANCE:
        patient = allowed * scenario.patient_percent // 100
    else:
        patient = min(allowed, _FIXED_SHARE[share]) if first else 0
    told = (("CO", "45", charged - allowed), ("PR", share, patient))
    return allowed - patient, tuple(one for one in told if one[2])
