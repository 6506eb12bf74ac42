"""`honcho start`: the Procfile runs the line, and ends it without losing anything."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings, environment_for
from tests.chaos.processes import ROOT, procfile
from tests.integration.line_processes import DRAIN_S, Hospital, hears_sigterm, settings_for, until
from tests.servers.process import descendants, is_alive

pytestmark = pytest.mark.servers

CHARTS = 12
WRAPPER = """#!/bin/sh
exec "{python}" -m workers.console "$@"
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH on which `chartline` is found: the installed one, or one that stands for it."""
    folder = Path(sys.executable).parent
    if not (folder / "chartline").exists():
        folder = tmp_path / "bin"
        folder.mkdir()
        (folder / "chartline").write_text(WRAPPER.format(python=sys.executable))
        (folder / "chartline").chmod(0o755)
    return f"{folder}{os.pathsep}{os.defpath}"


class Honcho:
    """`honcho start` over the project's own Procfile."""

    def __init__(self, settings: Settings, path: str, log: Path) -> None:
        self.environment = {**environment_for(settings), "PATH": path, "PYTHONPATH": str(ROOT)}
        self.log = log
        self.children: list[int] = []

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "honcho", "start", "-d", str(ROOT)],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(self._is_up, 60, "the start of every process")

    def is_running(self) -> bool:
        return self.process.poll() is None

    def _is_up(self) -> bool:
        assert self.is_running(), self.log.read_text()
        below = descendants(self.process.pid)
        ours = [pid for pid in below if is_console(pid) and hears_sigterm(pid)]
        return len(ours) == len(procfile())

    def stop(self) -> float:
        """SIGTERM to honcho; the seconds until nothing runs any more."""
        children = descendants(self.process.pid)
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(DRAIN_S + 5)
        until(lambda: not any(map(is_alive, children)), 5, "the end of every process")
        return time.monotonic() - began

    def kill(self) -> None:
        """Whatever is left of what was started here."""
        for pid in [*descendants(self.process.pid), self.process.pid]:
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


def is_console(pid: int) -> bool:
    """Whether the process is a `chartline`: the installed script, or the module itself."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        return False
    is_python = b"python" in Path(os.fsdecode(words[0])).name.encode()
    return is_python and any(w == b"workers.console" or w.endswith(b"/chartline") for w in words)


@pytest.fixture
def hospital(tmp_path: Path, postgres_url: str, rabbit_url: str) -> Iterator[Hospital]:
    made = Hospital(settings_for(tmp_path / "var", postgres_url, rabbit_url))
    yield made
    made.close()


def test_honcho_runs_the_line_and_ends_it_in_the_middle_of_work_without_a_loss(
    hospital: Hospital, path: str, tmp_path: Path
) -> None:
    honcho = Honcho(hospital.settings, path, tmp_path / "honcho.log")
    honcho.start()
    try:
        hospital.send(CHARTS)
        hospital.until_all_paid(60, honcho.is_running, honcho.log)
        hospital.send(CHARTS * 3)
        until(lambda: hospital.paid() > CHARTS, 60, "the first of the next charts")
        assert honcho.stop() < DRAIN_S
        assert hospital.faults() == ()
        honcho.start()
        hospital.until_all_paid(60, honcho.is_running, honcho.log)
        assert honcho.stop() < DRAIN_S
    finally:
        honcho.kill()
    assert "SIGKILL" not in honcho.log.read_text()
    assert hospital.faults() == ()
    assert sorted(hospital.originals().values()) == [1] * hospital.sent
