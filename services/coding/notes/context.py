"""What is said about a mention: negated, uncertain, history, family, planned.

Our own form of the ConText algorithm (Harkema and others, 2009): a trigger says something about
what follows or precedes it, up to a word that ends its scope. A pseudo-trigger ("no change") says
nothing and hides the triggers inside it. The phrases are data: `lexicon/triggers.txt`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from services.coding.notes.data import rows
from services.coding.notes.text import Word, split_words

REACH_BACK = 8  # words that a trigger behind the mention may reach back
REACH = {"history": 14, "uncertain": 12, "planned": 14, "negated": 30, "family": 30}
LISTED = frozenset({",", "and", "or", "nor", "/"})
SHORT = frozenset({"non", "not", "never", "old", "had", "is", "was", "were", "are"})
SHORT_REACH = 5
PRONOUNS = frozenset({"she", "he", "patient", "pt"})
VERBS = frozenset({"has", "is", "was", "had", "have", "been"})


class Says(StrEnum):
    """What a context says about a mention."""

    NEGATED = "negated"
    UNCERTAIN = "uncertain"
    HISTORY = "history"
    FAMILY = "family"
    PLANNED = "planned"


class Cue(NamedTuple):
    """A trigger that was found: the words it takes up and the words it speaks about."""

    says: Says
    first: int
    last: int
    scope_from: int
    scope_to: int


class _Trigger(NamedTuple):
    words: tuple[str, ...]
    kinds: frozenset[tuple[str, str]]


def read_cues(words: Sequence[Word]) -> tuple[Cue, ...]:
    """The cues of one sentence, in order, with the words (first and last) each speaks about."""
    found = _triggers(words)
    stops = [at for at, trigger in found if ("stop", "both") in trigger.kinds]
    cues: list[Cue] = []
    for at, trigger in found:
        last = at + len(trigger.words) - 1
        for says, side in sorted(trigger.kinds):
            if says in {"stop", "pseudo"}:
                continue
            if side == "before":
                end = _forward(words, says, trigger, last, stops)
                cues.append(Cue(Says(says), at, last, last + 1, end))
            else:
                start = _back(words, at, stops)
                cues.append(Cue(Says(says), at, last, start, at - 1))
    return tuple(cues)


def said_of(cues: Sequence[Cue], first: int, last: int) -> tuple[Cue, ...]:
    """The cues that speak about the mention from its first to its last word.

    A cue before the mention must reach its first word, one behind it its last: "no pneumonia due
    to COVID-19" negates the whole although "due to" ends the scope of "no".
    """
    return tuple(
        cue
        for cue in cues
        if cue.scope_from <= (first if cue.first < cue.scope_from else last) <= cue.scope_to
        and not first <= cue.first <= last
    )


def _triggers(words: Sequence[Word]) -> list[tuple[int, _Trigger]]:
    """The longest trigger at each place, from left to right; what it covers is used up."""
    by_first = triggers()
    texts = tuple(word.text for word in words)
    found: list[tuple[int, _Trigger]] = []
    at = 0
    while at < len(words):
        for trigger in by_first.get(texts[at], ()):
            length = len(trigger.words)
            if texts[at : at + length] == trigger.words:
                found.append((at, trigger))
                at += length - 1
                break
        at += 1
    return found


def _forward(
    words: Sequence[Word], says: str, trigger: _Trigger, last: int, stops: Sequence[int]
) -> int:
    """The last word that a trigger before the mention speaks about."""
    reach = SHORT_REACH if trigger.words[0] in SHORT and len(trigger.words) == 1 else REACH[says]
    end = min(len(words) - 1, last + reach)
    for stop in stops:
        if stop > last + 1 or (stop == last + 1 and words[stop].text not in VERBS | PRONOUNS):
            if says == "family" and words[stop].text in VERBS:
                continue
            end = min(end, stop - 1)
            break
    if says == "uncertain":
        end = next((at - 1 for at in range(last + 2, end + 1) if words[at].text == "with"), end)
    if says in {"negated", "history", "uncertain"}:
        end = min(end, _before_clause(words, last + 1, end))
    return end


def _before_clause(words: Sequence[Word], start: int, end: int) -> int:
    """The word before a comma behind which a new clause begins (", has", ", with", ", but")."""
    for at in range(start, end):
        if words[at].text in {",", "and"} and words[at + 1].text in CLAUSE:
            return at - 1
    return end


CLAUSE = frozenset(
    [
        "has",
        "have",
        "had",
        "is",
        "was",
        "were",
        "are",
        "with",
        "will",
        "continue",
        "start",
        "presents",
        "complains",
        "reports",
        "admits",
        "started",
        "on",
        "who",
        "which",
        "noted",
        "found",
        "developed",
        "shows",
        "showed",
        "reveals",
        "positive",
        "there",
        "this",
        "his",
        "her",
        "then",
        "given",
        "treated",
    ]
)


def _back(words: Sequence[Word], at: int, stops: Sequence[int]) -> int:
    """The first word that a trigger behind the mention speaks about."""
    start = max(0, at - REACH_BACK)
    for stop in stops:
        if start <= stop < at and words[stop].text not in VERBS:
            start = stop + 1
    for place in range(at - 1, start - 1, -1):
        if words[place].text in {",", ";"} and words[at - 1].text not in LISTED:
            return place + 1
    return start


@cache
def triggers() -> dict[str, tuple[_Trigger, ...]]:
    """First word → triggers, longest first."""
    kinds: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for phrase, says, side in rows("triggers.txt", 3):
        words = tuple(word.text for word in split_words(phrase))
        kinds.setdefault(words, set()).add((says, side))
    found: dict[str, list[_Trigger]] = {}
    for words, said in sorted(kinds.items(), key=lambda pair: (-len(pair[0]), pair[0])):
        found.setdefault(words[0], []).append(_Trigger(words, frozenset(said)))
    return {first: tuple(listed) for first, listed in found.items()}
