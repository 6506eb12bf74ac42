"""The first sheet of an xlsx workbook, as rows of text.

The part of the format (ECMA-376) that tables of codes use: shared and inline strings, numbers and
booleans as they are written, formulas by their kept value. Rows are streamed. Dates come as the
sheet's day numbers; the reader of a column knows that it holds dates.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from services.codesets.shelf_failures import MalformedFile

MAGIC = b"PK\x03\x04"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
MOST_BYTES = 1 << 30  # of one part, unpacked: the largest official table has a tenth of it
MOST_COLUMNS = 16_384

Refuse = Callable[..., MalformedFile]


def is_workbook(content: bytes) -> bool:
    """Whether the bytes begin as a zip file does."""
    return content.startswith(MAGIC)


def rows_of(content: bytes, refuse: Refuse) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of every row of the first sheet. `refuse` makes what is raised.

    Raises:
        MalformedFile: the file is no workbook, or is damaged.
    """
    number = 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            strings = _shared_strings(book)
            for number, row in _rows(book):
                yield number, _cells(row, strings)
    except (zipfile.BadZipFile, KeyError, IndexError, ValueError, EOFError, OSError):
        raise refuse("The workbook is damaged or of another kind.", number + 1) from None
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise refuse(f"The workbook's XML is damaged at {line}:{column}.", number + 1) from None


def _part(book: zipfile.ZipFile, name: str) -> Any:
    if book.getinfo(name).file_size > MOST_BYTES:
        raise ValueError(name)
    return book.open(name)


def _first_sheet(book: zipfile.ZipFile) -> str:
    with _part(book, "xl/workbook.xml") as file:
        sheet = next(etree.parse(file, _parser()).iter(f"{MAIN}sheet"), None)
    with _part(book, "xl/_rels/workbook.xml.rels") as file:
        for relation in etree.parse(file, _parser()).getroot():
            if sheet is not None and relation.get("Id") == sheet.get(RELATION):
                target: str = relation.get("Target")
                return target[1:] if target.startswith("/") else f"xl/{target}"
    raise KeyError("sheet")


def _parser() -> Any:
    return etree.XMLParser(resolve_entities=False, no_network=True)


def _shared_strings(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    strings: list[str] = []
    with _part(book, "xl/sharedStrings.xml") as file:
        for _, item in _ended(file, f"{MAIN}si"):
            strings.append(_text(item))
            item.clear()
    return strings


def _rows(book: zipfile.ZipFile) -> Iterator[tuple[int, Any]]:
    with _part(book, _first_sheet(book)) as file:
        number = 0
        for _, row in _ended(file, f"{MAIN}row"):
            number = int(row.get("r") or number + 1)
            yield number, row
            row.clear()
            while row.getprevious() is not None:
                del row.getparent()[0]


def _ended(file: Any, tag: str) -> Any:
    return etree.iterparse(file, events=("end",), tag=tag, resolve_entities=False, no_network=True)


def _cells(row: Any, strings: list[str]) -> list[str]:
    cells: list[str] = []
    for cell in row.iter(f"{MAIN}c"):
        at = _column(cell.get("r") or "")
        if at is not None:
            if at >= MOST_COLUMNS:
                raise ValueError("column")
            cells.extend([""] * (at - len(cells)))
        cells.append(_value(cell, strings))
    return cells


def _value(cell: Any, strings: list[str]) -> str:
    kind = cell.get("t")
    if kind == "inlineStr":
        return _text(cell)
    value = cell.findtext(f"{MAIN}v") or ""
    if kind == "s":
        return strings[int(value)]
    if kind is None and "." in value:
        return repr(float(value)) if len(value) > 15 else value  # noqa: PLR2004 - 0.1+0.2 as kept
    return value


def _text(item: Any) -> str:
    """All runs of a string, without its phonetic guide."""
    found = (
        node.text or "" for node in item.iter(f"{MAIN}t") if node.getparent().tag != f"{MAIN}rPh"
    )
    return "".join(found)


def _column(reference: str) -> int | None:
    """The place of a cell such as AB12, from 0; None when it has none."""
    place = 0
    for sign in reference:
        if not sign.isalpha():
            break
        place = place * 26 + ord(sign) - ord("A") + 1
    return place - 1 if place else None
