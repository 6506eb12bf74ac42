from __future__ import annotations

from dataclasses import replace

import pytest

from messages.submission import AckReceived
from services.chart.rows import ClaimRow, RawRow, SubmissionRow
from services.edi.writer import Transaction, interchange, segment
from tests.fakes.claim_files import AT
from tests.unit.claims_line import HOUR_MS, ClaimsLine


@pytest.fixture
def line() -> ClaimsLine:
    """Three claims in one file that was sent; nobody has looked into the mailbox."""
    line = ClaimsLine()
    for number in (1, 2, 3):
        line.assembled(number)
    line.go(4)
    return line


def wrapped(*transactions: Transaction, outside: tuple[str, ...] = ()) -> bytes:
    return interchange(
        transactions,
        sender_id="PAYER",
        receiver_id="LINE01",
        functional_id="HN",
        version="005010X214",
        interchange_control="1",
        group_control="1",
        at=AT,
        outside=outside,
    )


def a_ta1(control: str, code: str, note: str) -> bytes:
    return wrapped(outside=(segment("TA1", control, "260601", "1200", code, note),))


def a_999(group: str, verdict: str) -> bytes:
    answer = Transaction("999", "005010X231A1")
    answer.add("AK1", "HC", group, "005010X222A1")
    answer.add("AK2", "837", "0001", "005010X222A1")
    if verdict == "R":
        answer.add("IK3", "SBR", 12, "2000", "8")
        answer.add("IK4", (9,), 1032, "7")
    answer.add("IK5", verdict)
    answer.add("AK9", verdict, 1, 1, int(verdict != "R"))
    return wrapped(answer)


def a_277(*claims: tuple[str, str], source: str = "AY") -> bytes:
    """Control numbers and categories."""
    answer = Transaction("277", "005010X214")
    answer.add("HL", 1, "", "20", "1")
    answer.add("NM1", source, "2", "SOMEBODY", "", "", "", "", "46", "X")
    for at, (number, category) in enumerate(claims):
        answer.add("HL", at + 4, 3, "PT")
        answer.add("TRN", "2", number)
        answer.add("STC", (category, "20"), AT.date(), "WQ", 125)
        answer.add("REF", "1K", f"P-{number}")
    return wrapped(answer)


def a_277_of_the_file(trace: str, category: str) -> bytes:
    answer = Transaction("277", "005010X214")
    answer.add("HL", 2, 1, "21", "0")
    answer.add("TRN", "2", trace)
    answer.add("STC", (category, "24", "41"), AT.date(), "U", 375)
    return wrapped(answer)


def receive(line: ClaimsLine, content: bytes, raw_id: str = "r_ack") -> None:
    """The acknowledgement arrives and is worked on."""
    line.put(RawRow(raw_id, "test", "", "", "", 0, "stored", "", content))
    line.do(AckReceived(raw_id=raw_id))
    line.turn(["submission"])


def states(line: ClaimsLine) -> list[str]:
    return [line.claim(number).state for number in (1, 2, 3)]


# -- 277CA -------------------------------------------------------------------------------------


def test_each_claim_gets_its_own_answer(line: ClaimsLine) -> None:
    receive(line, a_277(("CN00001", "A2"), ("CN00002", "A7"), ("CN00003", "A1")))

    assert states(line) == ["accepted", "rejected", "sent"]
    assert line.claim(1).payer_control_number == "P-CN00001"
    assert line.chart("c_00001").stage == "remittance"
    assert line.letter("c_00002").code == "submission.rejected-277ca"
    assert line.chart("c_00003").place == "waiting"
    assert line.one(RawRow).state == "filed"


def test_a_rejection_says_category_and_status_and_resumes_before_assembly(
    line: ClaimsLine,
) -> None:
    receive(line, a_277(("CN00002", "A3")))

    letter = line.letter("c_00002")
    assert letter.sentence.startswith("The claim was rejected before adjudication: A3 returned")
    assert (letter.owner, letter.kind) == ("biller", "CodesAssigned")
    assert "ClaimRejected" in line.said("c_00002")


def test_received_by_the_payer_itself_is_acceptance(line: ClaimsLine) -> None:
    receive(line, a_277(("CN00001", "A1"), source="PR"))

    assert line.claim(1).state == "accepted"


def test_forwarded_decides_nothing_but_is_in_the_journal(line: ClaimsLine) -> None:
    receive(line, a_277(("CN00001", "A0")))

    assert line.claim(1).state == "sent"
    assert "claim.underway" in line.said("c_00001")


def test_the_same_acknowledgement_twice_changes_nothing(line: ClaimsLine) -> None:
    receive(line, a_277(("CN00001", "A2")))
    before = line.chart("c_00001")

    receive(line, a_277(("CN00001", "A2")), "r_again")

    assert line.chart("c_00001") == before


def test_an_acceptance_after_a_rejection_changes_nothing(line: ClaimsLine) -> None:
    receive(line, a_277(("CN00001", "A7")))

    receive(line, a_277(("CN00001", "A2")), "r_late")

    assert line.claim(1).state == "rejected"
    assert line.letter("c_00001").code == "submission.rejected-277ca"


def test_the_payer_may_reject_what_the_clearinghouse_accepted(line: ClaimsLine) -> None:
    receive(line, a_277(("CN00001", "A2")))

    receive(line, a_277(("CN00001", "A3"), source="PR"), "r_payer")

    assert line.claim(1).state == "rejected"


