"""ICD: the order files of ICD-10-CM and ICD-10-PCS, and the code lists of ICD-9-CM (CMS32)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.codesets.loading.cells import Record, SourceFile, lines_of
from services.codesets.loading.reading import PROCEDURE_ICD10, Reading, find_heading
from services.codesets.loading.sheet import is_workbook
from services.codesets.shelf_rows import CodeRow

CM = re.compile(r"[A-Z][0-9A-Z]{2,6}")  # QA0: the second sign may be a letter
PCS_HEADER = re.compile(r"[0-9A-HJ-NP-Z]{3,7}")
ICD9_DIAGNOSIS = re.compile(r"[0-9]{3,5}|V[0-9]{2,4}|E[0-9]{3,4}")
ICD9_PROCEDURE = re.compile(r"[0-9]{3,4}")
ICD9_COLUMNS = {
    "code": ("code", "diagnosiscode", "procedurecode", "dxcode", "pxcode"),
    "long": ("longdescription", "long", "title"),
    "short": ("shortdescription", "short"),
}
# Character places in an order file, from 0: order number, code, flag, short and long title.
ORDER, CODE, FLAG, SHORT, LONG = slice(0, 5), slice(6, 13), 14, slice(16, 76), slice(77, None)


def read_cm_order(reading: Reading) -> Iterator[CodeRow]:
    """`icd10cm_order_YYYY.txt`. A header has the kind "header".

    Raises:
        MalformedFile: a line is not in the layout.
    """
    return (_order_row(record, reading, CM, CM) for record in reading.each(_order_lines))


def read_pcs_order(reading: Reading) -> Iterator[CodeRow]:
    """`icd10pcs_order_YYYY.txt`. Tables (three characters) have the kind "header".

    Raises:
        MalformedFile: a line is not in the layout.
    """
    for record in reading.each(_order_lines):
        yield _order_row(record, reading, PROCEDURE_ICD10, PCS_HEADER)


def read_icd9_diagnoses(reading: Reading) -> Iterator[CodeRow]:
    """CMS32 diagnoses: a sheet with both titles, or texts, the one of long titles first.

    Raises:
        MalformedFile: a line is not in the layout.
    """
    return _icd9(reading, ICD9_DIAGNOSIS)


def read_icd9_procedures(reading: Reading) -> Iterator[CodeRow]:
    """CMS32 procedures, in the same layouts.

    Raises:
        MalformedFile: a line is not in the layout.
    """
    return _icd9(reading, ICD9_PROCEDURE)


def _order_lines(file: SourceFile) -> Iterator[Record]:
    for number, line in lines_of(file):
        yield Record(file, number, (line,))


def _order_row(
    record: Record, reading: Reading, leaf: re.Pattern[str], header: re.Pattern[str]
) -> CodeRow:
    line = record.cells[0]
    flag = line[FLAG : FLAG + 1]
    code = line[CODE].rstrip()
    if not line[ORDER].isdigit():
        raise record.file.refuse("An order number of five digits is expected.", record.number, 1)
    if flag not in ("0", "1"):
        raise record.file.refuse("0 (header) or 1 (code) is expected.", record.number, FLAG + 1)
    if not (leaf if flag == "1" else header).fullmatch(code):
        raise record.file.refuse("A code without a dot is expected.", record.number, CODE.start + 1)
    title = " ".join(line[LONG].split())
    if not title:
        raise record.file.refuse("The long title is missing.", record.number, LONG.start + 1)
    return CodeRow(
        code=code,
        effective=reading.edition.effective,
        title=title,
        short=" ".join(line[SHORT].split()),
        kind="" if flag == "1" else "header",
    )


def _icd9(reading: Reading, pattern: re.Pattern[str]) -> Iterator[CodeRow]:
    titles: dict[str, list[str]] = {}
    for file in reading.files:
        for record, code, found in _icd9_rows(file, pattern):
            known = titles.setdefault(code, [])
            if len(known) + len(found) > 2:  # noqa: PLR2004 - the long and the short title
                raise record.refuse(0, "a code that stands here twice")
            known.extend(found)
        if reading.progress:
            reading.progress(file.name, len(titles))
    for code, (long, *short) in titles.items():
        yield CodeRow(code, reading.edition.effective, None, long, short[0] if short else "")


def _icd9_rows(
    file: SourceFile, pattern: re.Pattern[str]
) -> Iterator[tuple[Record, str, list[str]]]:
    if is_workbook(file.content) or b"\t" in file.content:
        heading, records = find_heading(file, ICD9_COLUMNS, ("code", "long"))
        for record in records:
            code = record.matching(heading["code"], pattern, "an ICD-9-CM code without its dot")
            titles = [record.required(heading["long"], "the long title")]
            short = heading.text(record, "short")
            yield record, code, [*titles, short] if short else titles
        return
    for number, line in lines_of(file):
        record = Record(file, number, line.split(maxsplit=1))
        code = record.matching(0, pattern, "an ICD-9-CM code without its dot")
        yield record, code, [record.required(1, "the title")]
