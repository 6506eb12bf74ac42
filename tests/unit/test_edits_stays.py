"""The vectors of the field's rules 3.2, 3.3, 3.4 and 3.7 as lists of codes; APC and HCC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from services.chart.model import CodeSystem
from services.codesets import hcc
from services.coding.edits import ClaimEdits
from services.coding.rules_icd9 import qualifier, system_of, system_on
from tests.unit.codesets_fixture import MAY, the_codesets
from tests.unit.edit_requests import (
    OLD,
    bare_edits,
    dx,
    findings,
    fired,
    line,
    loaded_edits,
    stay,
    visit,
)


@pytest.mark.parametrize(
    ("edit", "request_"),
    [
        *(("E-CODE-AS-PDX", stay(code)) for code in ("W19.XXXA", "V00.01XA", "Y92.009")),
        *(
            ("MANIFESTATION-AS-PDX", stay(code))
            for code in ("F02.80", "H42", "G32.81", "I43", "D63.1", "E08.42")
        ),
        *(
            ("UNACCEPTABLE-PDX", stay(code))
            for code in ("Z68.41", "Z37.0", "B95.61", "Z23", "Z85.038", "Z87.891", "Z66")
        ),
        ("UNACCEPTABLE-PDX", stay("Z00.121", age=5)),
        ("DUPLICATE-OF-PDX", stay("I50.20", "I50.20")),
        ("AGE-CONFLICT", stay("N40.1", age=5)),
        ("AGE-CONFLICT", stay("R54", age=14)),
        ("AGE-CONFLICT", stay("Z00.129", age=25)),
        ("AGE-CONFLICT", stay("Z38.00", age=30)),
        ("UNSPECIFIED", stay("I50.20", "S52.509A")),
        ("WRONG-PROCEDURE-PERFORMED", stay("I50.20", "Y65.51")),
        *(
            ("QUESTIONABLE-ADMISSION", stay(code))
            for code in ("E11.9", "I10", "E66.9", "H61.20", "R03.0", "Z21", "Z45.010")
        ),
        ("LIMITED-COVERAGE-HEART-TRANSPLANT", stay("I50.20", px=["02YA0Z0"])),
        ("QUESTIONABLE-OBSTETRIC-ADMISSION", stay("O82", px=["10D00Z1"], sex="F", age=28)),
        ("INVALID-AGE", stay("I50.20", age=125)),
        ("INVALID-DISCHARGE-STATUS", stay("I50.20", discharge_status="10")),
        ("INVALID-DISCHARGE-STATUS", stay("I50.20", discharge_status=99)),
    ],
)
def test_the_medicare_code_editor_speaks(edit: str, request_: dict[str, Any]) -> None:
    ids = fired(request_)
    assert f"R-MCE-{edit}" in ids or (edit.startswith("LIMITED") and _limited(ids))


def _limited(ids: set[str]) -> bool:
    return any(one.startswith("R-MCE-LIMITED-COVERAGE") for one in ids)


@pytest.mark.parametrize("code", ["Z79.4", "Z79.82", "Z51.5", "Z51.11", "R69", "U07.1", "P22.0"])
def test_the_medicare_code_editor_has_nothing_to_say(code: str) -> None:
    assert not any(one.startswith("R-MCE") for one in fired(stay(code, age=30)))


def test_the_sex_edit_is_retired() -> None:
    assert not any(one.startswith("R-MCE") for one in fired(stay("N40.1", sex="F")))
    assert "R-IOCE-03" not in fired(visit("N40.1", sex="F"))


def test_an_outpatient_s_age_is_edited_too() -> None:
    assert "R-IOCE-02" in fired(visit("N40.1", age=5))
    assert "R-IOCE-02" not in fired(visit("N40.1", age=70))
    assert "R-IOCE-02" not in fired(visit("N40.1", age=None))


@pytest.mark.parametrize(
    ("drg", "request_"),
    [
        ("293", stay("I50.20")),
        ("195", stay("J18.9")),
        ("193", stay("J18.9", "J96.01")),
        ("872", stay("A41.9", "R65.20", "N17.9")),
        ("482", stay("S72.001A", px=["0QS604Z"])),
        ("480", stay("S72.001A", "L89.153/Y", px=["0QS604Z"])),
        ("480", stay("S72.001A", "L89.153/W", px=["0QS604Z"])),
        ("482", stay("S72.001A", "L89.153/N", px=["0QS604Z"])),
        ("470", stay("M17.11", px=["0SRC0J9"])),
        ("807", stay("O80", "Z37.0", px=[{"code": "10E0XZZ"}], age=28, sex="F")),
        ("795", stay("Z38.00", age=0)),
        ("285", stay("I21.4", discharge_status="20")),
        ("282", stay("I21.4")),
        ("999", stay("W19.XXXA")),
        ("999", stay("I50.2")),
        ("884", stay("F02.80")),
    ],
)
def test_the_stay_groups(drg: str, request_: dict[str, Any]) -> None:
    answer = bare_edits().answer(request_)["drg"]
    assert answer["code"] == drg
    assert answer["status"] == ("fail" if drg == "999" else "pass")
    assert answer["edition"].startswith("msdrg")


def test_a_manifestation_groups_but_the_editor_refuses_it() -> None:
    assert "R-MCE-MANIFESTATION-AS-PDX" in fired(stay("F02.80"))


def test_an_outpatient_has_no_drg() -> None:
    assert bare_edits().answer(visit("I10"))["drg"] is None


def test_a_stay_without_what_the_grouper_needs_is_no_data() -> None:
    request = stay("I50.20", discharge_status="", age=None)
    assert bare_edits().answer(request)["drg"]["status"] == "no_data"
    assert "R-STAY-01" in fired(request, status="no_data")


@pytest.mark.parametrize(
    ("rule_id", "request_"),
    [
        ("R-POA-01", stay(dx=dx("I50.20", "N17.9/Y"))),
        ("R-POA-02", stay("I50.20", "N17.9/U")),
        ("R-POA-03", stay("I50.20", "Z66/Y")),
    ],
)
def test_poa_is_checked(rule_id: str, request_: dict[str, Any]) -> None:
    assert rule_id in fired(request_) | fired(request_, status="no_data")


@pytest.mark.parametrize(
    "request_",
    [
        stay("I50.20", "N17.9/N", "E87.1/W"),
        stay(dx=[{"code": "I50.20", "poa": "Y"}, {"code": "Z66", "poa": ""}]),
        stay(dx=[{"code": "I50.20", "poa": "y"}, {"code": "Z66", "poa": "1"}, {"code": "Z68.41"}]),
        visit("I50.20"),
    ],
)
def test_good_poa_says_nothing(request_: dict[str, Any]) -> None:
    spoken = fired(request_) | fired(request_, status="no_data")
    assert not {one for one in spoken if one.startswith("R-POA")}


# -- ICD-9-CM ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule_id", "request_"),
    [
        ("R-ICD-SYSTEM", visit("428.0")),
        ("R-ICD-SYSTEM", visit("I50.20", date="2015-09-30")),
        ("R-ICD9-01", visit("I10", "428.0")),
        ("R-ICD9-01", visit("428.0", "I10", date="2015-09-01")),
        (
            "R-ICD9-01",
            visit(
                "428.0",
                date="2015-09-30",
                lines=[line("99213"), line("99213", date="2015-10-01")],
            ),
        ),
    ],
)
def test_icd_9_and_icd_10_each_have_their_dates(rule_id: str, request_: dict[str, Any]) -> None:
    assert rule_id in fired(request_)


@pytest.mark.parametrize("code", ["428.0", "E885.9", "V27.0"])
def test_an_icd_9_code_of_its_days_is_of_the_right_system_but_not_looked_up(code: str) -> None:
    request = visit(code, date="2015-09-30")
    assert not fired(request) & {"R-ICD-SYSTEM", "R-ICD9-01"}
    assert "R-ICD-EDITION" in fired(request, status="no_data")


def test_the_system_and_the_qualifier_follow_the_day() -> None:
    assert (system_on(OLD), system_on(MAY)) == (CodeSystem.ICD9CM, CodeSystem.ICD10CM)
    assert system_of("E119", MAY) is CodeSystem.ICD10CM
    assert system_of("4280", None) is CodeSystem.ICD9CM
    roles = ["principal", "secondary", "admitting", "reason-for-visit", "external-cause"]
    roles += ["principal-procedure", "other-procedure"]
    assert [qualifier(role, OLD) for role in roles] == ["BK", "BF", "BJ", "PR", "BN", "BR", "BQ"]
    new = ["ABK", "ABF", "ABJ", "APR", "ABN", "BBR", "BBQ"]
    assert [qualifier(role, MAY) for role in roles] == new


# -- APC and HCC -------------------------------------------------------------------------------


def paid(*asked: dict[str, Any], **differs: Any) -> list[tuple[str, str]]:
    answer = loaded_edits().answer(visit(lines=list(asked), **differs))
    return [(one["status"], one["paid"]) for one in answer["apc"]]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ([line("71045")], [("pass", "separately")]),
        ([line("71045"), line("36415")], [("pass", "separately"), ("pass", "packaged")]),
        ([line("11055")], [("pass", "separately")]),
        ([line("11055"), line("11720")], [("no_data", "no_data")] * 2),
        ([line("27447")], [("pass", "separately")]),
        ([line("27447"), line("71045")], [("no_data", "no_data")] * 2),
        ([line("80053")], [("no_data", "no_data")]),
        ([line("G0463")], [("no_data", "no_data")]),
        ([line("33510")], [("pass", "not-paid")]),
        ([line("A0425")], [("pass", "elsewhere")]),
        ([line("99999")], [("no_data", "no_data")]),
    ],
)
def test_addendum_b_is_taken_at_its_word_and_no_further(
    asked: list[dict[str, Any]], expected: list[tuple[str, str]]
) -> None:
    assert paid(*asked) == expected


def test_an_apc_comes_with_its_weight_and_edition() -> None:
    (apc,) = loaded_edits().answer(visit(lines=[line("71045")]))["apc"]
    assert (apc["apc"], apc["weight"], apc["payment"]) == ("5012", "1.5", "128.90")
    assert apc["status_indicator"] == "S"
    assert apc["edition"].startswith("OPPS")


def test_without_addendum_b_there_is_no_apc_and_a_clinic_has_none() -> None:
    assert paid(line("71045"), date="2026-07-01") == [("no_data", "no_data")]
    assert paid(line("71045"), setting="clinic") == []


@dataclass
class Demographics:
    age: int
    sex: str
    dual_elgbl_cd: str
    orec: str
    crec: str
    new_enrollee: bool
    snp: bool
    low_income: bool


@dataclass
class Result:
    hcc_list: list[str]
    risk_score: float


class HCCInFHIR:
    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def calculate_from_diagnosis(self, codes: list[str], person: Demographics) -> Result:
        known = {"E1122": "37", "I5023": "224"}
        return Result([known[one] for one in reversed(codes) if one in known], person.age / 100)


class Package:
    HCCInFHIR = HCCInFHIR
    Demographics = Demographics


def test_hccs_are_information_where_the_package_is_there() -> None:
    edits = ClaimEdits(the_codesets(), load_hcc=lambda: Package)
    answer = edits.answer(visit("E11.22", "I50.23", "N18.4", payer="medicare"))
    assert answer["hcc"] == [{"hcc": "37", "model": hcc.MODEL}, {"hcc": "224", "model": hcc.MODEL}]


def test_without_the_package_the_hccs_are_not_known() -> None:
    edits = ClaimEdits(the_codesets(), load_hcc=lambda: None)
    request = visit("E11.22", payer="medicare")
    assert edits.answer(request)["hcc"] == []
    assert "R-HCC-01" in fired(request, edits, "no_data")
    assert "R-HCC-01" not in fired(visit("E11.22"), edits, "no_data")


def test_a_finding_about_an_engine_names_its_edition() -> None:
    (found,) = [one for one in findings(stay("W19.XXXA")) if one["rule_id"].startswith("R-MCE")]
    assert found["edition"].startswith("MCE msdrg")
