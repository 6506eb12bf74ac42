"""Starting and ending a server's processes. Only what was started here is ever killed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# The kernel sends the death signal when the *thread* ends that started the process, so one thread
# that lives as long as the interpreter starts them all.
KEEPER = ThreadPoolExecutor(1, thread_name_prefix="servers")


class ServerError(Exception):
    """A server could not be started; the message says what to do."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(ready: Callable[[], bool], timeout_s: float, what: str) -> None:
    """Look every 20 ms.

    Raises:
        ServerError: it was not ready in time.
    """
    ends = time.monotonic() + timeout_s
    while not ready():
        if time.monotonic() > ends:
            raise ServerError(f"{what} did not happen within {timeout_s:.0f} s")
        time.sleep(0.02)


class Process:
    """One server process in a session of its own, its output in a file.

    A Ctrl-C at the terminal does not reach it; if this process dies, the kernel ends it
    (`death_signal`).
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str],
        user: str = "",
        death_signal: str = "TERM",
    ) -> None:
        drop = [f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
        with log.open("ab") as output:
            self._popen = KEEPER.submit(
                subprocess.Popen[bytes],
                ["setpriv", f"--pdeathsig={death_signal}", *drop, "--", *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=log.parent,
                start_new_session=True,
            ).result()

    @property
    def pid(self) -> int:
        """The server's own process."""
        return self._popen.pid

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self._popen.poll() is not None

    def kill(self) -> None:
        """`kill -9` to it and all its children, at once."""
        pids = [] if self.ended else [self.pid, *descendants(self.pid)]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._popen.wait()
        wait_until(lambda: not any(is_alive(pid) for pid in pids), 10, "the end of the children")

    def end(self, number: signal.Signals, timeout_s: float) -> None:
        """Ask it to end; kill it if it does not."""
        if not self.ended:
            self._popen.send_signal(number)
            try:
                self._popen.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.kill()


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits for its parent does not."""
    try:
        return _status(pid)[0] != "Z"
    except (OSError, IndexError):
        return False


def descendants(pid: int) -> list[int]:
    """The processes below `pid`, as they are now."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                parents.setdefault(int(_status(int(entry.name))[1]), []).append(int(entry.name))
    found: list[int] = []
    level = [pid]
    while level:
        level = [child for parent in level for child in parents.get(parent, [])]
        found += level
    return found


def _status(pid: int) -> list[str]:
    """State and parent: what follows the command's name in `/proc/PID/stat`."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
