"""Excludes1 notes: from the tabular's prose to code ranges that a machine can test.

The tabular writes the excluded codes in brackets behind a term, in about ninety shapes:
`(E10.-)`, `(O10-O11, O13-O16)`, `(I69.05-, I69.15-)`, `(E08-E13 with .51-.52)`,
`(V01-V09 with fifth character 9)`, `(I69. with final characters -23)`. A note without a code
("code to condition") says nothing that could be tested and gives no range.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CODE = re.compile(r"(?<![A-Za-z0-9.])([A-Z][0-9A][0-9A-Z](?:\.[0-9A-Zx]*)?)(?![A-Za-z0-9])")
BRACKETS = re.compile(r"\(([^()]*)\)")
ORDINALS = {"fourth": 3, "4th": 3, "fifth": 4, "5th": 4, "sixth": 5, "6th": 5}
ORDINALS |= {"seventh": 6, "7th": 6}
AT_PLACE = re.compile(
    r"with (?P<place>fourth|fifth|sixth|seventh|[4-7]th)(?: to \w+)?[ -]characters? "
    r"\.?(?P<value>[0-9A-Z]+)"
)
AT_REST = re.compile(r"with (?P<values>\.[0-9A-Z]+-?(?:\.[0-9A-Z]+)?)")
AT_END = re.compile(r"with final characters -(?P<value>[0-9A-Z]+)")
OPEN_FRACTURE = "with open fracture 7th character"
OPEN_FRACTURE_CHARACTERS = tuple("BCEFHJMNQR")  # chapter 19: initial and later care, open fracture
UNTESTABLE = re.compile(r" with (?!\.|f|s|open|[4-7]th)")  # "... with ketoacidosis"
CATEGORY = 3
FROM_THE_END = -1


@dataclass(frozen=True, slots=True)
class CodeRange:
    """The codes from `low` to `high`, each taken with everything below it.

    `values` narrows the range: a code also needs one of them at the 0-based position `place`
    (`FROM_THE_END`: at its end). Codes are without dots.
    """

    low: str
    high: str
    place: int = 0
    values: tuple[str, ...] = ()

    def holds(self, code: str) -> bool:
        """Whether the code lies in the range."""
        if not self.low <= code[: len(self.low)] or not code[: len(self.high)] <= self.high:
            return False
        if not self.values:
            return True
        if self.place == FROM_THE_END:
            return code.endswith(self.values)
        return code.startswith(self.values, self.place)


def read_note(text: str) -> tuple[CodeRange, ...]:
    """The code ranges that one Excludes1 note names, in the order it names them.

    Codes in brackets count; without any, codes in the prose count ("classified to Q87.-"). A
    condition that is not about characters of the code ("with ketoacidosis") cannot be tested, so
    such a note gives nothing rather than too much.
    """
    groups = [group for group in BRACKETS.findall(text) if CODE.search(group)]
    if not groups:
        groups = [] if UNTESTABLE.search(text) else [text]
    return tuple(found for group in groups for found in _ranges(group))


def _ranges(group: str) -> list[CodeRange]:
    place, values = _condition(group)
    matches = list(CODE.finditer(group))
    ranges: list[CodeRange] = []
    joined = False
    for position, match in enumerate(matches):
        if joined:
            joined = False
            continue
        low = high = _bare(match[1])
        if position + 1 < len(matches):
            following = matches[position + 1]
            if _joins(group[match.end() : following.start()]):
                high = _bare(following[1])
                joined = True
        ranges.append(CodeRange(low, high, place, values))
    return ranges


def _joins(between: str) -> bool:
    """Whether the text between two codes makes them the ends of a range, not two codes."""
    if between.strip(".- ") == "to":
        return True
    return not between.strip(".- ") and between not in ("- ", " ", ".- ")


def _bare(code: str) -> str:
    return code.replace(".", "").rstrip("x")


def _condition(group: str) -> tuple[int, tuple[str, ...]]:
    if OPEN_FRACTURE in group:
        return ORDINALS["seventh"], OPEN_FRACTURE_CHARACTERS
    if found := AT_END.search(group):
        return FROM_THE_END, (found["value"],)
    if found := AT_PLACE.search(group):
        return ORDINALS[found["place"]], (found["value"],)
    if found := AT_REST.search(group):
        return CATEGORY, tuple(found["values"].replace("-", "").lstrip(".").split("."))
    return 0, ()
