"""The simulator's SQLite file: tables, one connection, whole transactions only."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.adapters import private
from services.submission.failures import ClearinghouseSilent

_BUSY_S = 30.0
_OPENING_TRIES = 50
_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
  name TEXT PRIMARY KEY, hash TEXT NOT NULL, mailbox TEXT NOT NULL, at_ms INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS received (
  file TEXT NOT NULL, place TEXT NOT NULL, control_number TEXT NOT NULL, event TEXT NOT NULL,
  frequency TEXT NOT NULL, scenario TEXT NOT NULL, rejected INTEGER NOT NULL,
  PRIMARY KEY (file, place));
CREATE TABLE IF NOT EXISTS answers (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, mailbox TEXT NOT NULL, name TEXT NOT NULL UNIQUE,
  due_ms INTEGER NOT NULL, content BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS answers_due ON answers (mailbox, due_ms, seq);
CREATE TABLE IF NOT EXISTS numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class Tables:
    """One connection for one process. Threads take turns; processes share the file."""

    def __init__(self, path: Path) -> None:
        self._turn = threading.Lock()
        private.make_file(path)  # what was received names patients
        self._connection = sqlite3.connect(
            path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
        self._open()

    def _open(self) -> None:
        """Switch to WAL and make the tables; another process may be doing the same."""
        for left in reversed(range(_OPENING_TRIES)):
            try:
                self._connection.execute("PRAGMA journal_mode=WAL")
                self._connection.execute("PRAGMA synchronous=FULL")
                self._connection.executescript(_SCHEMA)
            except sqlite3.OperationalError:
                if not left:
                    raise
                time.sleep(0.02)
            else:
                return

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is durable when the block ends, or never was.

        Raises:
            ClearinghouseSilent: the file could not be had in time.
        """
        with self._turn, _translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A look without writing. Raises: ClearinghouseSilent."""
        with self._turn, _translated():
            yield self._connection

    def close(self) -> None:
        """Let go of the file."""
        with self._turn:
            self._connection.close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise ClearinghouseSilent("The clearinghouse simulator's file did not answer.") from error


def next_number(connection: sqlite3.Connection, name: str, count: int = 1) -> int:
    """The first of the next `count` numbers of a series."""
    row = connection.execute(
        "INSERT INTO numbers VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = value + excluded.value RETURNING value",
        (name, count),
    ).fetchone()
    return int(row[0]) - count + 1


def number(connection: sqlite3.Connection, name: str) -> int:
    """The last number of a series, 0 when it has none."""
    row = connection.execute("SELECT value FROM numbers WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row else 0


def set_number(connection: sqlite3.Connection, name: str, value: int) -> None:
    """Set a series."""
    connection.execute(
        "INSERT INTO numbers VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def use_up(connection: sqlite3.Connection, series: str) -> bool:
    """Whether a fault is left to happen; takes one away."""
    left = number(connection, series)
    if left > 0:
        set_number(connection, series, left - 1)
    return left > 0
