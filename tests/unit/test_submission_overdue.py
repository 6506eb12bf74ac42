from __future__ import annotations

from dataclasses import replace

import pytest

from messages.assembly import ClaimAssembled
from messages.submission import AckOverdue
from services.chart.rows import DeadLetterRow
from services.submission.claims import MOVES, may_become, moved
from tests.unit.claims_line import HOUR_MS, ClaimsLine

CANARY = "CANARY"


@pytest.fixture
def line() -> ClaimsLine:
    return ClaimsLine()


@pytest.fixture
def open_line(line: ClaimsLine) -> ClaimsLine:
    line.open_mailbox()
    return line


def test_a_missing_acknowledgement_is_for_a_person_and_nothing_is_sent_again(
    open_line: ClaimsLine,
) -> None:
    line = open_line
    chart_id = line.assembled(1, "NA")
    line.go(5)

    line.jump(25 * HOUR_MS)

    assert line.letter(chart_id).code == "submission.no-acknowledgement"
    assert line.payer.uploads == 1


def test_resuming_a_missing_acknowledgement_waits_once_more(open_line: ClaimsLine) -> None:
    line = open_line
    chart_id = line.assembled(1, "NA")
    line.go(5)
    line.jump(25 * HOUR_MS)

    line.resume(chart_id)
    line.turn()

    assert line.chart(chart_id).place == "waiting"
    assert line.payer.uploads == 1
    line.jump(25 * HOUR_MS)
    assert line.letter(chart_id).code == "submission.no-acknowledgement"


def test_a_late_acknowledgement_wakes_the_chart_by_itself(line: ClaimsLine) -> None:
    chart_id = line.assembled(1)
    line.go(4)
    line.jump(25 * HOUR_MS)
    assert line.letter(chart_id).code == "submission.no-acknowledgement"

    line.open_mailbox()
    line.go(4)

    assert line.chart(chart_id).outcome == "paid"
    assert line.rows(DeadLetterRow, state="open") == []


def test_a_late_rejection_takes_the_place_of_the_missing_acknowledgement(
    line: ClaimsLine,
) -> None:
    chart_id = line.assembled(1, "R7")
    line.go(4)
    line.jump(25 * HOUR_MS)

    line.open_mailbox()
    line.go(4)

    assert line.letter(chart_id).code == "submission.rejected-277ca"


def test_a_claim_that_was_never_sent_is_not_overdue(line: ClaimsLine) -> None:
    chart_id = line.assembled(1)
    line.turn()

    line.do(AckOverdue(chart_id=chart_id, claim_id="k_00001"))
    line.turn(["submission"])

    assert line.chart(chart_id).place == "waiting"


def test_an_answered_claim_whose_chart_comes_late_goes_on(line: ClaimsLine) -> None:
    chart_id = line.assembled(1)
    line.put(replace(line.claim(1), state="accepted"))

    line.turn()

    assert line.timers("RemittanceOverdue")[0].subject == chart_id


def test_a_rejected_claim_whose_chart_comes_late_stops(line: ClaimsLine) -> None:
    chart_id = line.assembled(1)
    line.put(replace(line.claim(1), state="rejected"))

    line.turn()

    assert line.letter(chart_id).code == "submission.rejected-277ca"


def test_a_claim_assembled_twice_is_queued_once(line: ClaimsLine) -> None:
    chart_id = line.assembled(1)
    line.turn()
    line.do(ClaimAssembled(chart_id=chart_id, claim_id="k_00001"))

    line.go(4)

    assert list(line.payer.originals().values()) == [1]


# -- the moves ---------------------------------------------------------------------------------


def test_no_claim_ever_moves_backwards() -> None:
    order = ("queued", "sent", "accepted", "rejected", "paid", "denied")
    assert set(MOVES) == set(order)
    for state, following in MOVES.items():
        assert all(order.index(after) > order.index(state) for after in following)


def test_a_move_that_is_not_in_the_table_is_a_bug(line: ClaimsLine) -> None:
    line.assembled(1)
    paid = replace(line.claim(1), state="paid")

    assert not may_become(paid, "accepted")
    with pytest.raises(AssertionError):
        moved(paid, "accepted", 1)


def test_no_member_number_and_no_name_is_in_any_journal_or_dead_letter(
    open_line: ClaimsLine,
) -> None:
    line = open_line
    for number, suffix in enumerate(("R7", "D1", "NA", "U1", "N8")):
        line.assembled(number, CANARY + suffix)
    line.go(10)
    line.jump(25 * HOUR_MS)

    told = [
        row
        for row in line.everything()
        if type(row).__name__ in {"JournalRow", "DeadLetterRow", "TimerRow", "MessageRow"}
    ]

    assert any(isinstance(row, DeadLetterRow) for row in told)
    assert CANARY not in repr(told)
    assert "ADAMS" not in repr(told)
