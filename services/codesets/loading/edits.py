"""The tables of the claim edits: NCCI pairs, MUE, add-on codes, fee schedule, OPPS Addendum B.

Only codes, days and indicators are kept; descriptors and rationales are not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from services.codesets.edit_tables import AddOn, MpfsIndicator, Mue, NcciPair, OppsRow, Setting
from services.codesets.loading.cells import Record, SourceFile, rows_after_preamble
from services.codesets.loading.reading import PROCEDURE, Reading

PAIR_COLUMNS = 6
MUE_COLUMNS = 3
ADD_ON_COLUMNS = 5
FEE_COLUMNS = 23
OPPS_COLUMNS = 3
INDICATOR = re.compile(r"[019]")
ADJUDICATION = re.compile(r"[123](\b.*)?")
EDIT_TYPE = re.compile(r"[123]")
MODIFIER = re.compile(r"([0-9A-Z]{2})?")
STATUS = re.compile(r"[A-Z]")
STATUS_INDICATOR = re.compile(r"[A-Z][0-9]?")
CONTRACTOR_DEFINED = "CCCCC"  # in place of a primary: the contractor says which


def ncci_reader(setting: Setting) -> Callable[[Reading], Iterator[NcciPair]]:
    """A reader of NCCI procedure-to-procedure files of one setting."""

    def read(reading: Reading) -> Iterator[NcciPair]:
        for record in reading.each(_rows(PAIR_COLUMNS)):
            yield NcciPair(
                col1=record.matching(0, PROCEDURE, "a procedure code"),
                col2=record.matching(1, PROCEDURE, "a procedure code"),
                effective=record.day(3, "the effective date"),
                deletion=record.optional_day(4, "the deletion date"),
                modifier_indicator=record.matching(5, INDICATOR, "an indicator of 0, 1 or 9"),
                setting=setting,
            )

    return read


def mue_reader(setting: Setting) -> Callable[[Reading], Iterator[Mue]]:
    """A reader of a table of medically unlikely edits of one setting."""

    def read(reading: Reading) -> Iterator[Mue]:
        for record in reading.each(_rows(MUE_COLUMNS)):
            yield Mue(
                code=record.matching(0, PROCEDURE, "a procedure code"),
                value=record.number_of(1, "the MUE value"),
                mai=int(record.matching(2, ADJUDICATION, "an MAI of 1, 2 or 3")[0]),
                setting=setting,
                effective=reading.edition.effective,
            )

    return read


def read_add_ons(reading: Reading) -> Iterator[AddOn]:
    """NCCI add-on codes: add-on, primary, type, first and last day.

    Raises:
        MalformedFile: a row is not in the layout.
    """
    for record in reading.each(_rows(ADD_ON_COLUMNS)):
        edit_type = int(record.matching(2, EDIT_TYPE, "an edit type of 1, 2 or 3"))
        primary = record.text(1).upper()
        if primary in ("", CONTRACTOR_DEFINED) and edit_type != 1:
            primary = ""
        else:
            primary = record.matching(1, PROCEDURE, "a primary procedure code")
        yield AddOn(
            code=record.matching(0, PROCEDURE, "an add-on code"),
            primary=primary,
            edit_type=edit_type,
            effective=record.day(3, "the effective date"),
            end=record.optional_day(4, "the deletion date"),
        )


def read_fee_schedule(reading: Reading) -> Iterator[MpfsIndicator]:
    """The Medicare physician fee schedule's `PPRRVU` file.

    Raises:
        MalformedFile: a row is not in the layout.
    """
    for record in reading.each(_rows(FEE_COLUMNS)):
        yield MpfsIndicator(
            code=record.matching(0, PROCEDURE, "a procedure code"),
            modifier=record.matching(1, MODIFIER, "a modifier"),
            status=record.matching(3, STATUS, "a status code of one letter"),
            work_rvu=record.amount(5, "the work RVU"),
            pctc=record.text(13),
            global_days=record.text(14),
            multiple=record.text(18),
            bilateral=record.text(19),
            assistant=record.text(20),
            co_surgeon=record.text(21),
            team=record.text(22),
            effective=reading.edition.effective,
        )


def read_addendum_b(reading: Reading) -> Iterator[OppsRow]:
    """OPPS Addendum B: status indicator, APC, relative weight, payment.

    Raises:
        MalformedFile: a row is not in the layout.
    """
    for record in reading.each(_rows(OPPS_COLUMNS)):
        apc = record.text(3).removesuffix(".0")
        yield OppsRow(
            code=record.matching(0, PROCEDURE, "a procedure code"),
            status_indicator=record.matching(2, STATUS_INDICATOR, "a status indicator"),
            apc=str(record.number_of(3, "the APC")).zfill(4) if apc else "",
            weight=record.amount(4, "the relative weight"),
            payment=record.amount(5, "the payment rate"),
            effective=reading.edition.effective,
        )


def _rows(width: int) -> Callable[[SourceFile], Iterator[Record]]:
    return lambda file: rows_after_preamble(file, PROCEDURE, width, "a procedure code")
