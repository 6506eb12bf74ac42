"""Loading: whole or not at all, once, and never under a name that is taken."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from services.codesets.loading.cells import EVERY, read_day
from services.codesets.loading.formats import FORMATS, format_named
from services.codesets.shelf import Shelf
from services.codesets.shelf_failures import (
    EditionDiffers,
    LicenceMissing,
    MalformedFile,
    UnknownFormat,
)
from tests.unit.codesets_load_files import a_load, everything_in, rows_of

PLACES = "Code,Name\n11,Office\n21,Inpatient hospital\n"
MORE_PLACES = "Code,Name\n23,Emergency room\n"


def test_the_files_of_a_release_become_one_edition(tmp_path: Path) -> None:
    done = a_load(tmp_path, "pos", PLACES, MORE_PLACES)
    assert (done.changed, done.replaced, done.loaded.rows) == (True, False, 3)
    assert [row.code for row in rows_of(done, tmp_path)] == ["11", "21", "23"]
    (loaded,) = Shelf(tmp_path).loaded
    assert loaded == done.loaded
    assert loaded.edition.source == "a test"
    assert loaded.loaded_at == "2026-11-22T08:00:00+00:00"


def test_loading_the_same_files_again_changes_nothing(tmp_path: Path) -> None:
    a_load(tmp_path, "pos", PLACES, MORE_PLACES)
    before = everything_in(tmp_path)
    again = a_load(tmp_path, "pos", MORE_PLACES, PLACES)
    assert not again.changed
    assert everything_in(tmp_path) == before


def test_the_order_of_lines_does_not_show(tmp_path: Path) -> None:
    a_load(tmp_path / "a", "pos", "Code,Name\n11,Office\n21,Hospital\n")
    a_load(tmp_path / "b", "pos", "Code,Name\n21,Hospital\n11,Office\n11,Office\n")
    bodies = [
        next(iter(everything_in(tmp_path / one).values())).partition(b"\n")[2] for one in "ab"
    ]
    assert bodies[0] == bodies[1]


def test_a_name_that_is_taken_is_refused_and_the_old_edition_stays(tmp_path: Path) -> None:
    a_load(tmp_path, "pos", PLACES, name="Ours")
    before = everything_in(tmp_path)
    with pytest.raises(EditionDiffers):
        a_load(tmp_path, "pos", MORE_PLACES, name="Ours")
    with pytest.raises(EditionDiffers):
        a_load(tmp_path, "pos", PLACES, name="Ours", end="2027-12-31")
    with pytest.raises(EditionDiffers):
        a_load(tmp_path, "revenue", "Code,Title\n250,Drugs\n", name="Ours", replacing=True)
    assert everything_in(tmp_path) == before


def test_an_edition_is_replaced_when_asked(tmp_path: Path) -> None:
    a_load(tmp_path, "pos", PLACES, name="Ours")
    done = a_load(tmp_path, "pos", MORE_PLACES, name="Ours", replacing=True)
    assert (done.changed, done.replaced) == (True, True)
    assert [row.code for row in rows_of(done, tmp_path)] == ["23"]
    assert len(everything_in(tmp_path)) == 1


def test_a_malformed_file_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    a_load(tmp_path, "pos", PLACES, name="Ours")
    before = everything_in(tmp_path)
    with pytest.raises(MalformedFile) as refused:
        a_load(tmp_path, "pos", PLACES, "Code,Name\n11,Office\n2X1,Secret\n", replacing=True)
    assert refused.value.where == "file2.txt line 3, column 1"
    assert "Secret" not in refused.value.sentence
    assert everything_in(tmp_path) == before


@pytest.mark.parametrize(
    ("content", "where"),
    [
        ("", "line 1"),
        ("Code,Name\n", "line 1"),
        ("Kode,Name\n11,Office\n", "line 1"),
        ('Code,Name\n11,"Office\n', "line 2"),
        ("Code,Name\n11,Office\n\x00", "line 3"),
        ("Code,Name\n11,\n", "line 2, column 2"),
        ("Code,Name,Stop\n11,Office,2026-13-01\n", "line 2, column 3"),
        ("x\n" * 80 + PLACES, "line 1"),
    ],
)
def test_whatever_is_wrong_is_named_with_its_place(
    tmp_path: Path, content: str, where: str
) -> None:
    with pytest.raises(MalformedFile) as refused:
        a_load(tmp_path, "pos", content)
    assert where in refused.value.where
    assert everything_in(tmp_path) == {}


def test_a_licensed_set_needs_a_licence(tmp_path: Path) -> None:
    with pytest.raises(LicenceMissing):
        a_load(tmp_path, "revenue", "Code,Title\n250,Drugs\n", licence="")


def test_an_unknown_layout_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownFormat) as refused:
        format_named("icd11")
    assert "icd10cm-order" in refused.value.sentence


def test_progress_is_told_of_every_file(tmp_path: Path) -> None:
    said: list[tuple[str, int]] = []
    many = "Code,Name\n" + "11,Office\n" * (EVERY + 1)
    a_load(tmp_path, "pos", many, PLACES, progress=lambda *told: said.append(told))
    assert said == [("file1.txt", EVERY), ("file1.txt", EVERY + 1), ("file2.txt", 2)]


def test_text_of_older_files_is_windows_1252(tmp_path: Path) -> None:
    done = a_load(tmp_path, "pos", "Code,Name\n11,Caf\xe9\n".encode("cp1252"))
    assert rows_of(done, tmp_path)[0].title == "Caf\xe9"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("20260504", date(2026, 5, 4)),
        ("2026-05-04", date(2026, 5, 4)),
        ("5/4/2026", date(2026, 5, 4)),
        ("05/04/2026", date(2026, 5, 4)),
        ("2026124", date(2026, 5, 4)),
        ("46146", date(2026, 5, 4)),
        ("46146.0", date(2026, 5, 4)),
        ("2024366", date(2024, 12, 31)),
    ],
)
def test_dates_are_read_as_publishers_write_them(text: str, day: date) -> None:
    assert read_day(text) == day


@pytest.mark.parametrize("text", ["", "2025366", "2025000", "20261301", "1/2", "12", "May 4"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever the text
        read_day(text)


def test_every_layout_has_a_system_and_words() -> None:
    for layout in FORMATS.values():
        assert layout.system
        assert layout.words


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = a_load(tmp_path, "pos", PLACES, name="Ours").loaded.path
    path.unlink()
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        a_load(tmp_path, "pos", PLACES, name="Ours")
    assert list(path.parent.iterdir()) == [path]


def test_a_heading_with_a_number_is_no_row(tmp_path: Path) -> None:
    table = "2026\n\nCode\tValue\tIndicator\n88350\t4\t1 Line Edit\n"
    assert a_load(tmp_path, "mue-practitioner", table).loaded.rows == 1
