"""The tables of the claim edits: their rows, and how a row is found for a day.

The tables come as files of the user's (NCCI, MUE and add-on codes lie behind a licence click; the
fee schedule and OPPS Addendum B are public). A loader fills the rows; the rules ask `EditTables`.
A table that was not loaded, or whose edition does not cover the day, is None: that is `no_data`
and never a pass. Codes are in upper case and without dots; both days of a span are included.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Generic, Protocol, TypeVar

from services.codesets.edition import Edition


class Setting(StrEnum):
    """Whose edits a table holds: CMS publishes them apart."""

    PRACTITIONER = "practitioner"
    OUTPATIENT = "outpatient"  # outpatient hospital


@dataclass(frozen=True, slots=True)
class NcciPair:
    """Procedure-to-procedure: `col2` is not paid beside `col1`. `deletion` None: still active.

    `modifier_indicator` is "0" (never), "1" (an NCCI modifier on `col2` bypasses) or "9" (deleted
    on the day it began).
    """

    col1: str
    col2: str
    effective: date
    deletion: date | None
    modifier_indicator: str
    setting: Setting

    @property
    def key(self) -> tuple[str, str]:
        """What the row is looked up by."""
        return self.col1, self.col2

    @property
    def end(self) -> date | None:
        """The last day; None while active."""
        return self.deletion


@dataclass(frozen=True, slots=True)
class Mue:
    """The most units of a code. `mai` 1: by line; 2: by day, absolute; 3: by day, clinical."""

    code: str
    value: int
    mai: int
    setting: Setting
    effective: date
    end: date | None = None

    @property
    def key(self) -> str:
        """What the row is looked up by."""
        return self.code


@dataclass(frozen=True, slots=True)
class AddOn:
    """An add-on code and one primary that allows it.

    `edit_type` 1: only the listed primaries; 2: the contractor says, so `primary` is empty; 3: the
    listed ones and others.
    """

    code: str
    primary: str
    edit_type: int
    effective: date
    end: date | None = None

    @property
    def key(self) -> str:
        """What the row is looked up by."""
        return self.code


@dataclass(frozen=True, slots=True)
class MpfsIndicator:
    """The Medicare physician fee schedule's indicators of a code, as the file writes them.

    `modifier` is empty, 26, TC or 53. `work_rvu` is None where the file has none.
    """

    code: str
    modifier: str
    status: str
    pctc: str
    global_days: str  # 000, 010, 090, MMM, XXX, YYY or ZZZ (add-on)
    multiple: str
    bilateral: str  # 0 no 150 %, 1 may be 50, 2 is bilateral, 3 radiology, 9 does not apply
    assistant: str
    co_surgeon: str
    team: str
    work_rvu: Decimal | None
    effective: date
    end: date | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What the row is looked up by."""
        return self.code, self.modifier


@dataclass(frozen=True, slots=True)
class OppsRow:
    """A row of OPPS Addendum B. `apc` is empty and `weight`, `payment` None where it has none."""

    code: str
    status_indicator: str
    apc: str
    weight: Decimal | None
    payment: Decimal | None
    effective: date
    end: date | None = None

    @property
    def key(self) -> str:
        """What the row is looked up by."""
        return self.code


@dataclass(frozen=True, slots=True)
class ProcedureCode:
    """A CPT or HCPCS Level II code of a loaded file: only that it exists, and when."""

    code: str
    effective: date
    end: date | None = None

    @property
    def key(self) -> str:
        """What the row is looked up by."""
        return self.code


class Dated(Protocol):
    """What every row has."""

    @property
    def key(self) -> str | tuple[str, str]:
        """What it is looked up by."""

    @property
    def effective(self) -> date:
        """The first day."""

    @property
    def end(self) -> date | None:
        """The last day; None while active."""


Row = TypeVar("Row", bound=Dated)


