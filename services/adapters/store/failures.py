"""What the store itself refuses. An unreachable store is an `Outage`; a lost race a `Conflict`."""

from __future__ import annotations

from services.chart.failures import Defect


class StoreRefused(Defect):
    """The store cannot do what it was asked: a bug, or tables older than the program."""

    code = "store.refused"
    fix = "Run `chartline db migrate`; if it happens again, send the code to the developers."


class NoTables(StoreRefused):
    """The server is there and its database is still empty."""

    code = "store.no-tables"
    fix = "It makes them in the database that CHARTLINE_STORE_URL names."

    def __init__(self) -> None:
        super().__init__("There are no tables yet: run `chartline db migrate`.")


class UnstorableText(Defect):
    """A text cannot be stored as it is: it holds a NUL or half a surrogate pair."""

    code = "store.unstorable-text"
    fix = (
        "The reader of this feed let a control character through; send the code to the developers."
    )
