"""A note as sections, sentences and words, each with its place in the text.

Places are character offsets into the note as it was given, so that a span can be shown in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from services.coding.notes.data import rows

WORD = re.compile(
    r"[a-z]/[a-z](?![a-z])|w/o\b|[A-Za-z][A-Za-z0-9]*(?:'[a-z]{1,2})?"
    r"|\d+(?:\.\d+)?[A-Za-z]{0,3}|[,;:()/?+]",
    re.IGNORECASE,
)
END = re.compile(r"[.!?]+[\"')\]]*(?=\s|$)")
HEADER_LINE = re.compile(
    r"[ \t]*(?:#+[ \t]*|\*\*)?([A-Za-z][A-Za-z0-9 /&,()'-]{1,60}?)\**[ \t]*(:|$)"
)
BULLET = re.compile(r"[ \t]*(?:[-*\u2022+>#]|\d{1,2}[.)]|[a-z][.)])[ \t]+", re.IGNORECASE)
ABBREVIATIONS = frozenset(
    [
        "dr",
        "mr",
        "mrs",
        "ms",
        "jr",
        "sr",
        "vs",
        "e.g",
        "i.e",
        "etc",
        "approx",
        "pt",
        "pts",
        "fx",
        "hx",
        "dx",
        "tx",
        "rx",
        "st",
        "lt",
        "rt",
        "p.o",
        "b.i.d",
        "t.i.d",
        "q.i.d",
        "q.d",
        "a.m",
        "p.m",
        "inc",
        "dept",
        "fig",
        "mt",
        "ft",
        "wk",
        "wks",
        "mo",
        "yr",
        "yrs",
        "min",
        "max",
        "temp",
        "resp",
        "ext",
        "abd",
        "neg",
        "pos",
        "cf",
        "al",
    ]
)
WRAPPED = 60  # a line at least this long may go on in the next one
MOST_WORDS_IN_A_HEADER = 7


class SectionKind(StrEnum):
    """What a section is for; this decides what its mentions are worth."""

    COMPLAINT = "complaint"
    PRESENT = "present"
    PAST = "past"
    FAMILY = "family"
    SOCIAL = "social"
    MEDICATIONS = "medications"
    ALLERGIES = "allergies"
    REVIEW = "review"
    EXAM = "exam"
    RESULTS = "results"
    PROCEDURE = "procedure"
    ASSESSMENT = "assessment"
    PLAN = "plan"
    OTHER = "other"


class Word(NamedTuple):
    """One word or mark in lower case, and where it stands."""

    text: str
    start: int
    end: int


class Sentence(NamedTuple):
    """One sentence or list entry. `number` counts them through the note."""

    number: int
    section: SectionKind
    start: int
    end: int
    words: tuple[Word, ...]


class Section(NamedTuple):
    """A stretch of the note under one header. `start` is behind the header."""

    kind: SectionKind
    title: str
    start: int
    end: int


def read_sections(note: str) -> tuple[Section, ...]:
    """The sections in order. What stands before the first header is of kind OTHER."""
    found: list[Section] = []
    kind, title, start = SectionKind.OTHER, "", 0
    for header, begin, end in _headers(note):
        if begin > start:
            found.append(Section(kind, title, start, begin))
        kind, title, start = headers().get(header, SectionKind.OTHER), header, end
    found.append(Section(kind, title, start, len(note)))
    return tuple(found)


def read_sentences(note: str) -> tuple[Sentence, ...]:
    """The sentences of all sections in order; those without a word are left out."""
    found: list[Sentence] = []
    for section in read_sections(note):
        for start, end in _stretches(note, section.start, section.end):
            words = split_words(note, start, end)
            if words:
                found.append(Sentence(len(found), section.kind, start, end, words))
    return tuple(found)


def split_words(note: str, start: int = 0, end: int | None = None) -> tuple[Word, ...]:
    """The words and marks between two places."""
    stop = len(note) if end is None else end
    return tuple(
        Word(match[0].lower(), match.start(), match.end())
        for match in WORD.finditer(note, start, stop)
    )


@cache
def headers() -> dict[str, SectionKind]:
    """Header in lower case → kind; from `lexicon/headers.txt`."""
    return {name: SectionKind(kind) for name, kind in rows("headers.txt", 2)}


def _headers(note: str) -> Iterator[tuple[str, int, int]]:
    """Each header in lower case, where its line begins and where its section begins."""
    at = 0
    for line in note.splitlines(keepends=True):
        match = HEADER_LINE.match(line.rstrip())
        if match:
            written = match[1].strip()
            alone = match[2] != ":"
            name = " ".join(written.lower().split())
            if name in headers() or (_is_capital(written) and (not alone or _is_title(line))):
                yield name, at, at + match.end()
        at += len(line)


def _is_capital(written: str) -> bool:
    return written.isupper() and len(written.split()) <= MOST_WORDS_IN_A_HEADER


def _is_title(line: str) -> bool:
    """Whether a line in capitals without a colon is a header and not a shouted diagnosis."""
    names = {word for name in headers() for word in name.split()}
    return any(word.lower() in names for word in line.split()) and "," not in line


def _stretches(note: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where sentences begin and end: at full stops, and at lines that do not go on."""
    begin = start
    for at in _breaks(note, start, end):
        yield begin, at
        begin = at
    yield begin, end


def _breaks(note: str, start: int, end: int) -> list[int]:
    ends = [
        match.end() for match in END.finditer(note, start, end) if not _goes_on(note, match, start)
    ]
    at = note.find("\n", start, end)
    while at != -1:
        if _line_ends(note, at, start, end):
            ends.append(at + 1)
        at = note.find("\n", at + 1, end)
    return sorted({one for one in ends if start < one < end})


def _goes_on(note: str, match: re.Match[str], start: int) -> bool:
    """Whether the full stop belongs to an abbreviation, an initial or a list number."""
    if match[0][0] != ".":
        return False
    before = note[max(start, match.start() - 12) : match.start()]
    last = before.split()[-1].lower() if before.split() else ""
    dotted = all(len(part) == 1 and part.isalpha() for part in last.split("."))
    if last in ABBREVIATIONS or dotted:
        following = note[match.end() :].lstrip()[:1]
        return not following.isupper() or last in {"dr", "mr", "mrs", "ms", "st"}
    if last.isdigit() and BULLET.match(note, note.rfind("\n", start, match.start()) + 1):
        line = note[max(start, note.rfind("\n", start, match.start()) + 1) : match.start()]
        return line.strip() == last
    return False


def _line_ends(note: str, at: int, start: int, end: int) -> bool:
    """Whether the line that ends here ends a sentence; a long one may be wrapped text."""
    line = note[max(start, note.rfind("\n", 0, at) + 1) : at]
    following = note[at + 1 : end]
    first = following.lstrip(" \t")[:1]
    if not first or first == "\n" or BULLET.match(following):
        return True
    return len(line) < WRAPPED or first.isupper()
