from __future__ import annotations

import pytest

from services.adapters.store.fsck import fsck
from services.chart.rows import DeadLetterRow, PaymentRow, RawRow
from tests.unit.claims_line import ClaimsLine
from tests.unit.remittances import PAID, SHARE, an_835, receive, waiting_line


@pytest.fixture
def line() -> ClaimsLine:
    return waiting_line()


def test_a_remittance_that_does_not_balance_posts_nothing_and_keeps_its_bytes(
    line: ClaimsLine,
) -> None:
    content = an_835(PAID, ("CAS", "CO", "45", 25))

    receive(line, content)

    letter = line.letter("r_835")
    assert (letter.code, letter.owner) == ("remittance.out-of-balance", "biller")
    assert "claim at segment 7: 125 stated, 105 summed" in letter.sentence
    assert line.rows(PaymentRow) == []
    assert line.one(RawRow, raw_id="r_835").content == content
    assert line.chart("c_00001").place == "waiting"


def test_fractions_of_a_cent_are_no_money(line: ClaimsLine) -> None:
    content = an_835(PAID, *SHARE).replace(b"*125*80*", b"*125.005*80.005*")
    content = content.replace(b"BPR*I*80*", b"BPR*I*80.005*")

    receive(line, content)

    assert line.letter("r_835").code == "remittance.out-of-balance"
    assert line.rows(PaymentRow) == []


@pytest.mark.parametrize("content", [b"", b"not x12", b"ISA*too short~"])
def test_what_is_no_835_is_refused_with_its_bytes(line: ClaimsLine, content: bytes) -> None:
    receive(line, content)

    assert line.letter("r_835").code == "remittance.unreadable"


def test_a_remittance_of_nothing_of_ours_is_for_a_person(line: ClaimsLine) -> None:
    receive(line, an_835(PAID, *SHARE).replace(b"CN00001", b"NOTOURS"))

    assert line.letter("r_835").code == "remittance.unknown-claims"


def test_unknown_claims_beside_known_ones_are_noted(line: ClaimsLine) -> None:
    other = ("CLP", "NOTOURS", "1", 50, 50, "", "12", "ICN9")

    receive(line, an_835(PAID, *SHARE, other, paid=130))

    assert line.chart("c_00001").outcome == "paid"
    assert "remittance.unknown-claims" in line.said("r_835")


def test_a_reversal_with_its_correction_is_one_dead_letter_with_both_payments(
    line: ClaimsLine,
) -> None:
    receive(line, an_835(PAID, *SHARE))
    back = ("CLP", "CN00001", "22", -125, -80, -20, "12", "ICN1")
    again = ("CLP", "CN00001", "1", 125, 100, 0, "12", "ICN1")

    receive(
        line,
        an_835(
            back,
            ("CAS", "CO", "45", -25),
            ("CAS", "PR", "2", -20),
            again,
            ("CAS", "CO", "45", 25),
            paid=20,
            check="CHK2",
        ),
        "r_correction",
    )

    assert line.letter("c_00001").code == "remittance.needs-biller"
    assert len(line.rows(PaymentRow)) == 3
    assert fsck(line.store).clean


def test_the_whole_line_leaves_every_chart_in_one_place() -> None:
    line = ClaimsLine()
    line.open_mailbox()
    for number, suffix in enumerate(["", "R7", "D1", "D5", "U1", "NA", "", "R3"] * 4):
        line.assembled(number, suffix, payer="BLUE1" if number % 3 else "MCARE1")

    line.go(12)

    assert fsck(line.store).faults == ()
    codes = {letter.code for letter in line.rows(DeadLetterRow, state="open")}
    assert codes == {
        "submission.rejected-277ca",
        "remittance.denied",
        "remittance.discrepancy",
    }
    assert set(line.payer.originals().values()) == {1}
