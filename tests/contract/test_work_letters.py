"""The unit of work stops charts and messages, and lets a person resume or discard them."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from messages.completeness import ChartComplete
from messages.intake import ChartChanged
from messages.submission import MailboxDue
from services.adapters.store.work import UnitOfWork
from services.chart.failures import AttemptsExhausted
from services.chart.places import Outcome, Place
from services.chart.ports import Store
from services.chart.rows import (
    DeadLetterRow,
    JournalRow,
    MessageRow,
    RawRow,
)
from tests.contract.desk import (
    Desk,
    Illegible,
    a_chart,
    is_refused,
    move,
)
from workers.door import Delivery, accept


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


# -- stop ------------------------------------------------------------------------------------


def test_a_chart_that_stops_says_why_where_and_whom_it_needs(desk: Desk) -> None:
    desk.file("c_1")
    desk.do(lambda work: move(work, "c_1", Place.DEAD_LETTER), message=desk.message("c_1"))
    letter = desk.letter("c_1")
    assert (letter.stage, letter.code, letter.owner) == ("completeness", "test.illegible", "coder")
    assert (letter.sentence, letter.location) == ("Page 2 cannot be read.", "page 2")
    assert (letter.fix, letter.kind) == ("Read it aloud.", "ChartComplete")
    assert orjson.loads(letter.attempts) == [
        {
            "at_ms": desk.clock.ms,
            "kind": "rejected",
            "code": "test.illegible",
            "sentence": "Page 2 cannot be read.",
        }
    ]
    assert (letter.first_ms, letter.last_ms, letter.returns) == (desk.clock.ms, desk.clock.ms, 0)


def test_a_person_who_stops_a_chart_does_so_at_the_stage_that_takes_its_fact(desk: Desk) -> None:
    desk.file("c_1")
    desk.do(lambda work: move(work, "c_1", Place.DEAD_LETTER))
    assert desk.letter("c_1").stage == "coding"


def test_a_chart_that_comes_back_for_the_same_reason_is_counted_from_the_first_time(
    desk: Desk,
) -> None:
    desk.file("c_1", Place.DEAD_LETTER)
    first = desk.letter("c_1").first_ms
    desk.do(lambda work: resume(work, "c_1"))
    desk.clock.ms += 60
    desk.do(lambda work: move(work, "c_1", Place.DEAD_LETTER))
    letter = desk.letter("c_1")
    assert (letter.returns, letter.first_ms, letter.last_ms) == (1, first, desk.clock.ms)
    desk.do(lambda work: resume(work, "c_1"))
    desk.clock.ms += 60
    other = AttemptsExhausted("The index is down.")
    desk.do(lambda work: work.stop("c_1", other, ChartComplete(chart_id="c_1")))
    letter = desk.letter("c_1")
    assert (letter.returns, letter.first_ms) == (2, desk.clock.ms)


def test_a_message_that_stops_takes_its_chart_with_it_and_keeps_its_attempts(desk: Desk) -> None:
    desk.file("c_1")
    message = desk.message("c_1")
    tried: list[dict[str, object]] = [{"code": "a"}, {"code": "b"}]
    desk.do(lambda work: work.stop_message(message, Illegible("No."), tried), message=message)
    letter = desk.letter("c_1")
    assert (letter.kind, letter.body) == (message.kind, message.body)
    assert orjson.loads(letter.attempts) == tried
    assert desk.chart("c_1").place_id == letter.dead_letter_id
    desk.assert_clean()


def stored(desk: Desk, content: bytes = b"x") -> str:
    (receipt,) = accept(desk.store, desk.clock, desk.ids, [Delivery(content)])
    return receipt.raw_id


def stopped(desk: Desk) -> str:
    """An outside message that intake could not read."""
    raw_id = stored(desk)
    message = desk.message(raw_id)
    desk.do(lambda work: work.stop_message(message, Illegible("No."), []), message=message)
    return raw_id


def raw(desk: Desk, raw_id: str) -> RawRow:
    (row,) = desk.store.select(RawRow, {"raw_id": raw_id})
    return row


def test_an_outside_message_that_stops_keeps_its_bytes(desk: Desk) -> None:
    raw_id = stopped(desk)
    assert (raw(desk, raw_id).state, raw(desk, raw_id).content) == ("stopped", b"x")
    assert desk.letter(raw_id).kind == "MessageStored"
    assert desk.store.select(MessageRow, {}) == []
    desk.assert_clean()


def test_what_is_neither_chart_nor_message_can_stop_too(desk: Desk) -> None:
    mail = MailboxDue(mailbox="a")
    desk.do(lambda work: work.stop_subject("mailbox:a", Illegible("No."), mail))
    letter = desk.letter("mailbox:a")
    assert (letter.stage, letter.kind) == ("submission", "MailboxDue")
    (entry,) = desk.store.select(JournalRow, {"subject": "mailbox:a"})
    assert (entry.what, entry.why) == ("message.stopped", "test.illegible")


# -- resume and discard ----------------------------------------------------------------------


def open_letter(work: UnitOfWork, subject: str) -> DeadLetterRow:
    (letter,) = work.find(DeadLetterRow, subject=subject, state="open")
    return letter


def resume(work: UnitOfWork, subject: str) -> None:
    work.resume(open_letter(work, subject), "mended")


def discard(work: UnitOfWork, subject: str) -> None:
    work.discard(open_letter(work, subject), "sent by mistake")


def test_a_chart_that_is_resumed_goes_on_at_the_stage_that_takes_its_fact(desk: Desk) -> None:
    desk.file("c_1", Place.DEAD_LETTER)
    letter = desk.letter("c_1")
    desk.clock.ms += 4
    desk.do(lambda work: resume(work, "c_1"))
    message = desk.message("c_1")
    assert (message.stage, message.kind, message.body) == ("coding", letter.kind, letter.body)
    assert message.caused_by == letter.dead_letter_id
    (closed,) = desk.store.select(DeadLetterRow, {})
    assert (closed.state, closed.closed_ms, closed.closed_by, closed.closed_why) == (
        "resumed",
        desk.clock.ms,
        "tester",
        "mended",
    )
    assert (desk.chart("c_1").place, desk.chart("c_1").stage) == (Place.DUE, "coding")
    desk.assert_clean()


def test_a_fact_that_no_stage_takes_any_more_is_resumed_where_it_stopped(desk: Desk) -> None:
    desk.file("c_1")
    message = replace(desk.message("c_1"), kind="Rumour")
    desk.do(lambda work: work.stop_message(message, Illegible("No."), []), message=message)
    desk.do(lambda work: resume(work, "c_1"))
    assert (desk.message("c_1").stage, desk.message("c_1").kind) == ("completeness", "Rumour")


def test_resuming_twice_at_the_same_time_is_resuming_once(desk: Desk) -> None:
    desk.file("c_1", Place.DEAD_LETTER)
    units = [desk.unit(who=who) for who in ("ann", "bob")]
    for work in units:
        resume(work, "c_1")
    assert [is_refused(work) for work in units] == [False, True]
    assert desk.message("c_1").kind == "ChartComplete"
    assert desk.store.select(DeadLetterRow, {})[0].closed_by == "ann"
    desk.assert_clean()


def test_resuming_an_outside_message_twice_at_the_same_time_is_resuming_it_once(
    desk: Desk,
) -> None:
    raw_id = stopped(desk)
    units = [desk.unit(who=who) for who in ("ann", "bob")]
    for work in units:
        resume(work, raw_id)
    assert [is_refused(work) for work in units] == [False, True]
    assert desk.message(raw_id).kind == "MessageStored"
    assert raw(desk, raw_id).state == "stored"
    desk.assert_clean()


def test_one_who_resumes_and_one_who_discards_do_not_both_succeed(desk: Desk) -> None:
    desk.file("c_1", Place.DEAD_LETTER)
    one, other = desk.unit(), desk.unit()
    discard(one, "c_1")
    resume(other, "c_1")
    assert [is_refused(one), is_refused(other)] == [False, True]
    assert desk.chart("c_1").outcome == Outcome.DISCARDED
    desk.assert_clean()


def test_what_is_neither_chart_nor_message_is_resumed_too(desk: Desk) -> None:
    mail = MailboxDue(mailbox="a")
    desk.do(lambda work: work.stop_subject("mailbox:a", Illegible("No."), mail))
    desk.do(lambda work: resume(work, "mailbox:a"))
    message = desk.message("mailbox:a")
    assert (message.stage, message.kind) == ("submission", "MailboxDue")
    assert desk.store.select(JournalRow, {"what": "message.resumed"})[0].subject == "mailbox:a"


def test_a_chart_that_is_discarded_is_finished_and_stays_readable(desk: Desk) -> None:
    desk.file("c_1", Place.DEAD_LETTER)
    desk.do(lambda work: discard(work, "c_1"))
    row = desk.chart("c_1")
    assert (row.place, row.outcome) == (Place.FINISHED, "discarded")
    assert desk.unit().chart("c_1") == a_chart("c_1")
    assert desk.store.select(DeadLetterRow, {})[0].state == "discarded"
    desk.assert_clean()


def test_an_outside_message_that_is_discarded_stays_readable(desk: Desk) -> None:
    raw_id = stopped(desk)
    desk.do(lambda work: discard(work, raw_id))
    assert (raw(desk, raw_id).state, raw(desk, raw_id).content) == ("stopped", b"x")
    assert desk.store.select(JournalRow, {"what": "message.discarded"})[0].why == "sent by mistake"
    desk.assert_clean()


def test_a_dead_letter_whose_chart_went_on_is_superseded(desk: Desk) -> None:
    desk.file("c_1", Place.DEAD_LETTER)
    desk.do(lambda work: work.say(ChartChanged(chart_id="c_1")))
    (letter,) = desk.store.select(DeadLetterRow, {})
    assert (letter.state, letter.closed_why) == ("superseded", "the chart changed")
