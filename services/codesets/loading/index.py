"""The alphabetic indexes of ICD-10-CM: diseases, external causes, neoplasms, drugs (XML)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from lxml import etree

from services.codesets.loading.cells import SourceFile
from services.codesets.loading.reading import Reading
from services.codesets.shelf_rows import IndexRow

ROOT = "ICD10CM.index"
MAIN_TERM, TERM = "mainTerm", "term"
NONESSENTIAL = "nemod"
EVERY = 1_000  # main terms between two calls of progress


def read_index(reading: Reading) -> Iterator[IndexRow]:
    """Every term, with the terms above it; the columns of tables by their headings.

    Raises:
        MalformedFile: the XML is damaged or of another kind.
    """
    for file in reading.files:
        try:
            yield from _terms(file, reading)
        except etree.XMLSyntaxError as error:
            raise file.refuse("The XML is damaged.", *error.position) from None


def _terms(file: SourceFile, reading: Reading) -> Iterator[IndexRow]:
    columns: dict[str, str] = {}
    count = 0
    for _, element in etree.iterparse(
        io.BytesIO(file.content),
        tag=(MAIN_TERM, "head"),
        resolve_entities=False,
        no_network=True,
    ):
        if element.tag == "head":
            columns[element.get("col", "")] = _words(element.text)
            continue
        count += 1
        yield from _term(file, element, (), columns, reading)
        element.clear()
        if reading.progress and count % EVERY == 0:
            reading.progress(file.name, count)
    if not count:
        raise file.refuse("The XML is no index of ICD-10-CM.")
    if reading.progress:
        reading.progress(file.name, count)


def _term(
    file: SourceFile,
    element: Any,
    above: tuple[str, ...],
    columns: dict[str, str],
    reading: Reading,
) -> Iterator[IndexRow]:
    title = element.find("title")
    words = _title(title) if title is not None else ""
    if not words:
        raise file.refuse("A term has no title.", element.sourceline)
    path = (*above, words)
    cells = {
        columns.get(cell.get("col"), cell.get("col")): _code(cell.text)
        for cell in element.findall("cell")
        if _words(cell.text)
    }
    yield IndexRow(
        term=", ".join(path),
        effective=reading.edition.effective,
        code=_code(element.findtext("code")),
        manifestation=_code(element.findtext("manif")),
        nonessential=" ".join(_words(one.text) for one in title.iter(NONESSENTIAL)),
        see=_words(element.findtext("see")),
        see_also=_words(element.findtext("seeAlso")),
        cells=cells,
    )
    for below in element.findall(TERM):
        yield from _term(file, below, path, columns, reading)


def _title(title: Any) -> str:
    """The words of a title without the nonessential ones in parentheses."""
    parts = [title.text or "", *(child.tail or "" for child in title)]
    return _words(" ".join(parts)).replace(" ,", ",")


def _code(text: str | None) -> str:
    """A code without dots; a dash at its end, which asks for more characters, is kept."""
    return _words(text).replace(".", "")


def _words(text: str | None) -> str:
    return " ".join((text or "").split())
