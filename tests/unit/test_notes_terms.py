"""The lexicon is true to the tabular, and the compiled terms are kept and found again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.coding.notes.data import rows
from services.coding.notes.term_cache import NAME, Stale, open_matcher, read_terms
from services.coding.notes.terms import NOTHING, content, lexicon_terms, normal
from services.coding.notes.text import read_sentences
from tests.unit.codesets_fixture import the_tabular
from tests.unit.notes_reader import the_reader


def named(text: str) -> list[str]:
    (sentence,) = read_sentences(text)
    return [one.code for one in the_reader().matcher.mentions(sentence)]


def test_the_lexicon_is_large_and_every_code_is_in_the_tabular() -> None:
    tabular, terms = the_tabular(), list(lexicon_terms())
    known = tabular.leaves | tabular.headers
    assert len(terms) >= 1_500
    assert [term.code for term in terms if term.code not in known | {NOTHING}] == []
    assert [term for term in terms if not term.words] == []


def test_no_term_of_the_lexicon_names_two_codes() -> None:
    codes: dict[str, str] = {}
    for term, code in rows("terms.txt", 2):
        assert codes.setdefault(term, code) == code


@pytest.mark.parametrize("file", ["chronic.txt", "history.txt", "integral.txt"])
def test_every_code_of_the_rule_files_begins_a_real_code(file: str) -> None:
    tabular = the_tabular()
    known = sorted(tabular.leaves | tabular.headers)
    for fields in rows(file, 2):
        for code in " ".join(fields).replace(",", " ").replace("-", " ").split():
            assert any(one.startswith(code) for one in known), code


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("htn and afib", ["I10", "I4891"]),
        ("acute on chronic systolic heart failure", ["I5023"]),
        ("kidney stones", ["N200"]),
        ("pneumonia due to Klebsiella pneumoniae", ["J150"]),
        ("58-year-old man with blood in stool", []),
        ("pain; knee", []),
    ],
)
def test_the_most_specific_term_within_a_small_window_wins(text: str, codes: list[str]) -> None:
    assert named(text) == codes


def test_words_are_compared_in_one_form() -> None:
    assert normal("stones") == normal("stone")
    assert normal("renal") == normal("kidney")
    assert content("Diseases of the Kidneys") == ("disease", "kidney")


def test_the_compiled_terms_are_written_once_and_read_again(tmp_path: Path) -> None:
    made = open_matcher(tmp_path, the_tabular())
    before = (tmp_path / NAME).read_bytes()
    assert len(open_matcher(tmp_path, the_tabular())) == len(made)
    assert (tmp_path / NAME).read_bytes() == before


def test_a_damaged_file_or_another_key_is_no_cache(tmp_path: Path) -> None:
    open_matcher(tmp_path, the_tabular())
    path = tmp_path / NAME
    key = json.loads(path.read_bytes().partition(b"\n")[0])["key"]
    read_terms(path, key)
    with pytest.raises(Stale):
        read_terms(path, "another")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(Stale):
        read_terms(path, key)
    assert len(open_matcher(tmp_path, the_tabular())) > 30_000


def test_a_folder_that_cannot_be_written_to_costs_only_time(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert len(open_matcher(blocked, the_tabular())) > 30_000
