"""Charges, coverages and documents in a FHIR R4 bundle."""

from __future__ import annotations

import base64
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.chart.model import (
    Accident,
    ChartUpdate,
    DocumentKind,
    DocumentStatus,
    EncounterClass,
    Name,
    Practitioner,
    Reading,
)
from services.fhir.bundle import UnreadableBundleError
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


# -- charges ----------------------------------------------------------------------------------


def test_a_charge_item_has_everything_a_claim_line_needs() -> None:
    codes = {
        "coding": [
            {"system": CPT, "code": "99284"},
            {"system": CPT, "code": "25"},
            {"system": "https://www.nubc.org/CodeSystem/RevenueCodes", "code": "450"},
        ]
    }
    reasons = [coding("http://hl7.org/fhir/sid/icd-10-cm", "I10")]
    item = charge_item(amount=125.5, code=codes, reason=reasons, quantity={"value": 2})
    (charge,) = update_of(patient(), encounter(), item).charges
    assert (charge.charge_id, charge.code, charge.modifiers) == ("ch1", "99284", ("25",))
    assert (charge.revenue_code, charge.units) == ("0450", Decimal(2))
    assert charge.amount == Decimal("125.5")
    assert charge.diagnosis_codes == ("I10",)
    assert charge.on == date(2026, 5, 4)


def test_a_charge_item_in_error_is_taken_back() -> None:
    update = update_of(patient(), encounter(), charge_item(status="entered-in-error"))
    assert (update.charges, update.credits) == ((), ("ch1",))


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"amount": None}, "ChargeItem entry[2].priceOverride"),
        ({"amount": -1}, "ChargeItem entry[2].priceOverride"),
        ({"amount": 1e300}, "ChargeItem entry[2].priceOverride"),
        ({"priceOverride": {"value": 1, "currency": "EUR"}}, "ChargeItem entry[2].priceOverride"),
        ({"quantity": {"value": 0}}, "ChargeItem entry[2].quantity"),
    ],
)
def test_money_that_would_have_to_be_guessed_is_refused_with_its_path(
    changes: dict[str, Any], where: str
) -> None:
    assert refused(bundle(patient(), encounter(), charge_item(**changes))).where == where


def claim_of(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Claim",
        "id": "cl",
        "status": "active",
        "use": "claim",
        "type": coding("x", "professional"),
        "diagnosis": [
            {"sequence": 1, "diagnosisReference": {"reference": "Condition/c1"}},
        ],
        "careTeam": [{"sequence": 1, "provider": {"reference": "Practitioner/dr"}}],
        "item": list(items),
    } | changes


ITEM = {
    "sequence": 1,
    "productOrService": coding(CPT, "99213"),
    "modifier": [coding("x", "25")],
    "encounter": [{"reference": "Encounter/e"}],
    "servicedDate": "2026-05-04",
    "net": {"value": 120, "currency": "USD"},
    "diagnosisSequence": [1],
    "careTeamSequence": [1],
    "locationCodeableConcept": coding("x", "11"),
}


def test_claim_items_are_charges_when_there_are_no_charge_items() -> None:
    visit = encounter(**{"class": {"code": "AMB"}})
    update = update_of(patient(), DOCTOR, visit, condition(), claim_of(ITEM))
    (charge,) = update.charges
    assert (charge.charge_id, charge.code, charge.modifiers) == ("cl/1", "99213", ("25",))
    assert (charge.amount, charge.place_of_service) == (Decimal(120), "11")
    assert (charge.diagnosis_codes, charge.rendering) == (("I5023",), MAX)
    assert update.encounter is not None
    assert update.encounter.encounter_class is EncounterClass.CLINIC
    assert not update_of(patient(), visit, claim_of(ITEM, status="draft")).charges
    assert len(update_of(patient(), visit, claim_of(ITEM), charge_item()).charges) == 1


def test_a_claim_item_without_an_amount_is_no_charge_and_told() -> None:
    reading = one(patient(), encounter(), claim_of({**ITEM, "net": None}))
    assert reading.update is not None
    assert reading.update.charges == ()
    assert "fhir.item-without-amount" in rules(reading)
    item = {**ITEM, "net": None, "unitPrice": {"value": 5}, "quantity": {"value": 3}}
    assert update_of(patient(), encounter(), claim_of(item)).charges[0].amount == Decimal(15)


def test_a_claim_says_what_accident_it_was() -> None:
    accident = {
        "date": "2026-05-03",
        "type": coding("x", "MVA"),
        "locationAddress": {"state": "OH"},
    }
    update = update_of(patient(), encounter(), claim_of(accident=accident))
    assert update.encounter is not None
    assert update.encounter.accident == Accident(on=date(2026, 5, 3), kind="AA", state="OH")


# -- coverages --------------------------------------------------------------------------------


