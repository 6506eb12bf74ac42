"""NCCI procedure-to-procedure edits: which lines of one day may not be paid beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from services.codesets.edit_tables import NcciPair, Table
from services.codesets.modifiers import NCCI_ASSOCIATED

NEVER, WITH_MODIFIER, INACTIVE = "0", "1", "9"


@dataclass(frozen=True, slots=True)
class CodedLine:
    """A claim line as the edits see it; `index` is its place on the claim."""

    index: int
    code: str
    modifiers: tuple[str, ...]
    units: int
    on: date


@dataclass(frozen=True, slots=True)
class Bundled:
    """A line that a pair bundles into another one; `bypassed`: its modifier allows it."""

    column1: CodedLine
    column2: CodedLine
    pair: NcciPair
    bypassed: bool


def bundled(table: Table[NcciPair], lines: Sequence[CodedLine]) -> Iterator[Bundled]:
    """Every pair of lines of one day that the table keeps apart, in the order of the lines.

    The modifier that bypasses an edit stands on the column 2 line (NCCI policy manual I.E).
    """
    for column2 in lines:
        for column1 in lines:
            if column1.code == column2.code or column1.on != column2.on:
                continue
            pair = table.on((column1.code, column2.code), column1.on)
            if pair is None or pair.modifier_indicator == INACTIVE:
                continue
            allowed = pair.modifier_indicator == WITH_MODIFIER
            bypassed = allowed and not NCCI_ASSOCIATED.isdisjoint(column2.modifiers)
            yield Bundled(column1, column2, pair, bypassed)
