"""One chart from the door to the paid claim: each format, each class; documents and questions."""

from __future__ import annotations

import pytest

from services.chart.model import DocumentKind, EncounterClass, Poa
from services.chart.rows import (
    ClaimRow,
    DocumentRow,
    PaymentRow,
    QueryRow,
    SubmissionRow,
    TimerRow,
)
from services.query.answering import record_answer
from tests.journey.whole_line import (
    DAY_MS,
    SECOND_MS,
    WholeLine,
    a_sender,
    assert_sound,
    passes_guide,
)
from workers.demo.differences import in_house, summary_last, unsigned
from workers.demo.scenarios import WRITERS

ONE_OF_EACH_CLASS = (
    "clinic-diabetes-check",
    "ed-wrist-fracture",
    "surgery-gallbladder",
    "outpatient-lipid-panel",
    "inpatient-hip-fracture",
)
PAID = ("finished", "paid")
A_MINUTE_OR_SO = 60 * SECOND_MS


@pytest.mark.parametrize("via", WRITERS)
@pytest.mark.parametrize("name", ONE_OF_EACH_CLASS)
def test_a_chart_goes_from_the_door_to_the_paid_claim(line: WholeLine, name: str, via: str) -> None:
    sender = a_sender(name, via=via)
    line.send(sender.messages())
    line.go(A_MINUTE_OR_SO)

    assert line.place(sender) == PAID
    (claim,) = line.claims(sender)
    clinic = sender.facts.encounter.encounter_class is EncounterClass.CLINIC
    assert claim.transaction == ("837P" if clinic else "837I")
    assert (claim.state, claim.sequence, claim.frequency) == ("paid", 1, "1")
    assert claim.total_cents == sum(int(one.amount * 100) for one in sender.facts.charges)
    file = line.one(SubmissionRow)
    assert (file.state, file.claims) == ("acknowledged", 1)
    assert passes_guide(file.content)
    payment = line.one(PaymentRow)
    assert payment.claim_id == claim.claim_id
    assert 0 < payment.paid_cents < claim.total_cents
    assert line.states() == {"filed": len(sender.messages())}
    assert_sound(line, originals=1)


def test_an_inpatient_chart_is_paid_by_its_drg_and_every_code_has_its_evidence(
    line: WholeLine,
) -> None:
    sender = a_sender("inpatient-hip-fracture")
    raws = line.send(sender.messages())
    line.go(A_MINUTE_OR_SO)

    assert line.place(sender) == PAID
    coding = line.body(sender).coding
    assert coding is not None
    assert coding.drg is not None
    assert (coding.drg.code, coding.drg.mdc) == ("482", "08")
    assert b"HI*DR:482~" in line.one(SubmissionRow).content.replace(b"\n", b"")
    for code in coding.codes:
        raw_id, _, position = code.evidence.partition(" ")
        assert raw_id in raws
        assert position
        assert code.rule_id
        assert code.edition
    assert_sound(line, originals=1)


def test_a_chart_waits_for_its_summary_and_wakes_by_itself(line: WholeLine) -> None:
    sender = a_sender("inpatient-leg-cellulitis")
    *early, summary = summary_last(sender.facts, sender.messages())
    line.send(early)
    line.go(30 * 60 * SECOND_MS)
    assert line.place(sender) == ("waiting", "completeness")
    assert "discharge summary" in line.waits_for(sender)
    assert line.rows(ClaimRow) == []

    line.send([summary])
    line.go(A_MINUTE_OR_SO)
    assert line.place(sender) == PAID
    assert [one.kind for one in line.rows(TimerRow)] == ["MailboxDue"], "no clock is left over"
    assert_sound(line, originals=1)


