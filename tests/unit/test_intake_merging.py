"""Merging: who wins, what stays, and that order and repetition do not matter."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services.chart.model import (
    CodeSystem,
    Coverage,
    Diagnosis,
    DiagnosisRole,
    DocumentStatus,
    Encounter,
    EncounterClass,
    Poa,
    Procedure,
)
from services.intake.failures import PatientConflict
from services.intake.merging import MergeKind
from tests.unit.intake_story import Story, at, charge, codes, document, final, patient, says

# -- fields -----------------------------------------------------------------------------------


def test_the_first_message_opens_the_chart() -> None:
    merged = Story(says("ADT^A01", patient=patient())).last
    assert merged.kind is MergeKind.OPENED
    assert merged.changed
    assert (merged.chart.chart_id, merged.chart.facility, merged.chart.account) == (
        "c_1",
        "GEN",
        "A100",
    )


def test_a_field_that_is_not_spoken_of_stays() -> None:
    story = Story(
        says(patient=patient(sex="F", phone="1"), coverages=(Coverage(payer_id="P"),)),
        says(hours=1, patient=patient(phone="2")),
    )
    assert (story.now.patient.sex, story.now.patient.phone) == ("F", "2")
    assert story.now.coverages


def test_an_older_event_only_fills_what_is_empty() -> None:
    story = Story(
        says(hours=5, patient=patient(phone="new")),
        says(hours=1, patient=patient(phone="old", sex="F"), coverages=(Coverage(payer_id="P"),)),
        says(hours=2, coverages=(Coverage(payer_id="Q"),)),
    )
    assert (story.now.patient.phone, story.now.patient.sex) == ("new", "F")
    assert [one.payer_id for one in story.now.coverages] == ["P"]


def test_registration_wins_over_other_messages_whenever_it_comes() -> None:
    registered = says("ADT^A04", 0, encounter=Encounter(service="FAM"), patient=patient(sex="F"))
    charged = says(
        "DFT^P03", 9, encounter=Encounter(service="LAB", admission_type="3"), patient=patient()
    )
    for story in (Story(registered, charged), Story(charged, registered)):
        assert story.now.encounter.service == "FAM"
        assert story.now.encounter.admission_type == "3"


def test_an_event_without_a_time_counts_as_the_latest() -> None:
    story = Story(says(hours=5, patient=patient(phone="1")))
    story.hear(says(hours=None, patient=patient(phone="2")))
    assert story.now.patient.phone == "2"


def test_another_patient_is_never_filed_on_the_chart() -> None:
    story = Story(says(patient=patient()))
    with pytest.raises(PatientConflict) as caught:
        story.hear(says("MDM^T02", 1, patient=patient(mrn="M999"), documents=(document(),)))
    assert "M999" not in caught.value.sentence
    assert story.hear(says(hours=2, patient=patient(mrn=""))).chart.patient.mrn == "M100"


# -- diagnoses and procedures -----------------------------------------------------------------


def test_final_diagnoses_are_the_whole_list_of_the_latest_event() -> None:
    story = Story(says(diagnoses=final("I10", "E119")), says(hours=1, diagnoses=final("I10")))
    assert [one.code for one in story.now.diagnoses] == ["I10"]
    story.hear(says("BAR^P01", -1, diagnoses=final("R05")))
    assert [one.code for one in story.now.diagnoses] == ["I10"]
    story.hear(says("chartline.chart", 2, diagnoses=()))
    assert story.now.diagnoses == ()


def test_admitting_diagnoses_never_take_finals_away() -> None:
    admitting = final("R0602", role=DiagnosisRole.ADMITTING)
    story = Story(says(diagnoses=final("I10")), says(hours=1, diagnoses=admitting))
    assert codes(story.now) == [
        ("R0602", DiagnosisRole.ADMITTING),
        ("I10", DiagnosisRole.SECONDARY),
    ]


def test_the_evidence_names_the_message_and_the_place() -> None:
    story = Story(says(diagnoses=final("I10")))
    assert story.now.diagnoses[0].where == "r_1 DG1[1]"


def test_a_repeated_list_is_no_change_though_its_evidence_is_newer() -> None:
    story = Story(says(diagnoses=final("I10")))
    merged = story.hear(says(hours=3, diagnoses=final("I10")))
    assert merged.kind is MergeKind.UNCHANGED
    assert merged.chart.diagnoses[0].where == "r_2 DG1[1]"
    story.hear(says(hours=2, diagnoses=final("E119")))
    assert [one.code for one in story.now.diagnoses] == ["I10"]


def test_present_on_admission_stays_when_a_later_list_does_not_speak_of_it() -> None:
    stated = (Diagnosis(code="I10", poa=Poa.YES, where="DG1[1]"),)
    early, late = says(diagnoses=stated), says(hours=1, diagnoses=final("I10"))
    assert Story(early, late).now.diagnoses[0].poa is Poa.YES
    assert Story(late, early).now.diagnoses[0].poa is Poa.YES


def test_a_diagnosis_that_only_a_charge_names_is_on_the_chart() -> None:
    story = Story(
        says(diagnoses=final("I10"), encounter=Encounter(encounter_class=EncounterClass.CLINIC)),
        says("DFT^P03", 1, charges=(charge(diagnosis_codes=("I10", "E119")),)),
    )
    assert codes(story.now) == [
        ("I10", DiagnosisRole.SECONDARY),
        ("E119", DiagnosisRole.SECONDARY),
    ]
    assert story.now.diagnoses[1].where == "r_2 FT1[1] diagnosis link"
    story.hear(says("DFT^P03", 2, credits=("C1",)))
    assert [one.code for one in story.now.diagnoses] == ["I10"]


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        (EncounterClass.CLINIC, DiagnosisRole.PRINCIPAL),
        (EncounterClass.INPATIENT, DiagnosisRole.SECONDARY),
        (None, DiagnosisRole.SECONDARY),
    ],
)
def test_only_an_outpatients_charge_says_what_is_first_listed(
    kind: EncounterClass | None, role: DiagnosisRole
) -> None:
    story = Story(says("DFT^P03", charges=(charge(diagnosis_codes=("I10",)),)))
    story.hear(says("ADT^A04", -1, encounter=Encounter(encounter_class=kind)))
    assert codes(story.now) == [("I10", role)]


def test_a_charge_before_icd_10_names_icd_9() -> None:
    old = charge(diagnosis_codes=("V270",), on=datetime(2015, 9, 30, tzinfo=UTC).date())
    assert Story(says("DFT^P03", charges=(old,))).now.diagnoses[0].system is CodeSystem.ICD9CM


def test_procedures_are_the_whole_list_of_the_latest_event() -> None:
    first, second = (Procedure(code="0QS604Z"),), (Procedure(code="0SRC0J9"),)
    for story in (
        Story(says(procedures=first), says(hours=1, procedures=second)),
        Story(says(hours=1, procedures=second), says(procedures=first)),
    ):
        assert [one.code for one in story.now.procedures] == ["0SRC0J9"]


# -- charges ----------------------------------------------------------------------------------


def test_charges_are_added_and_replaced_by_id() -> None:
    story = Story(
        says("DFT^P03", charges=(charge("C1"), charge("C2"))),
        says("DFT^P03", 1, charges=(charge("C1", "50.00"), charge("C10"))),
    )
    assert [(one.charge_id, one.amount) for one in story.now.charges] == [
        ("C1", Decimal("50.00")),
        ("C2", Decimal("96.00")),
        ("C10", Decimal("96.00")),
    ]


def test_an_older_charge_that_comes_late_does_not_replace_a_newer_one() -> None:
    story = Story(says("DFT^P03", 5, charges=(charge("C1", "50.00"),)))
    story.hear(says("DFT^P03", 1, charges=(charge("C1"), charge("C2"))))
    assert [one.amount for one in story.now.charges] == [Decimal("50.00"), Decimal("96.00")]


def test_a_credit_removes_its_charge_and_one_without_a_charge_is_named() -> None:
    story = Story(says("DFT^P03", charges=(charge("C1"), charge("C2"))))
    merged = story.hear(says("DFT^P03", 1, credits=("C1", "C9")))
    assert [one.charge_id for one in merged.chart.charges] == ["C2"]
    assert merged.unmatched_credits == ("C9",)


# -- documents --------------------------------------------------------------------------------


def test_other_text_makes_the_next_version() -> None:
    story = Story(says("MDM^T02", documents=(document("a"),)))
    merged = story.hear(says("MDM^T08", 1, documents=(document("b"),)))
    (kept,) = merged.documents
    assert (kept.head.version, kept.text) == (2, "b")
    assert [one.version for one in merged.chart.documents] == [2]


def test_a_notice_changes_the_status_and_keeps_the_text() -> None:
    unsigned = document("a", DocumentStatus.UNSIGNED, title="Note")
    story = Story(says("MDM^T02", documents=(unsigned,)))
    merged = story.hear(says("MDM^T03", 1, documents=(document(""),)))
    (kept,) = merged.documents
    assert (kept.text, kept.head.status) == ("a", DocumentStatus.SIGNED)
    assert (kept.head.version, kept.head.title) == (2, "Note")


def test_an_earlier_version_that_comes_late_changes_nothing() -> None:
    story = Story(says("MDM^T02", 5, documents=(document("signed", at=at(5)),)))
    draft = document("draft", DocumentStatus.PRELIMINARY, at=at(1))
    assert not story.hear(says("MDM^T02", 1, documents=(draft,))).changed
    untimed = document("draft", DocumentStatus.PRELIMINARY)
    assert not story.hear(says("MDM^T02", 1, documents=(untimed,))).changed
    assert story.hear(says("MDM^T08", 9, documents=(untimed,))).changed


def test_a_replacement_cancels_what_it_replaces_whichever_comes_first() -> None:
    old, new = document("a"), document("b", document_id="D2", replaces="D1")
    for story in (
        Story(says("MDM^T02", documents=(old,)), says("MDM^T10", 1, documents=(new,))),
        Story(says("MDM^T10", 1, documents=(new,)), says("MDM^T02", documents=(old,))),
        Story(says("FHIR.Bundle", documents=(old, new))),
    ):
        assert {one.document_id: one.status for one in story.now.documents} == {
            "D1": DocumentStatus.CANCELLED,
            "D2": DocumentStatus.SIGNED,
        }
        assert not story.hear(says("MDM^T02", documents=(old,))).changed


# -- cancelling -------------------------------------------------------------------------------


def test_a_cancel_stands_until_a_later_event_opens_again() -> None:
    opened, cancel = says("ADT^A01", 0), says("ADT^A11", 1, cancels_encounter=True)
    again = says("ADT^A01", 2, patient=patient())
    for story in (Story(opened, cancel), Story(cancel, opened)):
        assert story.now.cancelled
        assert not story.hear(again).chart.cancelled
    assert Story(opened, cancel).last.kind is MergeKind.CANCELLED
    assert Story(cancel).last.kind is MergeKind.CANCELLED


def test_what_comes_for_a_cancelled_chart_does_not_open_it() -> None:
    story = Story(says("ADT^A01"), says("ADT^A11", 1, cancels_encounter=True))
    assert story.hear(says("DFT^P03", 2, charges=(charge(),))).chart.cancelled
    assert story.hear(says("ADT^A08", 2, patient=patient())).chart.cancelled


def test_a_bundle_or_our_json_may_cancel_and_open_again() -> None:
    story = Story(says("FHIR.Bundle"), says("FHIR.Bundle", 1, cancels_encounter=True))
    assert story.now.cancelled
    assert not story.hear(says("FHIR.Bundle", 2)).chart.cancelled


DISCHARGED = Encounter(discharged_at=at(10), discharge_status="01")


def test_a_cancelled_discharge_clears_it_and_nothing_earlier_brings_it_back() -> None:
    left, back = (
        says("ADT^A03", 10, encounter=DISCHARGED),
        says("ADT^A13", 11, cancels_discharge=True),
    )
    for story in (Story(left, back), Story(back, left)):
        assert story.now.encounter.discharged_at is None
        assert story.now.encounter.discharge_status == ""
        charged = says("DFT^P03", 12, encounter=DISCHARGED)
        assert story.hear(charged).chart.encounter.discharged_at is None
        left_again = says("ADT^A03", 20, encounter=DISCHARGED)
        assert story.hear(left_again).chart.encounter.discharged_at is not None


def test_a_cancelled_discharge_that_comes_late_leaves_a_later_discharge() -> None:
    story = Story(says("ADT^A03", 20, encounter=DISCHARGED))
    story.hear(says("ADT^A13", 11, cancels_discharge=True))
    assert story.now.encounter.discharged_at is not None


def test_our_json_may_cancel_a_discharge() -> None:
    story = Story(says("chartline.chart", 1, encounter=DISCHARGED))
    story.hear(says("chartline.chart", 2, cancels_discharge=True))
    assert story.now.encounter.discharged_at is None
