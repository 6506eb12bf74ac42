"""HCPCS Level II in its three layouts: the same codes come out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from services.codesets.shelf import Shelf
from services.codesets.shelf_failures import MalformedFile
from tests.unit.codesets_load_files import a_line_320, a_load, a_workbook, rows_of

DISCLAIMER = "***Disclaimers\r\n\r\n*Inclusion of a product implies nothing.\r\n"
TEXT = DISCLAIMER + "\r\n".join(
    (
        a_line_320("LT", "7", "Left side", "Left side"),
        a_line_320("A0021", long="Ambulance service, outside", ended="20231231"),
        a_line_320("A0021", "4", "state per mile", sequence="00200"),
        a_line_320("J0129", long="Injection, 10 mg"),
    )
)
HEADING = ["HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "SHORT DESCRIPTION", "COV"]
HEADING += ["ADD DT", "TERM DT"]
TABLE: list[list[str | float | None]] = [
    ["Notes of the publisher"],
    [*HEADING],
    ["LT", "00100", "7", "Left side", "Left side", "D", 20200101, None],
    ["A0021", "00100", "3", "Ambulance service, outside", "Short title", "D", 20200101, 20231231],
    ["A0021", "00200", "4", "state per mile", None, None, None, None],
    ["J0129", "00100", "3", "Injection, 10 mg", "Short title", "D", 20200101, None],
]
RUN_TOGETHER = """Code,Description1,Description2,Type
LT001007,Left side,Left side,,,C,,202001012020
A0021001003,"Ambulance service, outside",Short title                 34,,,D,D1A,9      0202001012020
A0021002004,state per mile,,,,,,
J0129001003,"Injection, 10 mg",Short title                 34,,,D,D1A,9      0202001012020
"""
CODES = [
    ("A0021", "Ambulance service, outside state per mile", ""),
    ("J0129", "Injection, 10 mg", ""),
    ("LT", "Left side", "modifier"),
]


def as_csv(table: list[list[str | float | None]]) -> str:
    return "\n".join(",".join(f'"{"" if x is None else x}"' for x in row) for row in table)


@pytest.mark.parametrize(
    "content",
    [TEXT, a_workbook(TABLE), a_workbook(TABLE, shared=False), as_csv(TABLE), RUN_TOGETHER],
    ids=["320", "xlsx", "xlsx-inline", "csv", "run-together"],
)
def test_every_layout_gives_the_same_codes(tmp_path: Path, content: str | bytes) -> None:
    rows = rows_of(a_load(tmp_path, "hcpcs", content), tmp_path)
    assert [(row.code, row.title, row.kind) for row in rows] == CODES
    assert {row.effective for row in rows} == {date(2020, 1, 1)}
    assert rows[1].short == "Short title"


@pytest.mark.parametrize("content", [TEXT, a_workbook(TABLE), as_csv(TABLE)])
def test_a_code_holds_until_its_last_day(tmp_path: Path, content: str | bytes) -> None:
    a_load(tmp_path, "hcpcs", content, effective="2023-01-01", end="2024-12-31")
    shelf = Shelf(tmp_path)
    assert shelf.code("HCPCS", "A0021", date(2023, 12, 31)) is not None
    assert shelf.code("HCPCS", "A0021", date(2024, 1, 1)) is None
    assert shelf.modifier("LT", date(2024, 1, 1)) is not None


def test_the_320_columns_keep_the_publishers_indicators(tmp_path: Path) -> None:
    rows = rows_of(a_load(tmp_path, "hcpcs", TEXT), tmp_path)
    assert rows[1].more == {
        "pricing": "34",
        "coverage": "D",
        "betos": "D1A",
        "changed": "20200101",
        "action": "N",
    }


def test_columns_that_run_together_are_remarked(tmp_path: Path) -> None:
    done = a_load(tmp_path, "hcpcs", RUN_TOGETHER)
    assert done.remarks == ("file1.txt: its columns run together; the last days are lost.",)
    assert a_load(tmp_path, "hcpcs", TEXT, name="b").remarks == ()


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (DISCLAIMER, "line 1, column 1"),
        (TEXT + "\r\nrubbish", "line 8, column 1"),
        (TEXT + "\r\n" + a_line_320("K0001", "4"), "line 8, column 1"),
        (a_line_320("K0001", "4"), "line 1, column 1"),
        (a_line_320("K0001")[:200], "line 1, column 201"),
        (a_line_320("K0001", added="20201301"), "line 1, column 269"),
        (a_line_320("K0001", ended="2020x101"), "line 1, column 285"),
        (as_csv([*TABLE, ["X", "00100", "3", "x"]]), "line 7, column 1"),
        (as_csv([*TABLE, ["K0001", "00100", "5", "x"]]), "line 7, column 3"),
        (as_csv([*TABLE, ["K0001", "00100", "3", "x", "", "", "1x"]]), "line 7, column 7"),
        (RUN_TOGETHER + "K00010,x,,,\n", "line 6, column 1"),
        (RUN_TOGETHER + "K0001001003,x,,,,,,202013012020\n", "line 6, column 8"),
        (RUN_TOGETHER.splitlines()[0], "line 1, column 1"),
    ],
)
def test_a_line_out_of_the_layout_is_refused(tmp_path: Path, content: str, where: str) -> None:
    with pytest.raises(MalformedFile) as refused:
        a_load(tmp_path, "hcpcs", content)
    assert refused.value.where == f"file1.txt {where}"


def test_a_table_without_record_ids_tells_modifiers_by_their_size(tmp_path: Path) -> None:
    done = a_load(tmp_path, "hcpcs", "HCPC,LONG DESCRIPTION\nRT,Right side\nJ0129,Injection\n")
    assert [row.kind for row in rows_of(done, tmp_path)] == ["", "modifier"]
    assert {row.effective for row in rows_of(done, tmp_path)} == {date(2026, 1, 1)}
