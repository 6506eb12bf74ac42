"""The library: editions by date, opened when asked, closed and opened again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from services.codesets.edition import Edition
from services.codesets.icd10cm import APRIL_2026
from services.codesets.library import CodeSets, Shelved, open_codesets
from services.codesets.tables import Tables
from services.codesets.tabular import Tabular
from services.codesets.tabular_cache import held
from tests.unit.codesets_fixture import KEPT, MAY, a_stay, the_codesets

DAY = date(2026, 4, 1)


def an_edition(name: str, first: date, last: date) -> Edition:
    return Edition("ICD-10-CM", name, first, last, "a test", "none")


@pytest.mark.parametrize(
    ("on", "edition"),
    [
        (date(2026, 3, 31), None),
        (date(2026, 4, 1), APRIL_2026),
        (date(2026, 9, 30), APRIL_2026),
        (date(2026, 10, 1), None),
    ],
)
def test_the_tabular_list_is_found_by_date_and_nowhere_else(
    on: date, edition: Edition | None
) -> None:
    tabular = the_codesets().tabular_on(on)
    assert (tabular and tabular.edition) == edition


def test_each_date_has_the_edition_of_that_date() -> None:
    opened: list[str] = []

    def shelved(edition: Edition) -> Shelved:
        def opens() -> Tabular:
            opened.append(edition.name)
            return held(edition, Tables())

        return Shelved(edition, opens)

    engine = the_codesets().editor
    library = CodeSets(
        [
            shelved(an_edition("first", date(2025, 10, 1), date(2026, 3, 31))),
            shelved(an_edition("second", DAY, date(2026, 9, 30))),
        ],
        editor=engine,
        grouper=the_codesets().grouper,
    )
    assert opened == []
    found = [library.tabular_on(on) for on in (date(2026, 1, 1), DAY, DAY, date(2027, 1, 1))]
    assert [one and one.edition.name for one in found] == ["first", "second", "second", None]
    assert opened == ["first", "second"]
    library.warm()
    assert opened == ["first", "second"]


def test_a_library_that_was_closed_opens_again() -> None:
    with open_codesets(KEPT, second_opinion=True) as library:
        first = library.grouper.group(a_stay("I50.20"))
        assert library.second_grouper is not None
        library.close()
        assert library.grouper.group(a_stay("I50.20")) == first
        assert library.editor.knows("I5020", MAY)
        assert library.tabular_on(MAY) is not None


def test_opening_a_library_reads_nothing(tmp_path: Path) -> None:
    library = open_codesets(tmp_path / "codesets")
    assert not (tmp_path / "codesets").exists()
    assert library.second_grouper is None
    library.close()


def test_every_edition_says_where_it_is_from_and_under_which_licence() -> None:
    editions = the_codesets().editions()
    assert len({edition.name for edition in editions}) == len(editions) > 1
    for edition in editions:
        assert edition.source
        assert edition.licence
        assert edition.effective < edition.end


def test_the_editor_tells_valid_codes_from_others_by_date() -> None:
    editor = the_codesets().editor
    assert editor.knows("B880", date(2025, 9, 30))
    assert not editor.knows("B880", date(2025, 10, 1))
    assert not editor.knows("I502", MAY)


@pytest.mark.parametrize(
    ("code", "on", "exempt"),
    [
        ("I252", MAY, True),
        ("Z7982", MAY, True),
        ("Z370", MAY, True),
        ("S52501D", MAY, True),
        ("S52501S", MAY, True),
        ("T360X1S", MAY, True),
        ("S52501A", MAY, False),
        ("M8008XD", MAY, False),
        ("N179", MAY, False),
        ("W19XXXA", MAY, False),
        ("V00811A", MAY, False),
        ("Z515", date(2021, 9, 30), False),
        ("Z515", date(2021, 10, 1), True),
        ("Z28310", date(2022, 4, 1), True),
        ("Z28310", date(2022, 3, 31), False),
        ("I252", date(2030, 1, 1), None),
        ("", MAY, False),
    ],
)
def test_poa_exempt_codes_are_known_by_range_and_date(
    code: str, on: date, *, exempt: bool | None
) -> None:
    assert the_codesets().is_poa_exempt(code, on) is exempt
