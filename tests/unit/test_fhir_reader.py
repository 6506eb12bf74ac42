"""What a FHIR R4 bundle says about each encounter in it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.chart.model import (
    ChartUpdate,
    CodeSystem,
    DiagnosisRole,
    EncounterClass,
    Name,
    Poa,
    Practitioner,
    Reading,
)
from services.fhir.bundle import UnreadableBundleError
from services.fhir.reader import read_bundle
from services.fhir.validation import validation_findings, without_values
from tests.unit.intake_messages import (
    bundle,
    coding,
    condition,
    document_reference,
    encounter,
    patient,
)

ICD10PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
CPT = "http://www.ama-assn.org/go/cpt"
NPI = "http://hl7.org/fhir/sid/us-npi"
DOCTOR = {
    "resourceType": "Practitioner",
    "id": "dr",
    "identifier": [{"system": NPI, "value": "1234567893"}],
    "name": [{"family": "Storyhill", "given": ["Max"]}],
}
MAX = Practitioner(npi="1234567893", name=Name(family="Storyhill", given="Max"))


def one(*resources: dict[str, Any], **head: Any) -> Reading:
    (reading,) = read_bundle(bundle(*resources, **head))
    return reading


def update_of(*resources: dict[str, Any], **head: Any) -> ChartUpdate:
    update = one(*resources, **head).update
    assert update is not None
    return update


def rules(reading: Reading) -> list[str]:
    return [finding.rule_id for finding in reading.findings]


def refused(content: bytes) -> UnreadableBundleError:
    with pytest.raises(UnreadableBundleError) as caught:
        read_bundle(content)
    return caught.value


def test_a_bundle_says_who_where_and_when() -> None:
    reading = one(patient(), encounter())
    assert (reading.sender, reading.control_id, reading.event) == ("fhir|GEN", "B1", "FHIR.Bundle")
    update = reading.update
    assert update is not None
    assert (update.facility, update.account) == ("GEN", "A100")
    assert update.event_at == datetime(2026, 5, 8, 12, tzinfo=UTC)
    assert update.patient is not None
    assert update.patient.name == Name(family="Storyfield", given="Ada", middle="B")
    assert (update.patient.mrn, update.patient.sex) == ("M100", "F")
    assert update.patient.birth_date == date(1951, 3, 14)
    assert update.encounter is not None
    assert update.encounter.encounter_class is EncounterClass.INPATIENT
    assert update.encounter.discharged_at == datetime(2026, 5, 7, 15, 5, tzinfo=UTC)


def test_several_encounters_are_several_readings_and_nothing_is_mixed() -> None:
    second = encounter(id="f", identifier=[{"value": "A200"}])
    readings = read_bundle(
        bundle(
            patient(),
            encounter(),
            second,
            condition("I10", 1),
            condition("E11.9", 2, encounter={"reference": "Encounter/f"}),
            condition("R05.9", 3, encounter=None),
        )
    )
    found = {
        reading.update.account: [one.code for one in reading.update.diagnoses or ()]
        for reading in readings
        if reading.update
    }
    assert found == {"A100": ["I10"], "A200": ["E119"]}
    assert "fhir.no-encounter-reference" in rules(readings[0])


def test_what_names_no_encounter_belongs_to_the_only_one() -> None:
    update = update_of(patient(), encounter(), condition(encounter=None))
    assert [found.code for found in update.diagnoses or ()] == ["I5023"]


def test_a_bundle_without_an_encounter_says_so() -> None:
    reading = one(patient())
    assert reading.update is None
    assert rules(reading) == ["fhir.no-encounter"]


def test_a_bundle_without_an_id_is_known_by_its_content() -> None:
    content = bundle(patient(), encounter(), id=None)
    (first,), (again,) = read_bundle(content), read_bundle(content)
    assert first.control_id == again.control_id
    assert first.control_id.startswith("sha256:")


@pytest.mark.parametrize(
    ("code", "service", "expected"),
    [
        ("IMP", "", EncounterClass.INPATIENT),
        ("EMER", "", EncounterClass.EMERGENCY),
        ("OBSENC", "", EncounterClass.OUTPATIENT),
        ("AMB", "SUR", EncounterClass.SURGERY),
        ("AMB", "FAM", EncounterClass.CLINIC),
        ("AMB", "LAB", EncounterClass.OUTPATIENT),
        ("AMB", "", EncounterClass.OUTPATIENT),
        ("WHAT", "", None),
    ],
)
def test_the_class_becomes_how_the_visit_is_billed(
    code: str, service: str, expected: EncounterClass | None
) -> None:
    visit = encounter(**{"class": {"code": code}, "serviceType": coding("v2", service)})
    update = update_of(patient(), visit)
    assert update.encounter is not None
    assert update.encounter.encounter_class is expected


def test_codes_of_the_stay_are_nubc_by_themselves_or_by_meaning() -> None:
    stay = {
        "dischargeDisposition": coding("http://terminology.hl7.org/x", "exp"),
        "admitSource": coding("https://www.nubc.org/CodeSystem/PointOfOrigin", "4"),
    }
    reading = one(patient(), encounter(hospitalization=stay, priority=coding("x", "whatever")))
    assert reading.update is not None
    assert reading.update.encounter is not None
    assert reading.update.encounter.discharge_status == "20"
    assert reading.update.encounter.admission_source == "4"
    assert reading.update.encounter.admission_type == ""
    assert "fhir.local-code" in rules(reading)


def test_who_took_part_has_a_role() -> None:
    people = [
        {"type": [coding("x", role)], "individual": {"reference": "Practitioner/dr"}}
        for role in ("ATND", "PPRF", "REF")
    ]
    update = update_of(patient(), DOCTOR, encounter(participant=people))
    assert update.encounter is not None
    assert update.encounter.attending == update.encounter.referring == MAX
    assert update.encounter.rendering == MAX
    visit = encounter(**{"class": {"code": "AMB"}, "serviceType": coding("v2", "SUR")})
    surgery = update_of(patient(), DOCTOR, {**visit, "participant": people})
    assert surgery.encounter is not None
    assert surgery.encounter.operating == MAX
    assert surgery.encounter.rendering is None


def test_a_reference_out_of_the_bundle_may_carry_the_npi() -> None:
    reference = {"reference": f"Practitioner?identifier={NPI}|1234567893"}
    people = [{"type": [coding("x", "ATND")], "individual": reference}]
    update = update_of(patient(), encounter(participant=people))
    assert update.encounter is not None
    assert update.encounter.attending == Practitioner(npi="1234567893")


# -- diagnoses and procedures -----------------------------------------------------------------


def listed(*uses: tuple[int, str, int]) -> list[dict[str, Any]]:
    return [
        {
            "condition": {"reference": f"Condition/c{number}"},
            "use": coding("x", use),
            "rank": rank,
        }
        for number, use, rank in uses
    ]


def test_diagnoses_have_role_rank_and_present_on_admission() -> None:
    claim = {
        "resourceType": "Claim",
        "id": "cl",
        "status": "draft",
        "diagnosis": [
            {
                "sequence": 1,
                "diagnosisReference": {"reference": "Condition/c1"},
                "onAdmission": coding("x", "y"),
            }
        ],
    }
    visit = encounter(diagnosis=listed((2, "AD", 0), (3, "CM", 2), (1, "DD", 1)))
    update = update_of(
        patient(), visit, condition(), condition("R06.02", 2), condition("N18.31", 3), claim
    )
    assert [(one.code, one.role, one.rank, one.poa) for one in update.diagnoses or ()] == [
        ("R0602", DiagnosisRole.ADMITTING, 0, None),
        ("N1831", DiagnosisRole.SECONDARY, 2, None),
        ("I5023", DiagnosisRole.PRINCIPAL, 1, Poa.YES),
    ]
    assert (update.diagnoses or ())[0].where == "Condition entry[3]"


@pytest.mark.parametrize(
    ("certainty", "role"),
    [
        ("confirmed", DiagnosisRole.PRINCIPAL),
        ("provisional", DiagnosisRole.REASON_FOR_VISIT),
        ("refuted", None),
        ("entered-in-error", None),
    ],
)
def test_what_is_not_confirmed_is_never_final(certainty: str, role: DiagnosisRole | None) -> None:
    found = update_of(
        patient(), encounter(), condition(verificationStatus=coding("x", certainty))
    ).diagnoses
    assert [one.role for one in found or ()] == ([role] if role else [])


def test_a_problem_of_the_patient_is_no_diagnosis_of_the_visit() -> None:
    problem = condition(category=[coding("x", "problem-list-item")])
    assert update_of(patient(), encounter(), problem).diagnoses is None


def test_a_condition_without_icd_is_left_out_and_told() -> None:
    snomed = {**condition(), "code": coding("http://snomed.info/sct", "38341003")}
    reading = one(patient(), encounter(), snomed)
    assert "fhir.diagnosis-code" in rules(reading)


def test_a_claim_may_state_the_diagnoses_by_code() -> None:
    claim = {
        "resourceType": "Claim",
        "status": "active",
        "diagnosis": [
            {
                "sequence": 1,
                "diagnosisCodeableConcept": coding("http://hl7.org/fhir/sid/icd-10-cm", "I10"),
            }
        ],
    }
    (found,) = update_of(patient(), encounter(), claim).diagnoses or ()
    assert (found.code, found.role) == ("I10", DiagnosisRole.PRINCIPAL)


def test_a_completed_procedure_is_kept_and_its_performer_operates() -> None:
    done = {
        "resourceType": "Procedure",
        "status": "completed",
        "code": coding(ICD10PCS, "0QS604Z"),
        "encounter": {"reference": "Encounter/e"},
        "performedDateTime": "2026-05-05T10:00:00-04:00",
        "performer": [{"actor": {"reference": "Practitioner/dr"}}],
    }
    update = update_of(patient(), DOCTOR, encounter(), done, {**done, "status": "not-done"})
    (procedure,) = update.procedures or ()
    assert (procedure.code, procedure.system) == ("0QS604Z", CodeSystem.ICD10PCS)
    assert procedure.on == date(2026, 5, 5)
    assert update.encounter is not None
    assert update.encounter.operating == MAX


# -- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource", "where", "version"),
    [
        (encounter(**{"class": "inpatient"}), "entry[0].resource.class", "DSTU2"),
        (encounter(**{"class": [{}]}), "entry[0].resource.class", "R5"),
        (encounter(actualPeriod={}), "entry[0].resource.actualPeriod", "R5"),
        (condition(clinicalStatus="active"), "entry[0].resource.clinicalStatus", "STU3 or DSTU2"),
        (condition(context={}), "entry[0].resource.context", "STU3"),
        (document_reference(indexed="2020"), "entry[0].resource.indexed", "STU3 or DSTU2"),
        (document_reference(context=[]), "entry[0].resource.context", "R5"),
    ],
)
def test_a_bundle_of_another_version_is_refused_with_the_path_that_shows_it(
    resource: dict[str, Any], where: str, version: str
) -> None:
    error = refused(bundle(resource))
    assert error.where == where
    assert f"FHIR {version};" in error.sentence


def test_what_is_no_bundle_is_refused() -> None:
    assert refused(b'{"resourceType": "Patient"}').where == "resourceType"
    assert refused(b'{"resourceType": "Bundle", "type": "collage"}').where == "type"
    assert refused(b'{"resourceType": "Bundle", ').where == "line 1, column 27"
    assert "NUL" in refused(b'{"resourceType": "Bundle", "id": "\\u0000"}').sentence


def test_references_are_resolved_in_every_form() -> None:
    content = bundle(
        patient(),
        encounter(subject={"reference": "https://fhir.example/r4/Patient/p/_history/3"}),
    )
    (reading,) = read_bundle(content)
    assert reading.update is not None
    assert reading.update.patient is not None
    inside = encounter(
        contained=[{"id": "other"}, {**DOCTOR, "id": "in"}],
        participant=[{"type": [coding("x", "ATND")], "individual": {"reference": "#in"}}],
    )
    update = update_of(patient(), inside)
    assert update.encounter is not None
    assert update.encounter.attending == MAX


def test_a_cancelled_encounter_cancels_and_a_test_bundle_is_no_production() -> None:
    assert update_of(patient(), encounter(status="cancelled")).cancels_encounter
    tagged = one(patient(), encounter(), meta={"tag": [{"code": "HTEST"}]})
    assert tagged.processing_id == "T"


# -- validation, for inspection ---------------------------------------------------------------


def test_validation_names_paths_and_never_values() -> None:
    content = bundle(patient(birthDate="SMITH", gender="JONES", bogus="SECRET"), encounter())
    findings = validation_findings(content)
    assert {finding.target for finding in findings} >= {
        "Bundle.entry[0].resource.birthDate",
        "Bundle.entry[0].resource.bogus",
    }
    assert not [one for one in findings if {"SMITH", "JONES", "SECRET"} & set(one.message.split())]
    assert "SMITH" not in str(findings)


def test_validation_of_what_is_no_json_says_nothing() -> None:
    assert validation_findings(b"{") == ()


def test_a_quoted_value_is_taken_out_of_a_message() -> None:
    assert without_values('"A "B"" is not a code') == "the value is not a code"
    assert without_values("unknown element") == "unknown element"
