"""Files as records of cells: fixed-width text, tab- or comma-separated text, and xlsx."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from services.codesets.loading.sheet import is_workbook, rows_of
from services.codesets.shelf_failures import MalformedFile

BYTE_ORDER_MARK = "\ufeff"
EXCEL_DAY_0 = date(1899, 12, 30)
EXCEL_DAYS = range(20_000, 80_000)  # 1954 to 2119: a date of a sheet, and no other number we meet
PREAMBLE = 60  # lines at most before the first row: licences, titles and headings
SAMPLE = 8_192
EVERY = 20_000  # records between two calls of progress

Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to load: its name, without a folder, and what is in it."""

    name: str
    content: bytes

    def refuse(self, sentence: str, line: int = 1, column: int | str = 1) -> MalformedFile:
        """A refusal that names the place; to be raised."""
        return MalformedFile(sentence, where=f"{self.name} line {line}, column {column}")


@dataclass(frozen=True, slots=True)
class Record:
    """One line or row: its cells, trimmed, from 0."""

    file: SourceFile
    number: int
    cells: Sequence[str]

    def text(self, at: int) -> str:
        """A cell with inner blanks made one; "" when the row is shorter."""
        cell = self.cells[at] if at < len(self.cells) else ""
        return cell if cell.isalnum() else " ".join(cell.split())

    def required(self, at: int, what: str) -> str:
        """A cell that must not be empty."""
        text = self.text(at)
        if not text:
            raise self.refuse(at, f"{what} is missing")
        return text

    def matching(self, at: int, pattern: re.Pattern[str], what: str) -> str:
        """A cell in upper case that must be as the pattern says."""
        text = self.text(at).upper()
        if not pattern.fullmatch(text):
            raise self.refuse(at, f"{what} is expected")
        return text

    def day(self, at: int, what: str) -> date:
        """A date that must be there."""
        found = self.optional_day(at, what)
        if found is None:
            raise self.refuse(at, f"{what} is missing")
        return found

    def optional_day(self, at: int, what: str) -> date | None:
        """A date, or None for an empty cell, `*` and zeros."""
        text = self.text(at)
        if not text.strip("*0- "):
            return None
        try:
            return read_day(text)
        except ValueError:
            raise self.refuse(at, f"{what} is no date") from None

    def number_of(self, at: int, what: str) -> int:
        """A whole number, not negative."""
        text = self.text(at).removesuffix(".0")
        if not (text.isascii() and text.isdigit()):
            raise self.refuse(at, f"{what} is no whole number")
        return int(text)

    def amount(self, at: int, what: str) -> Decimal | None:
        """A decimal number; None for an empty cell or NA. Dollar signs and commas are format."""
        text = self.text(at).replace("$", "").replace(",", "").strip()
        if text.upper() in {"", "NA", "N/A", "*", "-", "."}:
            return None
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite():
            raise self.refuse(at, f"{what} is no number")
        return value

    def refuse(self, at: int, sentence: str) -> MalformedFile:
        """A refusal that names this row and the cell; to be raised."""
        return self.file.refuse(f"{sentence[0].upper()}{sentence[1:]}.", self.number, at + 1)


@lru_cache(maxsize=4_096)
def read_day(text: str) -> date:
    """A date as publishers write it.

    That is 20260101, 2026-01-01, 1/1/2026, 2026001 (year and day of the year), or a sheet's number.

    Raises:
        ValueError: it is none of these.
    """
    text = text.removesuffix(".0").removesuffix(" 00:00:00")
    if text.isascii() and text.isdigit():
        if len(text) == len("20260101"):
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        if len(text) == len("2026001") and int(text[4:]):
            found = date(int(text[:4]), 1, 1) + timedelta(int(text[4:]) - 1)
            if found.year == int(text[:4]):
                return found
        if int(text) in EXCEL_DAYS:
            return EXCEL_DAY_0 + timedelta(int(text))
    parts = text.split("/")
    if len(parts) == 3:  # noqa: PLR2004 - month, day, year
        month, day, year = (int(part) for part in parts)
        return date(year, month, day)
    return date.fromisoformat(text)


