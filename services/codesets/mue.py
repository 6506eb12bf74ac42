"""Medically unlikely edits: the most units of a code, by line or by day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.codesets.edit_tables import Mue, Table
from services.codesets.ncci import CodedLine

BY_LINE, BY_DAY, BY_DAY_CLINICAL = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Excess:
    """Lines of one code with more units than the limit; all units of the lines are denied."""

    lines: tuple[CodedLine, ...]
    units: int
    limit: Mue


def over_limit(table: Table[Mue], lines: Sequence[CodedLine]) -> Iterator[Excess]:
    """Every code over its limit, in the order of the lines; by day all its lines count."""
    seen: set[tuple[str, object]] = set()
    for line in lines:
        limit = table.on(line.code, line.on)
        if limit is None:
            continue
        if limit.mai == BY_LINE:
            if line.units > limit.value:
                yield Excess((line,), line.units, limit)
            continue
        if (line.code, line.on) in seen:
            continue
        seen.add((line.code, line.on))
        same = tuple(one for one in lines if one.code == line.code and one.on == line.on)
        units = sum(one.units for one in same)
        if units > limit.value:
            yield Excess(same, units, limit)


def without_limit(table: Table[Mue], lines: Sequence[CodedLine]) -> tuple[str, ...]:
    """The codes that the table has no value for: some values are kept confidential."""
    codes = dict.fromkeys(line.code for line in lines if table.on(line.code, line.on) is None)
    return tuple(codes)
