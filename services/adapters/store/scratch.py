"""A scratch pad of rows: what was read, what is kept for the commit, what one stage is writing.

Three layers: `base` (as the store has it), `kept` (finished work of this commit), `open` (the
stage that runs now). A stage that fails loses its `open` layer and nothing else, which is how a
batch shares one commit and still isolates its members.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, TypeVar, cast

from services.chart.ports import Backend, Changes
from services.chart.rows import ROWS, ChartRow, Row

R = TypeVar("R", bound=Row)
Layer = dict[type[Any], dict[str, Any]]  # a row, or None where it was taken away

KEY: dict[type[Any], str] = {row_type: fields(row_type)[0].name for row_type in ROWS}


def key_of(row: Row) -> str:
    """The primary key of a row."""
    return cast("str", getattr(row, KEY[type(row)]))


def _layer() -> Layer:
    return {row_type: {} for row_type in ROWS}


def _matches(row: Row, where: Mapping[str, object]) -> bool:
    for column, wanted in where.items():
        value = getattr(row, column)
        if isinstance(wanted, (list, tuple, set, frozenset)):
            if value not in wanted:
                return False
        elif value != wanted:
            return False
    return True


class Scratch:
    """Reads through to the backend once, and remembers every write until the commit."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._base = _layer()
        self._kept = _layer()
        self._open = _layer()

    def preload(self, row_type: type[R], keys: Iterable[str]) -> None:
        """Read these rows in one go."""
        base = self._base[row_type]
        missing = [key for key in dict.fromkeys(keys) if key not in base]
        if not missing:
            return
        for row in self._backend.select(row_type, {KEY[row_type]: missing}):
            base[key_of(row)] = row
        for key in missing:
            base.setdefault(key, None)

    def adopt(self, row_type: type[R], rows: Iterable[R]) -> None:
        """Rows that the caller has just read from the store."""
        self._base[row_type].update((key_of(row), row) for row in rows)

    def get(self, row_type: type[R], key: str) -> R | None:
        """One row as this unit of work sees it, or None."""
        for layer in (self._open[row_type], self._kept[row_type]):
            if key in layer:
                return cast("R | None", layer[key])
        if key not in self._base[row_type]:
            self.preload(row_type, (key,))
        return cast("R | None", self._base[row_type][key])

    def find(self, row_type: type[R], where: Mapping[str, object]) -> list[R]:
        """Rows whose columns equal the values, with this unit's own writes taken into account."""
        found: dict[str, R] = {}
        base, kept, opened = (layer[row_type] for layer in (self._base, self._kept, self._open))
        for row in self._backend.select(row_type, where):
            key = key_of(row)
            base.setdefault(key, row)
            if key not in kept and key not in opened:
                found[key] = cast("R", base[key])
        for layer in (kept, opened):
            for key, written in layer.items():
                found.pop(key, None)
                if written is not None and _matches(written, where):
                    found[key] = cast("R", written)
        return list(found.values())

    def base_version(self, chart_id: str) -> int | None:
        """The version of a chart as it was read; None for a chart that is new."""
        row = self._base[ChartRow].get(chart_id)
        return row.version if isinstance(row, ChartRow) else None

    def put(self, row: Row) -> None:
        """Insert the row, or replace the one with its key."""
        self._open[type(row)][key_of(row)] = row

    def delete(self, row: Row) -> None:
        """Take the row away; a row that was read elsewhere counts as read here."""
        row_type, key = type(row), key_of(row)
        if key not in self._open[row_type] and key not in self._kept[row_type]:
            self._base[row_type].setdefault(key, row)
        self._open[row_type][key] = None

    def opened(self, row_type: type[R]) -> list[R]:
        """What the running stage has written of a type."""
        return [cast("R", row) for row in self._open[row_type].values() if row is not None]

    def kept(self, row_type: type[R]) -> list[R]:
        """What finished stages of this commit have written of a type."""
        return [cast("R", row) for row in self._kept[row_type].values() if row is not None]

    def keep(self) -> None:
        """The running stage has finished: its writes belong to the commit."""
        for row_type, rows in self._open.items():
            if rows:
                self._kept[row_type].update(rows)
                rows.clear()

    def drop(self) -> None:
        """The running stage has failed: its writes never were."""
        for rows in self._open.values():
            rows.clear()

    def changes(self) -> Changes:
        """Everything kept, as one commit against what was read."""
        changes = Changes()
        for row_type, rows in self._kept.items():
            for key, row in rows.items():
                before = self._base[row_type].get(key)
                if row is None:
                    if before is not None:
                        changes.deletes.append(before)
                elif before is None:
                    changes.inserts.append(row)
                elif row != before:
                    changes.updates.append((before, row))
        return changes
