"""Plain lists of codes with a heading, MS-DRG Table 5, and the POA-exempt list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from services.codesets.loading.cells import Record, counted, rows_after_preamble
from services.codesets.loading.reading import DIAGNOSIS, PROCEDURE, Reading, find_heading
from services.codesets.shelf_rows import CodeRow, DrgRow

COLUMNS = {
    "code": ("code", "cptcode", "cpt", "revenuecode", "placeofservicecode", "modifier", "pos"),
    "title": ("title", "name", "description", "longdescription", "placeofservicename"),
    "effective": ("effective", "effectivedate", "start", "startdate"),
    "end": ("end", "enddate", "stop", "stopdate", "termdate", "terminationdate"),
}
LICENCE = ("licence", "license", "licensed", "licenceflag", "licenseflag")
YES = frozenset({"y", "yes", "true", "1"})
POA_COLUMNS = {
    "code": ("code", "icd10cmcode", "diagnosiscode"),
    "title": ("description", "codedescription", "longdescription"),
}
DRG = re.compile(r"[0-9]{1,3}")
DRG_COLUMNS = 9
WITH_CAP = 10  # since FY2023 the weight stands before and after the cap of ten per cent


def list_reader(
    pattern: str, what: str, *, width: int = 0
) -> Callable[[Reading], Iterator[CodeRow]]:
    """A reader of a list with a heading: code, title, and days where the file has them.

    Codes are filled with zeros on the left to `width`, which sheets take away.
    """
    shape = re.compile(pattern)

    def read(reading: Reading) -> Iterator[CodeRow]:
        for file in reading.files:
            heading, records = find_heading(file, COLUMNS, ("code", "title"))
            for record in counted(file, records, reading.progress):
                code = record.text(heading["code"]).upper().removesuffix(".0").zfill(width)
                if not shape.fullmatch(code):
                    raise record.refuse(heading["code"], f"{what} is expected")
                yield CodeRow(
                    code=code,
                    effective=heading.day(record, "effective") or reading.edition.effective,
                    end=heading.day(record, "end"),
                    title=record.required(heading["title"], "the title"),
                )

    return read


def read_cpt(reading: Reading) -> Iterator[CodeRow]:
    """CPT of the user's licensed file: code, days and licence flag. Descriptors never get in.

    Raises:
        MalformedFile: a row has no code or does not say that it is licensed.
    """
    columns = {**COLUMNS, "title": (), "licence": LICENCE}
    for file in reading.files:
        heading, records = find_heading(file, columns, ("code", "effective", "licence"))
        if heading.others:
            left_out = len(heading.others)
            reading.remarks.append(
                f"{file.name}: {left_out} further columns (descriptors) were left out."
            )
        for record in counted(file, records, reading.progress):
            if record.text(heading["licence"]).lower() not in YES:
                raise record.refuse(heading["licence"], "the row does not say that it is licensed")
            yield CodeRow(
                code=record.matching(heading["code"], PROCEDURE, "a CPT code"),
                effective=record.day(heading["effective"], "the first day"),
                end=heading.day(record, "end"),
            )


def read_poa_exempt(reading: Reading) -> Iterator[CodeRow]:
    """The POA-exempt list: order, code, description.

    Raises:
        MalformedFile: a row has no ICD-10-CM code.
    """
    for file in reading.files:
        heading, records = find_heading(file, POA_COLUMNS, ("code",))
        for record in counted(file, records, reading.progress):
            code = record.matching(heading["code"], DIAGNOSIS, "an ICD-10-CM code")
            yield CodeRow(
                code.replace(".", ""),
                reading.edition.effective,
                None,
                heading.text(record, "title"),
            )


def read_table_5(reading: Reading) -> Iterator[DrgRow]:
    """MS-DRG Table 5: weights, stays and the transfer flags.

    Raises:
        MalformedFile: a row is not in the layout.
    """
    for record in reading.each(
        lambda file: rows_after_preamble(file, DRG, DRG_COLUMNS, "an MS-DRG")
    ):
        at = 7 if len(record.cells) >= WITH_CAP else 6
        yield DrgRow(
            code=record.matching(0, DRG, "an MS-DRG").zfill(3),
            post_acute=_is_yes(record, 1),
            special_pay=_is_yes(record, 2),
            mdc=record.text(3),
            kind=record.text(4),
            title=record.required(5, "the title"),
            weight=record.amount(at, "the weight"),
            geometric_stay=record.amount(at + 1, "the geometric mean of the stay"),
            arithmetic_stay=record.amount(at + 2, "the arithmetic mean of the stay"),
            effective=reading.edition.effective,
        )


def _is_yes(record: Record, at: int) -> bool:
    text = record.text(at).lower()
    if text not in {"yes", "no"}:
        raise record.refuse(at, "yes or No is expected")
    return text == "yes"
