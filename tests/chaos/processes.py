"""Real Chartline processes for chaos runs and benchmarks: start, kill -9, restart, drain."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from config.settings import Settings, environment_for

TICKS = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).resolve().parents[2]


def procfile() -> dict[str, list[str]]:
    """The Procfile's lines: name and command words."""
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(": ", 1) for line in lines if line and not line.startswith("#"))
    return {name: command.split() for name, command in pairs}


@dataclass
class Processes:
    """A set of named processes with one setting. Kills only what it started."""

    settings: Settings
    commands: dict[str, list[str]]
    log: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What a child process sees."""
        return environment_for(self.settings)

    def start(self) -> None:
        for name in self.commands:
            self._start(name)

    def _start(self, name: str) -> None:
        words = self.commands[name]
        assert words[0] == "chartline"
        with self.log.open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", "workers.console", *words[1:]],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    def kill(self, name: str) -> None:
        """kill -9, and start it again."""
        process = self.running[name]
        process.kill()
        process.wait()
        self._start(name)

    def revive(self) -> list[str]:
        """Start again what has ended by itself; returns the names."""
        ended = [name for name, process in self.running.items() if process.poll() is not None]
        for name in ended:
            self._start(name)
        return ended

    def stop(self, timeout_s: float = 10.0) -> dict[str, int]:
        """SIGTERM to all; returns exit codes. One that does not drain in time is killed (-9)."""
        for process in self.running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + timeout_s
        codes = {}
        for name, process in self.running.items():
            try:
                codes[name] = process.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                process.kill()
                codes[name] = -signal.SIGKILL if process.wait() is not None else -9
        self.running.clear()
        return codes

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to every process."""
        for process in self.running.values():
            process.send_signal(number)

    def cpu_seconds(self) -> dict[str, float]:
        """User and system CPU of each process so far."""
        return {name: cpu_seconds_of(process.pid) for name, process in self.running.items()}


def cpu_seconds_of(pid: int) -> float:
    """User and system CPU of a process and of its children that have ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return 0.0
    fields = stat.rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / TICKS
