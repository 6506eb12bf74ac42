"""The encounter's own facts. Codes without an NUBC meaning are left out with a finding."""

from __future__ import annotations

from typing import Any

from services.chart.model import Accident, Encounter, EncounterClass, Practitioner, Severity
from services.fhir.bundle import Entry
from services.fhir.json import Resource, codings, day, first_code, instant, obj, objects, text
from services.fhir.people import read_practitioner
from services.fhir.scope import Visit

CLASSES = {
    "IMP": EncounterClass.INPATIENT,
    "ACUTE": EncounterClass.INPATIENT,
    "NONAC": EncounterClass.INPATIENT,
    "EMER": EncounterClass.EMERGENCY,
    "OBSENC": EncounterClass.OUTPATIENT,
    "SS": EncounterClass.OUTPATIENT,
}  # v3-ActCode; AMB depends on the service and the claim
SURGERY_SERVICES = frozenset({"SUR"})
CLINIC_SERVICES = frozenset(
    {"FAM", "MED", "PED", "OBG", "GYN", "CLI", "DER", "CAR", "NEU", "PSY", "OPH", "ENT", "IMM"}
    | {"ORT", "URO", "PUL", "GE", "GAS", "END", "ONC", "GP", "PCP", "OFF"}
)  # HL7 table 0069 and its usual extensions
DISPOSITIONS = {
    "home": "01",
    "snf": "03",
    "aadvice": "07",
    "exp": "20",
    "rehab": "62",
    "long": "63",
    "psy": "65",
}  # FHIR discharge-disposition to NUBC patient status, where one means the other
ADMIT_SOURCES = {"hosp-trans": "4", "nursing": "5", "gp": "1", "mp": "1", "outp": "2"}
PRIORITIES = {"EM": "1", "UR": "2", "EL": "3", "R": "3"}
INCIDENTS = {"MVA": "AA", "WPA": "EM"}  # v3-ActIncidentCode; anything else is another accident
_TWO_DIGITS = 2


def read_encounter(visit: Visit, operating: Practitioner | None) -> Encounter:
    """Everything that the Encounter, and a Claim about it, say of the visit.

    `operating` is who performed a procedure. The primary performer (PPRF) of outpatient surgery is
    the operating practitioner as well, and the rendering one anywhere else.
    """
    resource = visit.encounter.resource
    period, stay = obj(resource.get("period")), obj(resource.get("hospitalization"))
    people = _participants(resource, visit)
    encounter_class, performer = _class(visit), people.get("PPRF")
    if encounter_class is EncounterClass.SURGERY:
        operating = operating or performer
    return Encounter(
        encounter_class=encounter_class,
        admitted_at=instant(period.get("start")),
        discharged_at=instant(period.get("end")),
        discharge_status=_nubc(
            stay.get("dischargeDisposition"), DISPOSITIONS, visit, "dischargeDisposition"
        ),
        admission_type=_nubc(resource.get("priority"), PRIORITIES, visit, "priority"),
        admission_source=_nubc(stay.get("admitSource"), ADMIT_SOURCES, visit, "admitSource"),
        service=first_code(resource.get("serviceType")),
        attending=people.get("ATND"),
        operating=operating,
        rendering=performer if performer != operating else None,
        referring=people.get("REF"),
        accident=_accident(visit.claims),
    )


def _class(visit: Visit) -> EncounterClass | None:
    resource = visit.encounter.resource
    code = first_code(resource.get("class")).upper()
    if code in CLASSES:
        return CLASSES[code]
    if code not in {"AMB", "VR", "HH"}:
        where = f"{visit.encounter.path}.class"
        visit.remark("encounter-class", where, "The class does not say how the visit is billed.")
        return None
    services = {found.upper() for _, found in codings(resource.get("serviceType"))}
    if services & SURGERY_SERVICES:
        return EncounterClass.SURGERY
    professional = any(
        first_code(claim.resource.get("type")) == "professional" for claim in visit.claims
    )
    if services & CLINIC_SERVICES or professional:
        return EncounterClass.CLINIC
    return EncounterClass.OUTPATIENT


def _participants(resource: Resource, visit: Visit) -> dict[str, Practitioner]:
    found: dict[str, Practitioner] = {}
    for one in objects(resource.get("participant")):
        who = read_practitioner(one.get("individual"), visit.bundle, resource)
        if who is None:
            continue
        for kind in objects(one.get("type")):
            for _, code in codings(kind):
                found.setdefault(code, who)
    return found


def _nubc(concept: Any, table: dict[str, str], visit: Visit, element: str) -> str:
    """An NUBC code, given as such or by a FHIR code that means the same."""
    codes = list(codings(concept))
    for system, code in codes:
        if "nubc.org" in system.lower():
            return code.zfill(_TWO_DIGITS) if element == "dischargeDisposition" else code
        if code in table:
            return table[code]
    if codes:
        visit.remark(
            "local-code",
            f"{visit.encounter.path}.{element}",
            "The code has no NUBC meaning; it is left out.",
            severity=Severity.INFO,
        )
    return ""


def _accident(claims: list[Entry]) -> Accident | None:
    for claim in claims:
        said = obj(claim.resource.get("accident"))
        if said:
            code = first_code(said.get("type"))
            kind = INCIDENTS.get(code, "OA") if code else ""
            state = text(obj(said.get("locationAddress")).get("state")).upper()
            return Accident(on=day(said.get("date")), kind=kind, state=state)
    return None
