"""The official tabular XML and code list, read once into plain tables.

The XML (`ICD10CM.tabular/chapter/section/diag`) says what stands under what and carries the notes
and the 7th characters; the code list beside it says which extended codes really exist (S06.0X7
takes A only, for example). The XML is streamed, so 10 MB of it never stand in memory at once.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lxml import etree

from services.codesets.notes import read_note
from services.codesets.tables import Tables

CODE = re.compile(r"[A-Z][0-9A-Z]{2,6}")
NAMED = ("chapter", "section", "diag")
CATEGORY = 3


def read_tabular(xml: Path, code_list: Path) -> Tables:
    """Read one release.

    Raises:
        OSError: a file is missing.
        lxml.etree.XMLSyntaxError: the XML is not well formed.
    """
    tables = Tables()
    _read_codes(tables, code_list.read_text(encoding="utf-8"))
    above: list[str] = []
    for event, element in etree.iterparse(
        str(xml), events=("start", "end"), resolve_entities=False, no_network=True
    ):
        if event == "start" and element.tag in NAMED:
            above.append(element.get("id", ""))
        elif event == "end":
            _read_element(tables, above, element)
    known = set(tables.leaves) | set(tables.headers)
    tables.excludes = {
        node: ranges
        for node, spans in tables.excludes.items()
        if (ranges := [span for span in spans if span.low[:CATEGORY] in known])
    }
    return tables


def _read_codes(tables: Tables, text: str) -> None:
    """A code is a leaf when no other code continues it. Chapters and sections are left out."""
    codes = sorted({word for word in text.split() if CODE.fullmatch(word)})
    for code, following in zip(codes, [*codes[1:], ""], strict=True):
        (tables.headers if following.startswith(code) else tables.leaves).append(code)


def _read_element(tables: Tables, above: list[str], element: Any) -> None:
    parent = element.getparent()
    inside = parent.tag if parent is not None else ""
    text = (element.text or "").strip()
    if element.tag == "name" and inside in NAMED:
        above[-1] = text.replace(".", "") if inside == "diag" else text
        if inside == "diag" and len(above[-1]) == CATEGORY:
            tables.blocks[above[-1]] = list(reversed(above[:-1]))
    elif element.tag == "desc" and inside == "diag":
        tables.titles[above[-1]] = text
    elif element.tag == "extension" and inside == "sevenChrDef":
        tables.sevenths.setdefault(above[-1], {})[element.get("char")] = text
    elif element.tag == "note" and inside == "excludes1":
        tables.excludes.setdefault(above[-1], []).extend(read_note(text))
    elif element.tag in NAMED:
        above.pop()
        element.clear()
        while element.getprevious() is not None:
            del parent[0]
