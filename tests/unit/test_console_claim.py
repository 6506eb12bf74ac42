"""`chartline claim file`: what was sent, byte for byte, for its owner only; each view recorded."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from services.chart.ports import Changes
from services.chart.rows import ClaimRow, SubmissionRow
from tests.fakes.rows import a_row
from tests.unit.console_world import World

FAILED, NOT_FOUND, REFUSED = 1, 5, 6
CONTENT = b"ISA*00*CANARY~\n\xff"


@pytest.fixture
def world(
    sqlite_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    monkeypatch.setenv("CHARTLINE_STORE_URL", sqlite_url)
    monkeypatch.setenv("CHARTLINE_DATA_DIR", str(tmp_path))
    return World(sqlite_url, capsys)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "new" / "claims"


def sent(world: World, **differences: object) -> None:
    """A file with two claims of two charts, and a claim that waits for its file."""
    facts = {"file_name": "s_1.837p", "content": CONTENT, "claims": 2, "sent_ms": 1} | differences
    rows: list[ClaimRow | SubmissionRow] = [a_row(SubmissionRow, "s_1", **facts)]
    for number, submission_id in ((1, "s_1"), (2, "s_1"), (3, "")):
        chart_id = f"c_{number}"
        world.chart(chart_id)
        claim = {"chart_id": chart_id, "submission_id": submission_id}
        rows.append(a_row(ClaimRow, f"cl_{number}", **claim))
    world.store.apply(Changes(inserts=list(rows)))


@pytest.mark.parametrize("key", ["cl_1", "s_1"])
def test_the_file_is_as_it_was_sent_and_for_its_owner_only(
    world: World, out: Path, key: str
) -> None:
    sent(world)
    ran = world.run("claim", "file", key, "--out", str(out), "--by", "ana")
    path = out / "s_1.837p"
    assert (ran.code, ran.out) == (0, f"{path}\n")
    assert path.read_bytes() == CONTENT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    shape = {"submission_id": "s_1", "file": str(path), "bytes": len(CONTENT), "claims": 2}
    assert world.run("claim", "file", key, "--out", str(out), "--json").json == shape


def test_the_view_is_recorded_with_every_chart_in_the_file(world: World, out: Path) -> None:
    sent(world)
    world.run("claim", "file", "cl_1", "--out", str(out), "--by", "ana")
    for subject, what in (("s_1", "file"), ("c_1", "chart"), ("c_2", "chart")):
        entry = world.journal(subject)[-1]
        assert (entry.what, entry.who) == (f"{what}.viewed", "person:ana")
        assert entry.why == "claim file"
    assert world.journal("c_3")[-1].what == "ChartReceived"
    assert world.run("fsck").code == 0


def test_what_is_not_there_is_not_found(world: World, out: Path) -> None:
    sent(world)
    for key in ("cl_9", "s_9", "c_1", ""):
        assert world.run("claim", "file", key, "--out", str(out)).code == NOT_FOUND
    assert not out.exists()


def test_what_is_not_sent_yet_is_refused_and_nobody_has_seen_it(world: World, out: Path) -> None:
    sent(world, sent_ms=0)
    for key in ("cl_1", "cl_3", "s_1"):
        ran = world.run("claim", "file", key, "--out", str(out), "--json")
        assert (ran.code, ran.json["error"]["code"]) == (REFUSED, "claim.not-sent")
    assert not out.exists()
    assert world.journal("s_1") == []


def test_a_folder_that_cannot_be_written_to_is_one_sentence(world: World, tmp_path: Path) -> None:
    sent(world)
    (tmp_path / "taken").write_bytes(b"")
    ran = world.run("claim", "file", "cl_1", "--out", str(tmp_path / "taken"))
    assert ran.code == FAILED
    assert "The file cannot be written" in ran.err
    assert "Traceback" not in ran.err
