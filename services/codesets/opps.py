"""OPPS status indicators: what Addendum B itself states about how a line is paid.

What needs the I/OCE's own logic (conditional packaging, comprehensive and composite APCs, discounts
of several procedures) has no answer here, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.codesets.edit_tables import OppsRow, Table
from services.codesets.ncci import CodedLine

SEPARATE = frozenset({"G", "H", "K", "P", "R", "S", "U", "V"})
ELSEWHERE = frozenset({"A", "F", "L", "Y"})
NOT_PAID = frozenset({"B", "C", "D", "E", "E1", "E2", "M"})
PROCEDURES = frozenset({"S", "T"})
INPATIENT_ONLY, PACKAGED, COMPREHENSIVE, DISCOUNTED, VISIT = "C", "N", "J1", "T", "V"


class Paid(StrEnum):
    """How a line is paid under OPPS."""

    SEPARATELY = "separately"
    PACKAGED = "packaged"
    ELSEWHERE = "elsewhere"  # by another fee schedule
    NOT = "not-paid"
    UNKNOWN = "no_data"


STATED: dict[str, tuple[Paid, str]] = {
    **dict.fromkeys((*sorted(SEPARATE), COMPREHENSIVE, DISCOUNTED), (Paid.SEPARATELY, "")),
    **dict.fromkeys(sorted(ELSEWHERE), (Paid.ELSEWHERE, "Paid by another schedule than OPPS.")),
    **dict.fromkeys(sorted(NOT_PAID), (Paid.NOT, "Not paid under OPPS.")),
    PACKAGED: (Paid.PACKAGED, "Packaged into the other services of the day."),
}
UNSTATED = (Paid.UNKNOWN, "Its packaging depends on I/OCE logic that is not loaded.")  # Q1-Q4, J2


@dataclass(frozen=True, slots=True)
class PaidLine:
    """A line and what Addendum B says of it; `row` None: the table does not have the code."""

    line: CodedLine
    row: OppsRow | None
    paid: Paid
    why: str


def pay(table: Table[OppsRow], lines: Sequence[CodedLine]) -> Iterator[PaidLine]:
    """How each line is paid, in the order of the lines."""
    rows = [table.on(line.code, line.on) for line in lines]
    indicators = [row.status_indicator if row is not None else "" for row in rows]
    for line, row in zip(lines, rows, strict=True):
        paid, why = (Paid.UNKNOWN, "The table does not have the code.")
        if row is not None:
            paid, why = _paid(row.status_indicator, indicators)
        yield PaidLine(line, row, paid, why)


def _paid(indicator: str, all_: Sequence[str]) -> tuple[Paid, str]:
    if COMPREHENSIVE in all_ and len(all_) > 1 and indicator not in NOT_PAID:
        return Paid.UNKNOWN, "A comprehensive APC packages by I/OCE logic that is not loaded."
    if indicator == DISCOUNTED and all_.count(DISCOUNTED) > 1:
        return Paid.UNKNOWN, "Several procedures of status T are discounted by I/OCE logic."
    return STATED.get(indicator, UNSTATED)