def coverage(**changes: Any) -> dict[str, Any]:
    return {
        "resourceType": "Coverage",
        "id": "cov",
        "status": "active",
        "type": coding("x", "MB"),
        "subscriberId": "MEM1",
        "beneficiary": {"reference": "Patient/p"},
        "relationship": coding("x", "self"),
        "payor": [{"reference": "Organization/payer"}],
        "class": [{"type": coding("x", "group"), "value": "G7"}],
    } | changes


PAYER = {
    "resourceType": "Organization",
    "id": "payer",
    "identifier": [{"value": "MCARE1"}],
    "name": "Invented Medicare",
}


def test_a_coverage_has_payer_plan_member_and_group() -> None:
    (found,) = update_of(patient(), encounter(), coverage(), PAYER).coverages or ()
    assert (found.payer_id, found.payer_name) == ("MCARE1", "Invented Medicare")
    assert (found.plan_type, found.member_id, found.group_number) == ("MB", "MEM1", "G7")
    assert found.subscriber is None


def test_coverages_stand_in_the_order_of_the_claim_else_in_their_own() -> None:
    first, second = coverage(order=2), coverage(id="cov2", order=1, subscriberId="MEM2")
    by_order = update_of(patient(), encounter(), first, second).coverages or ()
    assert [found.member_id for found in by_order] == ["MEM2", "MEM1"]
    insurance = [
        {"sequence": 2, "coverage": {"display": "Somebody Else"}},
        {"sequence": 1, "coverage": {"reference": "Coverage/cov"}},
    ]
    claim = claim_of(insurance=insurance)
    by_claim = update_of(patient(), encounter(), first, second, claim).coverages or ()
    assert [found.member_id or found.payer_name for found in by_claim] == ["MEM1", "Somebody Else"]


def test_a_cancelled_coverage_and_one_of_somebody_else_do_not_count() -> None:
    update = update_of(
        patient(),
        encounter(),
        coverage(status="cancelled"),
        coverage(beneficiary={"reference": "Patient/q"}),
    )
    assert update.coverages is None


def test_another_subscriber_is_read() -> None:
    parent = {
        "resourceType": "RelatedPerson",
        "id": "rp",
        "name": [{"family": "Storyfield", "given": ["Bo"]}],
        "birthDate": "1950",
    }
    reading = one(
        patient(),
        encounter(),
        parent,
        coverage(relationship=coding("x", "child"), subscriber={"reference": "RelatedPerson/rp"}),
    )
    assert reading.update is not None
    (found,) = reading.update.coverages or ()
    assert found.relationship == "child"
    assert found.subscriber is not None
    assert found.subscriber.birth_date is None
    assert "fhir.date-not-whole" in rules(reading)


# -- documents --------------------------------------------------------------------------------


def test_a_document_has_its_text_kind_and_status() -> None:
    (found,) = update_of(patient(), encounter(), document_reference("Lungs clear.")).documents
    assert found.text == "Lungs clear."
    assert (found.head.document_id, found.head.kind) == ("d1", DocumentKind.HISTORY_AND_PHYSICAL)
    assert found.head.status is DocumentStatus.SIGNED


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"docStatus": "preliminary"}, DocumentStatus.PRELIMINARY),
        ({"docStatus": "amended"}, DocumentStatus.SIGNED),
        ({"status": "superseded"}, DocumentStatus.CANCELLED),
        ({"docStatus": "entered-in-error"}, DocumentStatus.CANCELLED),
        ({"docStatus": None, "authenticator": {"display": "x"}}, DocumentStatus.SIGNED),
        ({"docStatus": None}, DocumentStatus.UNSIGNED),
    ],
)
def test_the_status_says_whether_it_is_signed(
    changes: dict[str, Any], status: DocumentStatus
) -> None:
    (found,) = update_of(patient(), encounter(), document_reference(**changes)).documents
    assert found.head.status is status


def test_a_document_names_the_one_it_replaces() -> None:
    relates = [{"code": "replaces", "target": {"reference": "DocumentReference/d1"}}]
    new = document_reference(id="d2", relatesTo=relates)
    _, found = update_of(patient(), encounter(), document_reference(), new).documents
    assert found.head.replaces == "d1"
    (alone,) = update_of(patient(), encounter(), new).documents
    assert alone.head.replaces == "d1"


@pytest.mark.parametrize(
    "attachment",
    [
        {"contentType": "application/pdf", "data": base64.b64encode(b"%PDF").decode()},
        {"contentType": "text/plain", "data": "!!"},
        {"contentType": "text/plain", "url": "http://elsewhere"},
        {"contentType": "text/html", "data": base64.b64encode(b"<p>").decode()},
    ],
)
def test_an_attachment_that_is_no_text_is_told(attachment: dict[str, str]) -> None:
    reading = one(patient(), encounter(), document_reference(content=[{"attachment": attachment}]))
    assert "fhir.attachment" in rules(reading)
