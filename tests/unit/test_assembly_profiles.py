"""Payer and facility profiles: the packaged ones are sound, faults are named."""

from __future__ import annotations

import re

import pytest

from services.assembly.profiles import ProfileError, load_facilities, load_payers
from services.edi.npi import is_npi
from tests.unit.assembly_charts import CONFIG, the_facilities, the_payers

FACILITIES = (CONFIG / "facilities.yaml").read_text("utf-8")
PAYERS = (CONFIG / "payers.yaml").read_text("utf-8")


def test_the_packaged_payers_are_those_of_the_demo() -> None:
    payers = the_payers()
    assert set(payers) == {"MCARE1", "MCAID1", "BLUE1", "UNITED1", "WCOMP1"}
    assert {one.mailbox for one in payers.values()} == {"simulator"}


def test_a_payer_may_have_another_plan_type_on_institutional_claims() -> None:
    payers = the_payers()
    assert payers["MCARE1"].filing_code("837P") == "MB"
    assert payers["MCARE1"].filing_code("837I") == "MA"
    assert payers["BLUE1"].filing_code("837I") == "BL"


def test_the_packaged_facilities_have_numbers_that_nobody_was_given() -> None:
    for facility in the_facilities().values():
        assert is_npi(facility.npi)
        assert facility.npi.startswith("2")
        assert facility.tax_id.startswith("07")
        assert facility.billing.address.zip == facility.address.zip


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"2990000103"', '"2990000104"', "facilities[0].npi"),
        ('"070000011"', '"000000000"', "facilities[0].tax_id"),
        ('"070000011"', '"07-0000011"', "facilities[0].tax_id"),
        ("282N00000X", "282N00000", "facilities[0].taxonomy"),
        ("100 HARBOR AVENUE", "P.O. Box 12", "facilities[0].address.line1"),
        ("100 HARBOR AVENUE", "LOCKBOX 3", "facilities[0].address.line1"),
        ('"627010001"', '"62701"', "facilities[0].address.zip"),
        ("state: IL", "state: Illinois", "facilities[0].address.state"),
        ("place_of_service:", "place:", "facilities[0].place"),
        ("facility: LAKESIDE", "facility: MERCY", "stands twice"),
        ("{inpatient:", "{inpatients:", "facilities[0].type_of_bill"),
        ("facilities:\n", "houses:\n", "one list under the key 'facilities'"),
        ("facilities:\n", "facilities: [\n", "not YAML"),
    ],
)
def test_a_fault_of_a_facility_is_named(old: str, new: str, named: str) -> None:
    assert old in FACILITIES
    with pytest.raises(ProfileError, match=re.escape(named)):
        load_facilities(FACILITIES.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("plan_type: BL", "plan_type: BLUE", "payers[2].plan_type"),
        ("filing_days: 90", "filing_days: 0", "payers[3].filing_days"),
        ("payer_id: WCOMP1", "payer_id: BLUE1", "stands twice"),
        ("ack_hours: 48", "", "payers[4].ack_hours"),
        ("ack_hours: 48", "transactions: [837D]\n    ack_hours: 48", "payers[4].transactions"),
    ],
)
def test_a_fault_of_a_payer_is_named(old: str, new: str, named: str) -> None:
    assert old in PAYERS
    with pytest.raises(ProfileError, match=re.escape(named)):
        load_payers(PAYERS.replace(old, new))


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(ProfileError) as refused:
        load_payers("payers: [{payer_id: x}, 7]")
    assert str(refused.value).count("payers[0]") > 3
    assert "payers[1]" in str(refused.value)
