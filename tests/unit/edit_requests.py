"""Requests to edit: a valid one, with one difference; and small tables of our own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from services.codesets.edit_tables import (
    AddOn,
    EditTables,
    Mue,
    NcciPair,
    OppsRow,
    ProcedureCode,
    Setting,
    Table,
)
from services.codesets.edition import Edition
from services.coding.edits import ClaimEdits
from tests.unit.codesets_fixture import the_codesets

DAY = "2026-05-02"
FIRST, LAST = date(2026, 4, 1), date(2026, 6, 30)
OLD = date(2010, 1, 1)


def edition(system: str) -> Edition:
    return Edition(system, f"{system} of our own, 2026 Q2", FIRST, LAST, "made up", "ours")


def tables() -> EditTables:
    """Rows to try the rules on; the numbers are examples, not CMS's tables."""
    outpatient = Setting.OUTPATIENT
    pairs = [
        NcciPair("11055", "11720", OLD, None, "1", outpatient),
        NcciPair("17000", "11102", OLD, None, "1", outpatient),
        NcciPair("69210", "69209", OLD, None, "0", outpatient),
        NcciPair("45385", "45380", OLD, date(2026, 4, 30), "1", outpatient),
        NcciPair("97140", "97530", OLD, None, "9", outpatient),
    ]
    units = [
        Mue("88350", 4, 1, outpatient, OLD),
        Mue("82374", 2, 1, outpatient, OLD),
        Mue("G0422", 6, 2, outpatient, OLD),
        Mue("Q9980", 50, 3, outpatient, OLD),
        Mue("84165", 1, 3, outpatient, OLD),
    ]
    rows = {"99213": "V", "11055": "T", "11720": "T", "36415": "N", "27447": "J1", "33510": "C"}
    rows |= {"71045": "S", "G0463": "J2", "80053": "Q4", "A0425": "A"}
    return EditTables(
        ncci_outpatient=(Table(edition("NCCI outpatient"), pairs),),
        mue_outpatient=(Table(edition("MUE outpatient"), units),),
        add_ons=(
            Table(
                edition("Add-on codes"),
                [
                    AddOn("99292", "99291", 1, OLD),
                    AddOn("22614", "22612", 1, OLD),
                    AddOn("22614", "22610", 1, OLD),
                    AddOn("69990", "", 2, OLD),
                ],
            ),
        ),
        opps=(
            Table(
                edition("OPPS Addendum B"),
                [
                    OppsRow(code, status, "5012", Decimal("1.5"), Decimal("128.90"), OLD)
                    for code, status in rows.items()
                ],
            ),
        ),
        procedures=(
            Table(edition("CPT"), [ProcedureCode("99213", OLD), ProcedureCode("11055", OLD)]),
        ),
    )


@cache
def bare_edits() -> ClaimEdits:
    """The edits without any loaded table."""
    return ClaimEdits(the_codesets())


@cache
def loaded_edits() -> ClaimEdits:
    """The edits over the small tables."""
    return ClaimEdits(the_codesets(), tables())


def dx(*codes: str) -> list[dict[str, str]]:
    """Diagnoses; CODE/POA says present on admission."""
    written = [one.partition("/") for one in codes]
    return [{"code": code, **({"poa": poa} if poa else {})} for code, _, poa in written]


def line(code: str, *modifiers: str, units: int = 1, **more: Any) -> dict[str, Any]:
    return {"code": code, "modifiers": list(modifiers), "units": units, **more}


def visit(*codes: str, **differs: Any) -> dict[str, Any]:
    """An outpatient of 65 years with commercial insurance."""
    asked: dict[str, Any] = {
        "setting": "outpatient",
        "payer": "commercial",
        "date": DAY,
        "age": 65,
        "sex": "F",
        "dx": dx(*(codes or ("I10",))),
    }
    return asked | differs


def stay(*codes: str, **differs: Any) -> dict[str, Any]:
    """An inpatient of 65 years who went home, every diagnosis present on admission."""
    written = [code if "/" in code else f"{code}/Y" for code in codes]
    base = {"setting": "inpatient", "discharge_status": "01", "sex": "M", "dx": dx(*written)}
    return visit(**base | differs)


def findings(
    request: dict[str, Any], edits: ClaimEdits | None = None, status: str = "fail"
) -> list[dict[str, Any]]:
    """The findings of one status."""
    answer = (edits or bare_edits()).answer(request)
    return [one for one in answer["findings"] if one["status"] == status]


def fired(
    request: dict[str, Any], edits: ClaimEdits | None = None, status: str = "fail"
) -> set[str]:
    """The ids of the rules that speak."""
    return {one["rule_id"] for one in findings(request, edits, status)}
