"""The words for what pyx12 finds. pyx12's own sentences quote values, which may be patient data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class GuideError:
    """One thing that the guide does not allow.

    Shape: `number` counts segments from 1 (the ISA); `element` is "" or a reference such as
    "CLM05-1" or "NM109"; `code` is X12's own (IK304, IK403), after the level it belongs to:
    "element.7", "segment.3", "se.4". `words` names parts of the guide, never a value.
    """

    number: int
    segment: str
    element: str
    code: str
    words: str


_ELEMENT = {
    "1": "is required and missing",
    "2": "is required by another element and missing",
    "3": "is more than the guide has room for",
    "4": "is too short",
    "5": "is too long",
    "6": "holds a character or a composite that is not allowed",
    "7": "is not a value that the guide allows",
    "8": "is not a valid date",
    "9": "is not a valid time",
    "10": "must not be used here",
}
_SEGMENT = {
    "1": "is not expected here",
    "2": "must not be used here",
    "3": "is required and missing",
    "4": "stands in a loop that repeats too often",
    "5": "repeats too often",
}
_ENVELOPE = {
    ("isa", "001"): ("IEA", "IEA02", "IEA02 differs from ISA13"),
    ("isa", "021"): ("IEA", "IEA01", "IEA01 miscounts the groups"),
    ("isa", "023"): ("IEA", "", "the interchange has no IEA"),
    ("isa", "024"): ("IEA", "", "a group is not closed before IEA"),
    ("isa", "025"): ("ISA", "ISA13", "ISA13 stands twice in the file"),
    ("gs", "3"): ("GE", "", "a group or its transaction is not closed"),
    ("gs", "4"): ("GE", "GE02", "GE02 differs from GS06"),
    ("gs", "5"): ("GE", "GE01", "GE01 miscounts the transactions"),
    ("gs", "6"): ("GS", "GS06", "GS06 stands twice in the interchange"),
    ("st", "2"): ("SE", "", "the transaction has no SE"),
    ("st", "3"): ("SE", "SE02", "SE02 differs from ST02"),
    ("st", "4"): ("SE", "SE01", "SE01 miscounts the segments"),
    ("st", "23"): ("ST", "ST02", "ST02 stands twice in the group"),
    ("seg", "HL1"): ("HL", "HL01", "HL01 is not the count of HL segments"),
    ("seg", "HL2"): ("HL", "HL02", "HL02 names no open parent"),
    ("seg", "LX"): ("LX", "LX01", "LX01 is not the count of service lines"),
    ("seg", "8"): ("", "", "the segment is empty"),
    ("seg", "1"): ("", "", "the segment identifier is invalid or has a blank before it"),
    ("seg", "SEG1"): ("", "", "the segment ends with an empty element"),
}


def of_envelope(number: int, segment: str, kind: str, code: str) -> GuideError:
    """An error of counts, control numbers or the form of a segment."""
    there, element, words = _ENVELOPE.get((kind, code), (segment, "", "the envelope is wrong"))
    return GuideError(number, there or segment, element, f"{kind}.{code}", f"{words}.")


def of_walk(number: int, segment: Any, error: Any) -> GuideError:
    """An error of order, number or requirement of segments and loops."""
    code = error.err_cde
    what = _SEGMENT.get(code, "is wrong")
    node = error.map_node
    if code == "1" or node is None:
        named = segment.seg_id
        qualifier = segment.get_value("01") or ""
        if len(qualifier) <= 3 and qualifier.isalnum():  # noqa: PLR2004 - a code, not a name
            named = f"{named}*{qualifier}"
        return GuideError(number, segment.seg_id, "", f"segment.{code}", f"{named} {what}.")
    loop = node if node.is_loop() else node.parent
    words = f"{node.name} ({node.id}, loop {loop.id}) {what}."
    there = segment.seg_id if node.is_loop() else node.id
    return GuideError(number, there, "", f"segment.{code}", words)


def of_element(number: int, segment: Any, node: Any, error: Any) -> GuideError:
    """An error of one element, at the segment's node of the map."""
    code = error.err_cde
    what = _ELEMENT.get(code, "is wrong")
    if error.map_node is not None:
        place, name = error.map_node.id, error.map_node.name
    else:
        place, name = _reference(segment.seg_id, str(error.refdes)), node.name
    words = f"{name} ({place}) {what}."
    return GuideError(number, segment.seg_id, place, f"element.{code}", words)


def of_size(number: int, segment: Any, place: str) -> GuideError:
    """A composite with more components than the guide has."""
    words = f"{place} has more components than the guide has room for."
    return GuideError(number, segment.seg_id, place, "element.3", words)


def _reference(segment_id: str, reference: str) -> str:
    return f"{segment_id}{int(reference):02d}" if reference.isdigit() else reference
