"""The simulator's 835: what it pays one billing provider for one file, as real X12 text."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from services.adapters.clearinghouse.acknowledging import Envelope, wrap
from services.adapters.clearinghouse.adjudication import Adjudicated, Cas, PaidLine
from services.edi.writer import Transaction

_FILING = {"CI": "15", "BL": "12", "": "12"}  # SBR09 to CLP06, where the lists differ
_REFERENCE_BASE = 1_000_000_000


def remit_835(claims: Sequence[Adjudicated], envelope: Envelope) -> bytes:
    """One 835 for claims of one payer and one billing provider; it balances at every level."""
    first = claims[0].claim
    answer = Transaction("835")
    _payment(answer, sum(one.paid for one in claims), first.payer.number, envelope)
    _payer(answer, first.payer.family, first.payer.number)
    provider = first.provider
    answer.add("N1", "PE", provider.family or "PROVIDER", "XX", provider.number)
    answer.add("LX", 1)
    for one in claims:
        _claim(answer, one)
    return wrap((answer,), envelope, "HP", "005010X221A1")


def check_number(envelope: Envelope) -> str:
    """The number of the payment."""
    return f"SIM{envelope.control:09d}"


def _payment(answer: Transaction, paid: int, payer_id: str, envelope: Envelope) -> None:
    day = envelope.at.date()
    handling, method = ("I", "CHK") if paid else ("H", "NON")
    answer.add("BPR", handling, _dollars(paid), "C", method, *[""] * 11, day)
    payer = zlib.crc32(payer_id.encode()) % _REFERENCE_BASE
    answer.add("TRN", "1", check_number(envelope), f"1{payer:09d}")
    answer.add("DTM", "405", day)


def _payer(answer: Transaction, name: str, payer_id: str) -> None:
    answer.add("N1", "PR", name or "SIMULATED PAYER")
    answer.add("N3", "1 SIMULATION WAY")
    answer.add("N4", "OMAHA", "NE", "681020001")
    answer.add("REF", "2U", payer_id or "UNKNOWN")
    answer.add("PER", "BL", "PROVIDER SERVICES", "TE", "8005550100")


def _claim(answer: Transaction, one: Adjudicated) -> None:
    claim = one.claim
    answer.add(
        "CLP",
        claim.control_number,
        one.status,
        _dollars(one.charged),
        _dollars(one.paid),
        _dollars(one.patient) if one.patient else "",
        _FILING.get(claim.filing, claim.filing),
        one.payer_control_number,
        claim.facility,
        claim.frequency,
    )
    _adjust(answer, one.adjustments)
    patient = claim.patient
    member = claim.subscriber.number
    answer.add("NM1", "QC", "1", patient.family, patient.given, "", "", "", "MI", member)
    if claim.begins:
        answer.add("DTM", "232", claim.begins)
        answer.add("DTM", "233", claim.ends)
    for line in one.lines:
        _line(answer, line, claim.begins)


def _line(answer: Transaction, paid: PaidLine, default_day: str) -> None:
    line = paid.line
    coded = ("HC", line.code, *line.modifiers) if line.code else ("NU", line.revenue_code)
    revenue = line.revenue_code if line.code else ""
    answer.add("SVC", coded, _dollars(paid.charged), _dollars(paid.paid), revenue, line.units)
    answer.add("DTM", "472", line.on or default_day)
    _adjust(answer, paid.adjustments)
    if line.control:
        answer.add("REF", "6R", line.control)


def _adjust(answer: Transaction, adjustments: Cas) -> None:
    """One CAS for each group, its reasons one after the other."""
    for group, told in groupby(adjustments, key=lambda one: one[0]):
        triples: list[str | Decimal] = []
        for _, reason, amount in told:
            triples += [reason, _dollars(amount), ""]
        answer.add("CAS", group, *triples)


def _dollars(amount: int) -> Decimal:
    return Decimal(amount).scaleb(-2)
