"""The tolerant X12 reader: any interchange in, its segments and its problems out.

What senders do wrong is named in `problems` and read anyway: an ISA16 that is not the separator of
the body, line ends after the terminator, missing or miscounted trailers, an ISA that is not of
fixed width. Only bytes that are no interchange at all are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from services.edi.failures import UnreadableX12

__all__ = ["Group", "Interchange", "Problem", "Segment", "TransactionSet", "UnreadableX12"]
__all__ += ["read", "read_all", "transaction_kind"]

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


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The four delimiters that the text really uses."""

    element: str
    component: str
    repetition: str
    terminator: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment. `number` counts from 1 (the ISA) within the file.

    `segment[3]` is the third element as text, "" when it is absent.
    """

    number: int
    id: str
    elements: tuple[str, ...]
    delimiters: Delimiters = field(repr=False)

    def __getitem__(self, position: int) -> str:
        """The element at a position that counts from 1."""
        return self.elements[position - 1] if position <= len(self.elements) else ""

    def parts(self, position: int) -> tuple[str, ...]:
        """The components of an element; none when it is absent."""
        text = self[position]
        return tuple(text.split(self.delimiters.component)) if text else ()

    def part(self, position: int, component: int) -> str:
        """One component of an element, both counted from 1; "" when it is absent."""
        parts = self.parts(position)
        return parts[component - 1] if component <= len(parts) else ""

    def repeats(self, position: int) -> tuple[str, ...]:
        """The repetitions of an element; none when it is absent."""
        text = self[position]
        mark = self.delimiters.repetition
        if not text:
            return ()
        return tuple(text.split(mark)) if mark else (text,)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with the envelope, and the segment it was seen at."""

    number: int
    words: str


@dataclass(frozen=True, slots=True)
class TransactionSet:
    """One transaction set. `segments` go from ST to SE as they stand, SE perhaps missing."""

    kind: str  # ST01
    control: str  # ST02
    implementation: str  # ST03, else GS08
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """One functional group; its fields are empty when the transactions stand in no group."""

    number: int  # of its GS
    functional_id: str  # GS01
    sender: str  # GS02
    receiver: str  # GS03
    control: str  # GS06
    version: str  # GS08
    transactions: tuple[TransactionSet, ...]


@dataclass(frozen=True, slots=True)
class Interchange:
    """One interchange. `outside` are the segments that stand in no group, such as TA1."""

    isa: Segment
    sender: str
    receiver: str
    control: str  # ISA13
    usage: str  # ISA15
    delimiters: Delimiters
    outside: tuple[Segment, ...]
    groups: tuple[Group, ...]
    problems: tuple[Problem, ...]

    @property
    def transactions(self) -> tuple[TransactionSet, ...]:
        """The transaction sets of all groups, in order."""
        return tuple(one for group in self.groups for one in group.transactions)


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
    found: list[Interchange] = []
    number = 1
    while not found or _begins(text):
        delimiters, problems = _declared(text)
        segments, text = _segments(text, delimiters, number)
        number += len(segments)
        found.append(_Folder(segments, problems).interchange())
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
        raise UnreadableX12(
            f"The ISA segment ends after {len(fields) - 1} of 16 elements.", where="segment 1, ISA"
        )
    rest = fields[ISA_ELEMENTS]
    problems: list[Problem] = []
    if rest[1:].lstrip(_LEADING)[:2] in {"GS", "TA"} and rest[1:2].strip(_LEADING).isalnum():
        problems.append(Problem(1, "ISA16 is missing"))
        component, terminator = ":", rest[0]
    else:
        component, terminator = rest[0], rest[1:2] or "~"
    if terminator.isalnum():
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


