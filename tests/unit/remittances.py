"""An 835 of one claim, and a chart that waits for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from messages.remittance import RemittanceReceived
from messages.submission import ClaimAccepted
from services.chart.rows import RawRow
from services.edi.writer import Transaction, interchange
from tests.fakes.claim_files import AT
from tests.unit.claims_line import DAY_MS, ClaimsLine

CLAIM = {"chart_id": "c_00001", "claim_id": "k_00001"}
Clp = tuple[object, ...]
PAID: Clp = ("CLP", "CN00001", "1", 125, 80, 20, "12", "ICN1")
SHARE: tuple[Clp, ...] = (("CAS", "CO", "45", 25), ("CAS", "PR", "2", 20))
DENIED: tuple[Clp, ...] = (
    ("CLP", "CN00001", "4", 125, 0, "", "12", "ICN1"),
    ("CAS", "CO", "197", 125),
)


def an_835(*segments: Clp, paid: int = 80, check: str = "CHK1") -> bytes:
    answer = Transaction("835")
    answer.add("BPR", "I", paid, "C", "CHK", *[""] * 11, date(2026, 6, 9))
    answer.add("TRN", "1", check, "1123456789")
    answer.add("LX", 1)
    for one in segments:
        answer.add(*one)  # type: ignore[arg-type]
    return interchange(
        [answer],
        sender_id="PAYER",
        receiver_id="LINE01",
        functional_id="HP",
        version="005010X221A1",
        interchange_control="3",
        group_control="3",
        at=AT,
    )


def waiting_line() -> ClaimsLine:
    """One chart whose claim is accepted and which waits for its payment."""
    line = ClaimsLine(payment_delay_ms=400 * DAY_MS)
    line.assembled(1)
    line.go(4)
    line.put(replace(line.claim(1), state="accepted"))
    line.do(ClaimAccepted(**CLAIM))
    line.turn()
    return line


def receive(line: ClaimsLine, content: bytes, raw_id: str = "r_835") -> None:
    """The remittance arrives and is worked on."""
    line.put(RawRow(raw_id, "test", "", "", "", 0, "stored", "", content))
    line.do(RemittanceReceived(raw_id=raw_id))
    line.turn()