def test_a_paid_claim_is_beyond_any_acknowledgement(line: ClaimsLine) -> None:
    line.put(replace(line.claim(1), state="paid"))

    receive(line, a_277(("CN00001", "A2")))
    receive(line, a_277(("CN00001", "A7")), "r_2")

    assert line.claim(1).state == "paid"


def test_a_chart_that_is_elsewhere_is_left_alone(line: ClaimsLine) -> None:
    chart = line.chart("c_00001")
    line.put(replace(chart, stage="completeness"))

    receive(line, a_277(("CN00001", "A2")))

    assert line.claim(1).state == "accepted"
    assert line.chart("c_00001").place == "waiting"
    assert "claim.accepted" in line.said("c_00001")


def test_some_unknown_claims_do_not_hold_up_the_known(line: ClaimsLine) -> None:
    receive(line, a_277(("NOT-OURS", "A2"), ("CN00001", "A2")))

    assert line.claim(1).state == "accepted"


def test_an_acknowledgement_of_nothing_of_ours_is_for_a_person(line: ClaimsLine) -> None:
    receive(line, a_277(("NOT-OURS", "A2")))

    assert line.letter("r_ack").code == "submission.unknown-claim"
    assert line.one(RawRow).state == "stopped"


def test_a_277ca_that_refuses_the_whole_file_rejects_every_claim(line: ClaimsLine) -> None:
    trace = line.one(SubmissionRow).interchange_control

    receive(line, a_277_of_the_file(trace, "A3"))

    assert states(line) == ["rejected"] * 3
    assert line.letter("c_00003").code == "submission.rejected-277ca"


def test_a_277ca_that_only_says_the_file_is_here_changes_no_claim(line: ClaimsLine) -> None:
    trace = line.one(SubmissionRow).interchange_control

    receive(line, a_277_of_the_file(trace, "A1"))

    assert states(line) == ["sent"] * 3


# -- 999 and TA1 -------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["A", "E"])
def test_a_999_that_accepts_acknowledges_the_submission(line: ClaimsLine, verdict: str) -> None:
    receive(line, a_999(line.one(SubmissionRow).group_control, verdict))

    assert line.one(SubmissionRow).state == "acknowledged"
    assert states(line) == ["sent"] * 3


def test_a_999_that_rejects_stops_every_chart_with_the_segment_in_words(line: ClaimsLine) -> None:
    receive(line, a_999(line.one(SubmissionRow).group_control, "R"))

    assert line.one(SubmissionRow).state == "rejected"
    assert states(line) == ["rejected"] * 3
    letter = line.letter("c_00001")
    assert letter.code == "submission.rejected-999"
    assert "SBR (segment 12, loop 2000): element 9 has a code" in letter.sentence


def test_a_999_that_rejects_after_the_277ca_answered_spares_what_was_answered(
    line: ClaimsLine,
) -> None:
    receive(line, a_277(("CN00001", "A2")))

    receive(line, a_999(line.one(SubmissionRow).group_control, "R"), "r_999")

    assert states(line) == ["accepted", "rejected", "rejected"]


def test_a_999_for_another_group_is_for_a_person(line: ClaimsLine) -> None:
    receive(line, a_999("4711", "A"))

    assert line.letter("r_ack").code == "submission.unknown-claim"


def test_a_ta1_that_accepts_is_only_noted(line: ClaimsLine) -> None:
    submission = line.one(SubmissionRow)

    receive(line, a_ta1(submission.interchange_control, "A", "000"))

    assert states(line) == ["sent"] * 3
    assert "submission.ta1" in line.said(submission.submission_id)


def test_a_ta1_that_refuses_stops_every_chart(line: ClaimsLine) -> None:
    receive(line, a_ta1(line.one(SubmissionRow).interchange_control, "R", "006"))

    letter = line.letter("c_00002")
    assert letter.code == "submission.rejected-ta1"
    assert letter.sentence == "The interchange was refused (TA1 006): the sender is not known."


def test_a_ta1_for_a_repeated_interchange_rejects_nothing(line: ClaimsLine) -> None:
    receive(line, a_ta1(line.one(SubmissionRow).interchange_control, "R", "025"))

    assert states(line) == ["sent"] * 3


def test_one_unreadable_part_refuses_the_whole_file_and_changes_nothing(line: ClaimsLine) -> None:
    content = a_277(("CN00001", "A2")) + a_999("1", "A").replace(b"AK9*A", b"AK9*?")

    receive(line, content)

    assert line.letter("r_ack").code == "submission.unreadable-ack"
    assert states(line) == ["sent"] * 3


def test_acknowledgements_in_any_order_end_in_the_same_state(line: ClaimsLine) -> None:
    group = line.one(SubmissionRow).group_control
    files = [a_277(("CN00001", "A2"), ("CN00002", "A7")), a_999(group, "A")]
    files.append(a_ta1(line.one(SubmissionRow).interchange_control, "A", "000"))

    for at, content in enumerate([*reversed(files), *files]):
        receive(line, content, f"r_{at}")

    assert states(line) == ["accepted", "rejected", "sent"]
    assert line.one(SubmissionRow).state == "acknowledged"


def test_after_all_that_a_silent_claim_is_still_missed(line: ClaimsLine) -> None:
    receive(line, a_277(("CN00001", "A2")))

    line.jump(25 * HOUR_MS)

    assert line.letter("c_00003").code == "submission.no-acknowledgement"
    assert {row.state for row in line.rows(ClaimRow)} == {"accepted", "sent"}