class _Folder:
    """Folds a list of segments into groups and transactions, noting problems on the way."""

    def __init__(self, segments: list[Segment], problems: list[Problem]) -> None:
        self._segments = segments
        self._problems = problems
        self._outside: list[Segment] = []
        self._groups: list[Group] = []
        self._gs: Segment | None = None
        self._sets: list[TransactionSet] = []
        self._set: list[Segment] = []
        self._ended = False

    def interchange(self) -> Interchange:
        """Fold all of it."""
        isa = self._segments[0]
        body = self._segments[1:]
        used = body[0].delimiters if body else isa.delimiters
        if used.component != isa.delimiters.component:
            self._say(isa, "ISA16 is not the component separator of the body")
        for segment in body:
            self._take(segment)
        last = self._segments[-1]
        self._end_set(last)
        self._end_group(last)
        if not self._ended:
            self._say(last, "the interchange has no IEA")
        return Interchange(
            isa,
            isa[6].strip(),
            isa[8].strip(),
            isa[13].strip(),
            isa[15].strip(),
            used,
            tuple(self._outside),
            tuple(self._groups),
            tuple(self._problems),
        )

    def _say(self, segment: Segment, words: str) -> None:
        self._problems.append(Problem(segment.number, words))

    def _take(self, segment: Segment) -> None:
        match segment.id:
            case "GS":
                self._end_set(segment)
                self._end_group(segment)
                self._gs = segment
            case "ST":
                self._end_set(segment)
                self._set = [segment]
            case "SE":
                self._close_set(segment)
            case "GE":
                self._close_group(segment)
            case "IEA":
                self._close_interchange(segment)
            case _ if self._set:
                self._set.append(segment)
            case _:
                self._outside.append(segment)
                if segment.id not in {"TA1", "TA3"}:
                    self._say(segment, f"segment {segment.id} stands outside a transaction")

    def _close_set(self, se: Segment) -> None:
        if not self._set:
            self._say(se, "SE without ST")
            return
        self._set.append(se)
        if se[1].lstrip("0") != str(len(self._set)):
            self._say(se, f"SE01 does not say the {len(self._set)} segments there are")
        if se[2] != self._set[0][2]:
            self._say(se, "SE02 differs from ST02")
        self._keep_set()

    def _keep_set(self) -> None:
        st = self._set[0]
        version = self._gs[8] if self._gs else ""
        self._sets.append(TransactionSet(st[1], st[2], st[3] or version, tuple(self._set)))
        self._set = []

    def _end_set(self, at: Segment) -> None:
        if self._set:
            self._say(at, "the transaction has no SE")
            self._keep_set()

    def _close_group(self, ge: Segment) -> None:
        self._end_set(ge)
        if self._gs is None:
            self._say(ge, "GE without GS")
            return
        if ge[1].lstrip("0") != str(len(self._sets) or ""):
            self._say(ge, f"GE01 does not say the {len(self._sets)} transactions there are")
        if ge[2].lstrip("0") != self._gs[6].lstrip("0"):
            self._say(ge, "GE02 differs from GS06")
        self._keep_group()

    def _keep_group(self) -> None:
        gs = self._gs
        sets = tuple(self._sets)
        if gs is None:
            self._groups.append(Group(sets[0].segments[0].number, "", "", "", "", "", sets))
        else:
            named = (gs[1], gs[2].strip(), gs[3].strip(), gs[6], gs[8])
            self._groups.append(Group(gs.number, *named, sets))
        self._gs, self._sets = None, []

    def _end_group(self, at: Segment) -> None:
        if self._gs is None and not self._sets:
            return
        self._say(at, "the transactions stand in no group" if self._gs is None else "no GE")
        self._keep_group()

    def _close_interchange(self, iea: Segment) -> None:
        self._end_set(iea)
        self._end_group(iea)
        self._ended = True
        isa = self._segments[0]
        if iea[1].lstrip("0") != str(len(self._groups) or ""):
            self._say(iea, f"IEA01 does not say the {len(self._groups)} groups there are")
        if iea[2].strip().lstrip("0") != isa[13].strip().lstrip("0"):
            self._say(iea, "IEA02 differs from ISA13")


def segments_of(interchange: Interchange) -> Iterator[Segment]:
    """The segments of all transactions, in order."""
    for transaction in interchange.transactions:
        yield from transaction.segments
