"""ICD-9-CM by date (field rules 3.7): until September 30, 2015, and never mixed on one claim."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from services.chart.model import CodeSystem, DiagnosisRole, Severity
from services.coding.case import Case
from services.coding.failures import WrongSystem
from services.coding.rule import Rule, Said
from services.coding.rules_codes import ICD10_FIRST_DAY
from services.coding.words import bare

ICD9CM = re.compile(r"[0-9]{3,5}|V[0-9]{2,4}|E[0-9]{3,4}")
DOTTED_CAUSE = re.compile(r"E[0-9]{3}\.[0-9]")
# X12 HI qualifiers: principal, other, admitting, reason for visit, external cause, procedures.
ICD9_QUALIFIERS = {"principal": "BK", "secondary": "BF", "admitting": "BJ"}
ICD9_QUALIFIERS |= {"reason-for-visit": "PR", "external-cause": "BN"}
ICD9_QUALIFIERS |= {"principal-procedure": "BR", "other-procedure": "BQ"}
ICD10_QUALIFIERS = {role: f"A{one}" for role, one in ICD9_QUALIFIERS.items()}
ICD10_QUALIFIERS |= {"principal-procedure": "BBR", "other-procedure": "BBQ"}


def without_dot(code: str) -> str:
    """The bare code; an external cause of ICD-9-CM has its dot one place later (E885.9)."""
    return code.replace(".", "") if DOTTED_CAUSE.fullmatch(code) else bare(code)


def system_on(on: date) -> CodeSystem:
    """The diagnosis system of a day; inpatients: of discharge, lines: of their From date."""
    return CodeSystem.ICD9CM if on < ICD10_FIRST_DAY else CodeSystem.ICD10CM


def system_of(code: str, on: date | None) -> CodeSystem:
    """The system that a bare code without a label is meant in: the day's, where its form fits."""
    looks = ICD9CM.fullmatch(code) is not None
    if on is not None and system_on(on) is CodeSystem.ICD9CM:
        return CodeSystem.ICD9CM if looks else CodeSystem.ICD10CM
    return CodeSystem.ICD9CM if looks and code.isdecimal() else CodeSystem.ICD10CM


def qualifier(role: DiagnosisRole | str, on: date) -> str:
    """The X12 HI qualifier of a diagnosis or procedure on that day."""
    table = ICD9_QUALIFIERS if system_on(on) is CodeSystem.ICD9CM else ICD10_QUALIFIERS
    return table[str(role)]


def claim_is_of_one_system(case: Case) -> Iterator[Said]:
    """A claim does not span the cutover, and does not mix the two systems."""
    if case.dates and len({system_on(on) for on in case.dates}) > 1:
        message = "The lines lie on both sides of October 1, 2015."
        fix = "Split the claim: one with ICD-9-CM, one with ICD-10-CM."
        yield Said("encounter", message, fix, stops_as=WrongSystem)
    if len({one.diagnosis.system for one in case.listed}) > 1:
        message = "ICD-9-CM and ICD-10-CM codes stand on one claim."
        fix = "Code all diagnoses in the system of the date."
        yield Said("diagnoses", message, fix, stops_as=WrongSystem)


RULES = (
    Rule("R-ICD9-01", "One system", "45 CFR 162.1002", Severity.ERROR, claim_is_of_one_system),
)
