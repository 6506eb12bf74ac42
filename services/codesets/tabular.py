"""The ICD-10-CM tabular list of one edition, held compactly and looked up by code.

Codes are without dots and in upper case throughout. A *leaf* is a billable code; a *header* is a
code that needs more characters. The parent of a code is its longest prefix that is a code, so the
tree needs no links: `W19XXXA` hangs under `W19`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from services.codesets.edition import Edition
from services.codesets.notes import CodeRange

CATEGORY = 3
FULL = 7
MANY = 12  # more choices than this are listed one level down instead of as billable codes


class Why(StrEnum):
    """Why a code cannot be billed."""

    UNKNOWN = "unknown"  # not in this edition at all
    HEADER = "header"  # needs more characters
    SEVENTH_MISSING = "seventh-missing"  # needs its 7th character
    SEVENTH_WRONG = "seventh-wrong"  # has one that is not defined for it, or in the wrong place


@dataclass(frozen=True, slots=True)
class Unbillable:
    """Why a code cannot be billed, and what could stand in its place."""

    why: Why
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Excluded:
    """Two codes of one list that an Excludes1 note keeps apart, and the node that has the note."""

    first: int
    second: int
    node: str


@dataclass(frozen=True, slots=True)
class Excludes:
    """All Excludes1 notes of one node: bare codes apart from ranges, for speed."""

    codes: tuple[str, ...]
    ranges: tuple[CodeRange, ...]

    def hold(self, code: str) -> bool:
        """Whether one of the notes names the code or something above it."""
        return code.startswith(self.codes) or any(span.holds(code) for span in self.ranges)


@dataclass(frozen=True)
class Tabular:
    """One edition of the tabular list.

    `blocks` gives for a category the sections and the chapter above it, nearest first. `sevenths`
    gives for a node the 7th characters defined there, with their text. `read_titles` fetches all
    titles; they are unpacked only when somebody asks for one.
    """

    edition: Edition
    leaves: frozenset[str]
    headers: frozenset[str]
    blocks: Mapping[str, tuple[str, ...]]
    sevenths: Mapping[str, Mapping[str, str]]
    excludes: Mapping[str, Excludes]
    read_titles: Callable[[], Mapping[str, str]] = field(repr=False)

    def is_billable(self, code: str) -> bool:
        """Whether the code is a leaf: real, and with all the characters it needs."""
        return code in self.leaves

    def explain(self, code: str) -> Unbillable | None:
        """Why the code cannot be billed; None when it can. Any text may be asked about."""
        if code in self.leaves:
            return None
        if code in self.headers:
            children = self.children(code)
            why = Why.SEVENTH_MISSING if self._takes_seventh(children) else Why.HEADER
            return Unbillable(why, self._choices(code))
        return self._explain_unknown(code)

    def children(self, code: str) -> tuple[str, ...]:
        """The codes one level below, in order."""
        below: list[str] = []
        for node in self._below(code):
            if not below or not node.startswith(below[-1]):
                below.append(node)
        return tuple(below)

    def title(self, code: str) -> str:
        """The official title; that of a 7th character is added. Empty for an unknown code."""
        titles = self._titles
        if code in titles:
            return titles[code]
        if len(code) != FULL or code not in self.leaves:
            return ""
        base = code[:-1].rstrip("X") if code[:-1] not in titles else code[:-1]
        base = self._nearest(base, titles)
        definition = self._nearest(code[:-1], self.sevenths)
        text = self.sevenths.get(definition, {}).get(code[-1], "")
        return f"{titles.get(base, '')}, {text}" if text else titles.get(base, "")

    def excludes1(self, codes: Sequence[str]) -> tuple[Excluded, ...]:
        """The pairs of the list that an Excludes1 note keeps apart, each pair once.

        A note counts for the code that carries it and for everything below it, up from the
        section and the chapter, and it counts both ways (ICD-10-CM guideline I.A.12.a).
        """
        notes = [self._notes_over(code) for code in codes]
        found: list[Excluded] = []
        for first in range(len(codes)):
            for second in range(first + 1, len(codes)):
                node = _node_between(notes[first], codes[second])
                node = node or _node_between(notes[second], codes[first])
                if node and codes[first] != codes[second]:
                    found.append(Excluded(first, second, node))
        return tuple(found)

    def _notes_over(self, code: str) -> list[tuple[str, Excludes]]:
        excludes = self.excludes
        nodes = [code[:length] for length in range(len(code), CATEGORY - 1, -1)]
        nodes += self.blocks.get(code[:CATEGORY], ())
        return [(node, excludes[node]) for node in nodes if node in excludes]

    @cached_property
    def _titles(self) -> Mapping[str, str]:
        return self.read_titles()

    @cached_property
    def _nodes(self) -> list[str]:
        return sorted(self.leaves | self.headers)

    def _below(self, code: str) -> list[str]:
        start = bisect_left(self._nodes, code)
        end = bisect_left(self._nodes, code + "~")
        return [node for node in self._nodes[start:end] if node != code]

    def _takes_seventh(self, children: Sequence[str]) -> bool:
        return bool(children) and all(
            len(child) == FULL and child in self.leaves and self._defines(child)
            for child in children
        )

    def _defines(self, leaf: str) -> bool:
        return leaf[-1] in self.sevenths.get(self._nearest(leaf[:-1], self.sevenths), {})

    def _choices(self, code: str) -> tuple[str, ...]:
        leaves = tuple(node for node in self._below(code) if node in self.leaves)
        return leaves if len(leaves) <= MANY else self.children(code)

    def _explain_unknown(self, code: str) -> Unbillable:
        base = next(
            (code[:n] for n in range(len(code) - 1, CATEGORY - 1, -1) if self._is_code(code[:n])),
            "",
        )
        if base not in self.headers:
            return Unbillable(Why.UNKNOWN, (base,) if base else ())
        children = self.children(base)
        if not self._takes_seventh(children):
            return Unbillable(Why.UNKNOWN, self._choices(base) if len(base) > CATEGORY else ())
        if len(code) < FULL and not code[len(base) :].strip("X"):
            return Unbillable(Why.SEVENTH_MISSING, children)
        filled = base.ljust(FULL - 1, "X") + code[-1]
        return Unbillable(Why.SEVENTH_WRONG, (filled,) if filled in self.leaves else children)

    def _is_code(self, code: str) -> bool:
        return code in self.leaves or code in self.headers

    @staticmethod
    def _nearest(code: str, among: Mapping[str, object]) -> str:
        """The longest prefix of the code that is a key; the empty string when there is none."""
        lengths = range(len(code), CATEGORY - 1, -1)
        return next((code[:n] for n in lengths if code[:n] in among), "")


def _node_between(notes: Sequence[tuple[str, Excludes]], other: str) -> str:
    return next((node for node, excludes in notes if excludes.hold(other)), "")
