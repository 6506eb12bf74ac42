"""The embedded store under what really happens to files and processes."""

from __future__ import annotations

import sqlite3
import stat
import time
from contextlib import closing
from pathlib import Path

import pytest

from services.adapters.store import migrate
from services.adapters.store.failures import StoreRefused
from services.adapters.store.sqlite import SqliteBackend
from services.chart.failures import Outage
from services.chart.ports import Changes
from services.chart.rows import CounterRow, MessageRow, Row
from tests.fakes.rows import a_row
from tests.integration.store_writer import assert_kept, said, said_before_the_end, writer


@pytest.fixture
def path(sqlite_url: str) -> Path:
    return migrate.sqlite_path(sqlite_url)


def a_counter(name: str) -> Changes:
    return Changes(inserts=[a_row(CounterRow, name)])


@pytest.mark.parametrize("after", [1, 20, 60])
def test_what_was_committed_survives_a_kill(sqlite_url: str, path: Path, after: int) -> None:
    with writer(sqlite_url, "w") as process:
        keys = [said(process) for _ in range(after)]
        process.kill()
        keys += said_before_the_end(process)
    with closing(SqliteBackend(path)) as store:
        assert_kept(store, keys)
        store.apply(a_counter("n1"))


def test_two_processes_write_to_one_file(sqlite_url: str, path: Path) -> None:
    with writer(sqlite_url, "a") as one, writer(sqlite_url, "b") as other:
        for _ in range(30):
            assert said(one).startswith("a-")
            assert said(other).startswith("b-")
    with closing(SqliteBackend(path)) as store:
        written = {row.message_id for row in store.select(MessageRow, {})}
    assert {f"{name}-{n:06}" for name in "ab" for n in range(30)} <= written


def test_a_waiter_is_woken_by_another_process(sqlite_url: str, path: Path) -> None:
    with closing(SqliteBackend(path)) as store, writer(sqlite_url, "w", pause=True) as process:
        said(process)
        assert len(store.lease(["coding"], 0, 10**15, 9)) == 1
        assert store.lease(["coding"], 0, 10**15, 9) == []
        assert process.stdin is not None
        process.stdin.write("go on\n")
        began = time.monotonic()
        assert store.wait_for_message(20) is True
        assert time.monotonic() - began < 5
        assert len(store.lease(["coding"], 0, 10**15, 9)) == 1


def test_what_another_process_said_before_the_wait_is_not_missed(
    sqlite_url: str, path: Path
) -> None:
    with closing(SqliteBackend(path)) as store:
        assert store.lease(["coding"], 0, 10**15, 9) == []
        with writer(sqlite_url, "w", pause=True) as process:
            said(process)
            assert store.wait_for_message(20) is True


def test_a_file_that_somebody_holds_is_an_outage_and_then_goes_on(path: Path) -> None:
    with closing(SqliteBackend(path, busy_timeout_s=0.05)) as store:
        store.apply(a_counter("n1"))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Outage):
                store.apply(a_counter("n2"))
            assert len(store.select(CounterRow, {})) == 1
            other.execute("ROLLBACK")
        store.apply(a_counter("n2"))
        assert len(store.select(CounterRow, {})) == 2


def test_a_file_that_is_not_there_is_an_outage_and_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "nothing.sqlite"
    with closing(SqliteBackend(path)) as store:
        assert not store.migrated()
        with pytest.raises(Outage):
            store.apply(a_counter("n1"))
        with pytest.raises(Outage):
            store.select(CounterRow, {})
    assert not path.exists()


def test_a_file_that_is_something_else_is_an_outage(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam, " * 200)
    with closing(SqliteBackend(path)) as store, pytest.raises(Outage):
        store.select(CounterRow, {})


def test_a_full_disk_is_an_outage_and_nothing_is_half_written(path: Path) -> None:
    with closing(SqliteBackend(path)) as store:
        store.apply(a_counter("n1"))
        with store._connected() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
            connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        many: list[Row] = [a_row(CounterRow, f"{n:05}" * 100) for n in range(500)]
        with pytest.raises(Outage):
            store.apply(Changes(inserts=many))
        assert len(store.select(CounterRow, {})) == 1
        store.apply(a_counter("n2"))


def test_tables_that_are_missing_are_a_refusal_that_says_so(tmp_path: Path) -> None:
    path = tmp_path / "empty.sqlite"
    sqlite3.connect(path).close()
    path.touch()
    with closing(SqliteBackend(path)) as store:
        assert not store.migrated()
        with pytest.raises(StoreRefused, match="missing or old"):
            store.select(CounterRow, {})


def test_nobody_else_may_read_the_files(tmp_path: Path) -> None:
    path = tmp_path / "new" / "store.sqlite"
    migrate.upgrade(f"sqlite:///{path}")
    with closing(SqliteBackend(path)) as store:
        store.apply(a_counter("n1"))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {
        "store.sqlite": 0o600,
        "store.sqlite-wal": 0o600,
        "store.sqlite-shm": 0o600,
    }


def test_every_commit_is_synced_and_the_log_is_written_ahead(path: Path) -> None:
    with closing(SqliteBackend(path)) as store, store._connected() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
