"""Add-on codes: paid only beside a primary service on the same day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.codesets.edit_tables import AddOn, Table
from services.codesets.ncci import CodedLine

LISTED, CONTRACTOR, LISTED_AND_OTHERS = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Orphan:
    """An add-on line without a primary; `primaries` are the listed ones.

    `certain`: the table lists all primaries (edit type 1). Otherwise others may be allowed, too.
    """

    line: CodedLine
    primaries: tuple[str, ...]
    certain: bool


def orphans(table: Table[AddOn], lines: Sequence[CodedLine]) -> Iterator[Orphan]:
    """Every add-on line that no listed primary of the day stands beside."""
    for line in lines:
        rows = table.all_on(line.code, line.on)
        if not rows:
            continue
        primaries = tuple(sorted({row.primary for row in rows if row.primary}))
        beside = {one.code for one in lines if one.on == line.on and one is not line}
        if beside.isdisjoint(primaries):
            yield Orphan(line, primaries, all(row.edit_type == LISTED for row in rows))
