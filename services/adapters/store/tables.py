"""The tables of the store: one line each, over the row classes of `services/chart/rows.py`.

This file is plain data and imports no library: the hot path reads it at every start. The same data
becomes SQL in `sql.py` and SQLAlchemy's metadata in `metadata.py`; a test holds the migrations
against it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from services.chart.rows import (
    ChartRow,
    CircuitRow,
    ClaimRow,
    CounterRow,
    DeadLetterRow,
    DocumentRow,
    JournalRow,
    MessageRow,
    PaymentRow,
    QueryRow,
    RawRow,
    Row,
    SubmissionRow,
    TimerRow,
)

Columns = tuple[str, ...]

TYPES: dict[str, type] = {"str": str, "int": int, "bytes": bytes}


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One table.

    `columns` are the fields of the row class in their order; the first is the primary key.
    `compare`: an update or delete happens only if the stored row still has these values as they
    were read; otherwise somebody was faster. `compare_on_delete` says otherwise for deletes.
    `values` gives a row's fields as a tuple, in the order of `columns`.
    """

    row_type: type[Row]
    name: str
    columns: Columns
    types: tuple[type, ...]
    compare: Columns
    compare_on_delete: Columns
    uniques: tuple[Columns, ...]
    indexes: tuple[Columns, ...]
    append_only: bool
    values: Callable[[Row], tuple[object, ...]]

    @property
    def key(self) -> str:
        """The primary key's column."""
        return self.columns[0]

    def type_of(self, column: str) -> type:
        """The type of a column's values."""
        return self.types[self.columns.index(column)]


def _table(
    row_type: type[Row],
    name: str,
    *,
    compare: Columns = (),
    compare_on_delete: Columns | None = None,
    uniques: tuple[Columns, ...] = (),
    indexes: tuple[Columns, ...] = (),
    append_only: bool = False,
) -> Table:
    columns = tuple(column.name for column in fields(row_type))
    return Table(
        row_type=row_type,
        name=name,
        columns=columns,
        types=tuple(TYPES[str(column.type)] for column in fields(row_type)),
        compare=compare,
        compare_on_delete=compare if compare_on_delete is None else compare_on_delete,
        uniques=uniques,
        indexes=indexes,
        append_only=append_only,
        values=attrgetter(*columns),
    )


TABLES: tuple[Table, ...] = (
    _table(RawRow, "raw", compare=("state", "chart_id"), indexes=(("identity",), ("state",))),
    _table(
        ChartRow,
        "chart",
        compare=("version",),
        uniques=(("facility", "account"),),
        indexes=(("place", "stage", "outcome"),),  # what `status` counts
    ),
    _table(
        MessageRow,
        "message",
        compare=("sends", "attempts"),
        # Deleting is the seen-mark: whoever is first has done the work, also when its lease has
        # ended meanwhile and somebody else holds the message now.
        compare_on_delete=(),
        indexes=(("stage", "due_ms", "message_id"), ("subject",)),
    ),
    _table(
        TimerRow,
        "timer",
        compare=("due_ms",),
        uniques=(("key",),),
        indexes=(("due_ms", "timer_id"), ("subject",)),
    ),
    _table(
        DeadLetterRow,
        "dead_letter",
        compare=("state", "last_ms"),
        indexes=(("state",), ("subject",)),
    ),
    _table(QueryRow, "query", compare=("state", "reminded"), indexes=(("state",), ("chart_id",))),
    _table(
        ClaimRow,
        "claim",
        compare=("state", "updated_ms"),
        uniques=(("control_number",), ("billing_event", "sequence")),
        indexes=(("payer_id", "transaction", "state"), ("submission_id",), ("chart_id",)),
    ),
    _table(
        SubmissionRow,
        "submission",
        compare=("state", "sent_ms"),
        uniques=(("file_name",),),
        indexes=(("interchange_control",),),
    ),
    _table(PaymentRow, "payment", compare=("status", "posted_ms"), indexes=(("claim_id",),)),
    _table(DocumentRow, "document", compare=("version",), indexes=(("chart_id",),)),
    _table(JournalRow, "journal", uniques=(("subject", "seq"),), append_only=True),
    _table(CounterRow, "counter", compare=("value",)),
    _table(CircuitRow, "circuit", compare=("failures", "open_until_ms")),
)

TABLE_OF: dict[type[Any], Table] = {table.row_type: table for table in TABLES}
COMPARE: dict[type[Any], Columns] = {table.row_type: table.compare for table in TABLES}
