from __future__ import annotations

from dataclasses import replace

import pytest

from messages.remittance import RemittanceOverdue, RemittanceReceived
from messages.submission import ClaimAccepted
from services.chart.places import Outcome
from services.chart.rows import DeadLetterRow, PaymentRow, RawRow
from tests.unit.claims_line import DAY_MS, ClaimsLine
from tests.unit.remittances import CLAIM, DENIED, PAID, SHARE, an_835, receive, waiting_line


@pytest.fixture
def line() -> ClaimsLine:
    return waiting_line()


def change(line: ClaimsLine, **changes: object) -> None:
    """The chart says something else from now on."""
    work = line.work()
    work.save_chart(work.chart("c_00001").model_copy(update=changes))
    work.keep()
    work.commit()


# -- waiting -----------------------------------------------------------------------------------


def test_an_accepted_claim_waits_for_payment_as_long_as_the_profile_says(
    line: ClaimsLine,
) -> None:
    (timer,) = line.timers("RemittanceOverdue")

    assert timer.due_ms == line.clock.now_ms() + 30 * DAY_MS
    assert timer.why == "waiting for payment"


def test_a_payment_that_does_not_come_is_for_a_biller(line: ClaimsLine) -> None:
    line.jump(31 * DAY_MS)

    letter = line.letter("c_00001")
    assert (letter.code, letter.owner) == ("remittance.overdue", "biller")


def test_resuming_an_overdue_payment_waits_once_more(line: ClaimsLine) -> None:
    line.jump(31 * DAY_MS)

    line.resume("c_00001")
    line.turn()

    assert line.chart("c_00001").place == "waiting"


def test_a_late_payment_finishes_the_chart_by_itself(line: ClaimsLine) -> None:
    line.jump(31 * DAY_MS)

    receive(line, an_835(PAID, *SHARE))

    assert line.chart("c_00001").outcome == "paid"
    assert line.rows(DeadLetterRow, state="open") == []


def test_a_late_denial_takes_the_place_of_the_missing_payment(line: ClaimsLine) -> None:
    line.jump(31 * DAY_MS)

    receive(line, an_835(*DENIED, paid=0))

    assert line.letter("c_00001").code == "remittance.denied"


def test_a_timer_that_rings_after_the_payment_finishes_the_chart(line: ClaimsLine) -> None:
    line.put(replace(line.claim(1), state="paid"))

    line.do(RemittanceOverdue(**CLAIM))
    line.turn()

    assert line.chart("c_00001").outcome == "paid"


def test_an_acceptance_that_comes_after_a_rejection_is_for_a_biller(line: ClaimsLine) -> None:
    line.put(replace(line.claim(1), state="rejected"))

    line.do(ClaimAccepted(**CLAIM))
    line.turn()

    assert line.letter("c_00001").code == "remittance.needs-biller"


# -- posting -----------------------------------------------------------------------------------


def test_a_payment_is_posted_and_the_chart_finished(line: ClaimsLine) -> None:
    receive(line, an_835(PAID, *SHARE))

    claim = line.claim(1)
    assert (claim.state, claim.paid_cents, claim.patient_cents) == ("paid", 8_000, 2_000)
    assert claim.payer_control_number == "ICN1"
    payment = line.one(PaymentRow)
    assert (payment.payment_id, payment.check_number) == ("r_835:0", "CHK1")
    assert payment.adjustments == '[["CO", "45", 2500], ["PR", "2", 2000]]'
    assert line.chart("c_00001").outcome == "paid"
    assert "ClaimPaid" in line.said("c_00001")
    assert line.one(RawRow).state == "filed"


def test_a_payment_proves_acceptance_when_it_comes_first() -> None:
    line = ClaimsLine()
    line.assembled(1)
    line.go(4)
    assert line.claim(1).state == "sent"

    receive(line, an_835(PAID, *SHARE))

    assert line.chart("c_00001").outcome == "paid"


def test_all_left_to_the_patient_is_paid_not_denied(line: ClaimsLine) -> None:
    clp = ("CLP", "CN00001", "1", 125, 0, 100, "12", "ICN1")
    receive(line, an_835(clp, ("CAS", "CO", "45", 25), ("CAS", "PR", "1", 100), paid=0))

    claim = line.claim(1)
    assert (claim.state, claim.patient_cents) == ("paid", 10_000)


def test_a_denial_says_its_reason_in_words(line: ClaimsLine) -> None:
    receive(line, an_835(*DENIED, paid=0))

    letter = line.letter("c_00001")
    assert letter.code == "remittance.denied"
    sentence = "The payer denied the claim: CO-197 the prior authorization is missing."
    assert letter.sentence == sentence
    assert line.claim(1).state == "denied"
    assert "ClaimDenied" in line.said("c_00001")


def test_nothing_paid_for_a_reason_is_a_denial_whatever_the_status_says(line: ClaimsLine) -> None:
    clp = ("CLP", "CN00001", "1", 125, 0, "", "12", "ICN1")

    receive(line, an_835(clp, ("CAS", "CO", "29", 125), paid=0))

    assert line.claim(1).state == "denied"
    assert "CO-29 filed too late" in line.letter("c_00001").sentence


