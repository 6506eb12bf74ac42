"""The registry: every rule, in the order that they are asked, and how a finding is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.chart.model import Finding, Status
from services.coding import (
    rules_births,
    rules_causes,
    rules_charges,
    rules_clinical,
    rules_codes,
    rules_companions,
    rules_mce,
    rules_poa,
    rules_sequence,
)
from services.coding.case import Case
from services.coding.failures import CodingFailure
from services.coding.rule import Rule, Said

# Advice that `chartline edits` gives and the line does not: a chart that its own coders have coded
# would have it too often to be read. What the line does give stops no chart either.
ONLY_IN_EDITS = frozenset({"R-ICD-09", "R-ICD-13-MISSING", "R-ICD-15-ALONE", "R-ICD-16"})
ADVICE: tuple[Rule, ...] = (
    *rules_companions.RULES,
    *rules_clinical.RULES,
    *rules_causes.RULES,
    *rules_births.RULES,
)
RULES: tuple[Rule, ...] = (
    *rules_codes.RULES,
    *rules_sequence.RULES,
    *rules_poa.RULES,
    *rules_mce.RULES,
    *rules_charges.RULES,
    *(rule for rule in ADVICE if rule.rule_id not in ONLY_IN_EDITS),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding and what follows from it; nothing does when a person has overridden it."""

    finding: Finding
    stops_as: type[CodingFailure] | None
    asks: int | None


def judge(case: Case, rules: Iterable[Rule] = RULES) -> tuple[Judged, ...]:
    """What the rules say about the case, in the order of the rules."""
    overridden = frozenset(override.rule_id for override in case.chart.overrides)
    edition = case.tabular.edition.name if case.tabular is not None else ""
    return tuple(
        _judged(rule, said, edition, bypassed=rule.overridable and rule.rule_id in overridden)
        for rule in rules
        for said in rule.check(case)
    )


def _judged(rule: Rule, said: Said, edition: str, *, bypassed: bool) -> Judged:
    finding = Finding(
        rule_id=rule.rule_id,
        status=Status.BYPASSED if bypassed else said.status,
        severity=said.severity or rule.severity,
        target=said.target,
        message=said.message,
        fix=said.fix or (said.stops_as.fix if said.stops_as is not None else ""),
        edition=edition,
        overridable=rule.overridable,
    )
    if bypassed:
        return Judged(finding, None, None)
    return Judged(finding, said.stops_as, said.asks)
