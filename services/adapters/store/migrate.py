"""Migrations: bring a store's tables to this version. Alembic is loaded only when it is needed.

Two processes may upgrade at once: the second waits for the first and finds nothing to do. A failed
upgrade leaves the tables as they were, on both databases.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from services.adapters import private
from services.adapters.store import migrations
from services.adapters.store.failures import StoreRefused
from services.chart.failures import Outage

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection, Engine
    from sqlalchemy.exc import DBAPIError

SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")
LOCK = 4_715_026  # the advisory lock of an upgrade; any number, always the same


def head() -> str:
    """The newest revision."""
    return migrations.HEAD


def current(url: str) -> str:
    """The revision of the store at `url`; "" when there are no tables yet.

    Raises:
        Outage: the database does not answer.
    """
    if url.startswith(SQLITE):
        return _sqlite_revision(sqlite_path(url))
    return _postgres_revision(url)


def upgrade(url: str) -> list[str]:
    """Bring the store to the newest revision, making it when it is missing.

    Returns the revisions that were applied, in order; [] when there was nothing to do.

    Raises:
        StoreRefused: the store is newer than this program.
        Outage: the database does not answer.
    """
    if current(url) == head():
        return []
    if url.startswith(SQLITE):
        _make_file(sqlite_path(url))
    return _upgrade_with_alembic(url)


def sqlite_path(url: str) -> Path:
    """The file of an address such as `sqlite:///var/chartline.sqlite`."""
    return Path(url.removeprefix(SQLITE))


def _sqlite_revision(path: Path) -> str:
    if not path.exists() or path.stat().st_size == 0:
        return ""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as found:
            row = found.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname == "SQLITE_ERROR":  # no such table
            return ""
        raise Outage(f"The store does not answer ({error.sqlite_errorname}).") from None
    except sqlite3.DatabaseError:
        raise Outage("The store's file is not a database of SQLite.") from None
    return str(row[0]) if row else ""


def _postgres_revision(url: str) -> str:
    import psycopg  # noqa: PLC0415 - takes 0.2 s, which an embedded line need not spend

    try:
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        return ""
    except psycopg.Error as error:
        raise Outage(f"The store does not answer ({type(error).__name__}).") from None
    return str(row[0]) if row else ""


def _make_file(path: Path) -> None:
    """The file holds patient data: nobody else may read it, nor the log beside it."""
    private.make_file(path)
    with closing(sqlite3.connect(path)) as made:
        made.execute("PRAGMA journal_mode = WAL")


def _upgrade_with_alembic(url: str) -> list[str]:
    from alembic import command  # noqa: PLC0415 - with SQLAlchemy 0.6 s
    from alembic.script import ScriptDirectory  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    config = alembic_config()
    script = ScriptDirectory.from_config(config)
    try:
        with _locked(url) as connection:
            before = _revision_within(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError:
        raise StoreRefused("The store is of a newer version than this program.") from None
    except DBAPIError as error:
        raise _translated(error) from None
    applied = script.iterate_revisions(head(), before or "base")
    return [revision.revision for revision in reversed(list(applied))]


def _translated(error: DBAPIError) -> Outage | StoreRefused:
    """A migration that the database refuses (a table stands in the way) is not an outage."""
    kind = type(error.orig).__name__
    sqlite_name = getattr(error.orig, "sqlite_errorname", "")
    if kind == "OperationalError" and sqlite_name != "SQLITE_ERROR":
        return Outage(f"The store does not answer ({sqlite_name or kind}).")
    return StoreRefused(f"The store refuses the migration ({sqlite_name or kind}).")


def alembic_config() -> Config:
    """Alembic's configuration, without a file."""
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(resources.files(migrations)))
    config.set_main_option("path_separator", "os")
    return config


def engine_of(url: str) -> Engine:
    """SQLAlchemy's engine for a store; SQLite's transactions then include its DDL."""
    from sqlalchemy import create_engine, event  # noqa: PLC0415
    from sqlalchemy.pool import NullPool  # noqa: PLC0415

    if not url.startswith(SQLITE):
        for prefix in POSTGRES:
            url = url.replace(prefix, "postgresql+psycopg://", 1)
        return create_engine(url, poolclass=NullPool)
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": 60})

    @event.listens_for(engine, "connect")
    def _leave_transactions_to_us(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


@contextmanager
def _locked(url: str) -> Iterator[Connection]:
    """One transaction that no other upgrade can enter."""
    engine = engine_of(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            yield connection
    finally:
        engine.dispose()


def _revision_within(connection: Connection) -> str:
    from alembic.migration import MigrationContext  # noqa: PLC0415

    return MigrationContext.configure(connection).get_current_revision() or ""
