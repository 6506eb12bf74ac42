"""The compiled form of a tabular edition: whole, or made anew."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from services.codesets.icd10cm import APRIL_2026, data_folder, open_april_2026
from services.codesets.notes import CodeRange
from services.codesets.tables import Tables
from services.codesets.tabular_cache import Stale, held, read_cache, write_cache
from tests.unit.codesets_fixture import KEPT, the_tabular

KEY = "an edition"
SMALL = Tables(
    leaves=["E1010", "E119", "W19XXXA"],
    headers=["E10", "E101", "E11", "W19"],
    blocks={"E10": ["E08-E13", "4"], "E11": ["E08-E13", "4"]},
    sevenths={"W19": {"A": "initial encounter"}},
    excludes={"E11": [CodeRange("E10", "E10"), CodeRange("O10", "O16", 4, ("1",))]},
    titles={"E11": "Type 2 diabetes mellitus", "W19": "Unspecified fall"},
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = tmp_path / "small.tables"
    write_cache(written, KEY, SMALL)
    return written


def test_what_is_written_is_what_is_read(path: Path) -> None:
    read, straight = read_cache(path, KEY, APRIL_2026), held(APRIL_2026, SMALL)
    for tabular in (read, straight):
        assert tabular.leaves == set(SMALL.leaves)
        assert tabular.headers == set(SMALL.headers)
        assert tabular.blocks == {"E10": ("E08-E13", "4"), "E11": ("E08-E13", "4")}
        assert tabular.title("W19XXXA") == "Unspecified fall, initial encounter"
        assert [one.node for one in tabular.excludes1(["E119", "E1010"])] == ["E11"]
        assert tabular.excludes == read.excludes


def test_the_same_tables_are_the_same_bytes(path: Path, tmp_path: Path) -> None:
    write_cache(tmp_path / "again.tables", KEY, SMALL)
    assert (tmp_path / "again.tables").read_bytes() == path.read_bytes()


def test_a_file_of_another_key_is_stale(path: Path) -> None:
    with pytest.raises(Stale):
        read_cache(path, "another edition", APRIL_2026)


def test_a_missing_file_is_stale(tmp_path: Path) -> None:
    with pytest.raises(Stale):
        read_cache(tmp_path / "none", KEY, APRIL_2026)


def test_a_file_cut_or_changed_anywhere_is_stale(path: Path) -> None:
    whole = path.read_bytes()
    head = whole.index(b"\n") + 1
    for damaged in (b"", b"\n", b"[]\n", b"{}\n", whole[:head], whole[: head + 20]):
        path.write_bytes(damaged)
        with pytest.raises(Stale):
            read_cache(path, KEY, APRIL_2026)
    for place in range(head, head + 40):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(Stale):
            read_cache(path, KEY, APRIL_2026)


def test_no_unfinished_file_stays_behind(path: Path) -> None:
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_failed_write_leaves_nothing_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "taken.tables").mkdir()
    with pytest.raises(OSError, match="taken"):
        write_cache(tmp_path / "taken.tables", KEY, SMALL)
    assert [one.name for one in tmp_path.iterdir()] == ["taken.tables"]


def test_a_damaged_edition_is_compiled_anew(tmp_path: Path) -> None:
    opened = open_april_2026(tmp_path)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    again = open_april_2026(tmp_path)
    assert again.leaves == opened.leaves == the_tabular().leaves
    assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_written_to_costs_only_time(tmp_path: Path) -> None:
    file = tmp_path / "a file, not a folder"
    file.write_text("")
    opened = open_april_2026(file)
    assert opened.leaves == the_tabular().leaves
    assert opened.title("E119") == the_tabular().title("E119")


def test_processes_that_compile_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from services.codesets.icd10cm import open_april_2026\n"
        "print(len(open_april_2026(Path(sys.argv[1])).leaves))"
    )
    root = Path(__file__).parents[2]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)],
            cwd=root,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    told = [one.communicate()[0].strip() for one in running]
    assert told == ["74719"] * 3
    assert len(list(tmp_path.iterdir())) == 1


def test_a_kept_edition_is_small_and_opens_without_the_package() -> None:
    the_tabular()
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from services.codesets.icd10cm import open_april_2026\n"
        "def kb(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before = kb(); tabular = open_april_2026(Path(sys.argv[1]))\n"
        "tabular.excludes1(['E119', 'O24419'])\n"
        "print(kb() - before, 'simple_icd_10_cm' in sys.modules, 'lxml' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(KEPT)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    grown, *imported = done.stdout.split()
    assert int(grown) < 40_000
    assert imported == ["False", "False"]


@pytest.mark.parametrize(
    ("package", "words"), [("no_such_package", "not installed"), ("json", "does not hold")]
)
def test_a_package_without_the_release_is_named(package: str, words: str) -> None:
    with pytest.raises(LookupError, match=words):
        data_folder(package)
