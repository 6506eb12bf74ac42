"""Sections, sentences and words of a note, with their places."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.coding.notes.text import SectionKind, read_sections, read_sentences, split_words

NOTE = """CHIEF COMPLAINT
Cough

HPI: Seen by Dr. Ames. Temp 38.5 C, b.p. 120/80. Started amoxicillin 2.5 ml
twice daily, which did not help at all. No fever
PHYSICAL EXAM
Lungs: clear.
Assessment and Plan:
1. Pneumonia
2. Type 2 diabetes
"""


def texts(note: str) -> list[str]:
    return [note[one.start : one.end].strip() for one in read_sentences(note)]


def test_headers_are_known_with_a_colon_and_in_capitals_without_one() -> None:
    kinds = [section.kind for section in read_sections(NOTE)]
    assert kinds == [
        SectionKind.COMPLAINT,
        SectionKind.PRESENT,
        SectionKind.EXAM,
        SectionKind.EXAM,
        SectionKind.ASSESSMENT,
    ]


def test_a_sentence_ends_neither_at_an_abbreviation_nor_at_a_decimal_nor_at_a_wrapped_line() -> (
    None
):
    found = texts(NOTE)
    assert "Seen by Dr. Ames." in found
    assert "Temp 38.5 C, b.p. 120/80." in found
    assert any("2.5 ml\ntwice daily, which" in one for one in found)


def test_each_list_entry_is_a_sentence() -> None:
    found = texts(NOTE)
    assert "1. Pneumonia" in found
    assert "2. Type 2 diabetes" in found


def test_a_diagnosis_shouted_in_capitals_is_no_header() -> None:
    assert [one.kind for one in read_sections("ASSESSMENT:\nACUTE BRONCHITIS\n")] == [
        SectionKind.ASSESSMENT
    ]


def test_a_header_in_the_middle_of_nothing_is_text() -> None:
    assert [one.kind for one in read_sections("he has a history of gout")] == [SectionKind.OTHER]


@given(st.text(alphabet="aB1 .,:;\n-/'?", max_size=200))
def test_every_word_stands_where_it_says(note: str) -> None:
    for sentence in read_sentences(note):
        for word in sentence.words:
            assert note[word.start : word.end].lower() == word.text
            assert sentence.start <= word.start < word.end <= sentence.end


@given(st.text(max_size=200))
def test_sections_cover_the_note_in_order(note: str) -> None:
    sections = read_sections(note)
    assert sections[-1].end == len(note)
    ends = [0] + [one.end for one in sections]
    assert all(before <= one.start for before, one in zip(ends, sections, strict=False))
    assert split_words("") == ()
