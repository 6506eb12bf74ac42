"""Files of claims for the tests of the clearinghouse: a valid file with one difference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from services.edi.writer import Transaction, interchange

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BILLING_NPI = "1679523708"


@dataclass(frozen=True)
class AClaim:
    """One claim; the lines are procedure and charge."""

    control_number: str = "CL0000001"
    member: str = "W100200300"
    on: date = date(2026, 2, 20)
    lines: tuple[tuple[str, str], ...] = (("99213", "125.00"), ("90662", "62.35"))
    facility: str = "11"
    frequency: str = "1"
    payer: str = "60054"
    npi: str = BILLING_NPI

    @property
    def total(self) -> Decimal:
        return sum((Decimal(amount) for _, amount in self.lines), Decimal(0))


def a_file(
    *claims: AClaim, control: int = 1, institutional: bool = False, usage: str = "P"
) -> bytes:
    """One interchange with one transaction set of these claims."""
    version = "005010X223A2" if institutional else "005010X222A1"
    sent = Transaction("837", version)
    sent.add("BHT", "0019", "00", f"B{control}", AT.date(), f"{AT:%H%M}", "CH")
    sent.add("NM1", "41", "2", "LINE HOSPITAL", "", "", "", "", "46", "LINE01")
    sent.add("PER", "IC", "EDI DESK", "TE", "5555550100")
    sent.add("NM1", "40", "2", "CLEARING", "", "", "", "", "46", "SIM")
    for number, claim in enumerate(claims or (AClaim(),)):
        _claim(sent, claim, 2 * number + 1, institutional=institutional)
    return interchange(
        [sent],
        sender_id="LINE01",
        receiver_id="SIM",
        functional_id="HC",
        version=version,
        interchange_control=str(control),
        group_control=str(control),
        at=AT,
        usage=usage,
    )


def _claim(sent: Transaction, claim: AClaim, number: int, *, institutional: bool) -> None:
    sent.add("HL", number, "", "20", "1")
    sent.add("NM1", "85", "2", "LINE HOSPITAL", "", "", "", "", "XX", claim.npi)
    sent.add("HL", number + 1, number, "22", "0")
    sent.add("SBR", "P", "18", "", "", "", "", "", "", "CI")
    sent.add("NM1", "IL", "1", "ADAMS", "JANE", "", "", "", "MI", claim.member)
    sent.add("NM1", "PR", "2", "SAMPLE HEALTH", "", "", "", "", "PI", claim.payer)
    where = (claim.facility, "A" if institutional else "B", claim.frequency)
    sent.add("CLM", claim.control_number, claim.total, "", "", where, "", "A", "Y", "Y")
    if institutional:
        sent.add("DTP", "434", "RD8", f"{claim.on:%Y%m%d}-{claim.on:%Y%m%d}")
    sent.add("HI", ("ABK", "J069"))
    for at, (code, amount) in enumerate(claim.lines, start=1):
        sent.add("LX", at)
        if institutional:
            sent.add("SV2", "0450", ("HC", code), Decimal(amount), "UN", 1)
        else:
            sent.add("SV1", ("HC", code), Decimal(amount), "UN", 1, "", "", (1,))
        sent.add("DTP", "472", "D8", claim.on)
        sent.add("REF", "6R", f"{claim.control_number}-{at}")
