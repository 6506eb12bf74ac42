"""What coding a note gives: codes with evidence, and findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from services.coding.notes.text import SectionKind

CATEGORY = 3


def dotted(bare: str) -> str:
    """A diagnosis code as people write it."""
    return f"{bare[:CATEGORY]}.{bare[CATEGORY:]}" if len(bare) > CATEGORY else bare


class Setting(StrEnum):
    """Where the patient was; it decides what an uncertain diagnosis is worth."""

    INPATIENT = "inpatient"
    OUTPATIENT = "outpatient"
    ED = "ed"


class CodeStatus(StrEnum):
    """What a person has to do about a code."""

    ACCEPTED = "accepted"
    PRESELECTED = "preselected"
    SUGGESTED = "suggested"


class Role(StrEnum):
    """What a code is in the list."""

    PRINCIPAL = "principal"  # inpatient
    FIRST_LISTED = "first-listed"  # elsewhere
    SECONDARY = "secondary"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the note says it: character offsets. `against` lists what weakens it."""

    start: int
    end: int
    section: SectionKind
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoteCode:
    """One proposed code, without dot."""

    code: str
    role: Role
    status: CodeStatus
    confidence: float
    evidence: tuple[Evidence, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoteFinding:
    """What a person should know about the coding. The message names codes, never note text."""

    rule_id: str
    severity: str
    target: str
    message: str


@dataclass(frozen=True, slots=True)
class NoteCoding:
    """The codes of a note in order, the first one first; findings; the edition used."""

    codes: tuple[NoteCode, ...]
    findings: tuple[NoteFinding, ...]
    edition: str


@dataclass(slots=True)
class Draft:
    """A code in the making."""

    code: str
    confidence: float
    evidence: list[Evidence] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    generic: bool = False  # the words do not say which type (of diabetes)


@dataclass(slots=True)
class Drafts:
    """All codes in the making, by code, and what was found on the way."""

    codes: dict[str, Draft] = field(default_factory=dict)
    findings: list[NoteFinding] = field(default_factory=list)

    def add(self, draft: Draft) -> None:
        """Add one; the same code once more adds its evidence and keeps the better confidence."""
        held = self.codes.setdefault(draft.code, draft)
        if held is draft:
            return
        held.confidence = max(held.confidence, draft.confidence)
        held.generic = held.generic and draft.generic
        held.evidence += [one for one in draft.evidence if one not in held.evidence]
        held.rules += [rule for rule in draft.rules if rule not in held.rules]

    def drop(self, code: str, rule_id: str, message: str, severity: str = "info") -> None:
        """Take one out and say why."""
        if self.codes.pop(code, None) is not None:
            self.findings.append(NoteFinding(rule_id, severity, code, message))

    def become(self, old: str, new: str, rule_id: str) -> None:
        """Put a combination code in the place of a code; the evidence goes with it."""
        held = self.codes.pop(old)
        rules = [*held.rules, rule_id]
        self.add(Draft(new, held.confidence, list(held.evidence), rules))

    def starting(self, *prefixes: str) -> list[str]:
        """The codes that begin so, in the order in which they came."""
        return [code for code in self.codes if code.startswith(prefixes)]
