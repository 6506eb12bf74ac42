"""Journeys on which the payer refuses, denies, is silent or out; each claim is billed once."""

from __future__ import annotations

import pytest

from messages.path import Stage
from services.chart.rows import (
    CircuitRow,
    DeadLetterRow,
    SubmissionRow,
)
from tests.journey.conftest import Opening
from tests.journey.whole_line import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    SECOND_MS,
    WholeLine,
    a_sender,
    assert_sound,
    passes_guide,
)
from workers.demo.differences import member
from workers.demo.scenarios import WRITERS

PAID = ("finished", "paid")
FORMATS = list(WRITERS)


# -- the payer --------------------------------------------------------------------------------


@pytest.mark.parametrize("via", FORMATS)
def test_a_rejected_claim_is_corrected_and_goes_out_as_a_new_original(
    line: WholeLine, via: str
) -> None:
    sender = a_sender("clinic-asthma-review", via=via, change=member("R7"))
    line.send(sender.messages())
    line.go(MINUTE_MS)
    assert line.place(sender) == ("dead-letter", "submission")
    assert line.reason(sender) == "submission.rejected-277ca"
    assert sum(line.payer.originals().values()) == 0, "a rejected claim never was one"

    good = sender.facts.coverages[0].member_id[:-2] + "01"
    back_at = line.resume(line.chart(sender).chart_id, f"coverages[0].member_id={good}").stage
    assert back_at == Stage.COMPLETENESS
    line.go(MINUTE_MS)
    assert line.place(sender) == PAID
    first, second = line.claims(sender)
    assert (first.sequence, first.state) == (1, "rejected")
    assert (second.sequence, second.state) == (2, "paid")
    assert (first.frequency, second.frequency) == ("1", "1")
    assert first.control_number != second.control_number
    assert first.billing_event == second.billing_event
    assert all(passes_guide(file.content) for file in line.rows(SubmissionRow))
    assert_sound(line, originals=1)


def test_a_file_that_is_refused_takes_no_healthy_claim_twice(line: WholeLine) -> None:
    refused = a_sender("clinic-low-back-pain", number=1, change=member("N8"))
    beside = a_sender("clinic-low-back-pain", number=2)
    line.send([*refused.messages(), *beside.messages()])
    line.go(MINUTE_MS)
    for sender in (refused, beside):
        assert line.reason(sender) == "submission.rejected-999"
    line.resume(line.chart(beside).chart_id)
    line.resume(line.chart(refused).chart_id, "coverages[0].member_id=XQZ040000077")
    line.go(MINUTE_MS)
    for sender in (refused, beside):
        assert line.place(sender) == PAID
        assert [claim.sequence for claim in line.claims(sender)] == [1, 2]
    assert_sound(line, originals=2)


def test_a_denial_is_for_a_biller_and_is_no_rejection(line: WholeLine) -> None:
    sender = a_sender("ed-chest-pain", change=member("D1"))
    line.send(sender.messages())
    line.go(MINUTE_MS)
    assert line.place(sender) == ("dead-letter", "remittance")
    letter = line.letter(line.chart(sender).chart_id)
    assert (letter.code, letter.owner) == ("remittance.denied", "biller")
    assert "CO-197" in letter.sentence
    (claim,) = line.claims(sender)
    assert (claim.state, claim.paid_cents) == ("denied", 0)

    line.resume(line.chart(sender).chart_id)
    line.go(MINUTE_MS)
    assert line.place(sender) == ("waiting", "remittance"), "for the appeal; nothing is sent again"
    assert len(line.claims(sender)) == 1
    assert_sound(line, originals=1)


def test_a_payer_that_adjudicates_another_charge_is_noticed(line: WholeLine) -> None:
    sender = a_sender("clinic-thyroid", change=member("U1"))
    line.send(sender.messages())
    line.go(MINUTE_MS)
    assert line.reason(sender) == "remittance.discrepancy"
    assert line.claims(sender)[0].state == "paid"
    assert_sound(line, originals=1)


def test_no_acknowledgement_in_time_is_a_dead_letter_and_nothing_is_sent_again(
    line: WholeLine,
) -> None:
    sender = a_sender("vaccine-flu-commercial", change=member("NA"))
    line.send(sender.messages())
    line.go(23 * HOUR_MS)
    assert line.place(sender) == ("waiting", "submission")
    line.go(2 * HOUR_MS)
    assert line.reason(sender) == "submission.no-acknowledgement"
    line.resume(line.chart(sender).chart_id)
    line.go(MINUTE_MS)
    assert line.place(sender) == ("waiting", "submission"), "it waits once more"
    line.go(25 * HOUR_MS)
    assert line.reason(sender) == "submission.no-acknowledgement"
    assert len(line.rows(SubmissionRow)) == 1
    assert_sound(line, originals=1)


def test_a_payment_that_does_not_come_is_asked_for_and_posted_when_it_does(
    open_line: Opening,
) -> None:
    line = open_line(payment_delay_ms=40 * DAY_MS)
    sender = a_sender("clinic-thyroid")
    line.send(sender.messages())
    line.go(MINUTE_MS)
    assert line.place(sender) == ("waiting", "remittance")
    line.go(30 * DAY_MS)
    assert line.reason(sender) == "remittance.overdue"
    line.go(10 * DAY_MS)
    assert line.place(sender) == PAID, "the payment wakes it without anybody's help"
    assert_sound(line, originals=1)


# -- the clearinghouse ------------------------------------------------------------------------


def test_during_an_outage_charts_wait_and_afterwards_all_of_them_go(line: WholeLine) -> None:
    names = ("clinic-thyroid", "ed-migraine", "inpatient-hip-fracture", "surgery-groin-hernia")
    senders = [a_sender(name, number=n) for n, name in enumerate(names * 3, start=1)]
    back = line.clock.ms + 6 * HOUR_MS
    line.payer.outage(back)
    for sender in senders:
        line.send(sender.messages())
        line.go(3 * SECOND_MS)
    for _ in range(20):
        line.jump(3 * MINUTE_MS)
    (circuit,) = line.rows(CircuitRow)
    assert circuit.open_until_ms > line.clock.ms
    assert {line.place(sender) for sender in senders} == {("waiting", "submission")}
    assert {row.state for row in line.rows(SubmissionRow)} == {"built"}

    line.jump(5 * HOUR_MS)
    line.go(5 * MINUTE_MS)
    assert line.clock.ms > back
    assert {line.place(sender) for sender in senders} == {PAID}
    assert line.rows(DeadLetterRow) == [], "nothing has died"
    assert line.one(CircuitRow).open_until_ms == 0
    assert_sound(line, originals=len(senders))


def test_a_reply_that_is_lost_sends_the_same_file_and_bills_once(line: WholeLine) -> None:
    sender = a_sender("clinic-thyroid")
    line.payer.lose_reply(5)
    line.send(sender.messages())
    line.go(5 * MINUTE_MS)
    assert line.place(sender) == PAID
    assert len(line.rows(SubmissionRow)) == 1
    assert_sound(line, originals=1)


def test_a_claim_that_was_not_sent_for_a_day_is_not_asked_after(line: WholeLine) -> None:
    sender = a_sender("clinic-thyroid")
    line.payer.outage(line.clock.ms + 3 * DAY_MS)
    line.send(sender.messages())
    for _ in range(48):
        line.jump(HOUR_MS)
    assert line.place(sender) == ("waiting", "submission")
    line.jump(DAY_MS)
    line.go(5 * MINUTE_MS)
    assert line.place(sender) == PAID
    assert_sound(line, originals=1)
