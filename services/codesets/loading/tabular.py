"""The tabular list of ICD-10-CM: the official XML, with the order file of the same release.

The order file says which extended codes exist. Beside the edition, which lists the codes, lies the
compiled form that `shelf_tabular` opens: notes, Excludes1 and 7th characters.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from services.codesets.loading.orders import read_cm_order
from services.codesets.loading.reading import Reading
from services.codesets.shelf_failures import MalformedFile
from services.codesets.shelf_rows import CodeRow
from services.codesets.tables import Tables
from services.codesets.tabular_xml import read_tabular

ROOT = b"<ICD10CM.tabular"
XML_FIRST = "Give the tabular XML and then the order file of the same release."


def read_codes(reading: Reading) -> Iterator[CodeRow]:
    """The codes of the release, from its order file.

    Raises:
        MalformedFile: the files are not the two that belong together, or one is malformed.
    """
    _files(reading)
    return read_cm_order(Reading(reading.files[1:], reading.edition, reading.progress))


def compile_tables(reading: Reading, rows: list[CodeRow]) -> Tables:
    """Notes, Excludes1 and 7th characters.

    Raises:
        MalformedFile: the XML is damaged, or does not hold the categories of the order file.
    """
    xml = reading.files[0]
    with tempfile.TemporaryDirectory() as name:
        tabular, codes = Path(name) / "tabular.xml", Path(name) / "codes.txt"
        tabular.write_bytes(xml.content)
        codes.write_text("\n".join(row.code for row in rows), encoding="utf-8")
        try:
            tables = read_tabular(tabular, codes)
        except etree.XMLSyntaxError as error:
            raise xml.refuse("The XML is damaged.", *error.position) from None
    categories = {row.code[:3] for row in rows}
    if missing := len(categories - set(tables.blocks)):
        raise xml.refuse(f"{missing} categories of the order file are not in the XML.")
    return tables


def _files(reading: Reading) -> None:
    first, *rest = reading.files
    if ROOT not in first.content[:4_096] or len(rest) != 1:
        refused: MalformedFile = first.refuse(XML_FIRST)
        raise refused
