"""The X12 writer: values, segments, transactions, interchanges."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.edi.reader import read
from services.edi.writer import Transaction, fold, interchange, number, segment

AT = datetime(2026, 5, 8, 6, 30, tzinfo=UTC)


def an_interchange(*transactions: Transaction, **differences: object) -> bytes:
    facts: dict[str, object] = {
        "sender_id": "CHARTLINE",
        "receiver_id": "BLUE1",
        "functional_id": "HC",
        "version": "005010X222A1",
        "interchange_control": "17",
        "group_control": "5",
        "at": AT,
    }
    return interchange(transactions, **facts | differences)  # type: ignore[arg-type]


def test_trailing_empty_elements_and_components_are_left_out() -> None:
    assert segment("SV1", ("HC", "99213", "", ""), Decimal(80), "UN", None, ("", "")) == (
        "SV1*HC:99213*80*UN"
    )


def test_empty_elements_inside_keep_their_place() -> None:
    assert segment("HI", ("ABK", "E119", "", "", "Y"), "", "x") == "HI*ABK:E119:::Y**x"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E3"), "1000"),
        (Decimal("12.50"), "12.5"),
        (Decimal("0.05"), "0.05"),
        (Decimal("-0.00"), "0"),
        (Decimal("1000000000.10"), "1000000000.1"),
        (Decimal("1E-7"), "0.0000001"),
    ],
)
def test_decimals_have_no_exponent_and_no_trailing_zeros(value: Decimal, text: str) -> None:
    assert number(value) == text


def test_dates_and_instants_are_written_as_x12_wants_them() -> None:
    assert segment("DTP", date(2026, 1, 2), AT, 7) == "DTP*20260102*202605080630*7"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Müller", "Muller"),
        ("Łukasz Øster", "Lukasz Oster"),
        ("O\u2019Hara", "O'Hara"),
        ("A*B:C~D^E", "A B C D E"),
        ("  two \t\n words ", "two words"),
        ("日本", ""),
        ("Straße 5", "Strasse 5"),
        ("lower case stays", "lower case stays"),
    ],
)
def test_text_is_folded_into_the_extended_set(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_no_text_can_end_a_segment_or_leave_the_character_set(text: str) -> None:
    folded = fold(text)
    assert folded.isascii()
    assert not set("*:~^\n\r\t\x00\x7f`") & set(folded)
    assert folded == folded.strip()
    assert fold(folded) == folded


def test_the_transaction_counts_its_segments() -> None:
    transaction = Transaction("999", "005010X231A1", "0007")
    transaction.add("AK1", "HC", 1)
    transaction.extend([segment("AK9", "A")])
    assert transaction.segments == (
        "ST*999*0007*005010X231A1",
        "AK1*HC*1",
        "AK9*A",
        "SE*4*0007",
    )


def test_the_isa_has_its_fixed_width_and_declares_what_the_body_uses() -> None:
    content = an_interchange(Transaction("837", "005010X222A1"))
    isa = content.split(b"\n")[0].decode()
    assert len(isa) == 106
    assert isa[103:] == "*:~"
    assert isa[82] == "^"
    assert "*ZZ*CHARTLINE      *ZZ*BLUE1          *260508*0630*" in isa


def test_the_envelope_counts_its_groups_and_transactions() -> None:
    two = (Transaction("837", "V", "0001"), Transaction("837", "V", "0002"))
    rows = an_interchange(*two).decode().splitlines()
    assert rows[-2:] == ["GE*2*5~", "IEA*1*000000017~"]
    assert rows[1] == "GS*HC*CHARTLINE*BLUE1*20260508*0630*5*X*005010X222A1~"


def test_without_transactions_there_is_no_group() -> None:
    content = an_interchange(outside=[segment("TA1", "000000017", "260508", "0630", "A", "000")])
    found = read(content)
    assert not found.problems
    assert [one.id for one in found.outside] == ["TA1"]
    assert found.groups == ()


@pytest.mark.parametrize(
    "differences",
    [
        {"interchange_control": "1234567890"},
        {"interchange_control": "A1"},
        {"group_control": "x"},
        {"sender_id": "MUCH TOO LONG AN ID"},
        {"usage": "PP"},
        {"receiver_id": "É"},
    ],
)
def test_what_does_not_fit_into_the_envelope_is_a_bug(differences: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"control number|ISA\d\d"):
        an_interchange(Transaction("837", "V"), **differences)
