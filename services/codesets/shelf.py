"""The shelf: every edition that was loaded into a folder, looked up by date.

The shelf is a snapshot of the folder at the moment it is opened; opening reads one line a file. A
date that no edition of a system covers has no answer, and no answer is never a pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Any

from services.chart.model import CodeSystem
from services.codesets.edition import Edition
from services.codesets.shelf_failures import EditionDamaged
from services.codesets.shelf_file import Loaded, OpenEdition, holding, read_loaded
from services.codesets.shelf_rows import CodeRow, DrgRow
from services.codesets.shelf_systems import MODIFIER, MS_DRG, POA_EXEMPT

SUFFIX = ".edition"


@dataclass(frozen=True, slots=True)
class Stale:
    """A system whose newest edition has ended: every date after `ended` has no data."""

    system: str
    edition: str
    ended: date


class Shelf:
    """The loaded editions. Safe for several threads; a file is opened when first asked.

    `damaged` names the files that are no editions; they answer nothing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.damaged: tuple[str, ...] = ()
        self.loaded = tuple(self._read())
        self._by_system: dict[str, tuple[Loaded, ...]] = {}
        for one in sorted(self.loaded, key=_newest_last, reverse=True):
            system = one.edition.system
            self._by_system[system] = (*self._by_system.get(system, ()), one)
        self._open: dict[Path, OpenEdition[Any]] = {}
        self._lock = Lock()

    @property
    def systems(self) -> tuple[str, ...]:
        """The systems of which there is an edition."""
        return tuple(sorted(self._by_system))

    def editions(self, system: str) -> tuple[Loaded, ...]:
        """The editions of a system, the one that began last first."""
        return self._by_system.get(system, ())

    def edition_on(self, system: str, on: date) -> Edition | None:
        """The edition to look up on that day; None: no data. The one that began last wins."""
        found = self._loaded_on(system, on)
        return found.edition if found else None

    def named(self, system: str, name: str) -> Loaded | None:
        """The edition of that name."""
        return next((one for one in self.editions(system) if one.edition.name == name), None)

    def table_on(self, system: str, on: date) -> OpenEdition[Any] | None:
        """The rows to look up on that day; None: no data.

        Raises:
            EditionDamaged: the edition's file is not whole.
        """
        found = self._loaded_on(system, on)
        return self.opened(found) if found else None

    def row(self, system: str, code: str, on: date) -> Any | None:
        """The row of a code that holds on the day; None when there is none or no data.

        Ask `edition_on` to tell the two apart. Raises: EditionDamaged.
        """
        table = self.table_on(system, on)
        return holding(table.rows(code), on) if table is not None else None

    def code(self, system: str, code: str, on: date) -> CodeRow | None:
        """As `row`, for systems of plain codes."""
        found = self.row(system, code, on)
        return found if isinstance(found, CodeRow) else None

    def drg(self, code: str, on: date) -> DrgRow | None:
        """The row of MS-DRG Table 5 for a discharge on that day; None when there is none."""
        found = self.row(MS_DRG, code, on)
        return found if isinstance(found, DrgRow) else None

    def modifier(self, modifier: str, on: date) -> CodeRow | None:
        """A modifier of the user's list, or of HCPCS Level II."""
        return self.code(MODIFIER, modifier, on) or self.code(CodeSystem.HCPCS, modifier, on)

    def is_poa_exempt(self, code: str, on: date) -> bool | None:
        """Whether the official list names the code; None when no list covers the day."""
        table = self.table_on(POA_EXEMPT, on)
        return None if table is None else bool(table.rows(code))

    def staleness(self, today: date) -> tuple[Stale, ...]:
        """The systems whose newest edition has ended."""
        newest = [
            max(editions, key=lambda one: one.edition.end).edition
            for _, editions in sorted(self._by_system.items())
        ]
        return tuple(Stale(one.system, one.name, one.end) for one in newest if one.end < today)

    def opened(self, loaded: Loaded) -> OpenEdition[Any]:
        """The rows of an edition. Raises: EditionDamaged."""
        found = self._open.get(loaded.path)
        if found is None:
            with self._lock:
                found = self._open.get(loaded.path) or OpenEdition(loaded.path)
                self._open[loaded.path] = found
        return found

    def _loaded_on(self, system: str, on: date) -> Loaded | None:
        editions = self._by_system.get(system, ())
        return next((one for one in editions if one.edition.covers(on)), None)

    def _read(self) -> Iterator[Loaded]:
        for path in sorted(self.folder.glob(f"*/*{SUFFIX}")):
            with suppress(EditionDamaged):
                yield read_loaded(path)
                continue
            self.damaged = (*self.damaged, f"{path.parent.name}/{path.name}")


def place_of(folder: Path, edition: Edition, suffix: str = SUFFIX) -> Path:
    """Where an edition lies below the folder."""
    return folder / _slug(edition.system) / f"{_slug(edition.name)}{suffix}"


def _slug(words: str) -> str:
    """Words as a file name: two names that differ only in signs must not meet, so signs stay."""
    return "".join(
        sign.lower()
        if sign.isascii() and (sign.isalnum() or sign in "-.")
        else f"_{ord(sign):x}"
        if sign != " "
        else "_"
        for sign in words
    ).lstrip(".")


def _newest_last(loaded: Loaded) -> tuple[date, date, str, str]:
    edition = loaded.edition
    return edition.effective, edition.end, loaded.loaded_at, edition.name
