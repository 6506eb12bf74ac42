"""An X12 interchange as it was read: groups, transactions, segments and problems."""

from __future__ import annotations

from dataclasses import dataclass, field


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
