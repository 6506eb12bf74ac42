"""The tolerant X12 reader: any interchange in, its segments and its problems out.

What senders do wrong is named in `problems` and read anyway: an ISA16 that is not the separator of
the body, line ends after the terminator, missing or miscounted trailers, an ISA that is not of
fixed width. Only bytes that are no interchange at all are refused.
"""

from __future__ import annotations

import re
from dataclasses import replace

from services.edi.failures import UnreadableX12
from services.edi.folding import interchange_of
from services.edi.interchange import (
    Delimiters,
    Group,
    Interchange,
    Problem,
    Segment,
    TransactionSet,
)

__all__ = ["Delimiters", "Group", "Interchange", "Problem", "Segment", "TransactionSet"]
__all__ += ["UnreadableX12", "read", "read_all", "transaction_kind"]

ISA_ELEMENTS = 16
_LEADING = "\ufeff\x00\x0b \t\r\n"
_KINDS = {
    ("837", "X222"): "837P",
    ("837", "X223"): "837I",
    ("837", "X224"): "837D",
    ("277", "X214"): "277CA",
}
# Elements that begin with a qualifier and a component separator in every guide that has them.
_COMPOSITES = {"CLM": 5, "SV1": 1, "SV2": 2, "HI": 1, "STC": 1, "SVC": 1, "SV3": 1, "EQ": 2}
_QUALIFIED = re.compile(r"[A-Z0-9]{1,3}([^A-Za-z0-9 .\-])")


def read(content: bytes) -> Interchange:
    """The first interchange of the content; that there are more is a problem of it.

    Raises:
        UnreadableX12: the content does not begin with a whole ISA segment.
    """
    first, *others = read_all(content)
    if not others:
        return first
    more = Problem(others[0].isa.number, f"{len(others)} more interchanges follow")
    return replace(first, problems=(*first.problems, more))


def read_all(content: bytes) -> tuple[Interchange, ...]:
    """Every interchange of the content, in order; at least one.

    Raises:
        UnreadableX12: the content does not begin with a whole ISA segment.
    """
    text = _text(content).lstrip(_LEADING)
    declared: tuple[Delimiters, list[Problem]] | None = _declared(text)
    found: list[Interchange] = []
    number = 1
    while declared is not None:
        delimiters, problems = declared
        segments, text = _segments(text, delimiters, number)
        number += len(segments)
        declared = None
        if text:
            try:
                declared = _declared(text)
            except UnreadableX12:
                problems.append(Problem(number, "what follows is a broken ISA segment"))
        found.append(interchange_of(segments, problems))
    return tuple(found)


def transaction_kind(content: bytes) -> str:
    """What the content is: "837P", "837I", "999", "277CA", "835", "TA1", "270", ...

    Looks only at the first segments. Returns "" for what is no X12 or names no transaction.
    """
    text = _text(content[:4096]).lstrip(_LEADING)
    if not _begins(text):
        return ""
    try:
        delimiters, _ = _declared(text)
    except UnreadableX12:
        return ""
    version = ""
    for raw in text.split(delimiters.terminator):
        elements = raw.strip(_LEADING).split(delimiters.element)
        if elements[0] == "TA1":
            return "TA1"
        if elements[0] == "GS":
            version = elements[8] if len(elements) > 8 else ""  # noqa: PLR2004 - GS08
        if elements[0] == "ST":
            kind = elements[1] if len(elements) > 1 else ""
            implementation = elements[3] if len(elements) > 3 else version  # noqa: PLR2004 - ST03
            return _KINDS.get((kind, (implementation or version)[6:10]), kind)
    return ""


def _begins(text: str) -> bool:
    return text[:3].upper() == "ISA"


def _text(content: bytes) -> str:
    """The bytes as text: UTF-8, else UTF-16 by its mark, else one character a byte."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _declared(text: str) -> tuple[Delimiters, list[Problem]]:
    """The delimiters that the ISA declares. Raises: UnreadableX12."""
    if not _begins(text):
        raise UnreadableX12("The content does not begin with an ISA segment.", where="segment 1")
    element = text[3:4]
    if not element or element.isalnum() or element.isspace():
        raise UnreadableX12("No element separator follows ISA.", where="segment 1, ISA")
    fields = text[:1000].split(element, ISA_ELEMENTS)
    if len(fields) <= ISA_ELEMENTS or not fields[ISA_ELEMENTS].strip():
        words = "The ISA segment ends before its sixteenth element."
        raise UnreadableX12(words, where="segment 1, ISA")
    rest = fields[ISA_ELEMENTS]
    problems: list[Problem] = []
    if rest[0] == "~" or rest[1:3] in {"GS", "TA"}:
        problems.append(Problem(1, "ISA16 is missing"))
        component, terminator = ":", rest[0]
    else:
        component, terminator = rest[0], rest[1:2] or "~"
    if terminator.isalnum() or terminator == element:
        raise UnreadableX12("No terminator follows ISA16.", where="segment 1, ISA16")
    repetition = fields[11].strip()[:1]
    if repetition.isalnum():  # "U" up to 4010: no repetition separator
        repetition = ""
    return Delimiters(element, component, repetition, terminator), problems


def _segments(text: str, declared: Delimiters, first: int) -> tuple[list[Segment], str]:
    """The segments up to the next ISA, and the text from there on."""
    following = _next_isa(text, declared)
    mine, others = text[:following], text[following:]
    rows = [
        raw.split(declared.element)
        for piece in mine.split(declared.terminator)
        if (raw := piece.strip(_LEADING))
    ]
    body = _body_component(rows, declared.component)
    delimiters = Delimiters(declared.element, body, declared.repetition, declared.terminator)
    return [
        Segment(number, row[0].strip(), tuple(row[1:]), declared if number == first else delimiters)
        for number, row in enumerate(rows, start=first)
    ], others


def _next_isa(text: str, declared: Delimiters) -> int:
    mark = re.compile(re.escape(declared.terminator) + r"[\s\x00]*ISA[^A-Za-z0-9\s]")
    hit = mark.search(text, 3)
    if hit is None:
        return len(text)
    return hit.end() - 4


def _body_component(rows: list[list[str]], declared: str) -> str:
    """The component separator that the body uses, whatever ISA16 says."""
    for row in rows:
        position = _COMPOSITES.get(row[0])
        if position is None or position >= len(row):
            continue
        text = row[position]
        if declared in text:
            return declared
        hit = _QUALIFIED.match(text)
        if hit:
            return hit.group(1)
    return declared