class Table(Generic[Row]):
    """One loaded table: an edition and its rows, by key and then by first day.

    The rows are sorted before they are kept, so that the order of a file never shows.
    """

    def __init__(self, edition: Edition, rows: Iterable[Row]) -> None:
        self.edition = edition
        self._rows: dict[str | tuple[str, str], tuple[Row, ...]] = {}
        gathered: dict[str | tuple[str, str], list[Row]] = {}
        for row in rows:
            gathered.setdefault(row.key, []).append(row)
        for key, same in gathered.items():
            self._rows[key] = tuple(sorted(same, key=_order))

    def all_on(self, key: str | tuple[str, str], on: date) -> tuple[Row, ...]:
        """Every row of the key that holds on the day."""
        return tuple(row for row in self._rows.get(key, ()) if _holds(row, on))

    def on(self, key: str | tuple[str, str], on: date) -> Row | None:
        """The row of the key that holds on the day, the latest where several do."""
        found = None
        for row in self._rows.get(key, ()):
            if _holds(row, on):
                found = row
        return found

    def __len__(self) -> int:
        return len(self._rows)


def _holds(row: Dated, on: date) -> bool:
    return row.effective <= on and (row.end is None or on <= row.end)


def _order(row: Dated) -> tuple[date, str]:
    return row.effective, repr(row)


@dataclass(frozen=True)
class EditTables:
    """Every loaded edit table. The empty one is what an installation has before it loads any.

    `ncci` and `mue` hold the tables of one setting each; `mpfs`, `opps`, `add_ons` and `procedures`
    any number of editions. The first edition that covers the day is asked.
    """

    ncci_practitioner: Sequence[Table[NcciPair]] = ()
    ncci_outpatient: Sequence[Table[NcciPair]] = ()
    mue_practitioner: Sequence[Table[Mue]] = ()
    mue_outpatient: Sequence[Table[Mue]] = ()
    add_ons: Sequence[Table[AddOn]] = ()
    mpfs: Sequence[Table[MpfsIndicator]] = ()
    opps: Sequence[Table[OppsRow]] = ()
    procedures: Sequence[Table[ProcedureCode]] = ()

    def ncci_on(self, setting: Setting, on: date) -> Table[NcciPair] | None:
        """The pairs of the setting for the day; None: no data."""
        practitioner = setting is Setting.PRACTITIONER
        return covering(self.ncci_practitioner if practitioner else self.ncci_outpatient, on)

    def mue_on(self, setting: Setting, on: date) -> Table[Mue] | None:
        """The unit limits of the setting for the day; None: no data."""
        practitioner = setting is Setting.PRACTITIONER
        return covering(self.mue_practitioner if practitioner else self.mue_outpatient, on)

    def add_ons_on(self, on: date) -> Table[AddOn] | None:
        """The add-on codes for the day; None: no data."""
        return covering(self.add_ons, on)

    def mpfs_on(self, on: date) -> Table[MpfsIndicator] | None:
        """The fee schedule's indicators for the day; None: no data."""
        return covering(self.mpfs, on)

    def opps_on(self, on: date) -> Table[OppsRow] | None:
        """Addendum B for the day; None: no data."""
        return covering(self.opps, on)

    def procedures_on(self, on: date) -> Table[ProcedureCode] | None:
        """The CPT and HCPCS codes for the day; None: no data."""
        return covering(self.procedures, on)

    @cached_property
    def editions(self) -> tuple[Edition, ...]:
        """The editions of every loaded table."""
        found = [table.edition for table in (*self.ncci_practitioner, *self.ncci_outpatient)]
        found += [table.edition for table in (*self.mue_practitioner, *self.mue_outpatient)]
        found += [table.edition for table in self.add_ons]
        found += [table.edition for table in self.mpfs]
        found += [table.edition for table in self.opps]
        found += [table.edition for table in self.procedures]
        return tuple(found)


def covering(tables: Sequence[Table[Row]], on: date) -> Table[Row] | None:
    """The first table whose edition covers the day."""
    for table in tables:
        if table.edition.covers(on):
            return table
    return None


NO_TABLES = EditTables()
