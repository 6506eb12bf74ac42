"""`tables.py` as SQLAlchemy metadata, for Alembic and for the tests that hold migrations to it.

Importing SQLAlchemy takes a third of a second, so nothing on the way of a chart imports this.
Texts compare byte by byte on both databases (`COLLATE "C"`), so that an order is the same on both.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import TEXT as POSTGRES_TEXT
from sqlalchemy.dialects.sqlite import INTEGER as SQLITE_INTEGER
from sqlalchemy.types import TypeEngine

from services.adapters.store import tables

TYPES: dict[type, TypeEngine[Any]] = {
    str: Text().with_variant(POSTGRES_TEXT(collation="C"), "postgresql"),
    int: BigInteger().with_variant(SQLITE_INTEGER(), "sqlite"),
    bytes: LargeBinary(),
}


def metadata() -> MetaData:
    """All tables of the store."""
    everything = MetaData()
    for table in tables.TABLES:
        columns = [
            Column(name, TYPES[kind], primary_key=name == table.key, nullable=False)
            for name, kind in zip(table.columns, table.types, strict=True)
        ]
        uniques = [
            UniqueConstraint(*unique, name=f"{table.name}_{'_'.join(unique)}_key")
            for unique in table.uniques
        ]
        indexes = [Index(f"{table.name}_{'_'.join(index)}_idx", *index) for index in table.indexes]
        Table(table.name, everything, *columns, *uniques, *indexes, sqlite_strict=True)
    return everything
