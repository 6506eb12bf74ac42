"""The facts of a chart as one FHIR R4 bundle, as a hospital's FHIR server would send it.

A collection of Patient, Encounter, Organization, Practitioner, Coverage, Condition, Procedure,
DocumentReference, ChargeItem and, where it is known what was present on admission, Claim, the R4
resource that can say so. Codings are the standard ones; ours are only the invented identifiers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

from services.chart.model import (
    Coverage,
    DiagnosisRole,
    EncounterClass,
    Patient,
    Practitioner,
)
from workers.demo.facts import ChartFacts
from workers.demo.fhir_clinical import (
    charge_item,
    claim,
    condition,
    document,
    needs_claim,
    procedure,
)
from workers.demo.fhir_parts import (
    NPI,
    NUBC,
    TERMS,
    Resource,
    human_name,
    own_system,
    postal,
    present,
    ref,
    ref_to,
    stated,
    term,
)
from workers.demo.outgoing import FHIR, OutgoingMessage

CLASSES = {EncounterClass.INPATIENT: "IMP", EncounterClass.EMERGENCY: "EMER"}
GENDERS = {"F": "female", "M": "male", "U": "unknown"}
ROLES = {
    DiagnosisRole.ADMITTING: "AD",
    DiagnosisRole.REASON_FOR_VISIT: "CC",
    DiagnosisRole.PRINCIPAL: "DD",
    DiagnosisRole.SECONDARY: "CM",
}


def messages_of(facts: ChartFacts) -> list[OutgoingMessage]:
    """The one bundle of a chart."""
    at = facts.ends + timedelta(hours=8)
    bundle = {
        "resourceType": "Bundle",
        "id": f"{facts.account}-1",
        "identifier": {"system": own_system(facts, "bundle"), "value": f"{facts.account}-1"},
        "type": "collection",
        "timestamp": at.isoformat(),
        "entry": [
            {"fullUrl": f"urn:chartline-demo:{one['resourceType']}/{one['id']}", "resource": one}
            for one in resources(facts)
        ],
    }
    content = json.dumps(bundle, ensure_ascii=False, separators=(",", ":")).encode()
    return [OutgoingMessage(content, FHIR, f"fhir-{facts.facility.lower()}")]


def resources(facts: ChartFacts) -> Iterator[Resource]:
    """All resources of the bundle."""
    yield organization(facts)
    yield from practitioners(facts)
    yield patient(facts)
    for insurance in facts.coverages:
        yield from coverage(insurance)
    yield encounter(facts)
    for number, one in enumerate(facts.diagnoses, start=1):
        yield condition(one, number)
    for number, done in enumerate(facts.procedures_said, start=1):
        yield procedure(done, number)
    for found in facts.documents:
        yield document(facts, found)
    for charge in facts.charges:
        yield charge_item(facts, charge)
    if needs_claim(facts):
        yield claim(facts)


def organization(facts: ChartFacts) -> Resource:
    """The facility."""
    return {
        "resourceType": "Organization",
        "id": facts.facility,
        "identifier": [{"system": "urn:chartline-demo:facility", "value": facts.facility}],
        "name": f"Invented Hospital {facts.facility}",
    }


def patient(facts: ChartFacts) -> Resource:
    """The patient with the medical record number of the facility."""
    who = facts.patient
    return {
        "resourceType": "Patient",
        "id": "patient",
        "identifier": [
            {"type": term("v2-0203", "MR"), "system": own_system(facts, "mrn"), "value": who.mrn}
        ],
        **person(who),
    }


def person(who: Patient) -> Resource:
    """What is said of the patient and of a subscriber alike."""
    return present(
        {
            "name": [human_name(who.name)] if who.name else None,
            "telecom": [{"system": "phone", "value": who.phone}] if who.phone else None,
            "gender": GENDERS.get(who.sex),
            "birthDate": who.birth_date.isoformat() if who.birth_date else None,
            "address": [postal(who.address)] if who.address else None,
        }
    )


def coverage(one: Coverage) -> Iterator[Resource]:
    """An insurance, its payer, and the subscriber when that is not the patient."""
    yield {
        "resourceType": "Organization",
        "id": one.payer_id,
        "identifier": [{"system": "urn:chartline-demo:payer", "value": one.payer_id}],
        "name": one.payer_name,
    }
    subscriber = "Patient/patient"
    if one.subscriber:
        subscriber = f"RelatedPerson/subscriber-{one.rank}"
        yield {
            "resourceType": "RelatedPerson",
            "id": f"subscriber-{one.rank}",
            "patient": ref("Patient/patient"),
            **person(one.subscriber),
        }
    group = {"type": term("coverage-class", "group"), "value": one.group_number}
    yield present(
        {
            "resourceType": "Coverage",
            "id": f"coverage-{one.rank}",
            "status": "active",
            "order": one.rank,
            "type": {
                "coding": [{"system": "https://codesystem.x12.org/1032", "code": one.plan_type}]
            },
            "subscriber": ref(subscriber),
            "subscriberId": one.member_id,
            "beneficiary": ref("Patient/patient"),
            "relationship": term("subscriber-relationship", one.relationship),
            "payor": [ref(f"Organization/{one.payer_id}")],
            "class": [group] if one.group_number else None,
        }
    )


def encounter(facts: ChartFacts) -> Resource:
    """The visit: account, class, times, who took part, diagnoses by role and rank."""
    visit = facts.encounter
    code = CLASSES.get(visit.encounter_class or EncounterClass.CLINIC, "AMB")
    account = {"type": term("v2-0203", "AN"), "system": own_system(facts, "account")}
    start, end = visit.admitted_at, visit.discharged_at
    return present(
        {
            "resourceType": "Encounter",
            "id": "encounter",
            "identifier": [{**account, "value": facts.account}],
            "status": "finished" if end else "in-progress",
            "class": {"system": f"{TERMS}/v3-ActCode", "code": code},
            "serviceType": term("v2-0069", visit.service),
            "priority": stated(f"{NUBC}/PriorityTypeOfAdmitOrVisit", visit.admission_type),
            "subject": ref("Patient/patient"),
            "participant": [
                {"type": [term("v3-ParticipationType", role)], "individual": ref_to(who)}
                for role, who in taking_part(facts)
            ],
            "period": present(
                {
                    "start": start.isoformat() if start else None,
                    "end": end.isoformat() if end else None,
                }
            ),
            "diagnosis": [
                present(
                    {
                        "condition": ref(f"Condition/condition-{number}"),
                        "use": term("diagnosis-role", ROLES[one.role]),
                        "rank": one.rank or None,
                    }
                )
                for number, one in enumerate(facts.diagnoses, start=1)
            ],
            "hospitalization": present(
                {
                    "admitSource": stated(f"{NUBC}/PointOfOrigin", visit.admission_source),
                    "dischargeDisposition": stated(
                        f"{NUBC}/PatDischargeStatus", visit.discharge_status
                    ),
                }
            )
            or None,
            "serviceProvider": ref(f"Organization/{facts.facility}"),
        }
    )


def taking_part(facts: ChartFacts) -> Iterator[tuple[str, Practitioner]]:
    """Who took part in the encounter, by v3-ParticipationType."""
    visit = facts.encounter
    roles = (("ATND", visit.attending), ("REF", visit.referring))
    for role, who in roles:
        if who is not None:
            yield role, who


def practitioners(facts: ChartFacts) -> Iterator[Resource]:
    """Everybody who is named anywhere in the chart, once."""
    named = [
        *(who for _, who in taking_part(facts)),
        *(done.practitioner for done in facts.procedures_said),
        *(found.head.author for found in facts.documents),
        *(charge.rendering for charge in facts.charges),
    ]
    everybody = {who.npi or who.local_id: who for who in named if who is not None}
    for key, who in everybody.items():
        system = NPI if who.npi else own_system(facts, "staff")
        yield present(
            {
                "resourceType": "Practitioner",
                "id": key,
                "identifier": [{"system": system, "value": key}],
                "name": [human_name(who.name)] if who.name else None,
            }
        )
