"""Odd but possible values in a FHIR R4 bundle: what is taken, what is left out and told."""

from __future__ import annotations

from typing import Any

import pytest

from services.chart.model import Address, DocumentKind, Name, Practitioner, Reading
from services.fhir.json import day, instant
from services.fhir.reader import read_bundle
from tests.unit.intake_messages import (
    bundle,
    charge_item,
    coding,
    condition,
    document_reference,
    encounter,
    patient,
)

NPI = "http://hl7.org/fhir/sid/us-npi"
MAX = Practitioner(npi="1234567893", name=Name(family="Storyhill", given="Max"))
DOCTOR = {
    "resourceType": "Practitioner",
    "id": "dr",
    "identifier": [{"system": NPI, "value": "1234567893"}],
    "name": [{"family": "Storyhill", "given": ["Max"]}],
}


def one(*resources: dict[str, Any]) -> Reading:
    (reading,) = read_bundle(bundle(*resources))
    return reading


def rules(reading: Reading) -> list[str]:
    return [finding.rule_id for finding in reading.findings]


def attending(*resources: dict[str, Any], who: dict[str, Any]) -> Practitioner | None:
    people = [{"type": [coding("x", "ATND")], "individual": who}]
    update = one(patient(), encounter(participant=people), *resources).update
    assert update is not None
    assert update.encounter is not None
    return update.encounter.attending


def role(practitioner: str) -> dict[str, Any]:
    return {
        "resourceType": "PractitionerRole",
        "id": "r",
        "practitioner": {"reference": practitioner},
    }


def test_a_role_leads_to_its_practitioner_and_never_in_a_circle() -> None:
    who = {"reference": "PractitionerRole/r"}
    assert attending(DOCTOR, role("Practitioner/dr"), who=who) == MAX
    assert attending(role("PractitionerRole/r"), who=who) is None


def test_what_is_no_practitioner_takes_no_part() -> None:
    assert attending(who={"reference": "Patient/p"}) is None
    assert attending(who={"reference": "#nobody"}) is None
    assert attending(who={"display": "Somebody"}) is None


def test_a_practitioner_without_an_npi_has_a_local_id() -> None:
    local = {**DOCTOR, "identifier": [{"system": "urn:here", "value": "77"}]}
    found = attending(local, who={"reference": "Practitioner/dr"})
    assert found == Practitioner(local_id="77", name=MAX.name)


@pytest.mark.parametrize(
    ("address", "expected", "told"),
    [
        ({"city": "X", "state": "oh", "postalCode": "45501-1234"}, ("OH", "455011234"), []),
        ({"city": "X", "state": "Ohio"}, ("", ""), ["fhir.not-a-state"]),
        ({"city": "X", "postalCode": "K1A"}, ("", ""), ["fhir.not-a-zip"]),
        ({"city": "X", "state": "ON", "postalCode": "K1A", "country": "CA"}, ("ON", "K1A"), []),
    ],
)
def test_an_address_has_the_form_of_a_claim_or_is_told(
    address: dict[str, str], expected: tuple[str, str], told: list[str]
) -> None:
    reading = one(patient(address=[address]), encounter())
    assert reading.update is not None
    assert reading.update.patient is not None
    found = reading.update.patient.address
    assert isinstance(found, Address)
    assert (found.state, found.zip) == expected
    assert rules(reading) == told


def test_the_first_performer_who_is_a_practitioner_rendered_the_charge() -> None:
    performers = [
        {"actor": {"reference": "Patient/p"}},
        {"actor": {"reference": "Practitioner/dr"}},
    ]
    update = one(patient(), DOCTOR, encounter(), charge_item(performer=performers)).update
    assert update is not None
    assert update.charges[0].rendering == MAX


