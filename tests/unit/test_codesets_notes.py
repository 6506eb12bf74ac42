"""Excludes1 notes: from the tabular's prose to ranges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.codesets.notes import read_note

SHAPES = [
    ("type 1 diabetes mellitus (E10.-)", ["E1022", "E109"], ["E1122", "E100A"[:2]]),
    ("hypertension in pregnancy (O10-O11, O13-O16)", ["O10019", "O119", "O149"], ["O1200", "O179"]),
    ("hemiplegia (I69.05-, I69.15-)", ["I69051", "I69159"], ["I69251", "I6900"]),
    ("diabetes (E08-E13)", ["E0822", "E139"], ["E15", "E079"]),
    ("chronic bronchitis (J40)", ["J40"], ["J410", "J4"]),
    ("post-COVID condition (U09.9)", ["U099"], ["U071"]),
    ("apnea of newborn (P28.3- - P28.4-)", ["P2830", "P2840"], ["P285"]),
    ("syndactyly (Q70.0- -Q70.3-)", ["Q7000", "Q7033"], ["Q704"]),
    ("atherosclerosis (I70.2--I70.7-)", ["I70201", "I70799"], ["I708"]),
    ("deficits (I69.81- I69.91-)", ["I69810", "I69911"], ["I69851"]),
    ("rheumatic fever (I01.0 -I01.9)", ["I010", "I019"], ["I020"]),
    ("open skull fracture (S02.- with 7th character B)", ["S020XXB"], ["S020XXA", "S02"]),
    ("open fracture (S52.- with open fracture 7th character)", ["S52501C"], ["S52501A"]),
    ("polyneuropathy (E08-E13 with .42)", ["E1142", "E0842"], ["E1141", "E142"]),
    ("angiopathy (E08-E13 with .51-.52)", ["E1151", "E1152"], ["E1159"]),
    ("skin disorders (E08-E13 with .62-)", ["E11621"], ["E11638"]),
    ("collision (V01-V09 with fifth character 9)", ["V0190XA"[:3] + "19XA"], ["V0110XA"]),
    ("ataxia (I69. with final characters -93)", ["I69093", "I69993"], ["I69092", "I6993X"]),
    ("hallucinations (F11-F19 with fifth to sixth characters 51)", ["F12951"], ["F12950"]),
    ("adverse effects (A00-R94 and T80-T88.6, T88.8)", ["J189", "T886XXA"], ["T887XXA", "S0000"]),
    ("conditions classified to Q67.0-Q67.4", ["Q670", "Q674"], ["Q675"]),
    ("tuberculosis, any type in A15 (J65)", ["J65"], ["A150"]),
    ("cracked tooth S06.0- to S06.8-code to injury", ["S060X0A", "S068"], ["S069X0A"]),
    ("absence (Z89.52-", ["Z89521"], ["Z8951"]),
]


@pytest.mark.parametrize(("note", "held", "free"), SHAPES, ids=[shape[0] for shape in SHAPES])
def test_a_note_holds_the_codes_it_names_and_no_others(
    note: str, held: list[str], free: list[str]
) -> None:
    ranges = read_note(note)
    assert [code for code in held if not any(span.holds(code) for span in ranges)] == []
    assert [code for code in free if any(span.holds(code) for span in ranges)] == []


@pytest.mark.parametrize(
    "note",
    [
        "pain, unspecified - code to pain by site",
        "diabetic acidosis - see categories E08-E10, E11, E13 with ketoacidosis",
        "influenza A/H1N1",
        "deficiency (G6PD) of an enzyme",
        "type 2 MI (with C3 glomerulopathy)",
        "",
    ],
)
def test_a_note_without_a_code_that_could_be_tested_gives_nothing(note: str) -> None:
    assert read_note(note) == ()


@given(st.text())
def test_any_text_can_be_read_as_a_note(text: str) -> None:
    for span in read_note(text):
        assert span.low
