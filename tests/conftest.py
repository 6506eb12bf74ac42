"""Fixtures that every kind of test may use: stores and brokers, fresh for each test.

The servers come from `python -m tests.servers run -- pytest ...`; without it a test process that
needs one starts its own, once.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest

from services.adapters.store import migrate
from services.adapters.store.tables import TABLES
from services.chart.ports import Store
from tests.fakes.backend import MemoryBackend
from tests.servers import (
    PostgresServer,
    RabbitServer,
    drop_database,
    new_database,
    new_vhost,
)

TEMPLATE = "chartline_template"
TEMPLATE_LOCK = 4_715_027
BACKENDS = ["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.servers)]


def environment(name: str) -> str:
    """What the test run's wrapper says."""
    return os.environ.get(name, "")  # noqa: TID251 - tests have no settings


# A busy machine is no failure; and CI tries the same examples each time, so that red means changed.
hypothesis.settings.register_profile("line", deadline=None, derandomize=bool(environment("CI")))
hypothesis.settings.load_profile("line")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs servers when the wrapper could not get them; the summary says so."""
    if environment("TEST_SERVERS_MISSING"):
        without = [item for item in items if not item.get_closest_marker("servers")]
        config.hook.pytest_deselected(items=[item for item in items if item not in without])
        items[:] = without


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was not run and why."""
    missing = environment("TEST_SERVERS_MISSING")
    if missing:
        terminalreporter.section("NOT RUN: tests that need servers")
        terminalreporter.line(missing)


# -- stores ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite store."""
    path = tmp_path_factory.mktemp("template") / "store.sqlite"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a fresh, migrated SQLite store."""
    path = tmp_path / "store.sqlite"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL server where databases may be made."""
    url = environment("TEST_POSTGRES_URL")
    if url:
        yield url
    else:
        with PostgresServer() as server:
            yield server.url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of a migrated, empty database; made once, whoever comes first."""
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (TEMPLATE_LOCK,))
        known = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(known, (TEMPLATE,)).fetchone() is None:
            made = new_database(postgres_server)
            migrate.upgrade(made)
            name = made.rpartition("/")[2]
            connection.execute(f"ALTER DATABASE {name} RENAME TO {TEMPLATE}")
    return TEMPLATE


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """The address of a fresh, migrated database."""
    url = new_database(postgres_server, postgres_template)
    yield url
    drop_database(url)


@pytest.fixture(scope="session")
def postgres_for_contracts(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """A migrated database that `store` empties before each test: 20 times as fast as a new one."""
    url = new_database(postgres_server, postgres_template)
    yield url
    drop_database(url)


def emptied(url: str) -> str:
    """The same database without a row."""
    with psycopg.connect(url) as connection:
        for table in TABLES:
            connection.execute(f"DELETE FROM {table.name}")  # noqa: S608 - our own name
    return url


@pytest.fixture(params=BACKENDS)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A fresh store: the fake and the real ones, which obey one contract."""
    made: Store
    match request.param:
        case "memory":
            made = MemoryBackend()
        case "sqlite":
            from services.adapters.store.sqlite import SqliteBackend

            made = SqliteBackend(migrate.sqlite_path(request.getfixturevalue("sqlite_url")))
        case _:
            from services.adapters.store.postgres import PostgresBackend

            made = PostgresBackend(emptied(request.getfixturevalue("postgres_for_contracts")))
    yield made
    made.close()


# -- brokers ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def rabbit_server() -> Iterator[tuple[str, Path | None]]:
    """The address of a RabbitMQ node, and its folder when it is the test run's own."""
    url, folder = environment("TEST_RABBIT_URL"), environment("TEST_RABBIT_FOLDER")
    if url:
        yield url, Path(folder) if folder else None
    else:
        with RabbitServer() as server:
            yield server.url, server.folder


@pytest.fixture
def rabbit_url(rabbit_server: tuple[str, Path | None]) -> str:
    """The address of a fresh virtual host; on a foreign node, that node's as it is.

    It stays until the node ends: deleting quorum queues can take seconds.
    """
    url, folder = rabbit_server
    return url if folder is None else new_vhost(folder)
