"""The unit of work moves charts: from one place to exactly one other, over every store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from messages.coding import CodesAssigned
from messages.completeness import ChartComplete
from messages.intake import ChartChanged, ChartReceived, MessageStored
from messages.query import QueryRaised
from messages.remittance import ClaimPaid
from messages.submission import MailboxDue
from services.adapters.store.work import UnitOfWork
from services.chart.places import MOVES, Place
from services.chart.ports import Store
from services.chart.rows import (
    ChartRow,
    JournalRow,
    MessageRow,
    QueryRow,
    TimerRow,
)
from tests.contract.desk import (
    DAY_MS,
    Desk,
    a_chart,
    commit,
    everything,
    is_refused,
    move,
)
from tests.fakes.rows import a_row

LEGAL = [(before, after) for before in MOVES if before for after in sorted(MOVES[before])]
ILLEGAL = [
    (before, after) for before in MOVES if before for after in Place if after not in MOVES[before]
]


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


# -- any move --------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "after"), LEGAL, ids=lambda place: place.value)
def test_a_moved_chart_is_in_its_new_place_and_in_no_other(
    desk: Desk, before: Place, after: Place
) -> None:
    desk.file("c_1", before)
    held = desk.held_by("c_1")
    desk.do(lambda work: move(work, "c_1", after))
    row = desk.chart("c_1")
    assert row.place == after
    assert desk.held_by("c_1") == ([row.place_id] if after is not Place.FINISHED else [])
    assert row.place_id not in held
    desk.assert_clean()


@pytest.mark.parametrize(("before", "after"), ILLEGAL, ids=lambda place: place.value)
def test_a_move_that_is_not_legal_is_a_bug_and_changes_nothing(
    desk: Desk, before: Place, after: Place
) -> None:
    desk.file("c_1", before)
    as_it_was = everything(desk.store)
    work = desk.unit()
    with pytest.raises(AssertionError, match="cannot move"):
        move(work, "c_1", after)
    work.drop()
    commit(work)
    assert everything(desk.store) == as_it_was


def test_two_moves_in_one_stage_leave_one_place(desk: Desk) -> None:
    desk.file("c_1")
    desk.do(
        lambda work: move(work, "c_1", Place.WAITING),
        lambda work: move(work, "c_1", Place.WAITING),
        lambda work: move(work, "c_1", Place.DEAD_LETTER),
        lambda work: move(work, "c_1", Place.DUE),
        lambda work: move(work, "c_1", Place.QUERY),
    )
    assert desk.held_by("c_1") == [desk.chart("c_1").place_id]
    assert desk.store.select(TimerRow, {}) == []
    desk.assert_clean()


def test_a_chart_that_moved_has_one_more_version_however_often_it_moved(desk: Desk) -> None:
    desk.file("c_1")
    desk.clock.ms += 5
    desk.do(
        lambda work: move(work, "c_1", Place.WAITING), lambda work: move(work, "c_1", Place.DUE)
    )
    row = desk.chart("c_1")
    assert (row.version, row.updated_ms) == (2, desk.clock.ms)


def test_a_move_keeps_the_stage_that_made_it(desk: Desk) -> None:
    desk.file("c_1")
    desk.do(lambda work: move(work, "c_1", Place.WAITING), message=desk.message("c_1"))
    assert desk.chart("c_1").stage == "completeness"


# -- say -------------------------------------------------------------------------------------


def test_what_is_said_is_due_for_the_stage_that_takes_it(desk: Desk) -> None:
    desk.file("c_1")
    cause = desk.message("c_1")
    desk.clock.ms += 7
    desk.do(lambda work: work.say(ChartComplete(chart_id="c_1")), message=cause)
    message = desk.message("c_1")
    assert (message.stage, message.kind) == ("coding", "ChartComplete")
    assert orjson.loads(message.body) == {"chart_id": "c_1"}
    assert (message.caused_by, message.trace) == (cause.message_id, cause.trace)
    assert (message.due_ms, message.said_ms) == (desk.clock.ms, desk.clock.ms)
    assert (message.sends, message.attempts, message.errors) == (0, 0, "[]")


def test_what_a_person_starts_begins_a_trace_of_its_own(desk: Desk) -> None:
    desk.file("c_1")
    message = desk.message("c_1")
    assert (message.caused_by, message.trace) == ("", message.message_id)


def test_a_fact_that_no_stage_takes_is_an_entry_in_the_journal_and_moves_nothing(
    desk: Desk,
) -> None:
    desk.file("c_1")
    held = desk.held_by("c_1")
    desk.do(lambda work: work.say(ClaimPaid(chart_id="c_1", claim_id="cl_1")))
    assert desk.held_by("c_1") == held
    assert desk.store.select(JournalRow, {"what": "ClaimPaid"})[0].subject == "c_1"
    desk.assert_clean()


def test_a_fact_beside_the_chart_does_not_move_it(desk: Desk) -> None:
    desk.file("c_1", Place.QUERY)
    query_id = desk.chart("c_1").place_id
    desk.do(lambda work: work.say(QueryRaised(chart_id="c_1", query_id=query_id)))
    assert desk.message(query_id).stage == "query"
    assert desk.chart("c_1").place == Place.QUERY
    desk.assert_clean()


def test_the_messages_of_a_commit_can_run_on_in_it(desk: Desk) -> None:
    work = desk.unit()
    work.add_chart(a_chart("c_1"))
    work.say(ChartReceived(chart_id="c_1"))
    assert work.said(frozenset({"ChartReceived"}), desk.clock.ms) == []
    work.keep()
    (message,) = work.said(frozenset({"ChartReceived", "ChartComplete"}), desk.clock.ms)
    assert message.subject == "c_1"
    assert work.said(frozenset({"ChartComplete"}), desk.clock.ms) == []
    assert work.said(frozenset({"ChartReceived"}), desk.clock.ms - 1) == []
    work.begin(message, "stage:completeness")
    work.put_back(replace(message, attempts=1))
    work.keep()
    assert work.said(frozenset({"ChartReceived"}), desk.clock.ms) == []


def test_whether_a_message_still_holds_its_chart_is_known(desk: Desk) -> None:
    desk.file("c_1")
    message = desk.message("c_1")
    work = desk.unit(message)
    assert not work.moved(message)
    move(work, "c_1", Place.WAITING)
    assert work.moved(message)
    assert work.moved(replace(message, subject="c_none"))


# -- wait, fire, remind ----------------------------------------------------------------------


def test_a_chart_that_waits_wakes_by_itself_with_the_fact_it_left(desk: Desk) -> None:
    desk.file("c_1", Place.WAITING)
    (timer,) = desk.store.due_timers(desk.clock.ms + DAY_MS, 10)
    assert (timer.subject, timer.why, timer.due_ms) == ("c_1", "tea", desk.clock.ms + DAY_MS)
    assert desk.store.due_timers(desk.clock.ms + DAY_MS - 1, 10) == []
    desk.do(lambda work: work.fire(timer))
    assert desk.message("c_1").kind == "ChartComplete"
    assert desk.store.select(TimerRow, {}) == []
    desk.assert_clean()


def test_a_chart_that_is_woken_before_its_time_is_not_woken_again(desk: Desk) -> None:
    desk.file("c_1", Place.WAITING)
    (timer,) = desk.store.select(TimerRow, {})
    slow = desk.unit(who="timers")
    slow.fire(timer)
    desk.do(lambda work: work.say(ChartChanged(chart_id="c_1")))
    assert is_refused(slow)
    assert desk.message("c_1").kind == "ChartChanged"
    desk.assert_clean()


def test_a_reminder_is_set_once_a_kind_and_subject(desk: Desk) -> None:
    def twice(work: UnitOfWork) -> None:
        work.remind(MailboxDue(mailbox="a"), desk.clock.ms + 5, "mail")
        work.remind(MailboxDue(mailbox="a"), desk.clock.ms + 9, "mail")
        work.keep()
        work.remind(MailboxDue(mailbox="a"), desk.clock.ms + 9, "mail")
        work.remind(MailboxDue(mailbox="b"), desk.clock.ms + 6, "mail")

    desk.do(twice)
    desk.do(twice)
    timers = desk.store.select(TimerRow, {}, order_by="due_ms")
    assert [(timer.subject, timer.due_ms - desk.clock.ms) for timer in timers] == [
        ("mailbox:a", 5),
        ("mailbox:b", 6),
    ]


def test_a_reminder_that_has_fired_can_be_set_again_in_the_same_commit(desk: Desk) -> None:
    desk.do(lambda work: work.remind(MailboxDue(mailbox="a"), desk.clock.ms, "mail"))
    (timer,) = desk.store.select(TimerRow, {})
    desk.do(
        lambda work: work.fire(timer),
        lambda work: work.remind(MailboxDue(mailbox="a"), desk.clock.ms + 9, "mail"),
    )
    (again,) = desk.store.select(TimerRow, {})
    assert again.due_ms == desk.clock.ms + 9
    assert desk.message("mailbox:a").stage == "submission"


def test_one_who_counts_on_a_reminder_that_fired_in_the_same_moment_is_refused(
    desk: Desk,
) -> None:
    desk.do(lambda work: work.remind(MailboxDue(mailbox="a"), desk.clock.ms, "mail"))
    counts_on_it, timers = desk.unit(), desk.unit()
    counts_on_it.remind(MailboxDue(mailbox="a"), desk.clock.ms + 9, "mail")
    timers.fire(timers.find(TimerRow, subject="mailbox:a")[0])
    assert [is_refused(timers), is_refused(counts_on_it)] == [False, True]
    assert desk.message("mailbox:a").kind == "MailboxDue"


# -- ask -------------------------------------------------------------------------------------


def test_a_question_that_is_open_is_withdrawn_when_the_chart_goes_on(desk: Desk) -> None:
    desk.file("c_1", Place.QUERY)
    desk.clock.ms += 3
    desk.do(lambda work: work.say(ChartChanged(chart_id="c_1")))
    (query,) = desk.store.select(QueryRow, {})
    assert (query.state, query.closed_ms) == ("withdrawn", desk.clock.ms)


def test_a_question_that_was_answered_stays_answered(desk: Desk) -> None:
    desk.file("c_1", Place.QUERY)

    def answer(work: UnitOfWork) -> None:
        (query,) = work.find(QueryRow, chart_id="c_1")
        work.put(replace(query, state="answered", closed_ms=9))
        work.say(ChartComplete(chart_id="c_1"))

    desk.do(answer)
    (query,) = desk.store.select(QueryRow, {})
    assert (query.state, query.closed_ms) == ("answered", 9)


# -- the message that is being worked on -----------------------------------------------------


def test_a_message_whose_work_is_done_is_gone(desk: Desk) -> None:
    desk.file("c_1")
    message = desk.message("c_1")
    desk.do(lambda work: move(work, "c_1", Place.WAITING), message=message)
    assert desk.unit().seen(message.message_id)
    assert desk.store.select(MessageRow, {}) == []


def test_a_second_delivery_at_the_same_time_is_refused(desk: Desk) -> None:
    desk.file("c_1")
    message = desk.message("c_1")
    units: list[Any] = [desk.unit(message), desk.unit(message)]
    for work in units:
        work.say(CodesAssigned(chart_id="c_1"))
    assert [is_refused(work) for work in units] == [False, True]
    assert desk.message("c_1").kind == "CodesAssigned"
    assert len(desk.store.select(JournalRow, {"what": "CodesAssigned"})) == 1
    desk.assert_clean()


def test_a_message_that_is_put_back_is_due_as_it_says(desk: Desk) -> None:
    desk.file("c_1")
    message = desk.message("c_1")
    later = replace(message, due_ms=message.due_ms + 50, attempts=1, errors='[{"code": "x"}]')
    desk.do(lambda work: work.put_back(later), message=message)
    assert desk.message("c_1") == later
    assert desk.chart("c_1").place_id == message.message_id
    desk.assert_clean()


def test_a_chart_without_a_row_cannot_be_moved(desk: Desk) -> None:
    with pytest.raises(LookupError):
        desk.unit().say(ChartReceived(chart_id="c_none"))
    assert desk.store.select(ChartRow, {}) == []


def test_a_message_about_something_else_needs_no_chart(desk: Desk) -> None:
    desk.do(lambda work: work.say(MessageStored(raw_id="r_1")))
    assert desk.message("r_1").stage == "intake"


def test_a_query_row_is_needed_to_leave_a_question(desk: Desk) -> None:
    desk.do(
        lambda work: work.put(a_row(QueryRow, "q_9", chart_id="c_9", state="open")),
        lambda work: work.add_chart(a_chart("c_9")),
        lambda work: work.say(ChartReceived(chart_id="c_9")),
        lambda work: work.ask(a_row(QueryRow, "q_9", chart_id="c_9", state="open")),
    )
    assert desk.held_by("c_9") == ["q_9"]
    desk.assert_clean()
