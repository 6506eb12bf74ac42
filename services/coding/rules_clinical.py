"""Rules about combinations of diagnoses: symptoms, sequelae, BMI, hypertension, sepsis, diabetes.

All are warnings that a person may override; none stops a chart by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from services.chart.model import Severity
from services.coding.case import Case, Listed
from services.coding.rule import Rule, Said
from services.coding.words import both

FULL = 7
SEQUELA = "S"
Check = Callable[[Case], Iterable[Said]]
INJURIES = ("S", "T")


@dataclass(frozen=True, slots=True)
class Integral:
    """Symptoms that are part of a confirmed diagnosis (guideline I.B.5)."""

    symptoms: tuple[str, ...]
    diagnoses: tuple[str, ...]


PNEUMONIA = ("J12", "J13", "J14", "J15", "J16", "J18")
INTEGRAL: tuple[Integral, ...] = (
    Integral(("R05", "R509"), (*PNEUMONIA, "J20", "J21", "J22", "J09", "J10", "J11")),
    Integral(("R091", "R0602", "R0603"), (*PNEUMONIA, "J44", "J45", "I50", "J80", "J96")),
    Integral(("R060",), ("I50", "J44", "J45", "J96", "I26")),
    Integral(("R07",), ("I20", "I21", "I22", "I24", "I26")),
    Integral(("R10",), ("K35", "K37", "K80", "K81", "K85", "K56", "K57", "N20", "N23", "N13")),
    Integral(("R11",), ("K529", "A09", "A08", "K56", "K85")),
    Integral(("R197",), ("A09", "A08", "A04", "K51", "K50")),
    Integral(("R51",), ("G43", "G440", "G441", "G442", "I60", "G03")),
    Integral(("R300", "R350"), ("N30", "N390", "N10")),
    Integral(("R509",), ("A40", "A41", "N10", "N390", "L03", "U071", "J02", "J03", "H66")),
    Integral(("R600", "R609"), ("I50", "N04")),
    Integral(("R55",), ("I951", "G903")),
    Integral(("R04",), ("I85",)),
    Integral(("R17",), ("K83", "B15", "B16", "K704")),
    Integral(("R42",), ("H811", "H813")),
)


def _formed(case: Case) -> list[Listed]:
    return [one for one in case.claimed if one.formed]


def _with(listed: list[Listed], *prefixes: str) -> list[Listed]:
    return [one for one in listed if one.code.startswith(prefixes)]


def symptoms_are_not_repeated(case: Case) -> Iterator[Said]:
    """A symptom that a definitive diagnosis explains is not coded beside it."""
    listed = _formed(case)
    for one in _with(listed, "R"):
        for row in INTEGRAL:
            if one.code.startswith(row.symptoms) and (by := _with(listed, *row.diagnoses)):
                message = f"{one.shown} is a symptom that {by[0].shown} explains."
                yield Said(one.target, message, f"Leave {one.shown} out, unless it is unrelated.")
                break


def sequela_follows_its_condition(case: Case) -> Iterator[Said]:
    """First the condition that remains, then the injury with S; never S first or alone."""
    first = case.principal
    if first is None or not first.formed or len(first.code) != FULL:
        return
    if first.code[-1] == SEQUELA and first.code.startswith(INJURIES):
        message = f"{first.shown} is a sequela: the condition that remains stands before it."
        fix = f"Code the present condition first, such as a scar, then {first.shown}."
        yield Said(first.target, message, fix)


ADULT_BMI = tuple(f"Z68{n}" for n in (1, 2, 3, 4))
CHILD_BMI = ("Z685",)
BMI_FROM, BMI_CHILD_FROM = 20, 2
WITH_BMI = ("E4", "E65", "E66", "E67", "E88", "F50", "O", "P05", "P07", "R62", "R63", "R64", "Z713")
COMA_PARTS = ("R4021", "R4022", "R4023")
COMA_WHOLE = ("R4020", "R4024")


def age_of(case: Case) -> int | None:
    """Years on the day of service."""
    born, on = case.chart.patient.birth_date, case.on
    if born is None or on is None:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def bmi_has_a_diagnosis(case: Case) -> Iterator[Said]:
    """Z68 is reported only with the provider's diagnosis it belongs to, and by age."""
    listed = _formed(case)
    for one in _with(listed, "Z68"):
        if not _with(listed, *WITH_BMI):
            message = f"{one.shown} is reported only with a diagnosis such as obesity (E66.-)."
            yield Said(one.target, message, "Add the provider's diagnosis, or leave it out.")
        age = age_of(case)
        if age is None:
            continue
        adult = one.code.startswith(ADULT_BMI)
        if (adult and age < BMI_FROM) or (one.code.startswith(CHILD_BMI) and age >= BMI_FROM):
            yield Said(
                one.target,
                f"{one.shown} is for {'adults from 20' if adult else 'ages 2 to 19'} years.",
                "Choose the body mass index code of the patient's age.",
            )
        elif not adult and age < BMI_CHILD_FROM:
            yield Said(one.target, f"{one.shown} is for ages 2 to 19 years.", "Leave it out.")


