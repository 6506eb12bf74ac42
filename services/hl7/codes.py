"""Diagnoses in DG1 and procedures in PR1.

DG1-6 (table 0052): A is admitting; F, or anything on a message that bills (DFT, BAR) or names a
discharge, is final; W (working) and an empty type elsewhere are kept as reason for visit, because
a working diagnosis is not what a claim may state. Among finals the one of rank 1 (DG1-15) is
principal, else the first when no final has a rank. Codes that are no ICD, CPT or HCPCS code
(SNOMED CT and local ones) are left out with a finding.
"""

from __future__ import annotations

import re

from services.chart.model import (
    CodeSystem,
    Diagnosis,
    DiagnosisRole,
    EncounterClass,
    Poa,
    Practitioner,
    Procedure,
    Severity,
)
from services.hl7.message import Composite, Segment
from services.hl7.people import practitioner
from services.hl7.scope import Scope

SYSTEMS = {
    "I10": CodeSystem.ICD10CM,
    "I10C": CodeSystem.ICD10CM,
    "I10CM": CodeSystem.ICD10CM,
    "ICD10": CodeSystem.ICD10CM,
    "ICD-10": CodeSystem.ICD10CM,
    "ICD10CM": CodeSystem.ICD10CM,
    "ICD-10-CM": CodeSystem.ICD10CM,
    "ICD10-CM": CodeSystem.ICD10CM,
    "2.16.840.1.113883.6.90": CodeSystem.ICD10CM,
    "I9": CodeSystem.ICD9CM,
    "I9C": CodeSystem.ICD9CM,
    "I9CDX": CodeSystem.ICD9CM,
    "I9M": CodeSystem.ICD9CM,
    "ICD9": CodeSystem.ICD9CM,
    "ICD-9-CM": CodeSystem.ICD9CM,
    "I10P": CodeSystem.ICD10PCS,
    "ICD10PCS": CodeSystem.ICD10PCS,
    "ICD-10-PCS": CodeSystem.ICD10PCS,
    "C4": CodeSystem.CPT,
    "CPT": CodeSystem.CPT,
    "CPT4": CodeSystem.CPT,
    "CPT-4": CodeSystem.CPT,
    "HCPCS": CodeSystem.HCPCS,
    "HCPC": CodeSystem.HCPCS,
    "HCP": CodeSystem.HCPCS,
    "HPC": CodeSystem.HCPCS,
}
DIAGNOSIS_SYSTEMS = frozenset({CodeSystem.ICD10CM, CodeSystem.ICD9CM})

_ICD10CM = re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}")
_ICD10PCS = re.compile(r"[0-9A-HJ-NP-Z]{7}")
_CPT = re.compile(r"[0-9]{4}[0-9FTUM]")
_HCPCS = re.compile(r"[A-V][0-9]{4}")
_POA = {"Y": Poa.YES, "N": Poa.NO, "U": Poa.UNKNOWN, "W": Poa.UNDETERMINED} | {
    "E": Poa.EXEMPT,
    "1": Poa.EXEMPT,
}
_FINAL_TYPES = frozenset({"F", "FINAL", "D", "DD", "PR", "P"})
_ADMITTING_TYPES = frozenset({"A", "AD"})
_RANK = re.compile(r"[1-9][0-9]?")


def plain(code: str) -> str:
    """A code without dots and blanks, in upper case."""
    return code.replace(".", "").replace(" ", "").upper()


def diagnosis_code(found: Composite) -> tuple[str, CodeSystem] | None:
    """An ICD code and its edition; None when it is another kind of code, or empty."""
    code, named = plain(found.get(1)), found.get(3).upper()
    if not code:
        return None
    system = SYSTEMS.get(named)
    if system in DIAGNOSIS_SYSTEMS:
        return code, system
    if named or not _ICD10CM.fullmatch(code):
        return None
    return code, CodeSystem.ICD10CM


def procedure_code(found: Composite) -> tuple[str, CodeSystem] | None:
    """A PCS, CPT or HCPCS code; by its form when the sender names no system."""
    code, named = plain(found.get(1)), found.get(3).upper()
    if not code:
        return None
    system = SYSTEMS.get(named)
    if system is not None and system not in DIAGNOSIS_SYSTEMS:
        if system is CodeSystem.CPT and _HCPCS.fullmatch(code):
            system = CodeSystem.HCPCS
        return code, system
    if named:
        return None
    for pattern, meaning in (
        (_CPT, CodeSystem.CPT),
        (_HCPCS, CodeSystem.HCPCS),
        (_ICD10PCS, CodeSystem.ICD10PCS),
    ):
        if pattern.fullmatch(code):
            return code, meaning
    return None


