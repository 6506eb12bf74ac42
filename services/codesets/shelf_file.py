"""The file of one edition: one line that says what it is, its rows in order, and an index of them.

Layout: one line of JSON; the body, each row a line that begins with a line feed, sorted by bytes;
and the index, JSON, the first key and the place of every block of rows. Rows of one key are never
parted by a block's end. Whoever reads maps the body into memory and keeps only the index: a look-up
is one bisection and one search in a few KB.
"""

from __future__ import annotations

import json
import mmap
import os
import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic

from services.codesets.edit_tables import Row
from services.codesets.edition import Edition
from services.codesets.shelf_failures import EditionDamaged
from services.codesets.shelf_rows import PART, ROW_TYPES, Packing, key_text

LAYOUT = 1
BLOCK = 64  # rows, at least
READABLE = 0o640  # some sets are licensed: this account and its group only
MOST_CACHED = 4_096
LONGEST_HEAD = 1 << 20


@dataclass(frozen=True, slots=True)
class Loaded:
    """An edition on the shelf: what it is, and what it was made of.

    `loaded_at` is an instant in ISO 8601; `files` gives the SHA-256 of each file by name.
    """

    edition: Edition
    loaded_at: str
    format: str
    files: tuple[tuple[str, str], ...]
    row_type: str
    rows: int
    path: Path

    def is_made_of(self, other: Loaded) -> bool:
        """Whether the other one is the same edition from the same bytes."""
        ours = (self.edition, self.format, sorted(sha for _, sha in self.files))
        return ours == (other.edition, other.format, sorted(sha for _, sha in other.files))


def write_edition(loaded: Loaded, rows: Iterable[Row]) -> int:
    """Write the edition under its final name in one step, durably; returns how many rows it has.

    A crash at any moment leaves the old file or the new one. Rows that are the same count once.
    Raises: OSError.
    """
    packing: Packing[Row] = Packing(ROW_TYPES[loaded.row_type], loaded.edition)
    lines = sorted({packing.pack(row) for row in rows})
    body = b"".join(b"\n" + line for line in lines)
    index = _json(_index(lines))
    head = {
        "layout": LAYOUT,
        "system": loaded.edition.system,
        "name": loaded.edition.name,
        "effective": loaded.edition.effective.isoformat(),
        "end": loaded.edition.end.isoformat(),
        "source": loaded.edition.source,
        "licence": loaded.edition.licence,
        "loaded_at": loaded.loaded_at,
        "format": loaded.format,
        "files": loaded.files,
        "row_type": loaded.row_type,
        "columns": packing.columns,
        "rows": len(lines),
        "body": len(body),
        "index": len(index),
        "sha256": sha256(body + index).hexdigest(),
    }
    replace_durably(loaded.path, (_json(head), b"\n", body, index))
    return len(lines)


def replace_durably(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file aside, sync it, and rename it to its name. Raises: OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
        made = Path(file.name)
        try:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
            file.close()
            made.chmod(READABLE)
            made.replace(path)
        except BaseException:
            made.unlink(missing_ok=True)
            raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_loaded(path: Path) -> Loaded:
    """What the file's first line says. Raises: EditionDamaged."""
    return _loaded(path, _head(path))


class OpenEdition(Generic[Row]):
    """The rows of one edition, by key. Safe for several threads.

    Raises:
        EditionDamaged: the file is not whole, or another version of Chartline wrote it.
    """

    def __init__(self, path: Path) -> None:
        head = _head(path)
        self.loaded = _loaded(path, head)
        self.edition = self.loaded.edition
        row_type = ROW_TYPES.get(self.loaded.row_type)
        if row_type is None:
            raise _damaged(path)
        self._packing: Packing[Row] = Packing(row_type, self.edition)
        if head.get("columns") != self._packing.columns:
            raise _damaged(path)
        with path.open("rb") as file:
            start = len(file.readline(LONGEST_HEAD))
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._start, self._stop = start, start + head["body"]
        rest = memoryview(self._bytes)[start:]
        if len(rest) != head["body"] + head["index"] or (
            sha256(rest).hexdigest() != head["sha256"]
        ):
            raise _damaged(path)
        index: dict[str, list[Any]] = json.loads(self._bytes[self._stop :])
        self._keys: list[str] = index["keys"]
        self._places = [*(start + place for place in index["places"]), self._stop]
        self.rows = lru_cache(maxsize=MOST_CACHED)(self._rows)

    def __len__(self) -> int:
        return self.loaded.rows

    def __iter__(self) -> Iterator[Row]:
        return (self._packing.unpack(line) for _, line in self.lines())

    def lines(self) -> Iterator[tuple[bytes, bytes]]:
        """Key and packed line of every row, in order."""
        place = self._start
        while place < self._stop:
            end = self._end_of(place)
            line = self._bytes[place + 1 : end]
            yield line[: line.index(b"\t")], line
            place = end

    def unpack(self, line: bytes) -> Row:
        """The row of a packed line."""
        return self._packing.unpack(line)

    def _rows(self, key: str | tuple[str, ...]) -> tuple[Row, ...]:
        """Every row of the key, whatever its days, in the order of their packed form."""
        text = key_text(key)
        block = bisect_right(self._keys, text) - 1
        if block < 0:
            return ()
        needle, stop = f"\n{text}{PART}".encode(), self._places[block + 1]
        place = self._bytes.find(needle, self._places[block], stop)
        found: list[Row] = []
        while place >= 0 and self._bytes[place : place + len(needle)] == needle:
            end = self._end_of(place)
            found.append(self._packing.unpack(self._bytes[place + 1 : end]))
            place = end if end < stop else -1
        return tuple(found)

    def _end_of(self, place: int) -> int:
        end = self._bytes.find(b"\n", place + 1, self._stop)
        return end if end >= 0 else self._stop


def holding(rows: Sequence[Row], on: date) -> Row | None:
    """The row that holds on the day, the latest where several do."""
    held = [row for row in rows if row.effective <= on and (row.end is None or on <= row.end)]
    return max(held, key=lambda row: row.effective, default=None)


def _index(lines: Sequence[bytes]) -> dict[str, list[Any]]:
    keys: list[str] = []
    places: list[int] = []
    place, inside, before = 0, BLOCK, b""
    for line in lines:
        key = line[: line.index(b"\t")]
        if inside >= BLOCK and key != before:
            keys.append(key.decode())
            places.append(place)
            inside = 0
        place, inside, before = place + len(line) + 1, inside + 1, key
    return {"keys": keys, "places": places}


def _head(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            head: dict[str, Any] = json.loads(file.readline(LONGEST_HEAD))
        if head["layout"] != LAYOUT:
            raise _damaged(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(path) from error
    return head


def _loaded(path: Path, head: dict[str, Any]) -> Loaded:
    try:
        return Loaded(
            edition=Edition(
                system=head["system"],
                name=head["name"],
                effective=date.fromisoformat(head["effective"]),
                end=date.fromisoformat(head["end"]),
                source=head["source"],
                licence=head["licence"],
            ),
            loaded_at=head["loaded_at"],
            format=head["format"],
            files=tuple((name, sha) for name, sha in head["files"]),
            row_type=head["row_type"],
            rows=head["rows"],
            path=path,
        )
    except (KeyError, ValueError, TypeError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> EditionDamaged:
    return EditionDamaged("The file of an edition cannot be read.", where=path.name)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()
