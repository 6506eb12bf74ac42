"""The migrations make what the row classes say, on both databases, once, or not at all."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from services.adapters.store import migrate
from services.adapters.store.failures import StoreRefused
from services.adapters.store.metadata import metadata
from services.adapters.store.tables import TABLES
from services.chart.failures import Outage
from services.chart.ports import Changes
from services.chart.rows import CounterRow
from tests.fakes.rows import a_row
from tests.integration.store_writer import open_store
from tests.servers import drop_database, new_database

BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.servers)]


@pytest.fixture(params=BOTH)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a store without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.sqlite'}"
    else:
        url = new_database(request.getfixturevalue("postgres_server"))
        yield url
        drop_database(url)


def described(connection: Any) -> dict[str, Any]:
    """Everything that the database says about its tables."""
    found = inspect(connection)
    return {
        name: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(name)],
            found.get_pk_constraint(name)["constrained_columns"],
            sorted((u["name"], u["column_names"]) for u in found.get_unique_constraints(name)),
            sorted((i["name"], i["column_names"], i["unique"]) for i in found.get_indexes(name)),
            found.get_table_options(name),
        )
        for name in found.get_table_names()
        if name != "alembic_version"
    }


def test_the_migrations_make_the_tables_that_the_row_classes_describe(empty: str) -> None:
    assert migrate.upgrade(empty) == ["0001"]
    engine = migrate.engine_of(empty)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata()) == []
        migrated = described(connection)
    with engine.begin() as connection:
        for name in (*migrated, "alembic_version"):
            connection.execute(text(f"DROP TABLE {name}"))
        metadata().create_all(connection)
        assert described(connection) == migrated
    engine.dispose()


def test_there_is_one_head_and_it_is_known_without_alembic() -> None:
    script = ScriptDirectory.from_config(migrate.alembic_config())
    assert script.get_heads() == [migrate.head()]


def test_every_table_is_a_row_class_and_every_row_class_a_table() -> None:
    assert {table.name for table in TABLES} == set(metadata().tables)


def test_a_second_upgrade_does_nothing(empty: str) -> None:
    assert migrate.current(empty) == ""
    migrate.upgrade(empty)
    assert migrate.current(empty) == migrate.head()
    assert migrate.upgrade(empty) == []


def test_an_upgrade_keeps_what_is_stored(empty: str) -> None:
    migrate.upgrade(empty)
    with closing(open_store(empty)) as store:
        row = a_row(CounterRow, "n1", value=7)
        store.apply(Changes(inserts=[row]))
        migrate.upgrade(empty)
        assert store.select(CounterRow, {}) == [row]


def test_a_store_says_whether_it_is_migrated(empty: str) -> None:
    with closing(open_store(empty)) as store:
        assert not store.migrated()  # type: ignore[attr-defined]
        migrate.upgrade(empty)
        assert store.migrated()  # type: ignore[attr-defined]


def test_an_upgrade_can_be_taken_back(empty: str) -> None:
    migrate.upgrade(empty)
    config = migrate.alembic_config()
    engine = migrate.engine_of(empty)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    with engine.connect() as connection:
        assert described(connection) == {}
    engine.dispose()
    assert migrate.upgrade(empty) == ["0001"]


def test_an_upgrade_that_fails_leaves_no_table_behind(empty: str) -> None:
    engine = migrate.engine_of(empty)
    if empty.startswith("sqlite"):
        migrate._make_file(migrate.sqlite_path(empty))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE journal (stands_in_the_way TEXT)"))
    with pytest.raises(StoreRefused):
        migrate.upgrade(empty)
    with engine.connect() as connection:
        assert set(described(connection)) == {"journal"}
    engine.dispose()


def test_a_store_of_a_newer_version_is_refused(empty: str) -> None:
    migrate.upgrade(empty)
    engine = migrate.engine_of(empty)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreRefused, match="newer"):
        migrate.upgrade(empty)


def test_processes_that_upgrade_at_once_do_it_once(empty: str) -> None:
    program = (
        "import sys; from services.adapters.store import migrate;"
        " print(migrate.upgrade(sys.argv[1]))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, empty], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    outputs = [process.communicate(timeout=60)[0].strip() for process in started]
    assert sorted(outputs) == ["['0001']", "[]", "[]"]


def test_a_server_that_does_not_answer_is_an_outage() -> None:
    with pytest.raises(Outage):
        migrate.upgrade("postgresql://nobody@127.0.0.1:1/nothing")


def test_a_file_that_is_something_else_is_an_outage(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam, " * 200)
    with pytest.raises(Outage):
        migrate.current(f"sqlite:///{path}")


def test_a_migrated_store_is_known_without_loading_alembic(sqlite_url: str) -> None:
    program = (
        "import sys; from services.adapters.store import migrate; migrate.upgrade(sys.argv[1]);"
        " print('alembic' in sys.modules, 'sqlalchemy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, sqlite_url], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False"]


def test_the_tables_are_strict_about_types(sqlite_url: str) -> None:
    path = migrate.sqlite_path(sqlite_url)
    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("INSERT INTO counter VALUES ('n1', 'many')")
