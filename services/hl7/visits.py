"""The encounter in PV1, ACC and IN1-14.

Patient class (PV1-2) becomes our encounter class by `CLASS_RULES`, the first row that fits:
service is PV1-10, patient type PV1-18, location type PV1-3.6 (HL7 table 0305: C clinic, O office).
Values that HL7 leaves to the site and that are not NUBC codes are left out with a finding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from services.chart.model import Accident, Encounter, EncounterClass, Practitioner, Severity
from services.hl7.message import Segment
from services.hl7.people import practitioner
from services.hl7.scope import Scope

CLINIC_SERVICES = frozenset(
    {"FAM", "MED", "PED", "OBG", "GYN", "CLI", "DER", "CAR", "NEU", "PSY", "OPH", "ENT", "IMM"}
    | {"ORT", "URO", "PUL", "GE", "GAS", "END", "ONC", "GP", "PCP", "OFF"}
)
CLINIC_PATIENT_TYPES = frozenset({"CLI", "CLINIC", "OFFICE"})
CLINIC_LOCATIONS = frozenset({"C", "O"})


@dataclass(frozen=True, slots=True)
class ClassRule:
    """One row: which patient classes, what else must hold, and our class. Empty: no condition."""

    patient_classes: frozenset[str]
    encounter_class: EncounterClass
    services: frozenset[str] = frozenset()
    patient_types: frozenset[str] = frozenset()
    locations: frozenset[str] = frozenset()

    def fits(self, patient_class: str, service: str, patient_type: str, location: str) -> bool:
        """Whether the row is about such a visit."""
        return (
            patient_class in self.patient_classes
            and (not self.services or service in self.services)
            and (not self.patient_types or patient_type in self.patient_types)
            and (not self.locations or location in self.locations)
        )


_BED = frozenset({"I", "IMP", "ACUTE", "NONAC"})
_EMERGENCY = frozenset({"E", "EMER"})
_NO_BED = frozenset({"O", "R", "AMB", "OBSENC"})

CLASS_RULES: tuple[ClassRule, ...] = (
    ClassRule(_BED, EncounterClass.INPATIENT),
    ClassRule(_EMERGENCY, EncounterClass.EMERGENCY),
    ClassRule(_NO_BED, EncounterClass.SURGERY, services=frozenset({"SUR"})),
    ClassRule(_NO_BED, EncounterClass.CLINIC, services=CLINIC_SERVICES),
    ClassRule(_NO_BED, EncounterClass.CLINIC, patient_types=CLINIC_PATIENT_TYPES),
    ClassRule(_NO_BED, EncounterClass.CLINIC, locations=CLINIC_LOCATIONS),
    ClassRule(_NO_BED, EncounterClass.OUTPATIENT),
)

ADMISSION_TYPES = {"E": "1", "U": "2", "C": "3", "R": "3", "N": "4"} | {
    code: code for code in "123459"
}
POINTS_OF_ORIGIN = frozenset("12456789DEFG")
ACCIDENT_KINDS = {
    "AA": "AA",
    "A": "AA",
    "AU": "AA",
    "AUTO": "AA",
    "MVA": "AA",
    "EM": "EM",
    "WC": "EM",
    "EMP": "EM",
    "OA": "OA",
    "O": "OA",
}
_DISPOSITION = re.compile(r"[0-9]{1,2}")


def read_encounter(
    scope: Scope, operating: Practitioner | None = None, *, discharge: bool = True
) -> Encounter | None:
    """What the message says of the visit; None when it says nothing.

    `discharge` False leaves discharge time and disposition out (A13 takes them back).
    """
    pv1 = scope.message.first("PV1")
    encounter = Encounter(
        encounter_class=read_class(pv1, scope),
        admitted_at=scope.instant(pv1, 44, "The admission time"),
        discharged_at=scope.instant(pv1, 45, "The discharge time") if discharge else None,
        discharge_status=_disposition(pv1, scope) if discharge else "",
        admission_type=_coded(pv1, 4, ADMISSION_TYPES, "admission type", scope),
        admission_source=_coded(
            pv1, 14, {code: code for code in POINTS_OF_ORIGIN}, "admit source", scope
        ),
        service=pv1.get(10).upper(),
        attending=practitioner(pv1, 7, scope),
        operating=operating,
        referring=practitioner(pv1, 8, scope),
        prior_authorization=scope.message.first("IN1").get(14),
        accident=_accident(scope),
    )
    return None if encounter == _NOTHING else encounter


_NOTHING = Encounter()


def read_class(pv1: Segment, scope: Scope) -> EncounterClass | None:
    """Our class by `CLASS_RULES`; None with a remark when no row fits."""
    patient_class = pv1.get(2).upper()
    if not patient_class:
        return None
    service, kind, location = pv1.get(10).upper(), pv1.get(18).upper(), pv1.get(3, 6).upper()
    for rule in CLASS_RULES:
        if rule.fits(patient_class, service, kind, location):
            return rule.encounter_class
    scope.remark(
        "patient-class",
        pv1.where(2),
        "The patient class does not say how the visit is billed; no class is set.",
        fix="A later message with class I, E or O sets it.",
    )
    return None


def _coded(pv1: Segment, field: int, table: dict[str, str], what: str, scope: Scope) -> str:
    value = pv1.get(field).upper()
    if not value:
        return ""
    found = table.get(value, "")
    if not found:
        scope.remark(
            "local-code",
            pv1.where(field),
            f"The {what} is a local code without an NUBC meaning; it is left out.",
            severity=Severity.INFO,
        )
    return found


def _disposition(pv1: Segment, scope: Scope) -> str:
    value = pv1.get(36)
    if not value:
        return ""
    if _DISPOSITION.fullmatch(value):
        return value.zfill(2)
    scope.remark(
        "local-code",
        pv1.where(36),
        "The discharge disposition is not a two-digit NUBC patient status; it is left out.",
        fix="Map the site's dispositions to NUBC codes in the interface.",
    )
    return ""


def _accident(scope: Scope) -> Accident | None:
    acc = scope.message.first("ACC")
    if not acc:
        return None
    code = acc.get(2).upper()
    kind = ACCIDENT_KINDS.get(code, "")
    if not kind and acc.get(5).upper() == "Y":
        kind = "EM"
    if not kind:
        scope.remark(
            "accident-code", acc.where(2), "The accident code is none of AA, EM and OA; left out."
        )
    accident = Accident(on=scope.day(acc, 1, "The accident date"), kind=kind, state=acc.get(4))
    return accident if accident != Accident() else None
