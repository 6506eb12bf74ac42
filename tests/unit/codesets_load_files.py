"""Small files of our own in the official layouts, and a shelf to load them into."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from services.codesets.edition import Edition
from services.codesets.loading.cells import Progress, SourceFile
from services.codesets.loading.formats import format_named
from services.codesets.loading.load import Load, load
from services.codesets.shelf import Shelf

LOADED_AT = "2026-11-22T08:00:00+00:00"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def a_file(text: str | bytes, name: str = "file.txt") -> SourceFile:
    return SourceFile(name, text.encode() if isinstance(text, str) else text)


def a_load(
    folder: Path,
    layout: str,
    *files: str | bytes,
    name: str = "",
    effective: str = "2026-01-01",
    end: str = "2026-12-31",
    licence: str = "ours",
    replacing: bool = False,
    progress: Progress | None = None,
) -> Load:
    wanted = format_named(layout)
    edition = Edition(
        system=str(wanted.system),
        name=name or f"{wanted.system} {effective}",
        effective=date.fromisoformat(effective),
        end=date.fromisoformat(end),
        source="a test",
        licence=licence,
    )
    return load(
        Shelf(folder),
        wanted,
        [a_file(text, f"file{number}.txt") for number, text in enumerate(files, start=1)],
        edition,
        LOADED_AT,
        replacing=replacing,
        progress=progress,
    )


def rows_of(done: Load, folder: Path) -> list[Any]:
    return list(Shelf(folder).opened(done.loaded))


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def an_order(*codes: tuple[str, int, str]) -> str:
    """An ICD-10 order file."""
    return "\r\n".join(
        f"{number:05d} {code:<7} {flag} {title[:60]:<60} {title}"
        for number, (code, flag, title) in enumerate(codes, start=1)
    )


def a_line_320(
    code: str,
    kind: str = "3",
    long: str = "Long title",
    short: str = "Short title",
    added: str = "20200101",
    ended: str = "",
    sequence: str = "00100",
) -> str:
    """A line of the HCPCS file in 320 columns."""
    line = [" "] * 320

    def put(column: int, text: str) -> None:
        line[column - 1 : column - 1 + len(text)] = text

    put(1, code.rjust(5))
    put(6, sequence + kind)
    put(12, long)
    if kind in "37":
        put(92, short)
        put(120, "34")
        put(230, "D")
        put(257, "D1A")
        put(269, added)
        put(277, added)
        put(285, ended)
        put(293, "N")
    return "".join(line)


def a_workbook(rows: Sequence[Sequence[str | float | None]], *, shared: bool = True) -> bytes:
    """An xlsx file with one sheet. Texts stand in the shared table, or inline."""
    texts: list[str] = []
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = []
        for place, value in enumerate(row):
            reference = f"{chr(ord('A') + place)}{number}"
            if value is None:
                continue
            if isinstance(value, str) and shared:
                cells.append(f'<c r="{reference}" t="s"><v>{len(texts)}</v></c>')
                texts.append(f"<si><t>{escape(value)}</t></si>")
            elif isinstance(value, str):
                cells.append(
                    f'<c r="{reference}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
                )
            else:
                cells.append(f'<c r="{reference}"><v>{value}</v></c>')
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{RELATIONS}"><sheets>'
        '<sheet name="A" sheetId="1" r:id="rId7"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": "<Relationships>"
        '<Relationship Id="rId1" Target="styles.xml"/>'
        '<Relationship Id="rId7" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{SHEET}"><sheetData>{"".join(lines)}'
        "</sheetData></worksheet>",
    }
    if shared:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{SHEET}">{"".join(texts)}</sst>'
    return zipped(parts)


def zipped(parts: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as book:
        for name, text in parts.items():
            book.writestr(name, text)
    return buffer.getvalue()
