"""What holds for any text whatsoever."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from services.coding.notes.data import rows
from tests.unit.notes_reader import coding_of, the_reader

TERMS = sorted(term for term, *_ in rows("terms.txt", 3))
PHRASES = sorted(phrase for phrase, *_ in rows("triggers.txt", 3))
JOINTS = [" ", ", ", ". ", "\n", "; ", ":\n", " and "]
WORDS = st.sampled_from([*TERMS, *PHRASES, "right", "left", "stage 3", "28 weeks", "ASSESSMENT"])
NOTES = st.lists(st.tuples(WORDS, st.sampled_from(JOINTS)), max_size=25).map(
    lambda parts: "".join(word + joint for word, joint in parts)
)
SETTINGS = st.sampled_from(["inpatient", "outpatient", "ed"])


@given(NOTES | st.text(max_size=300), SETTINGS)
@settings(max_examples=150, deadline=None)
def test_every_code_is_billable_once_and_proven_in_the_note(note: str, setting: str) -> None:
    coding = coding_of(note, setting)
    codes = [one.code for one in coding.codes]
    assert len(codes) == len(set(codes))
    assert the_reader().tabular.excludes1(codes) == ()
    for one in coding.codes:
        assert the_reader().tabular.is_billable(one.code), one.code
        assert 0 < one.confidence <= 1
        assert one.evidence
        for span in one.evidence:
            assert 0 <= span.start < span.end <= len(note)
            assert not {"negated", "family", "planned"} & set(span.against)
            assert setting == "inpatient" or "uncertain" not in span.against


@given(NOTES, SETTINGS)
@settings(max_examples=40, deadline=None)
def test_the_same_note_gives_the_same_coding(note: str, setting: str) -> None:
    assert coding_of(note, setting) == coding_of(note, setting)
