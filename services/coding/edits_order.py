"""Which rules a list of codes is asked, and in which order.

Most rules about diagnoses concern one chapter or two. Asking only those that the first letters at
hand can concern gives the same findings in a third of the time.
"""

from __future__ import annotations

from functools import lru_cache

from services.codesets import vaccines
from services.coding import (
    rules_births,
    rules_causes,
    rules_charges,
    rules_clinical,
    rules_codes,
    rules_companions,
    rules_icd9,
    rules_mce,
    rules_modifiers,
    rules_poa,
    rules_sequence,
    rules_sides,
)
from services.coding.case import Case
from services.coding.rule import Rule

REPLACED = frozenset({"R-CPT-02"})  # by the rule that asks a table
EVERYWHERE = ("R-PCS-01", "R-PCS-02")
OF_CODES: tuple[Rule, ...] = (
    *rules_codes.RULES,
    *rules_icd9.RULES,
    *rules_sequence.RULES,
    *rules_companions.RULES,
    *rules_clinical.RULES,
    *rules_causes.RULES,
    *rules_births.RULES,
    *rules_sides.RULES,
)
OF_LINES: tuple[Rule, ...] = (
    *(rule for rule in rules_charges.RULES if rule.rule_id not in REPLACED),
    *rules_modifiers.RULES,
)
OF_STAYS: tuple[Rule, ...] = (*rules_poa.RULES, *rules_mce.RULES)
OF_PROCEDURES = tuple(rule for rule in rules_mce.RULES if rule.rule_id in EVERYWHERE)
CAUSES = "VWXY"
# The first letters that a rule looks for; a rule that is not here is always asked.
LETTERS: dict[str, str] = {
    "R-ICD-04": "SM",
    "R-ICD-08": "".join(one for one, rows in rules_companions.FIRST_BY_LETTER.items() if rows),
    "R-ICD-09": "".join(one for one, rows in rules_companions.ALSO_BY_LETTER.items() if rows),
    "R-ICD-10": "O",
    "R-ICD-10-WEEKS": "Z",
    "R-ICD-10-MIXED": "O",
    "R-ICD-10-BIRTH": "Z",
    "R-ICD-10-NEWBORN": "P",
    "R-ICD-11": "R",
    "R-ICD-13": CAUSES,
    "R-ICD-13-ALONE": CAUSES,
    "R-ICD-13-ONCE": CAUSES,
    "R-ICD-13-ACTIVITY": CAUSES,
    "R-ICD-13-ORDER": CAUSES,
    "R-ICD-13-SEVENTH": CAUSES,
    "R-ICD-13-MISSING": "S",
    "R-ICD-14": "ST",
    "R-ICD-15": "Z",
    "R-ICD-15-COMA": "R",
    "R-ICD-15-ALONE": "RZ",
    "R-ICD-16": "I",
    "R-ICD-17": "R",
    "R-ICD-18": "E",
}
VACCINE_SECTIONS = frozenset({"90", "91", "96", "G0", "Q2"})


@lru_cache(maxsize=1024)
def of_codes(letters: str, *, every: bool) -> tuple[Rule, ...]:
    """The rules about diagnoses for these first letters; or every one."""
    if every:
        return OF_CODES
    return tuple(
        rule
        for rule in OF_CODES
        if rule.rule_id not in LETTERS or not set(letters).isdisjoint(LETTERS[rule.rule_id])
    )


def concerns_vaccines(case: Case) -> bool:
    """Whether a line or a diagnosis could be about a vaccination."""
    return any(line.code[:2] in VACCINE_SECTIONS for line in case.chart.charges) or any(
        one.code == vaccines.ENCOUNTER for one in case.listed
    )
