"""A PostgreSQL of our own: a fresh cluster in a temporary folder on a free port."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from tests.servers.process import Process, ServerError, free_port, wait_until

USER = "postgres"
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "dynamic_shared_memory_type": "mmap",  # a kill leaves nothing behind outside the folder
    "logging_collector": "off",
    "log_min_messages": "warning",
}


def binaries() -> Path | None:
    """Where `initdb` and `postgres` are; None: not installed."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda path: int(path.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


class PostgresServer:
    """A context manager; commits are as durable as in production (fsync is on)."""

    def __init__(self) -> None:
        self.port = free_port()
        self._bin = binaries()
        self._user = USER if os.geteuid() == 0 else ""
        self._folder = Path(tempfile.mkdtemp(prefix="chartline-postgres-"))
        self._process: Process | None = None

    @property
    def url(self) -> str:
        """The address of the maintenance database."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/postgres"

    @property
    def pid(self) -> int:
        """The postmaster."""
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> Self:
        try:
            self.initialize()
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def kill(self) -> None:
        """`kill -9` to the postmaster and everything it has started."""
        if self._process is not None:
            self._process.kill()

    def restart(self) -> None:
        """Start again over the same data, after `kill` or not."""
        self._end()
        self.start()

    def stop(self) -> None:
        """End it and remove its folder."""
        self._end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self) -> None:
        if self._process is not None:
            self._process.end(signal.SIGQUIT, 10)
            self._process = None

    def initialize(self) -> None:
        """Make the cluster.

        Raises:
            ServerError: PostgreSQL is not installed.
        """
        if self._bin is None:
            raise ServerError("PostgreSQL is missing: python -m tests.servers install")
        if self._user:
            shutil.chown(self._folder, self._user, self._user)
        subprocess.run(
            [
                *(self._drop() if self._user else ()),
                str(self._bin / "initdb"),
                f"--pgdata={self._folder / 'data'}",
                f"--username={USER}",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ],
            check=True,
            capture_output=True,
            cwd=self._folder,
        )

    def _drop(self) -> tuple[str, ...]:
        return ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups", "--")

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            ServerError: it does not answer.
        """
        assert self._bin is not None
        options = {
            **OPTIONS,
            "port": str(self.port),
            "unix_socket_directories": str(self._folder),
        }
        # A killed postmaster's shared memory blocks the next start for a moment.
        wait_until(lambda: self._try_to_start(options), 30, "the start of PostgreSQL")

    def _try_to_start(self, options: dict[str, str]) -> bool:
        process = self._process = Process(
            [
                str(self._bin and self._bin / "postgres"),
                "-D",
                str(self._folder / "data"),
                *[f"--{name}={value}" for name, value in options.items()],
            ],
            log=self._folder / "log",
            environment={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            user=self._user,
            death_signal="QUIT",
        )
        wait_until(lambda: process.ended or self._answers(), 30, "an answer of PostgreSQL")
        return not process.ended

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


def new_database(url: str, template: str = "template1") -> str:
    """A new database on the server, as a copy of a template; returns its address."""
    name = f"t_{secrets.token_hex(8)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return url.rpartition("/")[0] + "/" + name


def drop_database(url: str) -> None:
    """Remove a database that `new_database` has made, also when somebody is still in it."""
    server, _, name = url.rpartition("/")
    with psycopg.connect(server + "/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
