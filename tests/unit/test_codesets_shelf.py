"""The shelf: by date, never a guess, and nothing from a file that is not whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.codesets.shelf import Shelf, place_of
from services.codesets.shelf_diff import Difference, differences
from services.codesets.shelf_failures import EditionDamaged
from services.codesets.shelf_file import BLOCK, OpenEdition, read_loaded
from tests.unit.codesets_load_files import a_load, an_order

ON = date(2026, 5, 4)
PLACES = "Code,Name,Start,Stop\n11,Office,,\n21,Hospital,2026-02-01,\n23,Old,,2026-01-31\n"
POS = "Place of service"


def title(shelf: Shelf, code: str, on: date, system: str = POS) -> str:
    row = shelf.code(system, code, on)
    assert row is not None
    return row.title


def test_a_date_that_no_edition_covers_has_no_answer(tmp_path: Path) -> None:
    a_load(tmp_path, "pos", PLACES)
    shelf = Shelf(tmp_path)
    assert shelf.systems == (POS,)
    for outside in (date(2025, 12, 31), date(2027, 1, 1)):
        assert shelf.edition_on(POS, outside) is None
        assert shelf.table_on(POS, outside) is None
        assert shelf.row(POS, "11", outside) is None
    for inside in (date(2026, 1, 1), date(2026, 12, 31)):
        edition = shelf.edition_on(POS, inside)
        assert edition is not None
        assert edition.name == "Place of service 2026-01-01"
        assert shelf.code(POS, "11", inside) is not None


def test_a_system_that_was_never_loaded_has_no_answer(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "not there")
    assert shelf.loaded == ()
    assert shelf.edition_on("MS-DRG", ON) is None
    assert shelf.drg("291", ON) is None
    assert shelf.is_poa_exempt("I10", ON) is None
    assert shelf.staleness(ON) == ()


def test_a_row_holds_from_its_first_to_its_last_day(tmp_path: Path) -> None:
    a_load(tmp_path, "pos", PLACES)
    shelf = Shelf(tmp_path)
    assert shelf.row(POS, "21", date(2026, 1, 31)) is None
    assert title(shelf, "21", date(2026, 2, 1)) == "Hospital"
    assert title(shelf, "23", date(2026, 1, 31)) == "Old"
    assert shelf.row(POS, "23", date(2026, 2, 1)) is None


def test_the_edition_that_began_last_answers_alone(tmp_path: Path) -> None:
    a_load(tmp_path, "pos", PLACES, name="Year")
    a_load(tmp_path, "pos", "Code,Name\n11,Surgery\n", name="Update", effective="2026-04-01")
    shelf = Shelf(tmp_path)
    assert title(shelf, "11", date(2026, 3, 31)) == "Office"
    assert title(shelf, "11", ON) == "Surgery"
    assert shelf.row(POS, "21", ON) is None
    assert [one.edition.name for one in shelf.editions(POS)] == ["Update", "Year"]


def test_a_system_is_stale_when_its_newest_edition_has_ended(tmp_path: Path) -> None:
    a_load(tmp_path, "pos", PLACES, name="Old", effective="2025-01-01", end="2025-12-31")
    a_load(tmp_path, "pos", PLACES, name="New")
    a_load(tmp_path, "poa-exempt", "Order,Code\n1,I252\n", end="2027-09-30")
    shelf = Shelf(tmp_path)
    assert shelf.staleness(date(2026, 12, 31)) == ()
    (stale,) = shelf.staleness(date(2027, 1, 1))
    assert (stale.system, stale.edition, stale.ended) == (POS, "New", date(2026, 12, 31))


def test_a_shelf_is_a_snapshot_and_a_new_one_sees_more(tmp_path: Path) -> None:
    a_load(tmp_path, "pos", PLACES, name="Ours")
    before = Shelf(tmp_path)
    assert title(before, "11", ON) == "Office"
    a_load(tmp_path, "pos", "Code,Name\n11,Surgery\n", name="Ours", replacing=True)
    assert before.row(POS, "21", ON) is not None
    assert title(Shelf(tmp_path), "11", ON) == "Surgery"


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.from_regex(r"[A-C]{1,3}", fullmatch=True), st.integers(0, 3)),
        min_size=1,
        max_size=BLOCK * 5,
    )
)
def test_every_row_is_found_and_no_other(
    tmp_path_factory: pytest.TempPathFactory, codes: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("shelf")
    text = "Code,Name\n" + "".join(f"{code},Title {title}\n" for code, title in codes)
    a_load(folder, "carc", text)
    table = Shelf(folder).table_on("CARC", ON)
    assert table is not None
    for code in {code for code, _ in codes} | {"", "AB", "ZZZ", "B|"}:
        wanted = sorted({f"Title {title}" for same, title in codes if same == code})
        assert [row.title for row in table.rows(code)] == wanted
    assert len(table) == len(set(codes)) == len(list(table))


def test_many_rows_of_one_key_stay_together(tmp_path: Path) -> None:
    rows = "".join(f"A1,Title {number:04d}\n" for number in range(BLOCK * 3))
    a_load(tmp_path, "carc", f"Code,Name\nA0,First\n{rows}B1,Last\n")
    table = Shelf(tmp_path).table_on("CARC", ON)
    assert table is not None
    assert len(table.rows("A1")) == BLOCK * 3
    assert len(table.rows("B1")) == len(table.rows("A0")) == 1


def test_threads_get_the_same_answers(tmp_path: Path) -> None:
    codes = [(f"A{number:02d}", 1, f"Title {number}") for number in range(100)]
    a_load(tmp_path, "icd10cm-order", an_order(*codes))
    shelf = Shelf(tmp_path)

    def ask(round_: int) -> list[str]:
        return [title(shelf, code, ON, "ICD-10-CM") for code, _, _ in codes if round_ >= 0]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(16)))
    assert all(answer == [title for _, _, title in codes] for answer in answers)


@pytest.mark.parametrize(
    "damage", ["cut", "changed", "longer", "no head", "layout", "columns", "type"]
)
def test_a_file_that_is_not_whole_answers_nothing(tmp_path: Path, damage: str) -> None:
    path = a_load(tmp_path, "pos", PLACES).loaded.path
    content = path.read_bytes()
    damaged = {
        "cut": content[:-5],
        "changed": content.replace(b"Office", b"Orifice"),
        "longer": content + b"x",
        "no head": b"rubbish\n" + content,
        "layout": content.replace(b'"layout":1', b'"layout":0'),
        "columns": content.replace(b'"short"', b'"brief"'),
        "type": content.replace(b'"CodeRow"', b'"OtherRow"'),
    }[damage]
    path.write_bytes(damaged)
    with pytest.raises(EditionDamaged):
        OpenEdition(path)
    shelf = Shelf(tmp_path)
    if shelf.loaded:
        with pytest.raises(EditionDamaged):
            shelf.row(POS, "11", ON)
    else:
        assert shelf.damaged == (f"{path.parent.name}/{path.name}",)


def test_a_head_with_a_wrong_day_is_damage(tmp_path: Path) -> None:
    path = a_load(tmp_path, "pos", PLACES).loaded.path
    path.write_bytes(path.read_bytes().replace(b'"end":"2026-12-31"', b'"end":"2026-12-32"'))
    with pytest.raises(EditionDamaged):
        read_loaded(path)
    assert Shelf(tmp_path).damaged != ()


def test_names_that_differ_lie_in_different_files(tmp_path: Path) -> None:
    edition = a_load(tmp_path, "pos", PLACES).loaded.edition
    names = ["A 1", "A_1", "A/1", "A\u00e41", "../A1", "A1", "a1!"]
    places = {place_of(tmp_path, replace(edition, name=name)) for name in names}
    assert len(places) == len(names)
    assert {place.parent.parent for place in places} == {tmp_path}


def test_a_difference_is_added_ended_or_changed(tmp_path: Path) -> None:
    old = a_load(tmp_path, "pos", PLACES, name="A", end="2026-06-30").loaded
    text = "Code,Name,Start,Stop\n11,Office,,2026-09-30\n21,Clinic,2026-03-01,\n24,New,,\n"
    new = a_load(tmp_path, "pos", text, name="B", effective="2026-07-01").loaded
    shelf = Shelf(tmp_path)
    found = list(differences(shelf.opened(old), shelf.opened(new)))
    assert found == [
        Difference("ended", "11"),
        Difference("changed", "21", ("effective", "title")),
        Difference("ended", "23"),
        Difference("added", "24"),
    ]
    assert list(differences(shelf.opened(new), shelf.opened(new))) == []


def test_a_key_with_other_rows_before_its_last_one_has_changed(tmp_path: Path) -> None:
    head = "Column 1\tColumn 2\tx\tEffective\tDeletion\tModifier\n"
    last = "17000\t11102\t\t20260401\t*\t1\n"
    more = "17000\t11102\t\t20150401\t20160331\t1\n"
    old = a_load(tmp_path, "ncci-outpatient", head + last, name="A").loaded
    new = a_load(tmp_path, "ncci-outpatient", head + last + more, name="B").loaded
    shelf = Shelf(tmp_path)
    found = list(differences(shelf.opened(old), shelf.opened(new)))
    assert found == [Difference("changed", "17000 11102", ("rows",))]
