"""A case that is asked by many rules: what they all need is found once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from services.codesets.ncci import CodedLine
from services.coding.case import Case, Listed
from services.coding.words import CPT_OR_HCPCS

Days = tuple[tuple[date, tuple[CodedLine, ...]], ...]


@dataclass(frozen=True)
class EditCase(Case):
    """A `Case` that sorts its diagnoses and its lines once."""

    @cached_property
    def claimed(self) -> tuple[Listed, ...]:
        """The diagnoses of the claim, as in `Case`."""
        return Case.claimed.__get__(self)  # type: ignore[no-any-return]

    @cached_property
    def lines(self) -> tuple[CodedLine, ...]:
        """The lines with a well-formed code and a day."""
        return _lines(self)

    @cached_property
    def days(self) -> Days:
        """The lines of each day."""
        return _days(self.lines)


def lines_of(case: Case) -> tuple[CodedLine, ...]:
    """The lines with a well-formed code and a day."""
    return case.lines if isinstance(case, EditCase) else _lines(case)


def by_day(case: Case) -> Days:
    """The lines of each day, in the order of the days."""
    return case.days if isinstance(case, EditCase) else _days(_lines(case))


def _lines(case: Case) -> tuple[CodedLine, ...]:
    on = case.on
    return tuple(
        CodedLine(index, line.code, line.modifiers, int(line.units), day)
        for index, line in enumerate(case.chart.charges)
        if (day := line.on or on) is not None and CPT_OR_HCPCS.fullmatch(line.code)
    )


def _days(lines: tuple[CodedLine, ...]) -> Days:
    return tuple(
        (day, tuple(line for line in lines if line.on == day))
        for day in sorted({line.on for line in lines})
    )
