"""The completeness stage on the real runtime: charts that pass, wait, wake and stop."""

from __future__ import annotations

from datetime import timedelta

import pytest

from messages.intake import MessageStored
from services.chart.failures import UnknownFact
from services.chart.model import DocumentKind, DocumentStatus, EncounterClass
from tests.unit.completeness_charts import (
    ADMITTED,
    DISCHARGED,
    HOUR_MS,
    a_charge,
    a_chart,
    a_document,
    a_patient,
)
from tests.unit.short_line import MovableClock, Story
from workers import completeness

UNSIGNED = a_document(DocumentKind.CLINIC_NOTE, DocumentStatus.UNSIGNED)


@pytest.fixture
def story() -> Story:
    return Story(MovableClock(ADMITTED + timedelta(hours=2)))


def test_a_complete_chart_goes_straight_through(story: Story) -> None:
    story.arrive(a_chart())
    assert story.place == ("finished", "coding")
    assert not story.timers


def test_a_chart_without_its_wanted_document_goes_through_and_the_journal_tells(
    story: Story,
) -> None:
    story.arrive(a_chart(EncounterClass.SURGERY, charges=(a_charge(revenue_code="0370"),)))
    assert story.place == ("finished", "coding")
    assert [one.why for one in story.told("chart.complete-without")] == [
        "a signed anesthesia record"
    ]


def test_a_deficient_chart_waits_and_says_for_what(story: Story) -> None:
    story.arrive(a_chart(documents=(UNSIGNED,), charges=()))
    assert story.place == ("waiting", "completeness")
    (timer,) = story.timers
    assert timer.why == "waiting for: the signature of the clinic note, a charge"
    assert len(story.told("DeficiencyFound")) == 1


def test_a_waiting_chart_wakes_when_what_it_waits_for_arrives(story: Story) -> None:
    story.arrive(a_chart(documents=(UNSIGNED,)))
    story.pass_ms(10 * HOUR_MS)
    story.change(a_chart())
    assert story.place == ("finished", "coding")
    assert not story.timers


def test_a_message_that_cures_nothing_moves_no_deadline(story: Story) -> None:
    story.arrive(a_chart(documents=()))
    (first,) = story.timers
    story.pass_ms(30 * HOUR_MS)
    story.change(a_chart(documents=(UNSIGNED,)))
    (second,) = story.timers
    assert second.due_ms == first.due_ms
    assert second.why == "waiting for: the signature of the clinic note"


def test_a_chart_that_waited_too_long_becomes_a_dead_letter(story: Story) -> None:
    story.arrive(a_chart(documents=()))
    story.pass_ms(69 * HOUR_MS)
    assert story.place == ("waiting", "completeness")
    story.pass_ms(2 * HOUR_MS)
    assert story.place == ("dead-letter", "completeness")
    assert (story.letter.code, story.letter.owner) == ("completeness.missing-document", "provider")
    assert story.letter.kind == "DeficiencyOverdue"


def test_a_dead_letter_that_is_resumed_uncured_comes_back(story: Story) -> None:
    story.arrive(a_chart(documents=()))
    story.pass_ms(100 * HOUR_MS)
    story.resume()
    assert story.place == ("dead-letter", "completeness")
    assert story.letter.returns == 1


def test_a_dead_letter_wakes_by_itself_when_the_document_arrives_late(story: Story) -> None:
    story.arrive(a_chart(documents=()))
    story.pass_ms(100 * HOUR_MS)
    story.change(a_chart())
    assert story.place == ("finished", "coding")


def test_an_unknown_class_stops_at_once_and_the_update_mends_it(story: Story) -> None:
    story.arrive(a_chart(None))
    assert story.letter.code == "completeness.unknown-encounter-class"
    assert story.letter.owner == "registration"
    story.change(a_chart())
    assert story.place == ("finished", "coding")


def test_a_stay_waits_through_admission_documents_charges_and_discharge(story: Story) -> None:
    """ADT A01, MDM T02, DFT P03, ADT A03, MDM T02: it goes on with the last one only."""
    history = a_document(DocumentKind.HISTORY_AND_PHYSICAL)
    summary = a_document(DocumentKind.DISCHARGE_SUMMARY)
    inside = {"discharged_at": None}
    inpatient = EncounterClass.INPATIENT
    story.arrive(a_chart(inpatient, documents=(), charges=(), encounter=inside))
    for differences in (
        {"documents": (history,), "charges": (), "encounter": inside},
        {"documents": (history,), "encounter": inside},
        {"documents": (history,), "encounter": {"discharged_at": DISCHARGED}},
    ):
        story.pass_ms(24 * HOUR_MS)
        story.change(a_chart(inpatient, **differences))
        assert story.place == ("waiting", "completeness")
        assert len(story.timers) == 1
    story.change(a_chart(inpatient, documents=(history, summary)))
    assert story.place == ("finished", "coding")


def test_no_word_of_the_patient_leaves_the_chart(story: Story) -> None:
    story.arrive(a_chart(patient=a_patient(sex=""), documents=(UNSIGNED,)))
    story.pass_ms(100 * HOUR_MS)
    assert "anary" not in f"{story.letter} {story.told('chart.waits')} {story.timers}"


def test_a_fact_of_another_stage_is_refused(story: Story) -> None:
    step = completeness.step(MessageStored(raw_id="r_1"), story.work(), story.line)
    with pytest.raises(UnknownFact):
        list(step)
