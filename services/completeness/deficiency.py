"""What a chart may lack, in words that hold nothing of the chart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.chart.failures import Owner, Rejected
from services.completeness import failures
from services.completeness.matrix import CountsFrom, Rule


class DeficiencyKind(StrEnum):
    """What is wrong; the reason code of the dead letter is `completeness.` and this word."""

    ENCOUNTER_CLASS = "unknown-encounter-class"
    DEMOGRAPHICS = "missing-demographics"
    COVERAGE = "missing-coverage"
    NOT_DISCHARGED = "not-discharged"
    MISSING_DOCUMENT = "missing-document"
    UNSIGNED_DOCUMENT = "unsigned-document"
    CHARGES = "missing-charges"


FAILURES: dict[DeficiencyKind, type[Rejected]] = {
    DeficiencyKind.ENCOUNTER_CLASS: failures.UnknownEncounterClass,
    DeficiencyKind.DEMOGRAPHICS: failures.MissingDemographics,
    DeficiencyKind.COVERAGE: failures.MissingCoverage,
    DeficiencyKind.NOT_DISCHARGED: failures.NotDischarged,
    DeficiencyKind.MISSING_DOCUMENT: failures.MissingDocument,
    DeficiencyKind.UNSIGNED_DOCUMENT: failures.UnsignedDocument,
    DeficiencyKind.CHARGES: failures.MissingCharges,
}


@dataclass(frozen=True, slots=True)
class Deficiency:
    """One thing that a chart lacks. No word of it is from the chart: kinds and field names only."""

    rule: Rule
    kind: DeficiencyKind
    sentence: str  # "The operative note is not signed"
    awaits: str  # "the signature of the operative note"
    where: str  # the path in the chart

    @property
    def rule_id(self) -> str:
        """The rule that the chart does not meet."""
        return self.rule.id

    @property
    def fix(self) -> str:
        """What its owner can do."""
        return self.rule.fix

    @property
    def owner(self) -> Owner:
        """Who can fix it."""
        return FAILURES[self.kind].owner

    @property
    def waits(self) -> bool:
        """Whether it is expected to cure itself when the next message arrives."""
        return self.rule.waits

    @property
    def deadline_hours(self) -> int:
        """How long it may last, from where the rule counts."""
        return self.rule.deadline_hours

    @property
    def counts_from(self) -> CountsFrom:
        """Where the rule counts from."""
        return self.rule.counts_from


@dataclass(frozen=True, slots=True)
class Complete:
    """Nothing required is missing. `wanted` would be good to have and stops nothing."""

    wanted: tuple[Deficiency, ...] = ()


@dataclass(frozen=True, slots=True)
class Deficient:
    """What is missing, the most important first; never empty."""

    deficiencies: tuple[Deficiency, ...]

    @property
    def awaits(self) -> str:
        """What the chart waits for, in words."""
        return ", ".join(one.awaits for one in self.deficiencies)

    @property
    def sentence(self) -> str:
        """All that is wrong, as one sentence."""
        first, *rest = (one.sentence for one in self.deficiencies)
        return "; ".join((first, *(_lower(sentence) for sentence in rest))) + "."


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