def test_a_note_that_is_signed_later_becomes_its_next_version(line: WholeLine) -> None:
    signed = a_sender("surgery-knee-arthroscopy", via="fhir")
    unsigned_ = signed.changed(unsigned(DocumentKind.OPERATIVE_NOTE))
    line.send(unsigned_.messages())
    line.settle()
    assert "operative note" in line.waits_for(signed)

    line.send(signed.sent_again())
    line.go(A_MINUTE_OR_SO)
    assert line.place(signed) == PAID
    (note,) = [
        one for one in line.body(signed).documents if one.kind is DocumentKind.OPERATIVE_NOTE
    ]
    versions = [row.version for row in line.rows(DocumentRow, document_id=note.document_id)]
    assert sorted(versions) == [1, 2]
    assert_sound(line, originals=1)


def test_a_stay_that_has_not_ended_waits_for_its_discharge(line: WholeLine) -> None:
    whole = a_sender("inpatient-heart-failure")
    line.send(whole.changed(in_house).messages())
    line.settle()
    assert "discharge" in line.waits_for(whole)

    seen = {one.content for one in whole.changed(in_house).messages()}
    line.send([one for one in whole.messages() if one.content not in seen])
    line.go(A_MINUTE_OR_SO)
    assert line.place(whole) == PAID
    assert_sound(line, originals=1)


def test_what_never_comes_makes_a_dead_letter_and_the_late_document_still_wakes_it(
    line: WholeLine,
) -> None:
    sender = a_sender("inpatient-leg-cellulitis")
    *early, summary = summary_last(sender.facts, sender.messages())
    line.send(early)
    line.go(DAY_MS)
    assert line.place(sender) == ("dead-letter", "completeness")
    assert line.reason(sender) == "completeness.missing-document"

    line.send([summary])
    line.go(A_MINUTE_OR_SO)
    assert line.place(sender) == PAID
    assert_sound(line, originals=1)


# -- questions to the provider ----------------------------------------------------------------


def test_a_question_is_answered_and_the_chart_is_recoded_and_paid(line: WholeLine) -> None:
    sender = a_sender("wrong-present-on-admission-unknown")
    line.send(sender.messages())
    line.settle()
    assert line.place(sender)[0] == "query"
    query = line.one(QueryRow)
    assert query.recipient == sender.facts.encounter.attending.npi  # type: ignore[union-attr]

    for first_time in (True, False):
        told = line.person("dr", lambda desk: record_answer(desk, query.query_id, "yes", by="dr"))
        assert (told.settled, told.changed) == (True, first_time)
    line.go(A_MINUTE_OR_SO)
    assert line.place(sender) == PAID
    assert Poa.UNKNOWN not in {one.poa for one in line.body(sender).diagnoses}
    assert b"BF:J9601:::::::Y" in line.one(SubmissionRow).content
    assert line.one(QueryRow).state == "answered"
    assert_sound(line, originals=1)


def test_a_question_that_nobody_answers_reminds_expires_and_may_be_asked_again(
    line: WholeLine,
) -> None:
    sender = a_sender("wrong-present-on-admission-unknown")
    line.send(sender.messages())
    line.settle()
    line.go(5 * DAY_MS)
    assert line.reason(sender) == "query.no-answer"
    query = line.one(QueryRow)
    assert (query.state, query.reminded) == ("expired", 2)

    line.resume(line.chart(sender).chart_id)
    line.settle()
    again = line.one(QueryRow, state="open")
    line.person("dr", lambda desk: record_answer(desk, again.query_id, "no", by="dr"))
    line.go(A_MINUTE_OR_SO)
    assert line.place(sender) == PAID
    assert_sound(line, originals=1)


def test_an_answer_that_settles_nothing_goes_to_a_coder(line: WholeLine) -> None:
    sender = a_sender("wrong-present-on-admission-unknown")
    line.send(sender.messages())
    line.settle()
    query = line.one(QueryRow)
    words = "See my note."
    line.person("dr", lambda desk: record_answer(desk, query.query_id, "other", words, by="dr"))
    line.settle()
    assert line.reason(sender) == "query.answer-needs-coder"
    line.resume(line.chart(sender).chart_id, "diagnoses[2].poa=Y")
    line.go(A_MINUTE_OR_SO)
    assert line.place(sender) == PAID
    assert_sound(line, originals=1)