def coma_scale_is_whole(case: Case) -> Iterator[Said]:
    """One code of each R40.21-, R40.22- and R40.23-, or a total (R40.24-), not both."""
    listed = _formed(case)
    parts = _with(listed, *COMA_PARTS)
    missing = [f"{p[:3]}.{p[3:]}-" for p in COMA_PARTS if not _with(listed, p)]
    if parts and missing:
        message = f"The coma scale lacks {both(missing)}."
        yield Said(parts[0].target, message, "Add the missing part, or report the total only.")
    if parts and (whole := _with(listed, *COMA_WHOLE)):
        message = f"{whole[0].shown} is not reported beside the parts of the coma scale."
        yield Said(whole[0].target, message, f"Remove {whole[0].shown}.")


def score_has_a_diagnosis(case: Case) -> Iterator[Said]:
    """A score or a stage from another clinician needs the provider's diagnosis."""
    listed = _formed(case)
    for one in _with(listed, "R297", "Z68", "R402"):
        if len(listed) == 1:
            message = f"{one.shown} does not stand alone: the provider's diagnosis is missing."
            yield Said(one.target, message, "Add the diagnosis that it belongs to.")


def hypertension_is_combined(case: Case) -> Iterator[Said]:
    """The convention "with": heart failure and kidney disease are presumed to be related."""
    listed = _formed(case)
    heart, kidney = _with(listed, "I50"), _with(listed, "N18")
    for one in _with(listed, "I10", "I11", "I12"):
        wants = _wants(one.code[:3], heart=bool(heart), kidney=bool(kidney))
        if wants:
            related = both([*(x[0].shown for x in (heart, kidney) if x)])
            message = f"{one.shown} with {related} is presumed related: {wants} is meant."
            fix = f"Replace {one.shown} by {wants}, unless the provider says it is unrelated."
            yield Said(one.target, message, fix)


def _wants(category: str, *, heart: bool, kidney: bool) -> str:
    if (heart and kidney) or (category == "I11" and kidney) or (category == "I12" and heart):
        return "I13.-"
    if category == "I10" and heart:
        return "I11.0"
    return "I12.-" if category == "I10" and kidney else ""


def sepsis_is_in_order(case: Case) -> Iterator[Said]:
    """Severe sepsis and septic shock come after the infection."""
    first = case.principal
    if first is not None and first.formed and first.code.startswith("R652"):
        message = f"{first.shown} never stands first: the systemic infection does."
        yield Said(first.target, message, f"Put the infection before {first.shown}.")


def diabetes_is_consistent(case: Case) -> Iterator[Said]:
    """One type; and not "without complications" beside a complication of the same type."""
    listed = _formed(case)
    for type_ in ("E08", "E09", "E10", "E11", "E13"):
        plain = _with(listed, f"{type_}9")
        complicated = [one for one in _with(listed, type_) if not one.code.startswith(f"{type_}9")]
        if plain and complicated:
            message = f"{plain[0].shown} says no complications, {complicated[0].shown} says one."
            yield Said(plain[0].target, message, f"Remove {plain[0].shown}.")


WARNING = Severity.WARNING


def _warning(rule_id: str, title: str, source: str, check: Check) -> Rule:
    return Rule(rule_id, title, source, WARNING, check, overridable=True)


RULES = (
    _warning("R-ICD-11", "Integral symptoms", "Guideline I.B.5", symptoms_are_not_repeated),
    _warning("R-ICD-14", "Sequela", "Guideline I.B.10", sequela_follows_its_condition),
    _warning("R-ICD-15", "BMI", "Guideline I.B.14; Z68 by age", bmi_has_a_diagnosis),
    _warning("R-ICD-15-COMA", "Coma scale", "Guideline I.C.18.e", coma_scale_is_whole),
    _warning("R-ICD-15-ALONE", "Not alone", "Guideline I.B.14", score_has_a_diagnosis),
    _warning("R-ICD-16", "Hypertension with", "Guideline I.C.9.a", hypertension_is_combined),
    _warning("R-ICD-17", "Sepsis in order", "Guideline I.C.1.d", sepsis_is_in_order),
    _warning("R-ICD-18", "Diabetes", "Guideline I.C.4.a", diabetes_is_consistent),
)
