"""Looking a code up in every set that has an edition for the day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any

from services.chart.model import CodeSystem
from services.codesets.library import open_codesets
from services.codesets.shelf import Shelf
from services.codesets.shelf_file import holding
from services.codesets.shelf_systems import MPFS, NCCI_OUTPATIENT, NCCI_PRACTITIONER

FEE_MODIFIERS = ("", "26", "TC", "53")
PAIRS = (NCCI_PRACTITIONER, NCCI_OUTPATIENT)

Found = list[dict[str, Any]]


def look_up(shelf: Shelf, code: str, on: date, system: str) -> tuple[Found, list[str]]:
    """`[{system, edition, row}]`, and the systems that have editions but none for the day."""
    found: Found = []
    no_data: list[str] = []
    for name in [system] if system else shelf.systems:
        table = shelf.table_on(name, on)
        if table is None:
            no_data.append(name)
            continue
        for key in _keys(name, code):
            held = [row for row in table.rows(key) if holding((row,), on) is not None]
            found += [
                {"system": name, "edition": table.edition.name, "row": _row(row)} for row in held
            ]
    loaded = any(one["system"] == CodeSystem.ICD10CM for one in found)
    if system in ("", CodeSystem.ICD10CM) and not loaded:
        _look_in_shipped(shelf, code, on, found, no_data)
    return found, no_data


def _keys(system: str, code: str) -> Iterable[str | tuple[str, str]]:
    bare = code.strip().upper().replace(".", "")
    if system == MPFS:
        return [(bare, modifier) for modifier in FEE_MODIFIERS]
    if system in PAIRS:
        first, _, second = bare.partition("/")
        return [(first.strip(), second.strip())]
    return dict.fromkeys((bare, code))


def _row(row: Any) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name != "setting"}


def _look_in_shipped(shelf: Shelf, code: str, on: date, found: Found, no_data: list[str]) -> None:
    """In the tabular list that comes with the packages, where no loaded edition has answered."""
    bare, name = code.strip().upper().replace(".", ""), str(CodeSystem.ICD10CM)
    with open_codesets(shelf.folder) as sets:
        tabular = sets.tabular_on(on)
        if tabular is None:
            no_data += [] if name in no_data or shelf.table_on(name, on) else [name]
            return
        if name in no_data:
            no_data.remove(name)
        if bare in tabular.leaves or bare in tabular.headers:
            kind = "" if bare in tabular.leaves else "header"
            row = {"code": bare, "title": tabular.title(bare), "kind": kind}
            found.insert(0, {"system": name, "edition": tabular.edition.name, "row": row})
