"""The Medicare Code Editor: the vectors of the field's rules, 3.2."""

from __future__ import annotations

from datetime import date

import pytest

from services.codesets.inpatient import Stay
from services.coding.rules_mce import KNOWN
from tests.unit.codesets_fixture import a_stay, the_codesets

OCTOBER = date(2025, 10, 15)


def fired(stay: Stay) -> set[str]:
    return {edit.name for edit in the_codesets().editor.edits(stay)}


def alone(code: str, **differs: object) -> Stay:
    return a_stay(code, **{"on": OCTOBER, **differs})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("edit", "codes"),
    [
        ("E_CODE_AS_PDX", "W19.XXXA V00.01XA Y92.009"),
        ("MANIFESTATION_AS_PDX", "F02.80 H42 G32.81 I43 D63.1 E08.42"),
        ("UNACCEPTABLE_PDX", "Z68.41 Z37.0 B95.61 Z23 Z85.038 Z87.891 Z66 Z00.121 Z00.129"),
        ("INVALID_CODE", "I50.2 E11.6 K35.2 K35.20 428.0"),
        ("QUESTIONABLE_ADMISSION", "E11.9 I10 E66.9 H61.20 R03.0 Z21 Z45.010"),
        ("UNSPECIFIED", "S52.509A"),
    ],
)
def test_the_edit_fires_for_the_principal_diagnosis(edit: str, codes: str) -> None:
    assert [code for code in codes.split() if edit not in fired(alone(code))] == []


@pytest.mark.parametrize("code", ["Z79.4", "Z79.82", "Z51.5", "Z51.11", "R69", "U07.1"])
def test_no_edit_fires_for_an_acceptable_principal_diagnosis(code: str) -> None:
    assert fired(alone(code)) == set()


@pytest.mark.parametrize(
    ("stay", "edits"),
    [
        (a_stay("I50.20", "I50.20"), {"DUPLICATE_OF_PDX"}),
        (a_stay("I50.20", "Y65.51"), {"WRONG_PROCEDURE_PERFORMED"}),
        (alone("N40.1", age=5), {"AGE_CONFLICT"}),
        (alone("R54", age=14), {"AGE_CONFLICT"}),
        (alone("Z00.129", age=25), {"AGE_CONFLICT", "UNACCEPTABLE_PDX"}),
        (alone("Z38.00", age=30), {"AGE_CONFLICT"}),
        (alone("P22.0", age=30), set()),
        (alone("N40.1", sex="F", on=date(2024, 9, 30)), {"SEX_CONFLICT"}),
        (alone("C53.9", sex="M", on=date(2024, 9, 30)), {"SEX_CONFLICT"}),
        (alone("N40.1", sex="F", on=date(2024, 10, 1)), set()),
        (alone("C53.9", sex="M", on=date(2024, 10, 1)), set()),
        (alone("N40.1", sex="U"), set()),
        (alone("S52.509A", on=date(2022, 3, 31)), set()),
        (alone("S52.509A", on=date(2022, 4, 1)), {"UNSPECIFIED"}),
        (a_stay("I50.20", "S52.509A"), {"UNSPECIFIED"}),
        (alone("I50.20", age=125), {"INVALID_AGE"}),
        (alone("I50.20", status=10), {"INVALID_DISCHARGE_STATUS"}),
        (alone("I50.20", status=99), {"INVALID_DISCHARGE_STATUS"}),
        (alone("I50.20", admitting="I502"), {"INVALID_ADMIT_DX"}),
        (alone("B88.0", on=date(2025, 9, 30)), set()),
        (alone("B88.0"), {"INVALID_CODE"}),
    ],
)
def test_the_edits_follow_codes_age_sex_status_and_date(stay: Stay, edits: set[str]) -> None:
    assert fired(stay) == edits


def test_the_editor_does_not_know_excludes1() -> None:
    assert fired(a_stay("I21.4", "E10.9", "E11.9")) == set()


def test_a_delivery_needs_its_outcome() -> None:
    questionable = a_stay("O82", procedures=("10D00Z1",), sex="F", age=28)
    complete = a_stay("O80", "Z37.0", procedures=("10D00Z1",), sex="F", age=28)
    assert "QUESTIONABLE_OBSTETRIC_ADMISSION" in fired(questionable)
    assert fired(complete) == set()


def test_a_heart_transplant_has_limited_coverage() -> None:
    (edit,) = the_codesets().editor.edits(a_stay("I50.20", procedures=("02YA0Z0",)))
    assert edit.name.startswith("LIMITED_COVERAGE")
    assert edit.codes == ("02YA0Z0",)


def test_an_edit_names_the_codes_that_cause_it() -> None:
    stay = a_stay("I50.20", "I10", "S52.50", procedures=("4A023N7", "ZZZZZZZ"))
    (edit,) = the_codesets().editor.edits(stay)
    assert (edit.name, edit.codes) == ("INVALID_CODE", ("S5250", "ZZZZZZZ"))


def test_the_editor_says_which_dates_it_covers() -> None:
    editor = the_codesets().editor
    days = [date(2015, 9, 30), date(2015, 10, 1), date(2027, 3, 31), date(2027, 4, 1)]
    assert [editor.covers(on) for on in days] == [False, True, True, False]


def test_every_edit_that_fires_here_is_in_the_table() -> None:
    codes = ("W19.XXXA", "F02.80", "Z23", "I50.2", "E11.9", "S52.509A", "Z38.00", "N40.1", "O82")
    for code in codes:
        for sex, age in (("M", 65), ("F", 5)):
            assert fired(a_stay(code, code, age=age, sex=sex)) <= KNOWN
