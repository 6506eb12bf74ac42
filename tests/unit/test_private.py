"""What holds patient data is for its owner only."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.adapters import private
from services.adapters.clearinghouse.simulator import SimulatedClearinghouse
from services.chart.ports import Changes
from services.chart.rows import SubmissionRow
from tests.fakes.backend import MemoryBackend
from tests.fakes.claim_files import AClaim, a_file
from tests.fakes.rows import a_row
from workers.commands.presence import alone
from workers.demo.run import _write_files


def modes(folder: Path) -> dict[str, int]:
    """The permissions of everything below a folder."""
    return {
        str(one.relative_to(folder)): stat.S_IMODE(one.stat().st_mode) for one in folder.rglob("*")
    }


@pytest.fixture(autouse=True)
def _a_generous_umask() -> Iterator[None]:
    before = os.umask(0o000)
    yield
    os.umask(before)


def test_folders_are_made_for_their_owner_and_older_ones_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir(mode=0o755)
    private.make_folder(tmp_path / "theirs" / "ours" / "inner")
    private.make_folder(tmp_path / "theirs" / "ours" / "inner")
    assert modes(tmp_path) == {"theirs": 0o755, "theirs/ours": 0o700, "theirs/ours/inner": 0o700}


def test_a_file_is_written_anew_and_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "claims" / "a.837"
    private.write(path, b"a longer content")
    path.chmod(0o644)
    private.write(path, b"content")
    assert path.read_bytes() == b"content"
    assert modes(tmp_path) == {"claims": 0o700, "claims/a.837": 0o600}


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "a.837").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="link"):
        private.write(tmp_path / "a.837", b"content")
    assert not (tmp_path / "elsewhere").exists()


def test_what_the_simulator_received_is_for_its_owner(tmp_path: Path) -> None:
    payer = SimulatedClearinghouse(tmp_path / "var" / "payer.sqlite")
    with closing(payer):
        payer.send("a", a_file(AClaim("C1")))
        found = modes(tmp_path)
    assert found.pop("var") == 0o700
    assert found == dict.fromkeys(found, 0o600)
    assert "var/payer.sqlite-wal" in found


def test_the_claim_files_of_the_demo_are_for_their_owner(tmp_path: Path) -> None:
    store = MemoryBackend()
    row = a_row(SubmissionRow, "s_1", file_name="s_1.837p", content=b"ISA")
    store.apply(Changes(inserts=[row]))
    (path,) = _write_files(store, tmp_path / "claims")
    assert path.read_bytes() == b"ISA"
    assert modes(tmp_path) == {"claims": 0o700, "claims/s_1.837p": 0o600}


def test_the_folder_of_a_line_is_for_its_owner(tmp_path: Path) -> None:
    with alone(tmp_path / "var" / "line"):
        found = modes(tmp_path)
    assert (found["var"], found["var/line"]) == (0o700, 0o700)
