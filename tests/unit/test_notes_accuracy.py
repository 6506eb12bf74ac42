"""Our own notes, coded: the figures that must hold, and what must never be coded."""

from __future__ import annotations

import pytest

from tests.bench.accuracy import Coded, corpus, own_notes, scored
from tests.unit.codesets_fixture import the_tabular
from tests.unit.notes_reader import codes_of

NOTES = list(own_notes())
LEAST_F1 = 0.9


def test_there_are_enough_notes_in_every_setting_with_codes_that_exist() -> None:
    assert len(NOTES) >= 40
    assert {note.setting for note in NOTES} == {"inpatient", "outpatient", "ed"}
    tabular = the_tabular()
    for note in NOTES:
        assert note.section, note.number
        assert [code for code in note.codes | note.never if not tabular.is_billable(code)] == []


@pytest.mark.parametrize("rest", [0, 1], ids=["to report", "to work with"])
def test_the_notes_are_coded_well_enough(rest: int) -> None:
    score, _, _ = scored(note for note in NOTES if note.number % 2 == rest)
    assert score.f1 >= LEAST_F1


@pytest.mark.parametrize("note", NOTES, ids=lambda note: str(note.number))
def test_nothing_negated_of_the_family_or_uncertain_is_coded(note: Coded) -> None:
    assert not note.never & set(codes_of(note.text, note.setting))


def test_a_corpus_in_a_folder_is_scored(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "text_files_en").mkdir()
    (folder / "text_files_en" / "n1.txt").write_text("Gout. No asthma.")
    (folder / "oneD.tsv").write_text("n1\tm10.9\nn1\ti10\n")
    exact, category = corpus(folder)
    assert exact == ("exact", 1, "0.500", "0.500", "0.500")
    assert category[2:] == ("0.500", "0.500", "0.500")