def test_an_appeal_that_is_paid_finishes_a_denied_claim(line: ClaimsLine) -> None:
    receive(line, an_835(*DENIED, paid=0))
    line.resume("c_00001")
    line.turn()

    receive(line, an_835(PAID, *SHARE, check="CHK2"), "r_appeal")

    assert line.chart("c_00001").outcome == "paid"
    assert len(line.rows(PaymentRow)) == 2


def test_another_charge_than_the_claims_is_a_discrepancy(line: ClaimsLine) -> None:
    clp = ("CLP", "CN00001", "1", 100, 80, 20, "12", "ICN1")

    receive(line, an_835(clp, ("CAS", "PR", "2", 20)))

    letter = line.letter("c_00001")
    assert letter.code == "remittance.discrepancy"
    assert letter.sentence.endswith("differs from the claim's by -25.00.")
    assert "DiscrepancyFound" in line.said("c_00001")


def test_resuming_a_settled_discrepancy_finishes_the_chart(line: ClaimsLine) -> None:
    clp = ("CLP", "CN00001", "1", 100, 80, 20, "12", "ICN1")
    receive(line, an_835(clp, ("CAS", "PR", "2", 20)))

    line.resume("c_00001")
    line.turn()

    assert line.chart("c_00001").outcome == "paid"


@pytest.mark.parametrize("status", ["22", "23", "25", "99", ""])
def test_what_is_no_plain_payment_is_for_a_biller(line: ClaimsLine, status: str) -> None:
    clp = ("CLP", "CN00001", status, -125, -80, "", "12", "ICN1")
    share = (("CAS", "CO", "45", -45), ("PLB", "X", "20261231", "WO", -90))

    receive(line, an_835(clp, *share, paid=10))

    assert line.letter("c_00001").code == "remittance.needs-biller"
    assert line.claim(1).state == "accepted"
    assert len(line.rows(PaymentRow)) == 1


def test_a_chart_that_changed_after_its_claim_is_for_a_biller_though_paid(
    line: ClaimsLine,
) -> None:
    change(line, changed_after_claim=True)

    receive(line, an_835(PAID, *SHARE))

    assert line.letter("c_00001").code == "remittance.changed-after-claim"
    assert line.claim(1).state == "paid"


def test_a_payment_for_a_cancelled_chart_is_for_a_biller(line: ClaimsLine) -> None:
    change(line, cancelled=True)
    work = line.work()
    work.finish("c_00001", Outcome.CANCELLED)
    work.keep()
    work.commit()

    receive(line, an_835(PAID, *SHARE))

    assert line.letter("c_00001").code == "remittance.changed-after-claim"


# -- twice, late, elsewhere ----------------------------------------------------------------------


def test_the_same_remittance_under_another_name_is_posted_once(line: ClaimsLine) -> None:
    receive(line, an_835(PAID, *SHARE))

    receive(line, an_835(PAID, *SHARE), "r_copy")

    assert len(line.rows(PaymentRow)) == 1
    assert line.chart("c_00001").outcome == "paid"
    assert "payment.repeated" in line.said("c_00001")


def test_the_same_message_again_is_posted_once(line: ClaimsLine) -> None:
    receive(line, an_835(PAID, *SHARE))
    before = line.chart("c_00001")

    line.do(RemittanceReceived(raw_id="r_835"))
    line.turn()

    assert len(line.rows(PaymentRow)) == 1
    assert line.chart("c_00001") == before


def test_a_second_payment_of_a_paid_claim_is_for_a_biller(line: ClaimsLine) -> None:
    receive(line, an_835(PAID, *SHARE))

    receive(line, an_835(PAID, *SHARE, check="CHK2"), "r_second")

    assert line.letter("c_00001").code == "remittance.needs-biller"
    assert line.claim(1).paid_cents == 8_000


def test_a_chart_that_is_a_dead_letter_for_another_reason_is_left_alone(line: ClaimsLine) -> None:
    receive(line, an_835(*DENIED, paid=0))
    before = line.letter("c_00001")

    receive(line, an_835(PAID, *SHARE, check="CHK2"), "r_second")

    assert line.letter("c_00001") == before
    assert line.claim(1).state == "paid"
    assert "claim.settled-elsewhere" in line.said("c_00001")


def test_a_chart_that_is_at_another_stage_is_left_alone(line: ClaimsLine) -> None:
    line.put(replace(line.chart("c_00001"), stage="coding"))

    receive(line, an_835(PAID, *SHARE))

    assert line.claim(1).state == "paid"
    assert line.chart("c_00001").place == "waiting"


def test_an_acknowledgement_after_the_payment_changes_nothing(line: ClaimsLine) -> None:
    receive(line, an_835(PAID, *SHARE))

    line.open_mailbox()
    line.go(5)

    assert line.chart("c_00001").outcome == "paid"
    assert line.claim(1).state == "paid"