def text_of(file: SourceFile) -> str:
    """The file as text: UTF-8, else Windows-1252, as older files of CMS are.

    Raises:
        MalformedFile: it is no text.
    """
    if b"\x00" in file.content:
        line = file.content[: file.content.index(b"\x00")].count(b"\n") + 1
        raise file.refuse("The file is no text.", line)
    try:
        return file.content.decode("utf-8").removeprefix(BYTE_ORDER_MARK)
    except UnicodeDecodeError:
        return file.content.decode("cp1252", errors="replace")


def lines_of(file: SourceFile) -> Iterator[tuple[int, str]]:
    """Number and text of every line that is not blank, its end taken off."""
    for number, line in enumerate(io.StringIO(text_of(file)), start=1):
        if line.strip():
            yield number, line.rstrip("\r\n")


def records_of(file: SourceFile) -> Iterator[Record]:
    """Every row that is not blank, of a sheet or of tab- or comma-separated text.

    Raises:
        MalformedFile: the file is neither.
    """
    rows = rows_of(file.content, file.refuse) if is_workbook(file.content) else _separated(file)
    for number, cells in rows:
        trimmed = [cell.strip() for cell in cells]
        if any(trimmed):
            yield Record(file, number, trimmed)


def rows_after_preamble(
    file: SourceFile, first: re.Pattern[str], width: int, what: str
) -> Iterator[Record]:
    """The rows of a layout that is known by its columns, without what stands above the first one.

    A row above it begins with something else than a code, and has not as many filled cells as a
    row with digits in it would. After the first row, every row must be one.

    Raises:
        MalformedFile: there is no such row, or a row is too short.
    """
    begun = False
    for count, record in enumerate(records_of(file)):
        if not begun and not first.fullmatch(record.text(0).upper()):
            if count >= PREAMBLE or _is_like_data(record, width):
                raise record.refuse(0, f"{what} is expected")
            continue
        begun = True
        if len(record.cells) < width:
            raise record.refuse(len(record.cells), f"a row has {width} columns; this one is short")
        yield record
    if not begun:
        raise file.refuse(f"The file holds no row that begins with {what}.")


def _is_like_data(record: Record, width: int) -> bool:
    """Whether most of the row's cells hold numbers: a heading has words."""
    cells = [cell for cell in record.cells if cell]
    numbers = sum(cell.replace(".", "").replace("/", "").isdigit() for cell in cells)
    return len(cells) >= max(2, width // 2) and numbers * 3 >= len(cells)


def counted(
    file: SourceFile, records: Iterable[Record], progress: Progress | None
) -> Iterator[Record]:
    """The same records; `progress` hears of every 20,000 of them and of the last."""
    count = 0
    for count, record in enumerate(records, start=1):
        yield record
        if progress and count % EVERY == 0:
            progress(file.name, count)
    if progress:
        progress(file.name, count)


def _separated(file: SourceFile) -> Iterator[tuple[int, list[str]]]:
    text = text_of(file)
    head = text[:SAMPLE]
    if head.count("\t") > head.count(","):
        for number, line in enumerate(io.StringIO(text), start=1):
            cells = line.rstrip("\r\n").split("\t")
            yield number, [_unquoted(cell) for cell in cells] if '"' in line else cells
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        before = 0
        for cells in reader:
            yield before + 1, cells
            before = reader.line_num
    except csv.Error:
        raise file.refuse("A quoted cell does not end.", reader.line_num) from None


def _unquoted(cell: str) -> str:
    cell = cell.strip()
    quoted = len(cell) > 1 and cell[0] == cell[-1] == '"'
    return cell[1:-1].replace('""', '"') if quoted else cell
