"""Tabular lists on the shelf: the compiled form that lies beside an edition of the order file."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from services.chart.model import CodeSystem
from services.codesets.edition import Edition
from services.codesets.library import Shelved
from services.codesets.shelf import Shelf, place_of
from services.codesets.shelf_failures import EditionDamaged
from services.codesets.shelf_file import Loaded
from services.codesets.shelf_systems import TABULAR
from services.codesets.tables import Tables
from services.codesets.tabular import Tabular
from services.codesets.tabular_cache import Stale, read_cache, write_cache

SUFFIX = ".tables"
MARK = 12  # signs of a hash: forms of different files lie side by side


def write_tabular(folder: Path, loaded: Loaded, tables: Tables) -> None:
    """Keep the compiled form where `shelved_tabulars` looks for it. Raises: OSError."""
    write_cache(_place(folder, loaded), _key(loaded), tables)


def forget_others(folder: Path, loaded: Loaded) -> None:
    """Take away the compiled forms of editions that this one has replaced."""
    ours = _place(folder, loaded)
    name = place_of(folder, loaded.edition, "").name
    for path in ours.parent.glob(f"*{SUFFIX}"):
        if path != ours and path.name[: -len(SUFFIX) - MARK - 1] == name:
            path.unlink(missing_ok=True)


def shelved_tabulars(shelf: Shelf) -> tuple[Shelved, ...]:
    """The tabular lists on the shelf for `library.CodeSets`, the one that began last first.

    Opening one raises EditionDamaged when its compiled form is gone or of another version.
    """
    return tuple(_shelved(shelf.folder, loaded) for loaded in shelf.editions(TABULAR))


def _shelved(folder: Path, loaded: Loaded) -> Shelved:
    edition = replace(loaded.edition, system=CodeSystem.ICD10CM)
    return Shelved(edition, lambda: _opened(folder, loaded, edition))


def _opened(folder: Path, loaded: Loaded, edition: Edition) -> Tabular:
    path = _place(folder, loaded)
    try:
        return read_cache(path, _key(loaded), edition)
    except Stale as error:
        raise EditionDamaged(
            "The compiled tabular list cannot be read.", where=path.name
        ) from error


def _place(folder: Path, loaded: Loaded) -> Path:
    mark = sha256(_key(loaded).encode()).hexdigest()[:MARK]
    return place_of(folder, loaded.edition, f".{mark}{SUFFIX}")


def _key(loaded: Loaded) -> str:
    """The compiled form belongs to these files and no others."""
    return "; ".join((loaded.edition.name, *(sha for _, sha in loaded.files)))
