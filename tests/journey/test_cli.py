"""One line from the outside: the installed commands as processes, over one embedded store."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DRAIN_S = 10
VISIT = (
    b"MSH|^~\\&|APP|MERCY|||20260504080000||ADT^A04^ADT_A01|MSG1|P|2.5.1\r"
    b"PID|1||MRNQ7F9^^^MERCY^MR||CANARYNAME^ZELDA||19610203|F|||"
    b"1 CANARY STREET^^SPRINGFIELD^IL^62701||||||ACCTQ7F9\r"
    b"PV1|1|O|CLINIC||||1234567893^CANARYDOCTOR^ADA||||||||||||ACCTQ7F9\r"
)
CANARIES = ("CANARY", "ZELDA", "Q7F9", "19610203")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    ours = {"CHARTLINE_DATA_DIR": str(tmp_path / "var"), "CHARTLINE_LOG_LEVEL": "INFO"}
    return {**os.environ, **ours}  # noqa: TID251 - a child process needs the whole of it


def chartline(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workers.console", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def line(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """`chartline up`, running."""
    process = subprocess.Popen(
        [sys.executable, "-m", "workers.console", "up"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("The line is running.")
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def content(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    shape: dict[str, Any] = json.loads(done.stdout)
    return shape


def test_a_visit_goes_in_is_found_again_and_the_line_drains(
    environment: dict[str, str], line: subprocess.Popen[str], tmp_path: Path
) -> None:
    (tmp_path / "visit.hl7").write_bytes(VISIT)
    submitted = chartline(environment, "submit", "--wait", "--json", str(tmp_path / "visit.hl7"))
    assert submitted.returncode == 0, submitted.stderr
    end = content(submitted)["ends"][0]
    assert end["state"] == "filed"
    assert content(submitted)["line"] == "running"

    traced = chartline(environment, "chart", "trace", end["chart_id"], "--json")
    assert content(traced)["timeline"][0]["what"] == "ChartReceived"
    assert content(chartline(environment, "status", "--json"))["line"] == "running"
    assert chartline(environment, "up").returncode == 6, "one line on one store"

    line.send_signal(signal.SIGTERM)
    began = time.monotonic()
    out, err = line.communicate(timeout=DRAIN_S)
    assert time.monotonic() - began < DRAIN_S
    assert line.returncode == 0
    assert "nothing is lost" in out
    assert chartline(environment, "fsck").returncode == 0
    for canary in CANARIES:
        assert canary not in out + err + submitted.stdout + traced.stdout


def test_a_killed_line_loses_nothing_and_the_next_one_goes_on(
    environment: dict[str, str], line: subprocess.Popen[str], tmp_path: Path
) -> None:
    (tmp_path / "visit.hl7").write_bytes(VISIT)
    receipt = chartline(environment, "submit", "--json", str(tmp_path / "visit.hl7"))
    line.kill()
    line.wait()
    raw_id = content(receipt)["receipts"][0]["raw_id"]
    assert content(chartline(environment, "status", "--json"))["line"] == "stopped"

    (tmp_path / "again.hl7").write_bytes(VISIT.replace(b"MSG1", b"MSG2"))
    again = chartline(environment, "submit", "--wait", "--json", str(tmp_path / "again.hl7"))
    assert again.returncode == 0, again.stderr
    found = content(chartline(environment, "chart", "trace", raw_id, "--json"))
    assert found["now"]["place"] == "filed"
    assert chartline(environment, "fsck").returncode == 0


def test_without_a_running_line_a_dead_letter_is_exit_1_and_a_duplicate_is_not(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """What goes well is not logged among the answer."""
    (tmp_path / "visit.hl7").write_bytes(VISIT)
    (tmp_path / "other.hl7").write_bytes(VISIT.replace(b"19610203", b"19610204"))
    ends = []
    for name, code in (("visit.hl7", 0), ("visit.hl7", 0), ("other.hl7", 1)):
        done = chartline(environment, "submit", "--wait", "--json", str(tmp_path / name))
        assert done.returncode == code, done.stdout + done.stderr
        assert '"level":"info"' not in done.stderr
        ends.append(content(done)["ends"][0]["state"])
    assert ends == ["filed", "duplicate", "stopped"]
