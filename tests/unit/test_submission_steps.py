from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from messages.submission import AckReceived, BatchBuilt, BatchDue
from services.adapters.store.fsck import fsck
from services.chart.places import Outcome
from services.chart.rows import (
    CircuitRow,
    CounterRow,
    DeadLetterRow,
    MessageRow,
    RawRow,
    SubmissionRow,
)
from services.edi import guide
from services.submission.batching import CLAIMS_IN_FILE
from tests.unit.claims_line import HOUR_MS, ClaimsLine

CANARY = "CANARY"


class Crash(BaseException):
    """The process ends here."""


@pytest.fixture
def line() -> ClaimsLine:
    return ClaimsLine()


@pytest.fixture
def open_line(line: ClaimsLine) -> ClaimsLine:
    line.open_mailbox()
    return line


# -- queue and batch ---------------------------------------------------------------------------


def test_a_claim_waits_for_its_acknowledgement_as_long_as_the_profile_says(
    line: ClaimsLine,
) -> None:
    chart_id = line.assembled(1)
    now = line.clock.now_ms()

    line.turn()

    (timer,) = line.timers("AckOverdue")
    assert line.chart(chart_id).place_id == timer.timer_id
    assert timer.due_ms == now + 2_000 + 24 * HOUR_MS
    assert timer.why == "waiting for the payer's acknowledgement"


def test_many_claims_share_one_sending_window(line: ClaimsLine) -> None:
    for number in range(5):
        line.assembled(number)
    line.assembled(9, payer="MCARE1")

    line.turn()

    assert sorted(timer.subject for timer in line.timers("BatchDue")) == [
        "batch:BLUE1:837P",
        "batch:MCARE1:837P",
    ]


def test_when_the_window_comes_one_file_holds_every_claim_and_passes_the_guide(
    line: ClaimsLine,
) -> None:
    for number in (3, 1, 2):
        line.assembled(number)

    line.go(3)

    submission = line.one(SubmissionRow)
    assert (submission.claims, submission.state) == (3, "sent")
    assert submission.sent_ms
    assert guide.check(submission.content) == ()
    assert line.payer.files == {submission.file_name: submission.content}
    assert {line.claim(number).submission_id for number in (1, 2, 3)} == {submission.submission_id}


def test_claims_stand_in_the_file_in_the_order_of_their_ids(line: ClaimsLine) -> None:
    for number in (3, 1, 2):
        line.assembled(number)

    line.go(3)

    content = line.one(SubmissionRow).content
    places = [content.index(b"CLM*CN0000%d" % number) for number in (1, 2, 3)]
    assert places == sorted(places)


def test_a_window_without_claims_builds_nothing(line: ClaimsLine) -> None:
    line.do(BatchDue(payer_id="BLUE1", transaction="837P"))

    line.turn()

    assert line.rows(SubmissionRow) == []
    assert line.rows(CounterRow) == []


def test_a_payer_without_a_profile_stops_the_chart(line: ClaimsLine) -> None:
    chart_id = line.assembled(1, payer="NOBODY")

    line.turn()

    assert line.letter(chart_id).code == "submission.unknown-payer"


def test_more_claims_than_a_file_holds_go_in_the_next_file(line: ClaimsLine) -> None:
    for number in range(CLAIMS_IN_FILE + 3):
        line.assembled(number)

    line.go(4)

    assert sorted(row.claims for row in line.rows(SubmissionRow)) == [3, CLAIMS_IN_FILE]
    assert len(line.payer.originals()) == CLAIMS_IN_FILE + 3


def test_a_claim_whose_chart_is_cancelled_in_the_window_is_withdrawn(line: ClaimsLine) -> None:
    chart_id = line.assembled(1)
    line.turn()
    work = line.work()
    work.finish(chart_id, Outcome.CANCELLED)
    work.keep()
    work.commit()

    line.go(4)

    assert line.payer.files == {}
    assert line.claim(1).state == "rejected"
    assert "claim.withdrawn" in line.said(chart_id)


def test_numbers_are_durable_and_never_the_same_twice(line: ClaimsLine) -> None:
    line.assembled(1)
    line.assembled(2, payer="MCARE1")

    line.go(4)

    controls = [row.interchange_control for row in line.rows(SubmissionRow)]
    assert sorted(controls) == ["000000001", "000000002"]


# -- send --------------------------------------------------------------------------------------


def test_a_crash_after_the_upload_sends_the_same_file_again_and_bills_once(
    line: ClaimsLine,
) -> None:
    line.assembled(1)
    line.payer.hook = crash_once("after")
    with pytest.raises(Crash):
        line.go(3)
    assert line.one(SubmissionRow).state == "built"

    line.clock.ms += 2 * HOUR_MS  # the dead worker's lease ends
    line.go(2)

    assert line.one(SubmissionRow).state == "sent"
    assert line.payer.uploads == 2
    assert list(line.payer.originals().values()) == [1]


