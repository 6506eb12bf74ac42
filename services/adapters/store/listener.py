"""Hears PostgreSQL's notifications on a connection of its own and rings a bell for each."""

from __future__ import annotations

import threading
from contextlib import suppress

import psycopg

from services.adapters.store.bell import Bell
from services.adapters.store.postgres_sql import CHANNEL, NOTIFY

RECONNECT_S = 0.5
LOOK_S = 5.0  # how often the thread looks whether it should end, if nothing is ever said


class Listener:
    """Starts with the first `wait`; connects again after an outage."""

    def __init__(self, url: str) -> None:
        self.bell = Bell()
        self._url = url
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()

    def wait(self, timeout_s: float) -> bool:
        """Whether it rang since this thread's last look, or rings in time."""
        with self._starting:
            if self._thread is None:
                self._ending = threading.Event()
                self._thread = threading.Thread(
                    target=self._listen, args=(self._ending,), name="store-listener", daemon=True
                )
                self._thread.start()
        return self.bell.wait(timeout_s)

    def close(self) -> None:
        """End the thread and wake whoever waits."""
        with self._starting:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._ending.set()
            with suppress(psycopg.Error), psycopg.connect(self._url, autocommit=True) as nudge:
                nudge.execute(NOTIFY)
            thread.join(LOOK_S)
        self.bell.ring()

    def _listen(self, ending: threading.Event) -> None:
        while not ending.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self.bell.ring()  # something may have been said before we listened
                    self._hear(connection, ending)
            except psycopg.Error:
                ending.wait(RECONNECT_S)

    def _hear(self, connection: psycopg.Connection, ending: threading.Event) -> None:
        while not ending.is_set():
            for _ in connection.notifies(timeout=LOOK_S, stop_after=1):
                self.bell.ring()
