"""From mentions to codes: leaves, sides, 7th characters, combinations, and what is never coded."""

from __future__ import annotations

import pytest

from services.coding.notes.model import CodeStatus, Role, Setting
from services.coding.notes.reading import Visit
from tests.unit.notes_reader import codes_of, coding_of, the_reader


@pytest.mark.parametrize(
    ("note", "codes"),
    [
        ("Pain in the right knee.", ["M25561"]),
        ("Knee pain.", ["M25569"]),
        ("Sciatica, right side.", ["M5431"]),
        ("Cellulitis of the left leg.", ["L03116"]),
        ("Right ankle sprain.", ["S93401A"]),
        ("Closed fracture of the right distal radius after a fall.", ["S52501A", "W19XXXA"]),
        ("Open fracture of the left distal radius.", ["S52502B"]),
        ("Follow-up for right distal radius fracture, routine healing.", ["S52501D"]),
        ("28 weeks pregnant with anemia in pregnancy.", ["O99013"]),
        ("Major depressive disorder, recurrent, moderate.", ["F331"]),
        ("Sacral pressure ulcer, stage 3.", ["L89153"]),
        ("Old MI.", ["I252"]),
    ],
)
def test_the_most_specific_leaf_that_the_words_support(note: str, codes: list[str]) -> None:
    assert codes_of(note) == codes


@pytest.mark.parametrize(
    ("note", "codes"),
    [
        ("Hypertension and heart failure.", {"I110", "I509"}),
        ("HTN, CKD 3a.", {"I129", "N1831"}),
        ("Hypertension. ESRD on dialysis.", {"I120", "N186", "Z992"}),
        ("HTN, CKD stage 4, acute systolic heart failure.", {"I130", "I5021", "N184"}),
        ("HTN, CHF, ESRD.", {"I132", "I509", "N186"}),
        ("Type 2 diabetes with CKD stage 3b.", {"E1122", "N1832"}),
        ("Type 2 diabetes, neuropathy.", {"E1140"}),
        ("Type 1 diabetes with gastroparesis.", {"E1043", "K3184"}),
        ("Diabetes, hyperglycemia, on insulin.", {"E1165", "Z794"}),
        ("COPD with pneumonia.", {"J440", "J189"}),
        ("COVID-19 with pneumonia.", {"U071", "J1282"}),
        ("Septic shock.", {"A419", "R6521"}),
    ],
)
def test_what_belongs_together_becomes_one_code(note: str, codes: set[str]) -> None:
    assert set(codes_of(note, "inpatient")) == codes


@pytest.mark.parametrize(
    "note",
    [
        "No evidence of pneumonia.",
        "Denies chest pain or syncope.",
        "Pulmonary embolism was ruled out.",
        "Mother had breast cancer.",
        "FAMILY HISTORY\nBreast cancer, stroke",
        "Return if fever or vomiting occurs.",
        "Review of systems: cough, headache.",
        "History of pneumonia vaccine.",
    ],
)
@pytest.mark.parametrize("setting", ["inpatient", "outpatient", "ed"])
def test_what_is_negated_or_of_the_family_or_planned_is_never_coded(
    note: str, setting: str
) -> None:
    assert codes_of(note, setting) == []


def test_an_uncertain_diagnosis_is_coded_inpatient_and_never_elsewhere() -> None:
    note = "Assessment: probable pneumonia."
    assert codes_of(note, "inpatient") == ["J189"]
    for setting in ("outpatient", "ed"):
        coding = coding_of(note, setting)
        assert coding.codes == ()
        assert [one.rule_id for one in coding.findings] == ["guideline.IV.H"]


def test_an_uncertain_diagnosis_is_never_accepted_without_a_person() -> None:
    (code,) = coding_of("Assessment: probable pneumonia.", "inpatient").codes
    assert code.status is not CodeStatus.ACCEPTED
    assert code.evidence[0].against == ("uncertain",)


@pytest.mark.parametrize("disease", ["COVID-19", "HIV disease"])
def test_some_diseases_are_coded_only_when_confirmed(disease: str) -> None:
    assert codes_of(f"Assessment: suspected {disease}.", "inpatient") == []


def test_a_suspected_influenza_is_of_an_unidentified_virus() -> None:
    assert codes_of("Assessment: influenza A.", "inpatient") == ["J101"]
    assert codes_of("Assessment: suspected influenza.", "inpatient") == ["J111"]


