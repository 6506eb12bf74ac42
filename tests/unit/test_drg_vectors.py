"""MS-DRG: the vectors of the field's rules, 3.3, and what the engines promise."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from services.codesets.engine_drgpy import DrgpyEngine
from services.codesets.inpatient import OK, EngineError, Stay
from tests.unit.codesets_fixture import MAY, a_stay, the_codesets

VECTORS = [
    (a_stay("I50.20"), "293"),
    (a_stay("J18.9"), "195"),
    (a_stay("J18.9", "J96.01"), "193"),
    (a_stay("A41.9", "R65.20", "N17.9"), "872"),
    (a_stay("S72.001A", procedures=("0QS604Z",)), "482"),
    (a_stay("S72.001A", "L89.153/Y", procedures=("0QS604Z",)), "480"),
    (a_stay("S72.001A", "L89.153/W", procedures=("0QS604Z",)), "480"),
    (a_stay("M17.11", procedures=("0SRC0J9",)), "470"),
    (a_stay("O80", "Z37.0", procedures=("10E0XZZ",), age=28, sex="F"), "807"),
    (a_stay("Z38.00", age=0), "795"),
    (a_stay("I21.4", status=20), "285"),
    (a_stay("I21.4"), "282"),
    (a_stay("F02.80"), "884"),
    (a_stay("I50.20", "L89.153/Y"), "291"),
    (a_stay("I50.20", "L89.153/N"), "293"),
    (a_stay("I50.20", "L89.153/U"), "293"),
]


@pytest.mark.parametrize(("stay", "drg"), VECTORS)
def test_the_stay_groups_to_its_ms_drg(stay: Stay, drg: str) -> None:
    grouping = the_codesets().grouper.group(stay)
    assert (grouping.drg, grouping.outcome) == (drg, OK)
    assert grouping.engine.endswith("v43.1")
    assert grouping.description


@pytest.mark.parametrize(
    ("code", "outcome"), [("W19.XXXA", "DX_CANNOT_BE_PDX"), ("I50.2", "INVALID_PDX")]
)
def test_an_ungroupable_stay_says_why(code: str, outcome: str) -> None:
    grouping = the_codesets().grouper.group(a_stay(code))
    assert (grouping.drg, grouping.outcome) == ("999", outcome)


@pytest.mark.parametrize(
    ("on", "ends"),
    [
        (date(2022, 9, 30), None),
        (date(2022, 10, 1), "v40.0"),
        (date(2023, 4, 1), "v40.1"),
        (date(2025, 9, 30), "v42.1"),
        (date(2025, 10, 1), "v43.0"),
        (date(2026, 3, 31), "v43.0"),
        (date(2026, 4, 1), "v43.1"),
        (date(2026, 10, 1), "v44.0"),
        (date(2027, 3, 31), "v44.0"),
        (date(2027, 4, 1), None),
    ],
)
def test_the_version_follows_the_discharge_date(on: date, ends: str | None) -> None:
    edition = the_codesets().grouper.edition(on)
    assert (edition is None) == (ends is None)
    assert ends is None or (edition or "").endswith(ends)


def test_a_discharge_without_a_version_is_no_answer() -> None:
    with pytest.raises(EngineError):
        the_codesets().grouper.group(a_stay("I50.20", on=date(2027, 4, 1)))


def test_an_engine_that_refuses_its_input_names_no_code() -> None:
    with pytest.raises(EngineError) as told:
        the_codesets().grouper.group(a_stay("I50.20", "N17.9/Q"))
    assert "N17" not in str(told.value)
    assert "Q" not in str(told.value)


def test_one_engine_answers_many_threads_alike() -> None:
    grouper, editor = the_codesets().grouper, the_codesets().editor
    expected = [(grouper.group(stay), editor.edits(stay)) for stay, _ in VECTORS]

    def answers(_: int) -> bool:
        return [(grouper.group(stay), editor.edits(stay)) for stay, _ in VECTORS] == expected

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(answers, range(24)))


def test_a_second_grouper_has_an_opinion_of_its_own() -> None:
    second = DrgpyEngine()
    assert [second.group(stay).drg for stay, _ in VECTORS[:9]] == [drg for _, drg in VECTORS[:9]]
    assert second.group(a_stay("ZZZ.9")).drg == "999"
    assert second.edition(MAY) == "drgpy 0.2.1 v43.1"
    second.close()


@pytest.mark.parametrize(
    "stay", [a_stay("I50.20", sex="U"), a_stay("I50.20", on=date(2026, 10, 1))]
)
def test_the_second_grouper_says_when_it_has_no_answer(stay: Stay) -> None:
    with pytest.raises(EngineError):
        DrgpyEngine().group(stay)
