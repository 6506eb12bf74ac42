"""The distributed store under what really happens to a database server."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from services.adapters.store import migrate
from services.adapters.store.postgres import PostgresBackend
from services.chart.failures import Outage
from services.chart.ports import Changes, Conflict
from services.chart.rows import CounterRow, JournalRow, MessageRow, Row
from tests.fakes.rows import a_row
from tests.integration.store_writer import assert_kept, said, said_before_the_end, writer
from tests.servers import PostgresServer, new_database
from workers.console import main

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server that may be killed."""
    with PostgresServer() as server:
        yield server


@pytest.fixture
def url(server: PostgresServer) -> str:
    url = new_database(server.url)
    migrate.upgrade(url)
    return url


def a_counter(name: str) -> Changes:
    return Changes(inserts=[a_row(CounterRow, name)])


def commit_when_it_answers(store: PostgresBackend, changes: Changes) -> int:
    """Try again through an outage, as the runtime does; returns the number of outages."""
    for outages in range(200):
        try:
            store.apply(changes)
        except Outage:
            time.sleep(0.05)
        else:
            return outages
    raise AssertionError("the store did not come back")


@pytest.mark.parametrize("command", [("status",), ("doctor",), ("dlq", "list"), ("submit", "-")])
def test_a_database_without_tables_is_one_sentence_that_names_the_command(
    server: PostgresServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: tuple[str, ...],
) -> None:
    monkeypatch.setenv("CHARTLINE_STORE_URL", new_database(server.url))
    monkeypatch.setenv("CHARTLINE_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"MSH|^~\\&|A|B\r")))
    assert main(command) == 4
    said = capsys.readouterr()
    assert "There are no tables yet: run `chartline db migrate`." in said.out + said.err
    assert "refused" not in said.out + said.err


def test_the_store_goes_on_after_the_server_was_killed_and_restarted(
    server: PostgresServer, url: str
) -> None:
    with closing(PostgresBackend(url)) as store:
        store.apply(a_counter("n1"))
        server.kill()
        with pytest.raises(Outage):
            store.apply(a_counter("n2"))
        began = time.monotonic()
        with pytest.raises(Outage):
            store.select(CounterRow, {})
        assert time.monotonic() - began < 5, "an outage is told at once"
        server.restart()
        commit_when_it_answers(store, a_counter("n2"))
        assert [row.name for row in store.select(CounterRow, {})] == ["n1", "n2"]


def test_one_dead_connection_takes_its_idle_neighbours_with_it(
    server: PostgresServer, url: str
) -> None:
    with closing(PostgresBackend(url, pool_size=8)) as store:
        barrier = threading.Barrier(8)

        def hold_one() -> None:
            with store._connection():
                barrier.wait(10)

        threads = [threading.Thread(target=hold_one) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        server.restart()
        assert commit_when_it_answers(store, a_counter("n1")) == 1


def test_what_was_committed_survives_a_kill_of_the_server(server: PostgresServer, url: str) -> None:
    with writer(url, "w") as process:
        keys = [said(process) for _ in range(30)]
        server.kill()
        process.wait(20)  # it ends with an outage
        keys += said_before_the_end(process)
    server.restart()
    with closing(PostgresBackend(url)) as store:
        assert_kept(store, keys)


def test_what_was_committed_survives_a_kill_of_the_process(url: str) -> None:
    with writer(url, "w") as process:
        keys = [said(process) for _ in range(30)]
        process.kill()
        keys += said_before_the_end(process)
    with closing(PostgresBackend(url)) as store:
        assert_kept(store, keys)


def test_a_listener_hears_again_after_a_restart(server: PostgresServer, url: str) -> None:
    with closing(PostgresBackend(url)) as listening, closing(PostgresBackend(url)) as writing:
        listening.lease(["coding"], 0, 1, 1)
        listening.wait_for_message(1)
        server.kill()
        server.restart()
        ends = time.monotonic() + 20
        while time.monotonic() < ends and not listening._idle:
            try:
                listening.lease(["coding"], 0, 1, 1)
            except Outage:
                listening.wait_for_message(0.5)
        while listening.wait_for_message(1.5):
            """Rings that belong to the new beginning."""
        row = a_row(MessageRow, "m1", stage="coding")
        later = threading.Timer(0.2, commit_when_it_answers, (writing, Changes(inserts=[row])))
        later.start()
        began = time.monotonic()
        assert listening.wait_for_message(20) is True
        assert time.monotonic() - began < 10
        later.join()


def test_a_waiter_is_woken_by_another_process(url: str) -> None:
    with closing(PostgresBackend(url)) as store, writer(url, "w", pause=True) as process:
        said(process)
        assert len(store.lease(["coding"], 0, 10**15, 9)) == 1
        while store.wait_for_message(1):
            store.lease(["coding"], 0, 10**15, 9)
        assert process.stdin is not None
        process.stdin.write("go on\n")
        began = time.monotonic()
        assert store.wait_for_message(20) is True
        assert time.monotonic() - began < 5


def test_commits_that_wait_for_each_other_end_in_a_conflict_not_in_a_halt(url: str) -> None:
    """The server ends one of them; if it is ours, that is a lost race like any other."""
    with closing(PostgresBackend(url)) as store, psycopg.connect(url) as other:
        counter, message = a_row(CounterRow, "n1"), a_row(MessageRow, "m1")
        store.apply(Changes(inserts=[counter, message]))
        other.execute("SET deadlock_timeout = '1min'")  # so that ours is the one that is ended
        other.execute("UPDATE counter SET value = 5 WHERE name = 'n1'")
        lost: list[BaseException] = []

        def apply() -> None:  # deletes the message, then waits for the counter
            try:
                store.apply(
                    Changes(updates=[(counter, replace(counter, value=1))], deletes=[message])
                )
            except Conflict as error:
                lost.append(error)

        thread = threading.Thread(target=apply)
        thread.start()
        time.sleep(0.3)
        other.execute("UPDATE message SET due_ms = 5 WHERE message_id = 'm1'")
        other.commit()
        thread.join(20)
        assert len(lost) == 1
        assert [row.value for row in store.select(CounterRow, {})] == [5]
        assert len(store.select(MessageRow, {})) == 1


def test_a_lease_skips_what_another_is_just_taking(url: str) -> None:
    with closing(PostgresBackend(url)) as store, psycopg.connect(url) as other:
        rows: list[Row] = [a_row(MessageRow, f"m{n}", stage="coding", due_ms=n) for n in range(4)]
        store.apply(Changes(inserts=rows))
        other.execute("SELECT 1 FROM message WHERE message_id IN ('m0', 'm2') FOR UPDATE")
        leased = store.lease(["coding"], 10, 900, 2)
        assert [row.message_id for row in leased] == ["m1", "m3"]


def test_hot_statements_find_their_rows_by_an_index_in_a_table_that_was_empty(url: str) -> None:
    """The plan is made while the table is empty and lives on while it fills."""
    with closing(PostgresBackend(url)) as store:
        first = a_row(CounterRow, "first")
        store.apply(Changes(inserts=[first]))
        store.apply(Changes(updates=[(first, replace(first, value=1))]))
        rows = [a_row(CounterRow, f"n{n:05}") for n in range(20_000)]
        store.apply(Changes(inserts=list(rows)))
        began = time.process_time(), time.monotonic()
        for row in rows[:200]:
            store.apply(Changes(updates=[(row, replace(row, value=1))]))
        assert time.monotonic() - began[1] < 5  # 200 scans of the whole would take longer
        with psycopg.connect(url) as other:
            scans = "SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname = 'counter'"
            time.sleep(1.1)  # the server reports its counts once a second
            (read,) = other.execute(scans).fetchone() or (0,)
        assert read < 20_000


def test_texts_and_journal_of_one_commit_are_one_transaction(url: str) -> None:
    with closing(PostgresBackend(url)) as store, psycopg.connect(url, autocommit=True) as other:
        store.apply(
            Changes(
                inserts=[a_row(MessageRow, "m1"), a_row(JournalRow, "j1"), a_row(CounterRow, "n1")]
            )
        )
        ids = other.execute(
            "SELECT xmin FROM message UNION SELECT xmin FROM journal UNION SELECT xmin FROM counter"
        ).fetchall()
        assert len(ids) == 1
