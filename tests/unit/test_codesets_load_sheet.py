"""The workbook reader: the first sheet as rows of text, and damage named."""

from __future__ import annotations

import io
import zipfile

import pytest

from services.codesets.loading import sheet
from services.codesets.loading.cells import records_of
from services.codesets.shelf_failures import MalformedFile
from tests.unit.codesets_load_files import SHEET, a_file, a_workbook, zipped


def parts_of(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name).decode() for name in book.namelist()}


def with_sheet(rows: str) -> bytes:
    parts = parts_of(a_workbook([["a"]]))
    sheet = f'<worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData></worksheet>'
    return zipped({**parts, "xl/worksheets/sheet1.xml": sheet})


def cells_of(content: bytes) -> list[list[str]]:
    return [list(record.cells) for record in records_of(a_file(content))]


@pytest.mark.parametrize("shared", [True, False])
def test_texts_numbers_and_gaps_keep_their_columns(shared: bool) -> None:  # noqa: FBT001
    rows: list[list[str | float | None]] = [["a & b", None, 46146], [None, 0.5, "c"], ["d"]]
    assert cells_of(a_workbook(rows, shared=shared)) == [
        ["a & b", "", "46146"],
        ["", "0.5", "c"],
        ["d"],
    ]


def test_the_number_of_a_row_is_the_sheets_own() -> None:
    content = with_sheet('<row r="7"><c r="A7"><v>1</v></c></row><row><c><v>2</v></c></row>')
    assert [record.number for record in records_of(a_file(content))] == [7, 8]


def test_a_rich_text_is_read_without_its_phonetic_guide() -> None:
    parts = parts_of(a_workbook([["x"]]))
    parts["xl/sharedStrings.xml"] = (
        f'<sst xmlns="{SHEET}"><si><r><t>Heart </t></r><r><t>failure</t></r>'
        "<rPh><t>sound</t></rPh></si></sst>"
    )
    assert cells_of(zipped(parts)) == [["Heart failure"]]


def test_a_binary_fraction_is_read_as_it_was_typed() -> None:
    content = with_sheet('<row><c r="A1"><v>1.2682999999999999999</v></c></row>')
    assert cells_of(content) == [["1.2683"]]


def test_the_place_of_a_sheet_may_begin_at_the_root() -> None:
    parts = parts_of(a_workbook([["x"]]))
    relations = "xl/_rels/workbook.xml.rels"
    parts[relations] = parts[relations].replace("worksheets/", "/xl/worksheets/")
    assert cells_of(zipped(parts)) == [["x"]]


@pytest.mark.parametrize(
    "content",
    [
        a_workbook([["x"]])[:200],
        zipped({"readme.txt": "no workbook"}),
        zipped({**parts_of(a_workbook([["x"]])), "xl/_rels/workbook.xml.rels": "<R/>"}),
        zipped(
            {**parts_of(a_workbook([["x"]])), "xl/sharedStrings.xml": f'<sst xmlns="{SHEET}"/>'}
        ),
        with_sheet('<row><c r="ZZZZ1"><v>1</v></c></row>'),
        with_sheet("<row><c></row>"),
    ],
    ids=["cut", "other", "no-sheet", "no-string", "far-column", "xml"],
)
def test_a_damaged_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedFile):
        cells_of(content)


def test_a_part_that_claims_to_be_huge_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    content = a_workbook([["x"]])
    monkeypatch.setattr(sheet, "MOST_BYTES", 10)
    with pytest.raises(MalformedFile):
        cells_of(content)
