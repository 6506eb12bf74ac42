"""One HL7 v2 message: segments, fields, components, without ever an exception for what is absent.

Segments are split into fields only when somebody asks, because most segments of a message are
never asked. Fields, components and repetitions are counted from 1 as in the standard.
"""

from __future__ import annotations

from dataclasses import dataclass

from services.hl7.escapes import unescape

NULL = '""'  # "delete what you have", HL7 v2 chapter 2


class UnreadableMessageError(ValueError):
    """The bytes are not HL7 v2 that can be filed.

    `sentence` says what is wrong in plain words, `where` names segment, field and line; neither
    holds a value from the message. `fix` is what the reader of the sentence can do.
    """

    def __init__(self, sentence: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.where = where
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The separators that MSH-1 and MSH-2 declare."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    @property
    def escaped(self) -> tuple[str, str, str, str]:
        """What the escape sequences F, S, R and T stand for."""
        return self.field, self.component, self.repetition, self.subcomponent


def _value(raw: str, separators: Delimiters, subcomponent: int) -> str:
    """A subcomponent of a component, unescaped, without blanks; "" when absent or null."""
    if not raw or raw == NULL:
        return ""
    if separators.subcomponent in raw:
        parts = raw.split(separators.subcomponent)
        if subcomponent > len(parts):
            return ""
        raw = parts[subcomponent - 1]
    elif subcomponent > 1:
        return ""
    if separators.escape in raw:
        raw = unescape(raw, separators.escape, separators.escaped)
    return raw.strip()


class Composite:
    """One repetition of a field: components and subcomponents."""

    __slots__ = ("_components", "_delimiters")

    def __init__(self, raw: str, delimiters: Delimiters) -> None:
        self._delimiters = delimiters
        self._components = raw.split(delimiters.component)

    def get(self, component: int, subcomponent: int = 1) -> str:
        """The unescaped value without blanks around it; "" when absent or null."""
        components = self._components
        if component > len(components):
            return ""
        return _value(components[component - 1], self._delimiters, subcomponent)


class Segment:
    """One segment. `number` is its place in the message, `line` its line in the file, from 1."""

    __slots__ = ("_delimiters", "_fields", "_offset", "line", "name", "number", "raw")

    def __init__(self, raw: str, delimiters: Delimiters, number: int, line: int) -> None:
        self.raw = raw
        self.name = raw[:3]
        self.number = number
        self.line = line
        self._delimiters = delimiters
        self._fields: list[str] | None = None
        self._offset = 1 if self.name == "MSH" else 0

    def __bool__(self) -> bool:
        return self.raw != ""

    def field(self, number: int) -> str:
        """The field as it was sent, with its separators and escapes; "" when absent."""
        fields = self._fields
        if fields is None:
            fields = self._fields = self.raw.split(self._delimiters.field)
        index = number - self._offset
        return fields[index] if index < len(fields) else ""

    def get(self, field: int, component: int = 1, subcomponent: int = 1) -> str:
        """One value of the first repetition, unescaped; "" when absent or null."""
        raw = self.field(field)
        if not raw:
            return ""
        separators = self._delimiters
        if separators.repetition in raw:
            raw = raw.split(separators.repetition, 1)[0]
        if separators.component in raw:
            parts = raw.split(separators.component, component)
            if component > len(parts):
                return ""
            raw = parts[component - 1]
        elif component > 1:
            return ""
        return _value(raw, separators, subcomponent)

    def composite(self, field: int) -> Composite:
        """The first repetition of a field."""
        raw, repetition = self.field(field), self._delimiters.repetition
        first = raw.split(repetition, 1)[0] if repetition in raw else raw
        return Composite(first, self._delimiters)

    def composites(self, field: int) -> list[Composite]:
        """Every repetition of a field that holds anything."""
        raw = self.field(field)
        if not raw:
            return []
        parts = raw.split(self._delimiters.repetition)
        return [Composite(part, self._delimiters) for part in parts if part]

    def text(self, field: int) -> str:
        """A free-text field whole: repetitions become lines, separators in it stay."""
        raw = self.field(field)
        if not raw or raw == NULL:
            return ""
        separators = self._delimiters
        lines = raw.split(separators.repetition)
        return "\n".join(unescape(line, separators.escape, separators.escaped) for line in lines)

    def where(self, field: int = 0) -> str:
        """The place in words, for people: "segment 3 (PID), field 7, line 3"."""
        if not self:
            return "the whole message"
        field_words = f", field {field}" if field else ""
        return f"segment {self.number} ({self.name}){field_words}, line {self.line}"


class Message:
    """The segments of one message, in order."""

    __slots__ = ("_absent", "_first", "delimiters", "segments")

    def __init__(self, segments: tuple[Segment, ...], delimiters: Delimiters) -> None:
        self.segments = segments
        self.delimiters = delimiters
        self._absent = Segment("", delimiters, 0, 0)
        self._first: dict[str, Segment] = {}
        for segment in segments:
            self._first.setdefault(segment.name, segment)

    def first(self, name: str) -> Segment:
        """The first segment of that name, or an empty one in which every field is ""."""
        return self._first.get(name, self._absent)

    def all(self, name: str) -> list[Segment]:
        """Every segment of that name."""
        if name not in self._first:
            return []
        return [segment for segment in self.segments if segment.name == name]

    @property
    def header(self) -> Segment:
        """MSH."""
        return self.segments[0]