def read_diagnoses(
    scope: Scope, *, bills: bool, encounter_class: EncounterClass | None = None
) -> tuple[Diagnosis, ...] | None:
    """Every diagnosis; None when there is no DG1 with a code that billing knows.

    `bills` says that the message states what is to be billed, so that an empty type is final.
    """
    found: list[Diagnosis] = []
    for number, dg1 in enumerate(scope.message.all("DG1"), 1):
        coded = diagnosis_code(dg1.composite(3))
        if coded is None:
            _other_code(dg1, scope)
            continue
        code, system = coded
        rank = dg1.get(15)
        found.append(
            Diagnosis(
                code=code,
                system=system,
                role=_role(dg1, scope, bills=bills),
                rank=int(rank) if _RANK.fullmatch(rank) else 0,
                poa=_poa(dg1, scope),
                where=f"DG1[{number}]",
            )
        )
    return _with_principal(found, scope, encounter_class) if found else None


def read_procedures(scope: Scope, charged: frozenset[str]) -> tuple[Procedure, ...] | None:
    """Every procedure that is not just a charge's code again (`charged`); None without any."""
    found: list[Procedure] = []
    for number, pr1 in enumerate(scope.message.all("PR1"), 1):
        coded = procedure_code(pr1.composite(3))
        if coded is None:
            scope.remark(
                "procedure-code",
                pr1.where(3),
                "The procedure code is no ICD-10-PCS, CPT or HCPCS code; it is left out.",
                severity=Severity.INFO,
            )
            continue
        code, system = coded
        if code in charged:
            continue
        found.append(
            Procedure(
                code=code,
                system=system,
                on=scope.day(pr1, 5, "The procedure date"),
                practitioner=practitioner(pr1, 11, scope) or practitioner(pr1, 12, scope),
                where=f"PR1[{number}]",
            )
        )
    return tuple(found) or None


def read_surgeon(scope: Scope) -> Practitioner | None:
    """The surgeon (PR1-11) of the first procedure that names one."""
    for pr1 in scope.message.all("PR1"):
        surgeon = practitioner(pr1, 11, scope)
        if surgeon is not None:
            return surgeon
    return None


def _role(dg1: Segment, scope: Scope, *, bills: bool) -> DiagnosisRole:
    kind = dg1.get(6).upper()
    if kind in _ADMITTING_TYPES:
        return DiagnosisRole.ADMITTING
    if kind in _FINAL_TYPES or (kind != "W" and bills):
        return DiagnosisRole.SECONDARY
    scope.remark(
        "working-diagnosis",
        dg1.where(6),
        "The diagnosis is not marked final (DG1-6 F); it is kept as reason for visit only.",
        severity=Severity.INFO,
        fix="Final diagnoses come with DG1-6 F, or with the charges.",
    )
    return DiagnosisRole.REASON_FOR_VISIT


def _with_principal(
    found: list[Diagnosis], scope: Scope, encounter_class: EncounterClass | None
) -> tuple[Diagnosis, ...]:
    """The finals with one of them principal, as the sender's ranks or its order say."""
    finals = [one for one in found if one.role is DiagnosisRole.SECONDARY]
    if not finals:
        return tuple(found)
    first = [one for one in finals if one.rank == 1]
    unranked = all(one.rank == 0 for one in finals)
    if len(first) > 1 or (unranked and encounter_class is EncounterClass.INPATIENT):
        scope.remark(
            "principal-diagnosis",
            scope.message.first("DG1").where(15),
            "DG1-15 does not name one principal diagnosis; the first final one is taken.",
        )
    principal = first[0] if first else finals[0] if unranked else None
    if principal is None:
        return tuple(found)
    return tuple(
        one.model_copy(update={"role": DiagnosisRole.PRINCIPAL}) if one is principal else one
        for one in found
    )


def _poa(dg1: Segment, scope: Scope) -> Poa | None:
    value = dg1.get(26).upper()
    if not value:
        return None
    poa = _POA.get(value)
    if poa is None:
        scope.remark(
            "poa-indicator", dg1.where(26), "The present-on-admission indicator is none of YNUWE1."
        )
    return poa


def _other_code(dg1: Segment, scope: Scope) -> None:
    scope.remark(
        "diagnosis-code",
        dg1.where(3),
        "The diagnosis is not coded in ICD; it is left out.",
        severity=Severity.INFO,
        fix="Send ICD-10-CM with coding system I10 in DG1-3.3.",
    )
