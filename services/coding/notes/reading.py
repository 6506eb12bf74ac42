"""One note, read and coded: mentions judged, taken to leaves, combined, ordered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.codesets.tabular import Tabular
from services.coding.notes.combining import combine, unresolved
from services.coding.notes.context import Says, read_cues, said_of
from services.coding.notes.judging import Verdict, judge
from services.coding.notes.leaves import find_leaf
from services.coding.notes.matching import Matcher, Mention
from services.coding.notes.model import (
    CodeStatus,
    Draft,
    Drafts,
    Evidence,
    NoteCode,
    NoteCoding,
    NoteFinding,
    Role,
    Setting,
    dotted,
)
from services.coding.notes.terms import MARKS, STOP, in_capitals, normal
from services.coding.notes.text import SectionKind, Sentence, read_sentences

ACCEPT = 0.9
PRESELECT = 0.5
BACK = 4  # words before a mention that may qualify it
AHEAD = 7  # words behind it
QUALIFIERS = frozenset(
    [
        "right",
        "left",
        "bilateral",
        "acute",
        "chronic",
        "initial",
        "subsequent",
        "first",
        "second",
        "third",
        "trimester",
        "mild",
        "moderate",
        "severe",
        "stage",
        "recurrent",
        "single",
        "episode",
        "open",
        "closed",
        "displaced",
        "nondisplaced",
        "with",
        "without",
        "dominant",
        "nondominant",
        "upper",
        "lower",
        "week",
    ]
)
ENDS = frozenset({";", ":", "and", "but", "denies", "no", "for"})
WEEKS = re.compile(r"\b(\d{1,2})(?:\s*(?:and|\+)?\s*\d/7)?[ -]*(?:weeks?|wks?)\b", re.IGNORECASE)
HEALING = re.compile(
    r"\b(?:routine healing|subsequent encounter|cast removal|healing (?:well|fracture)|recheck"
    r"|follow[ -]?up (?:visit )?(?:for|of|after)|nonunion|malunion|delayed healing|aftercare)\b",
    re.IGNORECASE,
)
SEQUELA = re.compile(r"\b(?:sequelae?|late effects?)\b", re.IGNORECASE)
FIRST, SECOND = 14, 28
DEFAULTED = 0.97
LATE_ORDER = "VWXY"
ADULT = 18


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of the visit beside the note."""

    setting: Setting
    age: int | None = None
    sex: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading needs: the tabular of the date and the matcher of its terms."""

    tabular: Tabular
    matcher: Matcher

    def read(self, note: str, visit: Visit) -> NoteCoding:
        """The codes of one note with their evidence; the same note gives the same codes."""
        drafts = Drafts()
        facts = _Facts.of(note)
        for sentence in read_sentences(note):
            mentions = [one for one in self.matcher.mentions(sentence) if _is_written_so(note, one)]
            self._read_sentence(sentence, mentions, visit, facts, drafts)
        combine(drafts, self.tabular)
        _check_person(drafts, visit)
        return NoteCoding(
            tuple(_ordered(drafts, visit)),
            tuple(_unique(drafts.findings)),
            self.tabular.edition.name,
        )

    def _read_sentence(
        self,
        sentence: Sentence,
        mentions: Sequence[Mention],
        visit: Visit,
        facts: _Facts,
        drafts: Drafts,
    ) -> None:
        if not mentions:
            return
        cues = read_cues(sentence.words)
        for mention in mentions:
            said = said_of(cues, mention.words[0], mention.words[-1])
            verdict = judge(mention, said, visit.setting)
            if verdict.code:
                self._add(mention, mentions, verdict, facts, drafts)
            elif verdict.why in UNCERTAIN_WHY:
                message = f"{dotted(mention.code)} is uncertain in the note and not coded."
                drafts.findings.append(NoteFinding(verdict.why, "info", mention.code, message))

    def _add(
        self,
        mention: Mention,
        mentions: Sequence[Mention],
        verdict: Verdict,
        facts: _Facts,
        drafts: Drafts,
    ) -> None:
        near = _near(mention, mentions) | facts.words_for(verdict.code)
        leaf = find_leaf(self.tabular, verdict.code, near, facts.seventh)
        if leaf is None:
            drafts.findings.append(unresolved(verdict.code))
            return
        section = mention.sentence.section
        evidence = Evidence(mention.start, mention.end, section, verdict.against)
        confidence = verdict.confidence * DEFAULTED**leaf.defaulted
        rules = [verdict.why] if verdict.why else []
        generic = leaf.code.startswith("E11") and not near & {"2"}
        drafts.add(Draft(leaf.code, round(confidence, 3), [evidence], rules, generic))


def _is_written_so(note: str, mention: Mention) -> bool:
    """Whether an abbreviation that is also a word is written in capitals."""
    written = note[mention.start : mention.end]
    return written.isupper() or written.lower() not in in_capitals()


UNCERTAIN_WHY = frozenset(
    {"guideline.IV.H", "guideline.II.H-not-final", "guideline.confirmed-only"}
)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the whole note says: 7th character of the encounter, trimester."""

    seventh: str
    trimester: str

    @classmethod
    def of(cls, note: str) -> _Facts:
        seventh = "S" if SEQUELA.search(note) else "D" if HEALING.search(note) else "A"
        weeks = WEEKS.search(note)
        number = int(weeks[1]) if weeks else 0
        ordinal = "first" if number < FIRST else "second" if number < SECOND else "third"
        return cls(seventh, ordinal if weeks else "")

    def words_for(self, code: str) -> set[str]:
        """The words that the whole note adds for a code; the trimester for chapter 15."""
        return {self.trimester, "trimester"} if self.trimester and code.startswith("O") else set()


