"""Charges in DFT P03: every field, and that money is never guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from services.chart.model import Charge, ChartUpdate, Reading
from services.hl7.message import UnreadableMessageError
from services.hl7.reader import read_message
from services.hl7.transmission import parse
from tests.unit.intake_messages import dft, ft1


def understood(*lines: str) -> Reading:
    (message,) = parse(dft(*lines)).messages
    return read_message(message)


def update_of(*lines: str) -> ChartUpdate:
    update = understood(*lines).update
    assert update is not None
    return update


def charge_of(line: str) -> Charge:
    (charge,) = update_of(line).charges
    return charge


def rules(*lines: str) -> list[str]:
    return [finding.rule_id for finding in understood(*lines).findings]


def refused(*lines: str) -> UnreadableMessageError:
    with pytest.raises(UnreadableMessageError) as caught:
        understood(*lines)
    return caught.value


def test_a_charge_has_everything_a_claim_line_needs() -> None:
    charge = charge_of(
        ft1(
            1,
            "C1",
            f10="2",
            f11="100.50&USD",
            f19="I50.23^^I10~E11.9^^I10",
            f20="1234567893^Storyhill^Max",
            f26="25~59",
        )
    )
    assert (charge.charge_id, charge.code, charge.modifiers) == ("C1", "80053", ("25", "59"))
    assert (charge.revenue_code, charge.units, charge.amount) == (
        "0300",
        Decimal(2),
        Decimal("100.50"),
    )
    assert charge.on == date(2026, 5, 4)
    assert charge.diagnosis_codes == ("I5023", "E119")
    assert charge.rendering is not None
    assert charge.rendering.npi == "1234567893"
    assert charge.where == "FT1[1]"


@pytest.mark.parametrize(
    ("fields", "code", "revenue"),
    [
        ({"f7": "0450^^NUBC", "f25": "99284^^C4"}, "99284", "0450"),
        ({"f7": "450^^NUBC", "f25": ""}, "", "0450"),
        ({"f7": "99284^^C4", "f25": ""}, "99284", ""),
        ({"f7": "J1100^^HCPCS", "f25": "", "f13": "0636"}, "J1100", "0636"),
        ({"f7": "LOCAL77^Bandage^L", "f25": "", "f13": "CARDIO"}, "", ""),
        ({"f7": "LOCAL77", "f25": "99213^^C4", "f13": "0450^^DEPT"}, "99213", ""),
    ],
)
def test_code_and_revenue_code_come_from_the_fields_that_say_so(
    fields: dict[str, str], code: str, revenue: str
) -> None:
    charge = charge_of(ft1(1, "C1", **fields))
    assert (charge.code, charge.revenue_code) == (code, revenue)


def test_a_date_range_has_two_ends_and_a_posting_date_stands_in() -> None:
    charge = charge_of(ft1(1, "C1", f4="20260504^20260506"))
    assert (charge.on, charge.until) == (date(2026, 5, 4), date(2026, 5, 6))
    assert charge_of(ft1(1, "C1", f4="", f5="20260509")).on == date(2026, 5, 9)


def test_the_amount_may_be_quantity_times_price() -> None:
    assert charge_of(ft1(1, "C1", f10="3", f11="", f12="10.25")).amount == Decimal("30.75")


def test_an_amount_that_is_not_quantity_times_price_is_told_and_stands() -> None:
    line = ft1(1, "C1", f10="3", f11="30.00", f12="10.25")
    assert charge_of(line).amount == Decimal("30.00")
    assert "hl7.unit-price" in rules(line)


def test_a_missing_quantity_is_one_unit_and_told() -> None:
    line = ft1(1, "C1", f10="")
    assert charge_of(line).units == Decimal(1)
    assert "hl7.no-units" in rules(line)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"f11": ""}, 11),
        ({"f11": "-5.00"}, 11),
        ({"f11": "five"}, 11),
        ({"f11": "NaN"}, 11),
        ({"f11": "1e5"}, 11),
        ({"f11": "5.00&EUR"}, 11),
        ({"f11": "", "f12": "-1"}, 12),
        ({"f10": "0"}, 10),
        ({"f10": "-1"}, 10),
        ({"f10": "many"}, 10),
        ({"f6": ""}, 6),
        ({"f6": "XX"}, 6),
    ],
)
def test_money_that_would_have_to_be_guessed_is_refused_with_its_place(
    fields: dict[str, str], field: int
) -> None:
    error = refused(ft1(1, "C1"), ft1(2, "C2", **fields))
    assert error.where == f"segment 5 (FT1), field {field}, line 5"


def test_two_charges_with_one_id_are_refused() -> None:
    assert "same id" in refused(ft1(1, "C1"), ft1(2, "C1")).sentence


def test_a_charge_without_an_id_gets_one_that_a_resend_repeats() -> None:
    line = ft1(1, "")
    assert charge_of(line).charge_id == charge_of(line).charge_id != ""
    assert "hl7.no-charge-id" in rules(line)


def test_credits_take_back_charges_by_id() -> None:
    update = update_of(ft1(1, "C1", f6="CR"), ft1(2, "C2", f6="CD"), ft1(3, "C3"))
    assert update.credits == ("C1", "C2")
    assert [charge.charge_id for charge in update.charges] == ["C3"]


def test_a_credit_and_the_corrected_charge_may_come_together() -> None:
    update = update_of(ft1(1, "C1", f6="CR"), ft1(2, "C1", f11="50.00"))
    assert update.credits == ("C1",)
    assert [charge.amount for charge in update.charges] == [Decimal("50.00")]


def test_a_charge_and_its_credit_in_one_message_are_nothing() -> None:
    lines = (ft1(1, "C1"), ft1(2, "C1", f6="CR"))
    assert not update_of(*lines).charges
    assert not update_of(*lines).credits
    assert "hl7.charge-and-credit" in rules(*lines)


def test_a_credit_that_names_no_charge_is_refused() -> None:
    assert refused(ft1(1, "", f6="CR")).where.endswith("field 2, line 4")


@pytest.mark.parametrize("kind", ["PY", "CO", "AJ"])
def test_payments_and_adjustments_are_no_charges(kind: str) -> None:
    line = ft1(1, "C1", f6=kind)
    assert update_of(line).charges == ()
    assert "hl7.no-charge" in rules(line)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("0182-1061-05", "00182106105"),
        ("12345-678-90", "12345067890"),
        ("12345-6789-0", "12345678900"),
        ("12345-6789-01", "12345678901"),
        ("12345678901", "12345678901"),
    ],
)
def test_an_ndc_has_eleven_digits(sent: str, kept: str) -> None:
    charge = charge_of(ft1(1, "C1", f29=f"{sent}^Drug^NDC", f43="5^ml"))
    assert (charge.ndc, charge.ndc_quantity, charge.ndc_unit) == (kept, Decimal(5), "ML")


def test_an_ndc_of_another_form_is_told() -> None:
    assert "hl7.ndc" in rules(ft1(1, "C1", f29="1234567890"))


def test_a_revenue_code_that_is_no_number_is_told() -> None:
    assert "hl7.revenue-code" in rules(ft1(1, "C1", f7="ROOM^^NUBC"))
