"""The rows of editions, and how a row is packed into one line of text and back.

A line is the row's key and then its fields, parted by tabs. A first day that is the edition's own
is left empty, which also keeps the files small.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Generic, get_type_hints

from services.codesets.edit_tables import AddOn, MpfsIndicator, Mue, NcciPair, OppsRow, Row, Setting
from services.codesets.edition import Edition

PART = "\t"
INSIDE = "|"  # parts the two halves of a key; no code holds it


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code of a code set. `kind` is "" for most; "header" or "modifier" where a set has such.

    `more` holds what the set says besides, by the set's own column names.
    """

    code: str
    effective: date
    end: date | None = None
    title: str = ""
    short: str = ""
    kind: str = ""
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What the row is looked up by."""
        return self.code


@dataclass(frozen=True, slots=True)
class DrgRow:
    """A row of MS-DRG Table 5. Stays are in days; `kind` is MED or SURG."""

    code: str
    title: str
    mdc: str
    kind: str
    post_acute: bool
    special_pay: bool
    weight: Decimal | None
    geometric_stay: Decimal | None
    arithmetic_stay: Decimal | None
    effective: date
    end: date | None = None

    @property
    def key(self) -> str:
        """What the row is looked up by."""
        return self.code


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A term of an alphabetic index with all terms above it, as "Main, sub, subsub".

    `cells` gives for the tables of neoplasms and drugs a code (or "--") by the column's heading.
    """

    term: str
    effective: date
    code: str = ""
    manifestation: str = ""
    nonessential: str = ""
    see: str = ""
    see_also: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)
    end: date | None = None

    @property
    def key(self) -> str:
        """What the row is looked up by."""
        return self.term


ROW_TYPES: dict[str, type[Any]] = {
    row_type.__name__: row_type
    for row_type in (CodeRow, DrgRow, IndexRow, NcciPair, Mue, AddOn, MpfsIndicator, OppsRow)
}


def key_text(key: str | tuple[str, ...]) -> str:
    """A key as it stands at the beginning of a line."""
    return key if isinstance(key, str) else INSIDE.join(key)


class Packing(Generic[Row]):
    """Rows of one type and one edition to lines and back."""

    def __init__(self, row_type: type[Row], edition: Edition) -> None:
        hints = get_type_hints(row_type)
        self.columns = [one.name for one in fields(row_type)]  # type: ignore[arg-type]
        self._type: Callable[..., Row] = row_type
        self._write = [_writer(hints[name]) for name in self.columns]
        self._read = [_reader(hints[name]) for name in self.columns]
        self._first = edition.effective
        self._at = self.columns.index("effective")

    def pack(self, row: Row) -> bytes:
        """The line of a row, without its end."""
        values = [getattr(row, name) for name in self.columns]
        texts = [write(value) for write, value in zip(self._write, values, strict=True)]
        if row.effective == self._first:
            texts[self._at] = ""
        return PART.join((key_text(row.key), *texts)).encode()

    def unpack(self, line: bytes) -> Row:
        """The row of a line."""
        _, *texts = line.decode().split(PART)
        values = [read(text) for read, text in zip(self._read, texts, strict=True)]
        if not texts[self._at]:
            values[self._at] = self._first
        return self._type(*values)


@lru_cache(maxsize=8_192)
def _day(text: str) -> date | None:
    return date(int(text[:4]), int(text[4:6]), int(text[6:])) if text else None


@lru_cache(maxsize=8_192)
def _day_text(day: date | None) -> str:
    return f"{day:%Y%m%d}" if day else ""


def _mapping(text: str) -> Mapping[str, str]:
    parts = text.split("\x1f") if text else []
    return dict(zip(parts[::2], parts[1::2], strict=True))


WRITERS: dict[Any, Callable[[Any], str]] = {
    str: lambda value: value,
    int: str,
    bool: lambda value: "1" if value else "",
    date: _day_text,
    date | None: _day_text,
    Decimal | None: lambda value: "" if value is None else str(value),
    Mapping[str, str]: lambda value: "\x1f".join(part for pair in value.items() for part in pair),
    Setting: str,
}
READERS: dict[Any, Callable[[str], Any]] = {
    str: lambda text: text,
    int: int,
    bool: bool,
    date: _day,
    date | None: _day,
    Decimal | None: lambda text: Decimal(text) if text else None,
    Mapping[str, str]: _mapping,
    Setting: Setting,
}


def _writer(hint: Any) -> Callable[[Any], str]:
    return WRITERS[hint]


def _reader(hint: Any) -> Callable[[str], Any]:
    return READERS[hint]