def test_an_uncertain_diagnosis_outside_the_final_statement_asks_for_a_query() -> None:
    coding = coding_of("HPI: possible pneumonia.\nAssessment: hypertension.", "inpatient")
    assert [one.code for one in coding.codes] == ["I10"]
    assert coding.findings[0].rule_id == "guideline.II.H-not-final"


def test_outpatient_the_symptom_stands_in_for_the_uncertain_diagnosis() -> None:
    assert codes_of("Possible pneumonia with cough and fever.") == ["R059", "R509"]


def test_symptoms_that_belong_to_a_diagnosis_are_dropped_and_others_stay() -> None:
    assert codes_of("Pneumonia with cough, fever. Also knee pain.") == ["J189", "M25569"]


def test_a_header_that_the_words_do_not_decide_gives_a_finding_and_no_code() -> None:
    coding = coding_of("Malignant neoplasm of breast of overlapping quadrant.")
    assert all(the_reader().tabular.is_billable(one.code) for one in coding.codes)


def test_a_condition_that_stays_is_coded_though_it_is_told_as_history() -> None:
    assert codes_of("History of hypertension.") == ["I10"]
    assert codes_of("History of pneumonia.") == ["Z8701"]
    assert codes_of("History of breast cancer.") == ["Z853"]
    assert codes_of("History of bronchitis.") == []


def test_the_evidence_is_the_words_of_the_note() -> None:
    note = "Assessment:\n1. Acute   appendicitis"
    (code,) = coding_of(note).codes
    assert note[code.evidence[0].start : code.evidence[0].end] == "Acute   appendicitis"


def test_the_first_code_is_principal_inpatient_and_first_listed_elsewhere() -> None:
    assert coding_of("Gout.", "inpatient").codes[0].role is Role.PRINCIPAL
    assert coding_of("Gout.").codes[0].role is Role.FIRST_LISTED


def test_an_external_cause_is_never_first_and_never_alone() -> None:
    assert codes_of("She fell.") == []
    assert codes_of("Fell from ladder, right hip contusion.")[0] == "S7001XA"


def test_type_1_elsewhere_makes_plain_diabetes_type_1() -> None:
    assert codes_of("Type 1 diabetes. Diabetes is well controlled.") == ["E109"]


def test_an_abbreviation_that_is_also_a_word_counts_in_capitals_only() -> None:
    assert codes_of("PAD, stable.") == ["I739"]
    assert codes_of("She put the pad away and does well.") == []


def test_words_that_name_no_diagnosis_together_are_no_diagnosis() -> None:
    assert codes_of("CVA tenderness and hearing aids noted.") == []


def test_the_unspecified_side_goes_when_the_side_is_stated_elsewhere() -> None:
    note = "X-ray: proximal humerus fracture. Assessment: right proximal humerus fracture."
    assert codes_of(note) == ["S42201A"]


def test_a_complaint_outside_the_assessment_is_never_accepted_by_itself() -> None:
    (code,) = coding_of("HPI: she is dizzy.").codes
    assert code.status is CodeStatus.PRESELECTED


def test_a_header_that_needs_a_7th_character_gets_the_one_of_the_encounter() -> None:
    assert codes_of("Sequela of right ankle sprain.") == ["S93401S"]
    assert codes_of("Nonunion of right distal radius fracture.") == ["S52501K"]
    assert codes_of("Primary open-angle glaucoma, right eye.") == ["H401110"]


def test_age_and_sex_keep_out_what_cannot_be() -> None:
    reader = the_reader()
    well = reader.read("Annual physical.", Visit(Setting.OUTPATIENT, 7, "F"))
    assert [one.code for one in well.codes] == ["Z00129"]
    man = reader.read("Preeclampsia.", Visit(Setting.OUTPATIENT, 40, "M"))
    assert man.codes == ()
    child = reader.read("BPH.", Visit(Setting.OUTPATIENT, 4, "M"))
    assert child.codes == ()


def test_a_normal_delivery_stands_alone_in_its_chapter() -> None:
    assert codes_of("Normal spontaneous vaginal delivery.", "inpatient") == ["O80", "Z370"]
    note = "Normal spontaneous vaginal delivery. Postpartum hemorrhage."
    assert "O80" not in codes_of(note, "inpatient")


def test_of_two_codes_that_exclude_each_other_one_stays_with_a_finding() -> None:
    coding = coding_of("Hypertension. Gestational hypertension.")
    assert len(coding.codes) == 1
    assert "R-ICD-07" in {one.rule_id for one in coding.findings}
