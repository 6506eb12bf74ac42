"""Guide validation (SNIP 1 and 2): is this X12 file what its implementation guide allows?

pyx12 and the maps in `maps/` decide. The maps are loaded at the first use of each and kept; they
are data of this package. The driver here is our own, because pyx12's parses every map anew for
every file, loses some errors and raises instead of reporting others.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pyx12.errors
import pyx12.map_index
import pyx12.x12file

from services.edi import guide_words
from services.edi.guide_walk import GuideMap, Segment, Walker
from services.edi.guide_words import GuideError
from services.edi.writer import COMPONENT

__all__ = ["GuideError", "check", "warm"]

MAPS = Path(__file__).with_name("maps")
CONTROL = "x12.control.00501.xml"
ISA_LENGTH = 106
_FOREIGN = (
    pyx12.errors.X12Error,
    pyx12.errors.EngineError,
    pyx12.errors.X12PathError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
)


def check(content: bytes) -> tuple[GuideError, ...]:
    """What the guide does not allow in this file, in the order of the file; () when all is well.

    Never raises: what pyx12 cannot even read is an error too. Words never quote a value.
    """
    text = content.decode("latin-1")
    fault = _unreadable(text)
    if fault:
        return (GuideError(1, "ISA", "", "isa.form", fault),)
    run = _Run(text)
    try:
        run.whole()
    except _FOREIGN:
        words = "The file has a form that the guide check cannot follow from here on."
        run.errors.append(GuideError(run.number, run.segment_id, "", "check.form", words))
    return tuple(run.errors)


def warm(*names: str) -> None:
    """Load the maps of these transactions ("837P", "837I", ...) before the first file comes."""
    for row in _index().maps:
        if row["abbr"] in {*names, "X12"}:
            _map(row["map_file"])


@lru_cache(maxsize=1)
def _index() -> Any:
    return pyx12.map_index.map_index(str(MAPS))


@lru_cache(maxsize=16)
def _map(file_name: str) -> GuideMap:
    return GuideMap(file_name, str(MAPS))


def _unreadable(text: str) -> str:
    """Why pyx12 cannot read the envelope; "" when it can."""
    if not text.startswith("ISA"):
        return "The file does not begin with ISA."
    isa = text[:ISA_LENGTH]
    if len(isa) < ISA_LENGTH or isa.count(isa[3]) != 16:  # noqa: PLR2004 - ISA01 to ISA16
        return "The ISA segment has not its fixed width of 106 characters and 16 elements."
    if isa[84:89] != "00501":
        return "ISA12 is not 00501."
    return ""


class _Envelope(pyx12.x12file.X12Reader):  # type: ignore[misc] # pyx12 has no types to rely on
    """pyx12's reader for its checks of envelope and counts, without its file handling."""

    def __init__(self) -> None:
        pyx12.x12file.X12Base.__init__(self)

    def take(self, segment: Segment) -> list[tuple[str, str]]:
        """Check one segment; gives the kind and the code of each error."""
        self._parse_segment(segment)
        return [(kind, code) for kind, code, *_ in self.pop_errors()]

    def end(self) -> list[tuple[str, str]]:
        """Check that everything was closed."""
        self.cleanup()
        return [(kind, code) for kind, code, *_ in self.pop_errors()]


class _Run:
    """One check of one file."""

    def __init__(self, text: str) -> None:
        self.errors: list[GuideError] = []
        self.number = 0
        self.segment_id = "ISA"
        self._terminator, self._element, self._component = text[105], text[3], text[104]
        *self._pieces, self._rest = text.split(self._terminator)
        self._envelope = _Envelope()
        self._guide = _map(CONTROL)
        self._walker = Walker(self._guide)
        self._node: Any = self._guide.node("/ISA_LOOP/ISA")

    def whole(self) -> None:
        """Check every segment, then that everything was closed."""
        for piece in self._pieces:
            self.number += 1
            if not self._one(piece.lstrip("\r\n")):
                return
        if self._rest.strip():
            words = "The last segment has no terminator."
            self.errors.append(GuideError(self.number + 1, "", "", "seg.end", words))
        self._say(self._envelope.end())

    def _say(self, found: list[tuple[str, str]]) -> None:
        for kind, code in found:
            self.errors.append(guide_words.of_envelope(self.number, self.segment_id, kind, code))

    def _one(self, text: str) -> bool:
        """Check one segment. False when no guide is known for what follows."""
        bare = text.lstrip(" ")
        if not bare:
            self._say([("seg", "8")])
            return True
        segment = Segment(bare, self._terminator, self._element, self._component)
        self.segment_id = segment.seg_id or ""
        if bare != text:
            self._say([("seg", "1")])
        if bare.endswith(self._element):
            self._say([("seg", "SEG1")])
        self._say(self._envelope.take(segment))
        node = self._found(segment)
        if node is None:
            return True
        self._node = node
        if segment.seg_id == "GS":
            entered = self._entered(segment)
            if entered is None:
                return False
            self._node = entered
        self._judge(segment)
        return True

    def _found(self, segment: Segment) -> Any:
        """The node of the map that the segment stands at; None when there is none."""
        if segment.seg_id == "ISA":
            self._begin(_map(CONTROL), "/ISA_LOOP", "ISA")
            return self._guide.node("/ISA_LOOP/ISA")
        if segment.seg_id == "GS":
            self._begin(_map(CONTROL), "/ISA_LOOP/GS_LOOP", "GS")
            return self._guide.node("/ISA_LOOP/GS_LOOP/GS")
        counts = (self._envelope.seg_count, self._envelope.cur_line, None)
        node, _, _, errors = self._walker.walk_errors(self._node, segment, *counts)
        for error in errors:
            self.errors.append(guide_words.of_walk(self.number, segment, error))
        return node

    def _begin(self, guide: GuideMap, loop: str, first: str) -> None:
        self._guide = self._walker.guide = guide
        self._walker.forceWalkCounterToLoopStart(loop, f"{loop}/{first}")

    def _entered(self, gs: Segment) -> Any:
        """The GS node of the guide that GS01 and GS08 name."""
        file_name = _index().get_filename("00501", gs.get_value("08"), gs.get_value("01"))
        if not file_name:
            words = "No guide is known for GS01 and GS08."
            self.errors.append(GuideError(self.number, "GS", "GS08", "gs.guide", words))
            return None
        self._guide = self._walker.guide = _map(file_name)
        self._envelope.check_837_lx = self._guide.is_claim
        return self._guide.node("/ISA_LOOP/GS_LOOP/GS")

    def _judge(self, segment: Segment) -> None:
        """Check the elements of a segment at its node."""
        node = self._node
        if self._component == COMPONENT and self._guide.acceptor(node).accepts(
            segment.texts, segment
        ):
            return
        place = _overfull(node, segment)
        if place:
            self.errors.append(guide_words.of_size(self.number, segment, place))
            return
        _, errors = node.is_valid_errors(segment)
        for error in errors:
            self.errors.append(guide_words.of_element(self.number, segment, node, error))


def _overfull(node: Any, segment: Segment) -> str:
    """The first composite with too many components, at which pyx12 raises; "" when none."""
    for child in node.children:
        if not child.is_composite() or child.usage == "N" or child.seq > len(segment):
            continue
        if len(segment.elements[child.seq - 1]) > len(child.children):
            return f"{segment.seg_id}{child.seq:02d}"
    return ""
