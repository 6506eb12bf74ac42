"""What can be named: terms as sets of normal words, from the tabular list and our own lexicon.

A term is the set of words that must stand together in a sentence. Word numbers are given by
rarity, rarest first, so that the two smallest numbers of a term select it (see `matching`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from services.coding.notes.data import rows
from services.coding.notes.text import split_words

STOP = frozenset(
    [
        "of",
        "the",
        "an",
        "in",
        "on",
        "at",
        "to",
        "by",
        "for",
        "from",
        "with",
        "and",
        "or",
        "is",
        "was",
        "are",
        "as",
        "be",
        "his",
        "her",
        "their",
        "this",
        "that",
        "its",
        "due",
        "unspecified",
        "nos",
        "specified",
        "site",
        "than",
    ]
)
MARKS = frozenset(",;:()/?+")
NOTHING = "-"
MOST_WORDS = 8
LEAST_LETTERS = 4  # of a one-word term that the tabular gives
BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
VAGUE = re.compile(
    r",? ?(?:as to \w+|(?:unspecified|multiple) (?:part|parts|ligament|organism|site|sites|location"
    r"|cause|degree|severity|stage|type|body region|trimester|as to [a-z ]+)"
    r"|(?:organism|site|type|part|cause|stage) (?:not specified|unspecified)"
    r"|not specified as [a-z ]+|single episode, unspecified|not intractable|uncomplicated)(?: of)?"
)
SKIPPED = re.compile(
    r"\bother\b(?! parts? of)|elsewhere|classifiable|classified|sequela|encounter|observation"
    r"|fetus \d|\bany\b|site, (?:un)?stage"
)
CHAPTERS_OF_OUR_OWN = "VWXYZ"  # causes and status: named by the lexicon only


class Source(IntEnum):
    """Where a term comes from; the smaller wins."""

    LEXICON = 0
    TITLE = 1
    INCLUSION = 2


class Term(NamedTuple):
    """The normal words that must stand together, and the code they name (without dot)."""

    words: tuple[str, ...]
    code: str
    source: Source


@dataclass(slots=True)
class Terms:
    """All terms of one edition and one lexicon, with words as numbers; 0 is the rarest."""

    numbers: dict[str, int]
    words: list[tuple[int, ...]]
    codes: list[str]
    sources: list[int]


@cache
def normal(word: str) -> str:
    """The word as it is compared: singular, and one word for all that mean the same."""
    kept = _same_words()
    if word in kept:
        return kept[word]
    word = word.removesuffix("'s")
    if len(word) > LEAST_LETTERS - 1:
        if word.endswith("ies") and len(word) > LEAST_LETTERS:
            word = word[:-3] + "y"
        elif word.endswith(("ches", "shes", "xes", "sses")):
            word = word[:-2]
        elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
            word = word[:-1]
    return kept.get(word, word)


def content(text: str) -> tuple[str, ...]:
    """The normal words of a text without marks and small words, each once, in order."""
    words = (word.text for word in split_words(text))
    return tuple(
        dict.fromkeys(normal(word) for word in words if word not in STOP and word not in MARKS)
    )


def compile_terms(xml: Path, titles: Mapping[str, str]) -> Terms:
    """Every term of the lexicon and of the tabular.

    Raises:
        OSError: the tabular cannot be read.
        lxml.etree.XMLSyntaxError: it is not well formed.
    """
    chosen: dict[frozenset[str], Term] = {}
    for term in (*lexicon_terms(), *_title_terms(titles), *_inclusion_terms(xml)):
        key = frozenset(term.words)
        held = chosen.get(key)
        chosen[key] = term if held is None else _between(held, term)
    return _numbered(term for term in chosen.values() if term.code)


def lexicon_terms() -> Iterator[Term]:
    """Our own terms: abbreviations, lay words, what clinicians call things, and what means nothing.

    A term of the code `NOTHING` uses up its words, so that no part of it is taken for a diagnosis.
    """
    for name, code in rows("terms.txt", 2):
        yield Term(content(name), code.replace(".", ""), Source.LEXICON)


@cache
def in_capitals() -> frozenset[str]:
    """Terms of one word that mean something else unless they are written in capitals."""
    return frozenset(term for term, _, note in rows("terms.txt", 3) if note == "capitals")


@cache
def generic() -> frozenset[str]:
    """Words that name nothing by themselves."""
    return frozenset(word for (word,) in rows("generic.txt", 1))


@cache
def _same_words() -> dict[str, str]:
    return dict((word, same) for word, same in rows("words.txt", 2))  # noqa: C402 - mypy: pairs


def _title_terms(titles: Mapping[str, str]) -> Iterator[Term]:
    for code, title in titles.items():
        yield from _official(title, code, Source.TITLE)


def _inclusion_terms(xml: Path) -> Iterator[Term]:
    """The inclusion terms and the includes notes of each code."""
    code = ""
    for _, element in etree.iterparse(str(xml), resolve_entities=False, no_network=True):
        inside = element.getparent()
        if element.tag == "name" and inside is not None and inside.tag == "diag":
            code = (element.text or "").replace(".", "")
        elif element.tag == "note" and inside.tag in {"inclusionTerm", "includes"} and code:
            yield from _official(element.text or "", code, Source.INCLUSION)
        elif element.tag == "diag":
            element.clear()


def _official(text: str, code: str, source: Source) -> Iterator[Term]:
    """The term of an official phrase; empty when it would say more or less than it means."""
    lowered = BRACKETS.sub(" ", text.lower())
    if code[0] in CHAPTERS_OF_OUR_OWN or SKIPPED.search(lowered):
        return
    lowered = VAGUE.sub("", lowered)
    base, without, _ = lowered.partition(" without ")
    for phrase in (lowered, base.rstrip(", ")) if without else (lowered,):
        words = content(phrase)
        if not words or len(words) > MOST_WORDS:
            continue
        if len(words) == 1 and (len(words[0]) < LEAST_LETTERS or words[0] in generic()):
            continue
        if all(word in generic() for word in words):
            continue
        yield Term(words, code, source)


def _between(held: Term, other: Term) -> Term:
    """One term for the same words: the lexicon's, else the code that stands above both."""
    if held.source == Source.LEXICON or held.code == other.code:
        return held
    if other.code.startswith(held.code) or (not held.code and held.source <= other.source):
        return held
    if held.source < other.source:
        return held
    if held.code.startswith(other.code):
        return other
    above = _above(held.code, other.code)
    return held._replace(code=above)


def _above(one: str, other: str) -> str:
    """The category or subcategory above both codes; empty when they have none in common."""
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    return one[:same] if same >= 3 else ""  # noqa: PLR2004 - a category has three characters


def _numbered(terms: Iterable[Term]) -> Terms:
    listed = sorted(terms, key=lambda term: (term.words, term.code))
    counted = Counter(word for term in listed for word in term.words)
    order = sorted(counted, key=lambda word: (counted[word], word))
    numbers = {word: number for number, word in enumerate(order)}
    return Terms(
        numbers,
        [tuple(sorted(numbers[word] for word in term.words)) for term in listed],
        [term.code for term in listed],
        [int(term.source) for term in listed],
    )
