"""Mentions: which terms a sentence names, and with which of its words.

All words of a term must stand in one sentence within a small window. A pair of numbers, the two
rarest words of a term, selects the few terms that can begin there; so a note costs about as many
look-ups as it has neighbouring words. Of mentions that share words the one with most words wins.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from services.coding.notes.terms import MARKS, NOTHING, STOP, Source, Terms, normal
from services.coding.notes.text import Sentence

SLACK = 2  # foreign words that may stand between the words of a term
WINDOW = 10
FREE = frozenset(
    ["a", "right", "left", "bilateral", "acute", "chronic", "mild", "moderate", "severe"]
)
COUNTED = frozenset({"type", "stage", "class", "grade"})  # a number behind one belongs to it
WIDE = {",": 1, "/": 0, "(": 1, ")": 1, ":": 1, ";": 20, "?": 1, "+": 1}
JOINING = frozenset({"and", "or", "but", "no", "not", "denies", "without", "versus", "vs", "for"})
ADJECTIVES = frozenset({"acute", "chronic"})


class Place(NamedTuple):
    """A word of the sentence that counts: its number (-1 unknown), where it stands, its index."""

    number: int
    at: int
    word: int


class Mention(NamedTuple):
    """A term that a sentence names. `words` are indices into the sentence's words, in order."""

    sentence: Sentence
    words: tuple[int, ...]
    code: str
    source: Source

    @property
    def start(self) -> int:
        """Where the mention begins in the note."""
        return self.sentence.words[self.words[0]].start

    @property
    def end(self) -> int:
        """Where it ends in the note."""
        return self.sentence.words[self.words[-1]].end


class Matcher:
    """Finds mentions. Safe for several threads: nothing changes after it was made."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._numbers = terms.numbers
        self._size = len(terms.numbers)
        self._single: dict[int, int] = {}
        self._pairs: dict[int, tuple[int, ...]] = {}
        for which, words in enumerate(terms.words):
            if len(words) == 1:
                self._single[words[0]] = which
            else:
                pair = words[0] * self._size + words[1]
                self._pairs[pair] = (*self._pairs.get(pair, ()), which)

    def __len__(self) -> int:
        return len(self._terms.codes)

    def mentions(self, sentence: Sentence) -> list[Mention]:
        """The mentions of one sentence in order of their places; none lies within another."""
        found = sorted(self._all(sentence), key=lambda one: (-len(one[0]), one[2], one[0], one[1]))
        kept: list[tuple[tuple[int, ...], str, int]] = []
        for words, code, source in found:
            mine = set(words)
            if not any(2 * len(mine & set(other)) >= len(mine) for other, _, _ in kept):
                kept.append((words, code, source))
        return [
            Mention(sentence, words, code, Source(source))
            for words, code, source in sorted(kept)
            if code != NOTHING
        ]

    def _places(self, sentence: Sentence) -> list[Place]:
        places: list[Place] = []
        at = 0
        numbers = self._numbers
        for index, word in enumerate(sentence.words):
            text = word.text
            if text in MARKS:
                at += WIDE.get(text, 1)
                continue
            if text in STOP:
                at += 2 * (text in JOINING)
                continue
            known = normal(text)
            places.append(Place(numbers.get(known, -1), at, index))
            at += 0 if known in FREE else 2 if text in JOINING else 1
        return places

    def _all(self, sentence: Sentence) -> Iterator[tuple[tuple[int, ...], str, int]]:
        places = self._places(sentence)
        terms, pairs, size = self._terms, self._pairs, self._size
        for here, place in enumerate(places):
            number = place.number
            if number < 0:
                continue
            which = self._single.get(number)
            if which is not None:
                yield (place.word,), terms.codes[which], terms.sources[which]
            for there in range(here + 1, len(places)):
                other = places[there]
                if other.at - place.at > WINDOW:
                    break
                if other.number < 0 or other.number == number:
                    continue
                low, high = sorted((number, other.number))
                for which in pairs.get(low * size + high, ()):
                    words = _complete(places, here, there, terms.words[which])
                    if words and _counts_its_own(sentence, words):
                        yield words, terms.codes[which], terms.sources[which]


def _counts_its_own(sentence: Sentence, chosen: tuple[int, ...]) -> bool:
    """Whether no number of the mention belongs to a word outside of it ("type 2 ... stage")."""
    return not any(
        sentence.words[index].text[0].isdigit()
        and index > 0
        and index - 1 not in chosen
        and sentence.words[index - 1].text in COUNTED
        for index in chosen
    )


def _complete(
    places: list[Place], here: int, there: int, wanted: tuple[int, ...]
) -> tuple[int, ...]:
    """The words of the sentence that make the term whole; empty when it is not, or too wide."""
    missing = set(wanted[2:])
    chosen = [here, there]
    if missing:
        first = places[there].at - len(wanted) - SLACK
        last = places[here].at + len(wanted) + SLACK
        near = sorted(
            (n for n, place in enumerate(places) if first <= place.at <= last),
            key=lambda n: min(abs(n - here), abs(n - there)),
        )
        for n in near:
            if places[n].number in missing:
                missing.discard(places[n].number)
                chosen.append(n)
        if missing:
            return ()
    chosen.sort()
    spread = places[chosen[-1]].at - places[chosen[0]].at + 1
    if spread > len(wanted) + SLACK:
        return ()
    return tuple(places[n].word for n in chosen)
