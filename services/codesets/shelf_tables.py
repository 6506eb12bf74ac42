"""The tables of the claim edits from the shelf, in the shape that the edits ask.

The rows stay in their files; a table of millions of pairs costs its index and what is asked often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from services.chart.model import CodeSystem
from services.codesets.edit_tables import EditTables, ProcedureCode, Row, Table
from services.codesets.edition import Edition
from services.codesets.shelf import Shelf
from services.codesets.shelf_file import OpenEdition, holding
from services.codesets.shelf_rows import CodeRow
from services.codesets.shelf_systems import (
    ADD_ON,
    MPFS,
    MUE_OUTPATIENT,
    MUE_PRACTITIONER,
    NCCI_OUTPATIENT,
    NCCI_PRACTITIONER,
    OPPS,
)

Key = str | tuple[str, str]


class ShelfTable(Table[Row]):
    """A `Table` whose rows lie in the file of an edition, opened when first asked.

    Asking raises EditionDamaged when the file is not whole.
    """

    def __init__(self, shelf: Shelf, edition: Edition) -> None:
        self.edition = edition
        self._shelf = shelf

    def all_on(self, key: Key, on: date) -> tuple[Row, ...]:
        """Every row of the key that holds on the day."""
        rows = self._opened().rows(key)
        return tuple(row for row in rows if holding((row,), on) is not None)

    def on(self, key: Key, on: date) -> Row | None:
        """The row of the key that holds on the day, the latest where several do."""
        return holding(self._opened().rows(key), on)

    def __len__(self) -> int:
        return len(self._opened())

    def _opened(self) -> OpenEdition[Row]:
        loaded = self._shelf.named(self.edition.system, self.edition.name)
        assert loaded is not None  # noqa: S101 - the edition comes from this very shelf
        return self._shelf.opened(loaded)


class ProcedureTable(Table[ProcedureCode]):
    """CPT and HCPCS Level II as one table, for the days that both cover.

    One of them alone could not tell an unknown code from a code of the other.
    """

    def __init__(self, shelf: Shelf, cpt: Edition, hcpcs: Edition) -> None:
        self.edition = replace(
            cpt,
            system="CPT and HCPCS",
            name=f"{cpt.name}; {hcpcs.name}",
            effective=max(cpt.effective, hcpcs.effective),
            end=min(cpt.end, hcpcs.end),
            source=f"{cpt.source}; {hcpcs.source}",
            licence=f"{cpt.licence}; {hcpcs.licence}",
        )
        self._tables: tuple[ShelfTable[CodeRow], ...] = (
            ShelfTable(shelf, cpt),
            ShelfTable(shelf, hcpcs),
        )

    def all_on(self, key: Key, on: date) -> tuple[ProcedureCode, ...]:
        """The code, when it holds on the day; modifiers are no procedures."""
        return tuple(
            ProcedureCode(row.code, row.effective, row.end)
            for table in self._tables
            for row in table.all_on(key, on)
            if not row.kind
        )

    def on(self, key: Key, on: date) -> ProcedureCode | None:
        """The code, when it holds on the day."""
        return holding(self.all_on(key, on), on)

    def __len__(self) -> int:
        return sum(len(table) for table in self._tables)


def edit_tables(shelf: Shelf) -> EditTables:
    """Every edit table on the shelf, in each set the edition that began last first."""
    return EditTables(
        ncci_practitioner=_tables(shelf, NCCI_PRACTITIONER),
        ncci_outpatient=_tables(shelf, NCCI_OUTPATIENT),
        mue_practitioner=_tables(shelf, MUE_PRACTITIONER),
        mue_outpatient=_tables(shelf, MUE_OUTPATIENT),
        add_ons=_tables(shelf, ADD_ON),
        mpfs=_tables(shelf, MPFS),
        opps=_tables(shelf, OPPS),
        procedures=_procedures(shelf),
    )


def _tables(shelf: Shelf, system: str) -> Sequence[ShelfTable[Row]]:
    return tuple(ShelfTable(shelf, loaded.edition) for loaded in shelf.editions(system))


def _procedures(shelf: Shelf) -> tuple[ProcedureTable, ...]:
    tables = (
        ProcedureTable(shelf, cpt.edition, hcpcs.edition)
        for cpt in shelf.editions(CodeSystem.CPT)
        for hcpcs in shelf.editions(CodeSystem.HCPCS)
    )
    return tuple(table for table in tables if table.edition.effective <= table.edition.end)
