"""A process that writes messages to a store and says each key once `apply` has returned."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from subprocess import PIPE, Popen

from services.adapters.store.migrate import SQLITE, sqlite_path
from services.adapters.store.postgres import PostgresBackend
from services.adapters.store.sqlite import SqliteBackend
from services.chart.ports import Changes, Store
from services.chart.rows import JournalRow, MessageRow
from tests.fakes.rows import a_row

LONG = "x" * 5_000


def open_store(url: str) -> Store:
    """The store at an address."""
    if url.startswith(SQLITE):
        return SqliteBackend(sqlite_path(url))
    return PostgresBackend(url)


def main(url: str, name: str, pause: str) -> None:
    """Write until killed. Each commit has a message and a journal entry with the same key."""
    store = open_store(url)
    for number in count():
        key = f"{name}-{number:06}"
        message, entry = a_row(MessageRow, key, stage="coding"), a_row(JournalRow, key, why=LONG)
        store.apply(Changes(inserts=[message, entry]))
        sys.stdout.write(key + "\n")
        sys.stdout.flush()
        if pause == "yes":
            sys.stdin.readline()


@contextmanager
def writer(url: str, name: str, *, pause: bool = False) -> Iterator[Popen[str]]:
    """Such a process; with `pause` it waits for a line before it goes on. Killed at the end."""
    command = [sys.executable, "-m", "tests.integration.store_writer", url, name]
    with Popen(
        [*command, "yes" if pause else "no"], stdin=PIPE, stdout=PIPE, text=True, bufsize=1
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: Popen[str]) -> str:
    """The next key that a writer has said."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def said_before_the_end(process: Popen[str]) -> list[str]:
    """All keys that a killed writer has said; the last may be half a line."""
    assert process.stdout is not None
    lines = process.stdout.read().split("\n")
    return [line for line in lines[:-1] if line]


def assert_kept(store: Store, keys: list[str]) -> None:
    """What was said is there, nothing is there twice, and no commit is there by half."""
    messages = [row.message_id for row in store.select(MessageRow, {})]
    entries = [row.journal_id for row in store.select(JournalRow, {})]
    assert set(keys) <= set(messages)
    assert messages == entries == sorted(set(messages))
    assert len(messages) <= len(keys) + 1  # one commit may stand that nobody heard of


if __name__ == "__main__":
    main(*sys.argv[1:])
