"""The compiled form of a tabular edition: one small file that loads in milliseconds.

Layout: one line of JSON (the key, and length and SHA-256 of each part), then two zlib parts: the
lookup tables, and the titles, which are unpacked only when asked for. The key names the edition
and the package that the data came from; a file with another key or layout, a wrong length or a
wrong hash is no cache, and is made anew.
"""

from __future__ import annotations

import json
import tempfile
import zlib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from services.codesets.edition import Edition
from services.codesets.notes import CodeRange
from services.codesets.tables import Tables
from services.codesets.tabular import Excludes, Tabular

LAYOUT = 1
READABLE = 0o644  # public data: other users of the same folder may read it


class Stale(Exception):
    """The file is not there, not whole, or not of this key."""


def write_cache(path: Path, key: str, tables: Tables) -> None:
    """Write the compiled tables under their final name in one step.

    Several processes may do so at once: each writes a file of its own and renames it, and all
    write the same bytes. Raises: OSError.
    """
    parts = [zlib.compress(_packed(part)) for part in (_core(tables), tables.titles)]
    head = {
        "key": key,
        "layout": LAYOUT,
        "parts": [[len(part), sha256(part).hexdigest()] for part in parts],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
        made = Path(file.name)
        try:
            file.write(_packed(head) + b"\n" + b"".join(parts))
            file.close()
            made.chmod(READABLE)
            made.replace(path)
        except OSError:
            made.unlink(missing_ok=True)
            raise


def read_cache(path: Path, key: str, edition: Edition) -> Tabular:
    """Load a compiled edition. The titles stay packed in memory until somebody asks for one.

    Raises:
        Stale: there is no whole file of this key at the path.
    """
    core, titles = _parts(path, key)

    def unpacked() -> Mapping[str, str]:
        read: Mapping[str, str] = json.loads(zlib.decompress(titles))
        return read

    return _tabular(edition, json.loads(zlib.decompress(core)), unpacked)


def held(edition: Edition, tables: Tables) -> Tabular:
    """The edition straight from its tables, for when no file can be kept."""
    return _tabular(edition, _core(tables), lambda: tables.titles)


def _parts(path: Path, key: str) -> tuple[bytes, bytes]:
    """Both packed parts, each proven whole by its hash."""
    try:
        with path.open("rb") as file:
            head = json.loads(file.readline())
            if (head["key"], head["layout"]) != (key, LAYOUT):
                raise Stale(f"{path.name} is of another edition or layout")
            core, titles = (file.read(int(length)) for length, _ in head["parts"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Stale(f"{path.name} cannot be read") from error
    if [sha256(part).hexdigest() for part in (core, titles)] != [sha for _, sha in head["parts"]]:
        raise Stale(f"{path.name} is damaged")
    return core, titles


def _core(tables: Tables) -> dict[str, Any]:
    return {
        "leaves": " ".join(tables.leaves),
        "headers": " ".join(tables.headers),
        "blocks": tables.blocks,
        "sevenths": tables.sevenths,
        "excludes": {
            node: [[span.low, span.high, span.place, list(span.values)] for span in ranges]
            for node, ranges in tables.excludes.items()
        },
    }


def _tabular(edition: Edition, core: dict[str, Any], titles: Any) -> Tabular:
    return Tabular(
        edition=edition,
        leaves=frozenset(core["leaves"].split()),
        headers=frozenset(core["headers"].split()),
        blocks={category: tuple(blocks) for category, blocks in core["blocks"].items()},
        sevenths=core["sevenths"],
        excludes={node: _excludes(ranges) for node, ranges in core["excludes"].items()},
        read_titles=titles,
    )


def _excludes(ranges: list[tuple[str, str, int, list[str]]]) -> Excludes:
    codes = dict.fromkeys(low for low, high, _, values in ranges if low == high and not values)
    spans = (
        CodeRange(low, high, place, tuple(values))
        for low, high, place, values in ranges
        if low != high or values
    )
    return Excludes(tuple(codes), tuple(spans))


def _packed(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()
