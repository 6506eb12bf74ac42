"""What a mention is worth: coded, or not, and why. By section, by what is said, by setting.

Outpatient an uncertain diagnosis is never coded (guideline IV.H); inpatient it is coded as if it
existed when the final statement says it (II.H, III.C), but for those that must be confirmed: HIV,
COVID-19, Zika, certain influenza (I.C.1, I.C.10.c). A condition of the past is coded as history or
not at all (I.C.21.c.4); a condition that stays is present although it was found in the past.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from services.coding.notes.context import Cue, Says
from services.coding.notes.data import rows
from services.coding.notes.matching import Mention
from services.coding.notes.model import Setting
from services.coding.notes.terms import Source
from services.coding.notes.text import SectionKind

CONFIRMED_ONLY = ("U071", "B20", "Z21", "A925", "J09", "J10")
SYMPTOMS = ("R",)
FINAL = frozenset({SectionKind.ASSESSMENT, SectionKind.OTHER})
COMPLAINTS = ("R", "M255", "M54", "M796", "M791")
OF_A_COMPLAINT = 0.9  # what a complaint is worth that the assessment does not take up
SYMPTOM_SECTIONS = frozenset(
    {SectionKind.COMPLAINT, SectionKind.PRESENT, SectionKind.ASSESSMENT, SectionKind.OTHER}
)
WORTH = {
    SectionKind.ASSESSMENT: 1.0,
    SectionKind.OTHER: 0.98,
    SectionKind.COMPLAINT: 0.9,
    SectionKind.PRESENT: 0.95,
    SectionKind.PLAN: 0.9,
    SectionKind.PAST: 0.85,
    SectionKind.SOCIAL: 0.95,
    SectionKind.FAMILY: 0.95,
    SectionKind.MEDICATIONS: 0.9,
    SectionKind.ALLERGIES: 0.95,
    SectionKind.RESULTS: 0.7,
    SectionKind.PROCEDURE: 0.65,
    SectionKind.EXAM: 0.45,
    SectionKind.REVIEW: 0.0,
}
ONLY = {
    SectionKind.FAMILY: ("Z80", "Z81", "Z82", "Z83", "Z84"),
    SectionKind.MEDICATIONS: ("Z79",),
    SectionKind.ALLERGIES: ("Z88",),
    SectionKind.SOCIAL: ("F10", "F11", "F12", "F14", "F15", "F17", "Z72", "Z87891", "Z59", "Z63"),
}
SOURCE_WORTH = {Source.LEXICON: 0.96, Source.TITLE: 0.94, Source.INCLUSION: 0.9}
INPATIENT_UNCERTAIN = 0.88
STAYING = 0.85  # a condition that stays, told as history


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a mention is coded. `code` may have become a history code; `why` names the rule."""

    code: str = ""
    confidence: float = 0.0
    why: str = ""
    against: tuple[str, ...] = ()


def judge(mention: Mention, cues: Sequence[Cue], setting: Setting) -> Verdict:
    """What the mention is worth, with the cues that speak about it."""
    section = mention.sentence.section
    said = {cue.says for cue in cues}
    against = tuple(sorted(said))
    refused = _refused(mention, said, setting)
    if refused:
        return Verdict(why=refused, against=against)
    code, confidence, why = mention.code, WORTH[section] * SOURCE_WORTH[mention.source], ""
    if code.startswith(COMPLAINTS) and section not in FINAL:
        confidence *= OF_A_COMPLAINT
    if Says.HISTORY in said or section is SectionKind.PAST:
        code, worth, why = _past(code, told=Says.HISTORY in said)
        confidence *= worth
        if not code:
            return Verdict(why="note.past", against=against)
    if Says.UNCERTAIN in said:
        confidence *= INPATIENT_UNCERTAIN
        why = "guideline.II.H"
    return Verdict(code, round(confidence, 3), why, against)


def _refused(mention: Mention, said: set[Says], setting: Setting) -> str:
    """The rule by which the mention is not coded at all; empty when it may be."""
    section, code = mention.sentence.section, mention.code
    for kind in (Says.FAMILY, Says.NEGATED, Says.PLANNED):
        if kind in said:
            return f"note.{kind}"
    if section in ONLY and not code.startswith(ONLY[section]):
        return "note.section"
    if not WORTH[section] or (code.startswith(SYMPTOMS) and section not in SYMPTOM_SECTIONS):
        return "note.section"
    return _refused_uncertain(section, code, setting) if Says.UNCERTAIN in said else ""


def _refused_uncertain(section: SectionKind, code: str, setting: Setting) -> str:
    """The rule by which an uncertain diagnosis is not coded; empty when it is."""
    if setting is not Setting.INPATIENT:
        return "guideline.IV.H"
    if code.startswith(CONFIRMED_ONLY):
        return "guideline.confirmed-only"
    return "" if section in FINAL else "guideline.II.H-not-final"


def _past(code: str, *, told: bool) -> tuple[str, float, str]:
    """What is coded for a condition of the past: code, what it is worth, and the rule."""
    if code.startswith(chronic()):
        return code, STAYING if told else 1.0, ""
    for beginning, status in history():
        if code.startswith(beginning):
            return (status, 0.9, "guideline.I.C.21.c.4") if told else ("", 0.0, "")
    return "", 0.0, ""


@cache
def chronic() -> tuple[str, ...]:
    """Beginnings of codes for conditions that stay."""
    return tuple(code for (code,) in rows("chronic.txt", 1))


@cache
def history() -> tuple[tuple[str, str], ...]:
    """Beginning of a code, and the code of its history."""
    return tuple((beginning, status) for beginning, status in rows("history.txt", 2))
