"""Diagnoses (Condition, Claim.diagnosis) and procedures (Procedure).

Encounter.diagnosis gives role and rank: AD is admitting, CC reason for visit, anything else final.
A Condition that names the encounter without being listed is final when its category says
encounter-diagnosis. What is refuted or entered in error is left out; what is provisional,
differential or unconfirmed is kept as reason for visit, never as a final diagnosis.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.chart.model import (
    CodeSystem,
    Diagnosis,
    DiagnosisRole,
    Poa,
    Procedure,
    Severity,
)
from services.fhir.bundle import Entry
from services.fhir.json import codings, day, first_code, obj, objects, text, whole
from services.fhir.people import first_practitioner
from services.fhir.scope import Visit

SYSTEMS = {
    "http://hl7.org/fhir/sid/icd-10-cm": CodeSystem.ICD10CM,
    "urn:oid:2.16.840.1.113883.6.90": CodeSystem.ICD10CM,
    "http://hl7.org/fhir/sid/icd-9-cm": CodeSystem.ICD9CM,
    "urn:oid:2.16.840.1.113883.6.103": CodeSystem.ICD9CM,
    "http://www.cms.gov/medicare/coding/icd10": CodeSystem.ICD10PCS,
    "http://hl7.org/fhir/sid/icd-10-pcs": CodeSystem.ICD10PCS,
    "urn:oid:2.16.840.1.113883.6.4": CodeSystem.ICD10PCS,
    "http://www.ama-assn.org/go/cpt": CodeSystem.CPT,
    "urn:oid:2.16.840.1.113883.6.12": CodeSystem.CPT,
    "http://www.cms.gov/medicare/coding/hcpcsreleasecodesets": CodeSystem.HCPCS,
    "https://bluebutton.cms.gov/resources/codesystem/hcpcs": CodeSystem.HCPCS,
    "urn:oid:2.16.840.1.113883.6.285": CodeSystem.HCPCS,
}
DIAGNOSIS_SYSTEMS = frozenset({CodeSystem.ICD10CM, CodeSystem.ICD9CM})
ROLES = {"AD": DiagnosisRole.ADMITTING, "CC": DiagnosisRole.REASON_FOR_VISIT}
POA = {"Y": Poa.YES, "N": Poa.NO, "U": Poa.UNKNOWN, "W": Poa.UNDETERMINED, "1": Poa.EXEMPT}
_WRONG = frozenset({"refuted", "entered-in-error"})
_UNSURE = frozenset({"unconfirmed", "provisional", "differential"})


def coded(concept: Any, systems: frozenset[CodeSystem]) -> tuple[str, CodeSystem] | None:
    """The first code of one of these systems, plain."""
    for name, code in codings(concept):
        system = SYSTEMS.get(name.lower())
        if system in systems:
            return code.replace(".", "").replace(" ", "").upper(), system
    return None


def read_diagnoses(visit: Visit) -> tuple[Diagnosis, ...] | None:
    """Every diagnosis; None when nothing coded in ICD is said."""
    poa = dict(_poa(visit))
    found = list(_listed(visit, poa)) or list(_claimed(visit))
    return _with_principal(found) if found else None


def _listed(visit: Visit, poa: dict[int, Poa]) -> Iterator[Diagnosis]:
    """The conditions that Encounter.diagnosis lists, then those that only name the encounter."""
    resource = visit.encounter.resource
    seen: set[int] = set()
    for one in objects(resource.get("diagnosis")):
        entry = visit.bundle.resolve(one.get("condition"), resource)
        if entry is None or entry.resource.get("resourceType") != "Condition":
            continue
        seen.add(id(entry.resource))
        role = ROLES.get(first_code(one.get("use")), DiagnosisRole.SECONDARY)
        yield from _condition(entry, role, whole(one.get("rank")), visit, poa)
    for entry in visit.conditions:
        if id(entry.resource) in seen:
            continue
        categories = {
            code for one in objects(entry.resource.get("category")) for _, code in codings(one)
        }
        if categories and "encounter-diagnosis" not in categories:
            continue
        yield from _condition(entry, DiagnosisRole.SECONDARY, 0, visit, poa)


def _condition(
    entry: Entry, role: DiagnosisRole, rank: int, visit: Visit, poa: dict[int, Poa]
) -> Iterator[Diagnosis]:
    certainty = first_code(entry.resource.get("verificationStatus"))
    if certainty in _WRONG:
        return
    found = coded(entry.resource.get("code"), DIAGNOSIS_SYSTEMS)
    if found is None:
        visit.remark(
            "diagnosis-code",
            f"{entry.path}.code",
            "The condition is not coded in ICD; it is left out.",
            severity=Severity.INFO,
        )
        return
    if certainty in _UNSURE and role is DiagnosisRole.SECONDARY:
        role = DiagnosisRole.REASON_FOR_VISIT
        visit.remark(
            "working-diagnosis",
            f"{entry.path}.verificationStatus",
            "The condition is not confirmed; it is kept as reason for visit only.",
        )
    yield Diagnosis(
        code=found[0],
        system=found[1],
        role=role,
        rank=rank,
        poa=poa.get(id(entry.resource)),
        where=entry.path,
    )


def _claimed(visit: Visit) -> Iterator[Diagnosis]:
    """The diagnoses that a claim states by code, when no condition says any."""
    for claim in visit.claims:
        for one in objects(claim.resource.get("diagnosis")):
            found = coded(one.get("diagnosisCodeableConcept"), DIAGNOSIS_SYSTEMS)
            if found is None:
                continue
            kinds = {code for kind in objects(one.get("type")) for _, code in codings(kind)}
            admitting = "admitting" in kinds
            sequence = whole(one.get("sequence"))
            yield Diagnosis(
                code=found[0],
                system=found[1],
                role=DiagnosisRole.ADMITTING if admitting else DiagnosisRole.SECONDARY,
                rank=sequence,
                poa=POA.get(first_code(one.get("onAdmission")).upper()),
                where=f"{claim.path}.diagnosis[{sequence}]",
            )


def _poa(visit: Visit) -> Iterator[tuple[int, Poa]]:
    """What claims say of conditions: whether they were present on admission."""
    for claim in visit.claims:
        for one in objects(claim.resource.get("diagnosis")):
            entry = visit.bundle.resolve(one.get("diagnosisReference"), claim.resource)
            said = POA.get(first_code(one.get("onAdmission")).upper())
            if entry is not None and said is not None:
                yield id(entry.resource), said


def _with_principal(found: list[Diagnosis]) -> tuple[Diagnosis, ...]:
    """The final of rank 1 is principal, else the first when no final has a rank."""
    finals = [one for one in found if one.role is DiagnosisRole.SECONDARY]
    first = [one for one in finals if one.rank == 1]
    unranked = [] if any(one.rank for one in finals) else finals
    principal = next(iter(first or unranked), None)
    return tuple(
        one.model_copy(update={"role": DiagnosisRole.PRINCIPAL}) if one is principal else one
        for one in found
    )


def read_procedures(visit: Visit) -> tuple[Procedure, ...] | None:
    """Every completed procedure that is coded in ICD-10-PCS, CPT or HCPCS; None without any."""
    systems = frozenset(CodeSystem) - DIAGNOSIS_SYSTEMS
    found = []
    for entry in visit.procedures:
        resource = entry.resource
        if text(resource.get("status")) not in {"completed", ""}:
            continue
        code = coded(resource.get("code"), systems)
        if code is None:
            visit.remark(
                "procedure-code",
                f"{entry.path}.code",
                "The procedure is not coded in ICD-10-PCS, CPT or HCPCS; it is left out.",
                severity=Severity.INFO,
            )
            continue
        period = obj(resource.get("performedPeriod"))
        found.append(
            Procedure(
                code=code[0],
                system=code[1],
                on=day(resource.get("performedDateTime")) or day(period.get("start")),
                practitioner=first_practitioner(resource.get("performer"), visit.bundle, resource),
                where=entry.path,
            )
        )
    return tuple(found) or None
