"""The document matrix: the rules of completeness, as data (`config/documents.yaml`)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from services.chart.model import DocumentKind, EncounterClass, Frozen


class Asks(StrEnum):
    """What a rule asks a chart for."""

    DOCUMENT = "document"
    DEMOGRAPHICS = "demographics"
    COVERAGE = "coverage"
    ENCOUNTER_CLASS = "encounter-class"
    ENDED = "ended"
    CHARGES = "charges"


class CountsFrom(StrEnum):
    """When the clock of a rule starts."""

    ADMISSION = "admission"
    DISCHARGE = "discharge"
    FIRST_SEEN = "first-seen"


class NeededField(StrEnum):
    """What demographics or a coverage must have."""

    MRN = "mrn"
    NAME = "name"
    BIRTH_DATE = "birth-date"
    SEX = "sex"
    ADDRESS = "address"
    PAYER_ID = "payer-id"
    MEMBER_ID = "member-id"


OF_COVERAGE = frozenset({NeededField.PAYER_ID, NeededField.MEMBER_ID})
OF_PATIENT = frozenset(NeededField) - OF_COVERAGE


class Condition(Frozen):
    """When a rule applies. It holds if any one of its tests does.

    Code ranges are inclusive and compare texts of one length, as CPT and HCPCS codes are.
    """

    id: str = Field(min_length=1)
    operating_practitioner: bool = False
    pcs_prefixes: tuple[str, ...] = ()
    revenue_prefixes: tuple[str, ...] = ()
    any_charge_between: tuple[tuple[str, str], ...] = ()
    every_charge_between: tuple[tuple[str, str], ...] = ()
    source_prefixes: tuple[str, ...] = ()


class Rule(Frozen):
    """One thing that a chart must have."""

    id: str = Field(min_length=1)
    asks: Asks
    classes: tuple[EncounterClass, ...] = ()  # empty: every chart, whatever its class
    when: str = ""
    unless: str = ""
    any_of: tuple[DocumentKind, ...] = ()
    fields: tuple[NeededField, ...] = ()
    required: bool = True
    waits: bool = True
    deadline_hours: int = Field(default=0, ge=0)
    counts_from: CountsFrom = CountsFrom.FIRST_SEEN
    source: str = Field(min_length=1)
    fix: str = Field(min_length=1)

    @model_validator(mode="after")
    def _has_what_it_asks(self) -> Self:
        needs_fields = {Asks.DEMOGRAPHICS: OF_PATIENT, Asks.COVERAGE: OF_COVERAGE}
        allowed = needs_fields.get(self.asks, frozenset())
        if bool(self.any_of) != (self.asks is Asks.DOCUMENT):
            raise ValueError("any_of belongs to rules that ask for a document, and only to them")
        if bool(self.fields) != bool(allowed) or not allowed.issuperset(self.fields):
            raise ValueError(f"fields of a rule on {self.asks} may be: {_listed(allowed)}")
        if self.asks is Asks.ENDED and self.counts_from is CountsFrom.DISCHARGE:
            raise ValueError("what has not ended cannot count from its discharge")
        if self.waits and not self.deadline_hours:
            raise ValueError("a rule that waits needs deadline_hours of at least 1")
        return self


def _listed(words: frozenset[NeededField]) -> str:
    return ", ".join(sorted(words)) or "none"


class MatrixText(Frozen):
    """The shape of the YAML file."""

    id: str = Field(min_length=1)
    version: int = Field(ge=1)
    edition: str = Field(min_length=1)
    minimum_grace_hours: int = Field(ge=0)
    conditions: tuple[Condition, ...] = ()
    rules: tuple[Rule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        known = Counter(condition.id for condition in self.conditions)
        rules = Counter(rule.id for rule in self.rules)
        twice = [word for word, count in (known + rules).items() if count > 1]
        if twice:
            raise ValueError(f"the same id twice: {', '.join(twice)}")
        named = {word for rule in self.rules for word in (rule.when, rule.unless) if word}
        if named - known.keys():
            raise ValueError(f"no such condition: {', '.join(sorted(named - known.keys()))}")
        for encounter_class in EncounterClass:
            if not any(_wants_document(rule, encounter_class) for rule in self.rules):
                raise ValueError(f"no rule asks for a document of class {encounter_class}")
        return self


def _wants_document(rule: Rule, encounter_class: EncounterClass) -> bool:
    classes = rule.classes or tuple(EncounterClass)
    return rule.asks is Asks.DOCUMENT and rule.required and encounter_class in classes


@dataclass(frozen=True, slots=True)
class DocumentMatrix:
    """The rules, ready to be asked: by encounter class, in the order of their importance."""

    name: str  # id, version and edition, for the journal
    minimum_grace_hours: int
    rules: tuple[Rule, ...]
    conditions: dict[str, Condition]
    by_class: dict[EncounterClass | None, tuple[Rule, ...]] = field(repr=False)


def matrix_of(text: MatrixText) -> DocumentMatrix:
    """Sort the rules by the classes they are for."""
    classes: tuple[EncounterClass | None, ...] = (None, *EncounterClass)
    return DocumentMatrix(
        name=f"{text.id} {text.version} ({text.edition})",
        minimum_grace_hours=text.minimum_grace_hours,
        rules=text.rules,
        conditions={condition.id: condition for condition in text.conditions},
        by_class={
            one: tuple(rule for rule in text.rules if not rule.classes or one in rule.classes)
            for one in classes
        },
    )
