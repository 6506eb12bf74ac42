"""Rules about mother and child: outcome of delivery, weeks of gestation, newborn codes."""

from __future__ import annotations

from collections.abc import Iterator

from services.chart.model import Severity
from services.coding.case import Case, Listed
from services.coding.rule import Rule, Said
from services.coding.rules_clinical import age_of
from services.coding.words import bare

DELIVERIES = ("O80", "O82")
DELIVERY_PROCEDURES = ("10D0", "10E0")
OUTCOME, WEEKS, BIRTH = "Z37", "Z3A", "Z38"
MATERNAL = ("O", "Z33", "Z34", "Z36")
CHILDBEARING = (9, 64)  # the maternity ages of the Medicare Code Editor


def _with(case: Case, *prefixes: str) -> list[Listed]:
    return [one for one in case.claimed if one.formed and one.code.startswith(prefixes)]


def delivery_has_an_outcome(case: Case) -> Iterator[Said]:
    """Every delivery has a code of Z37; O80 has a rule of its own."""
    if _with(case, OUTCOME):
        return
    deliveries = [one for one in _with(case, *DELIVERIES) if one.code != "O80"]
    message = "A delivery needs its outcome (Z37.-)."
    fix = "Add the code of Z37 that the record supports."
    if deliveries:
        yield Said(deliveries[0].target, message, fix)
        return
    for index, procedure in enumerate(case.chart.procedures):
        if bare(procedure.code).startswith(DELIVERY_PROCEDURES) and not _with(case, "O80"):
            yield Said(f"procedures[{index}]", message, fix)
            return


def weeks_are_the_mothers(case: Case) -> Iterator[Said]:
    """Weeks of gestation stand only on the mother's record."""
    for one in _with(case, WEEKS):
        if not _with(case, *MATERNAL):
            message = f"{one.shown} belongs on the mother's record, with a code of chapter 15."
            yield Said(one.target, message, f"Remove {one.shown}, or add the condition.")


def records_are_not_mixed(case: Case) -> Iterator[Said]:
    """Chapter 15 is the mother's, P and Z38 are the child's: never on one record."""
    mother, child = _with(case, "O"), _with(case, "P", BIRTH)
    if mother and child:
        message = f"{mother[0].shown} is a mother's code, {child[0].shown} is a newborn's."
        yield Said(child[0].target, message, "Code mother and child on records of their own.")
    age = age_of(case)
    for one in mother:
        if age is not None and not CHILDBEARING[0] <= age <= CHILDBEARING[1]:
            message = f"{one.shown} is for ages {CHILDBEARING[0]} to {CHILDBEARING[1]}."
            yield Said(one.target, message, "Check the patient's age and the code.")
            return


def birth_is_said_once(case: Case) -> Iterator[Said]:
    """Z38 is reported once, on the birth encounter."""
    born = _with(case, BIRTH)
    for one in born[1:]:
        yield Said(one.target, f"{one.shown}: a code of Z38 is reported once.", "Keep one.")
    age = age_of(case)
    if born and age:
        message = f"{born[0].shown} is only for the encounter of the birth."
        yield Said(born[0].target, message, f"Remove {born[0].shown}.")


def newborn_codes_are_a_newborns(case: Case) -> Iterator[Said]:
    """A condition of the newborn period is coded later only while it is still there."""
    age = age_of(case)
    for one in _with(case, "P"):
        if age:
            message = f"{one.shown} began in the newborn period; the patient is {_older(age)}."
            yield Said(one.target, message, "Keep it only when the condition is still present.")
            return


def _older(age: int) -> str:
    return "a year old" if age == 1 else "older"


WARNING = Severity.WARNING
RULES = (
    Rule("R-ICD-10-OUTCOME", "Z37", "Guideline I.C.15.b.5", WARNING, delivery_has_an_outcome, True),
    Rule("R-ICD-10-WEEKS", "Z3A", "Guideline I.C.21.c.11", WARNING, weeks_are_the_mothers, True),
    Rule("R-ICD-10-MIXED", "Mother or child", "I.C.15.a.2", WARNING, records_are_not_mixed, True),
    Rule("R-ICD-10-BIRTH", "Z38 once", "Guideline I.C.16.a.2", WARNING, birth_is_said_once, True),
    Rule(
        "R-ICD-10-NEWBORN",
        "Newborn period",
        "Guideline I.C.16.a.1",
        WARNING,
        newborn_codes_are_a_newborns,
        True,
    ),
)
