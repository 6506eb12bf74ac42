"""HCPCS Level II: the 320-column text, the sheet or CSV of the same, and a run-together CSV.

The last one is met in the wild: somebody split the 320 columns at wrong places, so that the code
runs into sequence and record id, and the last date is cut. From it come codes, titles and first
days; whether a code has ended is lost with it, which is remarked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from services.codesets.loading.cells import (
    Record,
    SourceFile,
    counted,
    lines_of,
    read_day,
    records_of,
)
from services.codesets.loading.reading import Heading, Reading, find_heading, plain
from services.codesets.loading.sheet import is_workbook
from services.codesets.shelf_failures import MalformedFile
from services.codesets.shelf_rows import CodeRow

CODE = re.compile(r"[A-V][0-9]{4}|[0-9A-Z]{2}")
LINE = re.compile(r"(?P<code>[A-V][0-9]{4}| {3}[0-9A-Z]{2})[0-9]{5}(?P<kind>[3478])")
RUN_TOGETHER = re.compile(r"(?P<code>[A-V][0-9]{4}|[0-9A-Z]{2})[0-9]{5}(?P<kind>[3478])")
CUT_DATES = re.compile(r"(?P<added>(?:19|20)[0-9]{6})[0-9]{4}$")
PROCEDURE, MORE_PROCEDURE, MODIFIER, MORE_MODIFIER = "3478"
MORE = {MORE_PROCEDURE: PROCEDURE, MORE_MODIFIER: MODIFIER}
MODIFIER_SIZE = 2
SHORT_TITLE = 28
LAST_DAYS = 292  # a first line reaches to the end of the termination date
# Columns of the 320-column layout, from 1 and both included, as the publisher counts them.
FIELDS = {
    "pricing": (120, 127),
    "multiple": (128, 128),
    "cross_reference": (205, 229),
    "coverage": (230, 230),
    "betos": (257, 259),
    "type_of_service": (261, 265),
    "changed": (277, 284),
    "action": (293, 293),
}
COLUMNS = {
    "code": ("hcpc", "hcpcs", "hcpcscode"),
    "kind": ("recid",),
    "long": ("longdescription",),
    "short": ("shortdescription",),
    "coverage": ("cov", "covcode"),
    "betos": ("betos",),
    "pricing": ("price1",),
    "multiple": ("multpi",),
    "cross_reference": ("xref1",),
    "type_of_service": ("tos1",),
    "added": ("adddt", "codeadddate"),
    "changed": ("acteffdt",),
    "ended": ("termdt", "terminationdate"),
    "action": ("actioncd",),
}


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of any of the three layouts. A continuation has a long title only."""

    record: Record
    code: str
    kind: str
    long: str
    row: CodeRow


def read_hcpcs(reading: Reading) -> Iterator[CodeRow]:
    """Codes, and modifiers with the kind "modifier".

    Raises:
        MalformedFile: a line is in none of the layouts, or a continuation follows nothing.
    """
    for file in reading.files:
        held: CodeRow | None = None
        for line in _lines(file, reading):
            if line.kind not in MORE:
                if held:
                    yield held
                held = line.row
            elif held is None or held.code != line.code:
                raise line.record.refuse(0, "a continuation of another code than the one above")
            else:
                held = replace(held, title=f"{held.title} {line.long}".strip())
        if held is None:
            raise file.refuse("The file holds no HCPCS code.")
        yield held


def _lines(file: SourceFile, reading: Reading) -> Iterator[_Line]:
    if is_workbook(file.content) or _has_heading(file):
        heading, records = find_heading(file, COLUMNS, ("code", "long"))
        for record in counted(file, records, reading.progress):
            yield _sheet_line(record, heading, reading)
    elif _is_run_together(file):
        reading.remarks.append(f"{file.name}: its columns run together; the last days are lost.")
        records = islice(records_of(file), 1, None)
        for record in counted(file, records, reading.progress):
            yield _run_together_line(record, reading)
    else:
        for record in counted(file, _text_lines(file), reading.progress):
            yield _text_line(record, reading)


