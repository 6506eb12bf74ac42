"""What was found, done, written and charged, as FHIR R4 resources of a synthetic bundle."""

from __future__ import annotations

import base64

from services.chart.model import (
    Accident,
    Charge,
    CodeSystem,
    Diagnosis,
    DocumentKind,
    DocumentStatus,
    DocumentText,
    Poa,
    Procedure,
)
from workers.demo.facts import ChartFacts
from workers.demo.fhir_parts import (
    CPT,
    HCPCS,
    ICD10CM,
    ICD10PCS,
    LOINC,
    NUBC,
    TERMS,
    Resource,
    coding,
    own_system,
    present,
    ref,
    ref_to,
    term,
)

DOCUMENT_TYPES = {
    DocumentKind.HISTORY_AND_PHYSICAL: "34117-2",
    DocumentKind.DISCHARGE_SUMMARY: "18842-5",
    DocumentKind.OPERATIVE_NOTE: "11504-8",
    DocumentKind.ANESTHESIA_RECORD: "59774-0",
    DocumentKind.EMERGENCY_NOTE: "34111-5",
    DocumentKind.CLINIC_NOTE: "34108-1",
    DocumentKind.PROGRESS_NOTE: "11506-3",
    DocumentKind.CONSULTATION: "11488-4",
    DocumentKind.RESULT: "11502-2",
    DocumentKind.IMMUNIZATION_RECORD: "11369-6",
}
INCIDENTS = {"AA": "MVA", "EM": "WPA"}
DOC_STATUS = {
    DocumentStatus.SIGNED: "final",
    DocumentStatus.UNSIGNED: "preliminary",
    DocumentStatus.PRELIMINARY: "preliminary",
    DocumentStatus.CANCELLED: "entered-in-error",
}


def condition(one: Diagnosis, number: int) -> Resource:
    """A diagnosis of the encounter."""
    return {
        "resourceType": "Condition",
        "id": f"condition-{number}",
        "category": [term("condition-category", "encounter-diagnosis")],
        "code": coding(ICD10CM, dotted(one.code)),
        "subject": ref("Patient/patient"),
        "encounter": ref("Encounter/encounter"),
    }


def procedure(done: Procedure, number: int) -> Resource:
    """A procedure of the facility."""
    system = ICD10PCS if done.system is CodeSystem.ICD10PCS else CPT
    return present(
        {
            "resourceType": "Procedure",
            "id": f"procedure-{number}",
            "status": "completed",
            "code": coding(system, done.code),
            "subject": ref("Patient/patient"),
            "encounter": ref("Encounter/encounter"),
            "performedDateTime": done.on.isoformat() if done.on else None,
            "performer": [{"actor": ref_to(done.practitioner)}] if done.practitioner else None,
        }
    )


def document(facts: ChartFacts, found: DocumentText) -> Resource:
    """A document with its text inside."""
    head = found.head
    text = base64.b64encode(found.text.encode()).decode()
    return present(
        {
            "resourceType": "DocumentReference",
            "id": head.document_id,
            "masterIdentifier": {
                "system": own_system(facts, "document"),
                "value": head.document_id,
            },
            "status": "current",
            "docStatus": DOC_STATUS[head.status],
            "type": coding(LOINC, DOCUMENT_TYPES[head.kind]),
            "subject": ref("Patient/patient"),
            "date": head.at.isoformat() if head.at else None,
            "description": head.title or None,
            "author": [ref_to(head.author)] if head.author else None,
            "content": [{"attachment": {"contentType": "text/plain; charset=utf-8", "data": text}}],
            "context": {"encounter": [ref("Encounter/encounter")]},
        }
    )


def charge_item(facts: ChartFacts, one: Charge) -> Resource:
    """A charge; modifiers are CPT codings of two characters beside the code."""
    system = CPT if one.code[:1].isdigit() else HCPCS
    codes = [{"system": system, "code": one.code}] if one.code else []
    codes += [{"system": CPT, "code": modifier} for modifier in one.modifiers]
    if one.revenue_code:
        codes.append({"system": f"{NUBC}/RevenueCodes", "code": one.revenue_code})
    return present(
        {
            "resourceType": "ChargeItem",
            "id": one.charge_id,
            "identifier": [{"system": own_system(facts, "charge"), "value": one.charge_id}],
            "status": "billable",
            "code": {"coding": codes},
            "subject": ref("Patient/patient"),
            "context": ref("Encounter/encounter"),
            "occurrenceDateTime": one.on.isoformat() if one.on else None,
            "performer": [{"actor": ref_to(one.rendering)}] if one.rendering else None,
            "quantity": {"value": float(one.units)},
            "priceOverride": {"value": float(one.amount), "currency": "USD"},
            "reason": [coding(ICD10CM, dotted(code)) for code in one.diagnosis_codes] or None,
        }
    )


def needs_claim(facts: ChartFacts) -> bool:
    """Whether something is known that R4 can say only in a Claim."""
    poa = any(one.poa is not None for one in facts.diagnoses)
    return poa or facts.encounter.accident is not None


def claim(facts: ChartFacts) -> Resource:
    """Claim: what was present on admission, and what accident it was."""
    poa = [(n, one) for n, one in enumerate(facts.diagnoses, 1) if one.poa is not None]
    what = facts.encounter.accident
    return present(
        {
            "resourceType": "Claim",
            "id": "claim",
            "status": "draft",
            "type": term("claim-type", "institutional"),
            "use": "claim",
            "patient": ref("Patient/patient"),
            "created": facts.ends.date().isoformat(),
            "provider": ref(f"Organization/{facts.facility}"),
            "priority": term("processpriority", "normal"),
            "diagnosis": [on_admission(one, number) for number, one in poa] or None,
            "accident": accident(what) if what and what.on else None,
            "insurance": [
                {
                    "sequence": one.rank,
                    "focal": one.rank == 1,
                    "coverage": ref(f"Coverage/coverage-{one.rank}"),
                }
                for one in facts.coverages
            ],
        }
    )


def on_admission(one: Diagnosis, number: int) -> Resource:
    """Whether a diagnosis was present on admission; 1 says that it is exempt."""
    code = "1" if one.poa is Poa.EXEMPT else str(one.poa)
    return {
        "sequence": number,
        "diagnosisReference": ref(f"Condition/condition-{number}"),
        "onAdmission": coding(f"{TERMS}/ex-diagnosis-on-admission", code),
    }


def accident(what: Accident) -> Resource:
    """The accident by date, v3-ActIncidentCode and state."""
    return present(
        {
            "date": what.on.isoformat() if what.on else None,
            "type": term("v3-ActCode", INCIDENTS.get(what.kind, "PA")),
            "locationAddress": {"state": what.state} if what.state else None,
        }
    )


def dotted(code: str) -> str:
    """An ICD-10-CM code as people write it."""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code  # noqa: PLR2004