def test_a_lost_reply_sends_the_same_file_again_and_bills_once(line: ClaimsLine) -> None:
    line.assembled(1)
    line.payer.lose_reply(1)

    line.go(6)

    assert line.one(SubmissionRow).state == "sent"
    assert line.payer.uploads == 2
    assert list(line.payer.originals().values()) == [1]


def test_a_file_that_was_sent_is_not_sent_again(line: ClaimsLine) -> None:
    line.assembled(1)
    line.go(3)

    line.do(BatchBuilt(submission_id=line.one(SubmissionRow).submission_id))
    line.turn()

    assert line.payer.uploads == 1


def test_an_outage_opens_the_circuit_and_no_chart_dies(open_line: ClaimsLine) -> None:
    line = open_line
    chart_id = line.assembled(1)
    line.payer.outage(line.clock.now_ms() + 3 * HOUR_MS)

    line.go(120)

    assert line.one(CircuitRow).open_until_ms > line.clock.now_ms() - 2_000
    assert line.chart(chart_id).place == "waiting"
    assert line.rows(DeadLetterRow) == []
    line.clock.ms += 3 * HOUR_MS
    line.go(120)
    assert line.chart(chart_id).outcome == "paid"
    assert line.one(CircuitRow).failures == 0
    assert fsck(line.store).clean


def test_while_the_circuit_is_open_nobody_calls_and_no_attempt_is_used_up(
    line: ClaimsLine,
) -> None:
    line.assembled(1)
    line.turn()
    until = line.clock.now_ms() + HOUR_MS
    line.put(CircuitRow("clearinghouse:simulator", 3, until, line.clock.now_ms()))

    line.go(30)

    assert line.payer.uploads == 0
    assert line.ended["outage"] > 0
    assert line.one(MessageRow, kind="BatchBuilt").attempts == 0


def test_a_file_that_the_clearinghouse_refuses_is_a_dead_letter_of_the_submission(
    line: ClaimsLine,
) -> None:
    line.assembled(1)
    line.go(3)
    submission = line.one(SubmissionRow)
    line.payer.files[submission.file_name] = b"something else"
    line.put(replace(submission, state="built"))
    line.do(BatchBuilt(submission_id=submission.submission_id))

    line.turn()

    assert line.letter(submission.submission_id).code == "submission.name-taken"


# -- fetch -------------------------------------------------------------------------------------


def test_files_are_stored_byte_for_byte_and_then_confirmed(open_line: ClaimsLine) -> None:
    line = open_line
    line.payer.send("x", _foreign(line))
    waiting = {file.content for file in line.payer.collect()}

    line.fire()
    line.turn()

    assert {row.content for row in line.rows(RawRow)} == waiting
    assert {row.feed for row in line.rows(RawRow)} == {"mailbox:simulator"}
    assert line.payer.collect() == []


def test_a_crash_before_the_confirmation_stores_nothing_twice(open_line: ClaimsLine) -> None:
    line = open_line
    line.payer.send("x", _foreign(line))
    count = len(line.payer.collect())
    line.payer.hook = crash_once("before", skip=1)  # the look passes, the confirmation does not
    line.fire()
    with pytest.raises(Crash):
        line.turn()

    line.clock.ms += 3_000
    line.fire()
    line.turn()

    assert len(line.rows(RawRow)) == count
    assert line.payer.collect() == []


def test_the_mailbox_timer_renews_itself_also_while_nobody_answers(open_line: ClaimsLine) -> None:
    line = open_line
    line.payer.outage(line.clock.now_ms() + 60_000)

    line.go(90)

    assert len(line.timers("MailboxDue")) + len(line.rows(MessageRow, kind="MailboxDue")) == 1
    assert line.one(CircuitRow).failures == 0


def test_what_is_no_acknowledgement_is_kept_as_a_dead_letter_with_its_bytes(
    line: ClaimsLine,
) -> None:
    line.put(a_raw(b"HELLO, THIS IS A LETTER"))
    line.do(AckReceived(raw_id="r_1"))

    line.turn()

    assert line.letter("r_1").code == "submission.unreadable-ack"
    assert line.one(RawRow).content == b"HELLO, THIS IS A LETTER"


def a_raw(content: bytes) -> RawRow:
    return RawRow("r_1", "test", "", "", "", 0, "stored", "", content)


def _foreign(line: ClaimsLine) -> bytes:
    """A file of claims that this line never built."""
    other = ClaimsLine()
    other.clock.ms = line.clock.ms
    other.assembled(77)
    other.go(3)
    return bytes(other.one(SubmissionRow).content)


def crash_once(at: str, skip: int = 0) -> Callable[[str], None]:
    """A hook that ends the process at the first such step after so many others."""
    left = [skip, 1]

    def hook(step: str) -> None:
        if step != at or not left[1]:
            return
        if left[0]:
            left[0] -= 1
            return
        left[1] = 0
        raise Crash

    return hook