def test_a_procedure_in_another_system_is_left_out_and_told() -> None:
    done = {
        "resourceType": "Procedure",
        "status": "completed",
        "code": coding("http://snomed.info/sct", "80146002"),
    }
    reading = one(patient(), encounter(), done)
    assert reading.update is not None
    assert reading.update.procedures is None
    assert "fhir.procedure-code" in rules(reading)


def test_a_subscriber_outside_the_bundle_is_told() -> None:
    coverage = {
        "resourceType": "Coverage",
        "beneficiary": {"reference": "Patient/p"},
        "relationship": coding("x", "child"),
        "class": [{"type": coding("x", "plan"), "value": "P"}],
    }
    reading = one(patient(), encounter(), coverage)
    assert reading.update is not None
    assert [found.group_number for found in reading.update.coverages or ()] == [""]
    assert "fhir.no-subscriber" in rules(reading)


def test_an_unknown_document_type_is_another_document_and_told() -> None:
    reading = one(patient(), encounter(), document_reference(type=coding("x", "1")))
    assert reading.update is not None
    assert reading.update.documents[0].head.kind is DocumentKind.OTHER
    assert "fhir.document-type" in rules(reading)


def test_only_replacing_replaces() -> None:
    relates = [{"code": "appends", "target": {"reference": "DocumentReference/d0"}}]
    update = one(patient(), encounter(), document_reference(relatesTo=relates)).update
    assert update is not None
    assert update.documents[0].head.replaces == ""


@pytest.mark.parametrize("changes", [{"status": "cancelled"}, {"use": "preauthorization"}])
def test_a_claim_that_is_not_to_be_paid_says_nothing(changes: dict[str, str]) -> None:
    claim = {
        "resourceType": "Claim",
        "status": "active",
        "diagnosis": [
            {
                "diagnosisReference": {"reference": "Condition/c1"},
                "onAdmission": coding("x", "Y"),
            }
        ],
        "accident": {"date": "2026-05-03"},
    } | changes
    update = one(patient(), encounter(), condition(), claim).update
    assert update is not None
    assert [found.poa for found in update.diagnoses or ()] == [None]
    assert update.encounter is not None
    assert update.encounter.accident is None


def test_a_claim_about_another_encounter_brings_no_charge() -> None:
    item = {"sequence": 1, "net": {"value": 5}}
    about = {"reference": "Encounter/e"}
    other = {"reference": "Encounter/f"}
    claim = {
        "resourceType": "Claim",
        "status": "active",
        "item": [{**item, "encounter": [about]}, {**item, "sequence": 2, "encounter": [other]}],
    }
    second = encounter(id="f", identifier=[{"value": "A200"}])
    readings = read_bundle(bundle(patient(), encounter(), second, claim))
    found = [
        [charge.where for charge in reading.update.charges]
        for reading in readings
        if reading.update
    ]
    assert found == [["Claim entry[3].item[1]"], ["Claim entry[3].item[2]"]]


def test_dates_are_whole_and_real_or_nothing() -> None:
    assert day("2026-05-04T10:00:00Z") == day("2026-05-04") is not None
    partial: tuple[Any, ...] = ("2026", "2026-02-30", 7, None)
    assert [day(value) for value in partial] == [None] * 4
    wrong: tuple[Any, ...] = ("2026-05", "2026-02-30", "2026-01-01Tx", {})
    assert [instant(value) for value in wrong] == [None] * 4


def test_an_entry_without_a_resource_is_passed_over() -> None:
    content = bundle(patient(), encounter()).replace(
        b'"entry": [', b'"entry": [{}, {"fullUrl": 1},'
    )
    (reading,) = read_bundle(content)
    assert reading.update is not None
    linked = bundle(patient(id=None), encounter(subject={"reference": "urn:uuid:p"}))
    named = linked.replace(
        b'{"resource": {"resourceType": "Patient"',
        b'{"fullUrl": "urn:uuid:p", "resource": {"resourceType": "Patient"',
    )
    (reading,) = read_bundle(named)
    assert reading.update is not None
    assert reading.update.patient is not None