def _near(mention: Mention, mentions: Sequence[Mention]) -> set[str]:
    """The normal words of the mention and of what qualifies it before and behind."""
    words = mention.sentence.words
    taken = {index for other in mentions if other is not mention for index in other.words}
    near = {normal(words[index].text) for index in range(mention.words[0], mention.words[-1] + 1)}
    for index in range(mention.words[0] - 1, max(-1, mention.words[0] - 1 - BACK), -1):
        text = words[index].text
        if text in ENDS or text == "," or index in taken:
            break
        near.add(normal(text))
    comma = False
    for index in range(mention.words[-1] + 1, min(len(words), mention.words[-1] + 1 + AHEAD)):
        text = words[index].text
        comma = comma or text == ","
        if text in ENDS or index in taken:
            break
        if not comma or normal(text) in QUALIFIERS or text[0].isdigit():
            near.add(normal(text))
    near -= MARKS | STOP
    if {"right", "left"} <= near:
        near -= {"right", "left"}
    return near


def _check_person(drafts: Drafts, visit: Visit) -> None:
    """What cannot be at this age or sex (guidelines I.C.15, I.C.16, I.C.21)."""
    if visit.sex == "M":
        for code in drafts.starting("O", "Z37", "Z34"):
            drafts.drop(code, "note.sex", "It does not fit the patient's sex.", "warning")
    if visit.age is not None and visit.age < ADULT:
        if "Z0000" in drafts.codes:
            drafts.become("Z0000", "Z00129", "note.age")
        for code in drafts.starting("O", "N40"):
            if visit.age < 9:  # noqa: PLR2004 - the MCE's lowest maternal age
                drafts.drop(code, "note.age", "It does not fit the patient's age.", "warning")


def _ordered(drafts: Drafts, visit: Visit) -> Iterable[NoteCode]:
    """The first-listed code first, then the others by section and place (II, IV.G)."""
    first = Role.PRINCIPAL if visit.setting is Setting.INPATIENT else Role.FIRST_LISTED
    ranked = sorted(drafts.codes.values(), key=_rank)
    for number, draft in enumerate(ranked):
        evidence = sorted(draft.evidence, key=lambda one: (one.start, one.end))
        yield NoteCode(
            draft.code,
            Role.SECONDARY if number or _never_first(draft.code) else first,
            _status(draft),
            draft.confidence,
            tuple(evidence),
            tuple(dict.fromkeys(draft.rules)),
        )


def _status(draft: Draft) -> CodeStatus:
    if draft.confidence >= ACCEPT and not any(
        Says.UNCERTAIN in one.against for one in draft.evidence
    ):
        return CodeStatus.ACCEPTED
    return CodeStatus.PRESELECTED if draft.confidence >= PRESELECT else CodeStatus.SUGGESTED


SEQUENCE = (
    ("I11", "I50"),
    ("I12", "N18"),
    ("I13", "I50"),
    ("I13", "N18"),
    ("E", "N18"),
    ("A41", "R652"),
    ("U071", "J1282"),
    ("E", "L97"),
)


def _rank(draft: Draft) -> tuple[int, int, int, str]:
    """Causes and status last; the assessment before the rest; then as they come."""
    code = draft.code
    kind = 4 if code[0] in LATE_ORDER else 3 if _is_status(code) else 2 if code[0] == "R" else 0
    manifest = code.startswith(tuple(later for _, later in SEQUENCE))
    final = any(one.section is SectionKind.ASSESSMENT for one in draft.evidence)
    place = min((one.start for one in draft.evidence), default=0)
    return kind + manifest, 0 if final else 1, place, code


def _is_status(code: str) -> bool:
    return code.startswith(("Z1", "Z2", "Z3", "Z6", "Z7", "Z8", "Z9"))


def _never_first(code: str) -> bool:
    """Causes never, and codes that need another before them (I.A.13, I.C.20.a.6)."""
    return code[0] in LATE_ORDER or code.startswith(("R652", "J1282", "D63", "B95", "B96"))


def _unique(findings: Iterable[NoteFinding]) -> list[NoteFinding]:
    return list(dict.fromkeys(findings))
