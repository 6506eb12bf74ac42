"""Load: files of one release become one edition on the shelf, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from services.codesets.edition import Edition
from services.codesets.loading.cells import Progress, SourceFile
from services.codesets.loading.formats import Format
from services.codesets.loading.reading import Reading
from services.codesets.loading.tabular import compile_tables
from services.codesets.shelf import Shelf, place_of
from services.codesets.shelf_failures import EditionDiffers, LicenceMissing
from services.codesets.shelf_file import Loaded, write_edition
from services.codesets.shelf_systems import TABULAR
from services.codesets.shelf_tabular import forget_others, write_tabular


@dataclass(frozen=True, slots=True)
class Load:
    """What a load did. `changed` is False when the same edition was there, from the same files."""

    loaded: Loaded
    changed: bool
    replaced: bool
    remarks: tuple[str, ...]


def load(
    shelf: Shelf,
    layout: Format,
    files: Sequence[SourceFile],
    edition: Edition,
    loaded_at: str,
    *,
    replacing: bool = False,
    progress: Progress | None = None,
) -> Load:
    """Read, check and keep. Whatever goes wrong, the shelf's folder is as it was.

    Give each edition's name once: it is what assigned codes record. The shelf itself is a snapshot
    and does not show what was loaded; open a new one.

    Raises:
        MalformedFile: a file is not in the layout.
        LicenceMissing: the set is licensed and the edition names no licence.
        EditionDiffers: there is another edition of this name, and it is not to be replaced.
        OSError: the folder cannot be written to.
    """
    if not edition.licence:
        raise LicenceMissing(f"{layout.system} is licensed.")
    wanted = Loaded(
        edition=edition,
        loaded_at=loaded_at,
        format=layout.name,
        files=tuple((file.name, sha256(file.content).hexdigest()) for file in files),
        row_type=layout.row_type.__name__,
        rows=0,
        path=place_of(shelf.folder, edition),
    )
    there = _there(shelf, edition)
    if there and there.is_made_of(wanted):
        return Load(there, changed=False, replaced=False, remarks=())
    if there and not (replacing and there.edition.system == edition.system):
        raise EditionDiffers("There is an edition of this name.", where=there.edition.system)
    reading = Reading(tuple(files), edition, progress)
    count = _keep(shelf.folder, layout, reading, wanted)
    made = replace(wanted, rows=count)
    return Load(made, changed=True, replaced=there is not None, remarks=tuple(reading.remarks))


def _keep(folder: Path, layout: Format, reading: Reading, wanted: Loaded) -> int:
    """Nothing is written before the last row was read; rows are packed as they come."""
    rows = _not_none(layout.read(reading), reading)
    if layout.system != TABULAR:
        return write_edition(wanted, rows)
    codes = list(rows)  # the compiled form first: the edition's file makes both visible
    write_tabular(folder, wanted, compile_tables(reading, codes))
    count = write_edition(wanted, codes)
    forget_others(folder, wanted)
    return count


def _not_none(rows: Iterator[Any], reading: Reading) -> Iterator[Any]:
    row = None
    for row in rows:
        yield row
    if row is None:
        raise reading.files[0].refuse("The file holds no row.")


def _there(shelf: Shelf, edition: Edition) -> Loaded | None:
    return next((one for one in shelf.loaded if one.edition.name == edition.name), None)
