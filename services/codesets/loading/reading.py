"""What a reader of a layout is handed: the files, the edition they become, and whom to tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from services.codesets.edition import Edition
from services.codesets.loading.cells import Progress, Record, SourceFile, counted, records_of

PROCEDURE = re.compile(r"[0-9A-Z][0-9]{3}[0-9A-Z]")  # CPT I, II, III and HCPCS Level II
DIAGNOSIS = re.compile(r"[A-Z][0-9A-Z]{2}(\.?[0-9A-Z]{1,4})?")
PROCEDURE_ICD10 = re.compile(r"[0-9A-HJ-NP-Z]{7}")
HEADING_WITHIN = 60  # rows: licences and titles may stand above the heading


@dataclass(frozen=True, slots=True)
class Reading:
    """One load. Readers put remarks for people into `remarks`; none repeats a file's text."""

    files: tuple[SourceFile, ...]
    edition: Edition
    progress: Progress | None = None
    remarks: list[str] = field(default_factory=list)

    def each(self, records: Callable[[SourceFile], Iterator[Record]]) -> Iterator[Record]:
        """The records of every file, in order, counted."""
        for file in self.files:
            yield from counted(file, records(file), self.progress)


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the columns stand that were asked for, and the names of the others."""

    places: Mapping[str, int]
    others: tuple[str, ...]

    def __getitem__(self, name: str) -> int:
        return self.places[name]

    def text(self, record: Record, name: str) -> str:
        """A cell of a column that the file may not have."""
        return record.text(self.places[name]) if name in self.places else ""

    def day(self, record: Record, name: str) -> date | None:
        """A date of a column that the file may not have.

        Raises:
            MalformedFile: the cell holds something else.
        """
        if name not in self.places:
            return None
        return record.optional_day(self.places[name], "this cell")


def plain(words: str) -> str:
    """A heading for comparison: letters and digits only, in lower case."""
    return re.sub(r"[^a-z0-9]", "", words.lower())


def find_heading(
    file: SourceFile, columns: Mapping[str, tuple[str, ...]], required: tuple[str, ...]
) -> tuple[Heading, Iterator[Record]]:
    """The first row that has all required columns under one of their names, and the rows below.

    Raises:
        MalformedFile: there is no such row.
    """
    records = records_of(file)
    for count, record in enumerate(records):
        if count >= HEADING_WITHIN:
            break
        named = [plain(cell) for cell in record.cells]
        places = {
            column: named.index(name)
            for column, names in columns.items()
            for name in reversed(names)
            if name in named
        }
        if all(column in places for column in required):
            taken = set(places.values())
            others = (name for at, name in enumerate(named) if name and at not in taken)
            return Heading(places, tuple(others)), records
    names = ", ".join(columns[column][0] for column in required)
    raise file.refuse(f"The file has no heading with the columns {names}.")