def _has_heading(file: SourceFile) -> bool:
    return any(
        plain(cell) in COLUMNS["code"]
        for _, line in islice(lines_of(file), 20)
        for cell in re.split(r"[,\t]", line)
    )


def _is_run_together(file: SourceFile) -> bool:
    second = next(islice(lines_of(file), 1, None), (0, ""))[1]
    return RUN_TOGETHER.fullmatch(second.partition(",")[0].strip('"')) is not None


def _text_lines(file: SourceFile) -> Iterator[Record]:
    """The lines from the first code on; disclaimers stand above it."""
    begun = False
    for number, line in lines_of(file):
        begun = begun or LINE.match(line) is not None
        if begun:
            yield Record(file, number, (line,))


def _text_line(record: Record, reading: Reading) -> _Line:
    line = record.cells[0]
    found = LINE.match(line)
    if found is None:
        raise record.refuse(0, "code, sequence number and record id are expected in columns 1-11")
    code, kind = found["code"].strip(), found["kind"]
    long = " ".join(line[11:91].split())
    if kind in MORE:
        return _Line(record, code, kind, long, _row(reading, code, kind, "", "", None, None))
    if len(line) < LAST_DAYS:
        raise record.file.refuse("The line ends too early.", record.number, len(line) + 1)
    row = _row(
        reading,
        code,
        kind,
        long,
        line[91:119],
        _day(record, line[268:276], 269),
        _day(record, line[284:292], 285),
    )
    more = {name: " ".join(line[low - 1 : high].split()) for name, (low, high) in FIELDS.items()}
    return _Line(record, code, kind, long, _with(row, more))


def _sheet_line(record: Record, heading: Heading, reading: Reading) -> _Line:
    code = record.matching(heading["code"], CODE, "a HCPCS code or modifier")
    kind = heading.text(record, "kind") or (MODIFIER if len(code) == MODIFIER_SIZE else PROCEDURE)
    if kind not in (PROCEDURE, MODIFIER, *MORE):
        raise record.refuse(heading["kind"], "a record id of 3, 4, 7 or 8 is expected")
    long, short = record.text(heading["long"]), heading.text(record, "short")
    days = heading.day(record, "added"), heading.day(record, "ended")
    row = _row(reading, code, kind, long, short, *days)
    more = {name: heading.text(record, name) for name in FIELDS}
    return _Line(record, code, kind, long, _with(row, more))


def _run_together_line(record: Record, reading: Reading) -> _Line:
    found = RUN_TOGETHER.fullmatch(record.text(0))
    if found is None:
        raise record.refuse(0, "code, sequence number and record id are expected")
    code, kind = found["code"], found["kind"]
    dates = CUT_DATES.search(record.cells[-1])
    added = record_day(record, dates["added"]) if dates else None
    short = record.cells[2][:SHORT_TITLE] if len(record.cells) > 2 else ""  # noqa: PLR2004
    row = _row(reading, code, kind, record.text(1), short, added, None)
    return _Line(record, code, kind, record.text(1), row)


def record_day(record: Record, text: str) -> date:
    """A date in a record's last cell. Raises: MalformedFile."""
    try:
        return read_day(text)
    except ValueError:
        raise record.refuse(len(record.cells) - 1, "this is no date") from None


def _row(
    reading: Reading,
    code: str,
    kind: str,
    long: str,
    short: str,
    added: date | None,
    ended: date | None,
) -> CodeRow:
    return CodeRow(
        code=code,
        effective=added or reading.edition.effective,
        end=ended,
        title=long,
        short=" ".join(short.split()),
        kind="modifier" if MORE.get(kind, kind) == MODIFIER else "",
    )


def _with(row: CodeRow, more: dict[str, str]) -> CodeRow:
    return replace(row, more={name: text for name, text in more.items() if text})


def _day(record: Record, text: str, column: int) -> date | None:
    if not text.strip("0 "):
        return None
    try:
        return read_day(text.strip())
    except ValueError:
        raise _no_date(record, column) from None


def _no_date(record: Record, column: int) -> MalformedFile:
    return record.file.refuse("A date is expected.", record.number, column)
