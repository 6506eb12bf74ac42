"""Which rules a list of codes is asked, and in which order.

Most rules about diagnoses concern one chapter or two. Asking only those that the first letters at
hand can concern gives the same findings in a third of the time.
"""

from __future__ import annotations

from typing import NamedTuple

from services.codesets import vaccines
from services.codesets.edit_tables import EditTables
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
    rules_outpatient,
    rules_poa,
    rules_sequence,
    rules_sides,
    rules_tables,
    rules_vaccines,
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
MOST_KNOWN = 4_096
PAIR = 2
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
WITH_MODIFIERS = frozenset(
    {"R-ICD-05", "R-ICD-05-SIDE", "R-MOD-01", "R-MOD-02", "R-MOD-03", "R-MOD-50", "R-IOCE-17"}
)
WITH_EDITS = frozenset({"R-ICD-08-FIRST", "R-IOCE-02", "R-IOCE-03"})  # that the editor has fired
WITH_PAIRS = frozenset({"R-NCCI-00", "R-NCCI-01", "R-NCCI-02"})
VACCINE_SECTIONS = frozenset({"90", "91", "96", "G0", "Q2"})


class Traits(NamedTuple):
    """What of a case decides which rules can have something to say."""

    letters: frozenset[str]
    inpatient: bool
    lines: int
    procedures: bool
    vaccines: bool
    modifiers: bool
    edits: bool

    def concern(self, rule_id: str) -> bool:
        """Whether the rule can have something to say."""
        if rule_id in LETTERS:
            return not self.letters.isdisjoint(LETTERS[rule_id])
        return (
            (self.vaccines or not rule_id.startswith("R-VAC"))
            and (self.modifiers or rule_id not in WITH_MODIFIERS)
            and (self.edits or rule_id not in WITH_EDITS)
            and (self.lines >= PAIR or rule_id not in WITH_PAIRS)
        )


class Order:
    """The rules in their order, over the tables of one installation."""

    def __init__(self, tables: EditTables) -> None:
        self._of_outpatients = rules_outpatient.rules(tables)
        self._of_tables = rules_tables.rules(tables)
        self._known: dict[Traits, tuple[Rule, ...]] = {}

    def every(self, case: Case) -> tuple[Rule, ...]:
        """Every rule for a case of this setting."""
        rules = OF_CODES
        if case.chart.charges:
            rules += OF_LINES
        rules += rules_vaccines.RULES
        if case.inpatient:
            return rules + OF_STAYS
        rules += self._of_outpatients
        if case.chart.charges:
            rules += self._of_tables
        return rules + OF_PROCEDURES if case.chart.procedures else rules

    def concerning(self, case: Case) -> tuple[Rule, ...]:
        """The rules that the codes at hand can concern; the others would say nothing."""
        charges = case.chart.charges
        traits = Traits(
            letters=frozenset(one.code[0] for one in case.listed if one.code),
            inpatient=case.inpatient,
            lines=min(len(charges), PAIR),
            procedures=bool(case.chart.procedures),
            vaccines=concerns_vaccines(case),
            modifiers=any(line.modifiers for line in charges),
            edits=bool(case.edits),
        )
        found = self._known.get(traits)
        if found is None:
            found = tuple(rule for rule in self.every(case) if traits.concern(rule.rule_id))
            if len(self._known) < MOST_KNOWN:
                self._known[traits] = found
        return found


def concerns_vaccines(case: Case) -> bool:
    """Whether a line or a diagnosis could be about a vaccination."""
    return any(line.code[:2] in VACCINE_SECTIONS for line in case.chart.charges) or any(
        one.code == vaccines.ENCOUNTER for one in case.listed
    )
