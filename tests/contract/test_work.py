"""The unit of work: what a stage sees, what is kept, what is forgotten, over every store."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import orjson
import pytest

from messages.completeness import ChartComplete
from messages.intake import ChartChanged, ChartReceived, MessageStored
from services.adapters.store.journal import GENESIS, broken_at
from services.adapters.store.work import UnitOfWork
from services.chart.model import Coverage, Document, DocumentKind, DocumentStatus, DocumentText
from services.chart.places import Outcome, Place
from services.chart.ports import Conflict, Store
from services.chart.rows import (
    ChartRow,
    CircuitRow,
    ClaimRow,
    CounterRow,
    JournalRow,
    MessageRow,
    RawRow,
    TimerRow,
)
from tests.contract.desk import Desk, a_chart, commit, everything, is_refused, move
from tests.fakes.rows import a_row


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def journal_of(desk: Desk, subject: str) -> list[JournalRow]:
    return desk.store.select(JournalRow, {"subject": subject}, order_by="seq")


# -- what a stage sees -----------------------------------------------------------------------


def test_a_stage_sees_what_it_wrote_and_not_what_it_took_away(desk: Desk) -> None:
    desk.do(lambda work: work.put(a_row(ClaimRow, "cl_1", chart_id="c_1", state="queued")))
    work = desk.unit()
    (stored,) = work.find(ClaimRow, chart_id="c_1")
    work.put(replace(stored, state="sent"))
    work.put(a_row(ClaimRow, "cl_2", chart_id="c_1", state="queued"))
    for _ in range(2):  # as it is open, then as it is kept
        assert {row.claim_id: row.state for row in work.find(ClaimRow, chart_id="c_1")} == {
            "cl_1": "sent",
            "cl_2": "queued",
        }
        assert [row.claim_id for row in work.find(ClaimRow, state="queued")] == ["cl_2"]
        assert work.get(ClaimRow, "cl_2").state == "queued"
        work.keep()
    assert len(desk.store.select(ClaimRow, {})) == 1


def test_a_stage_does_not_see_a_row_that_it_took_away(desk: Desk) -> None:
    desk.file("c_1", Place.WAITING)
    work = desk.unit()
    move(work, "c_1", Place.DUE)
    for _ in range(2):
        assert work.find(TimerRow, subject="c_1") == []
        work.keep()
    work.drop()
    assert work.find(TimerRow, subject="c_1") == []


def test_find_takes_any_of_several_values(desk: Desk) -> None:
    for key in ("cl_1", "cl_2", "cl_3"):
        desk.do(lambda work, key=key: work.put(a_row(ClaimRow, key, state=key)))  # type: ignore[misc]
    work = desk.unit()
    work.put(a_row(ClaimRow, "cl_4", state="cl_1"))
    found = {row.claim_id for row in work.find(ClaimRow, state=["cl_1", "cl_3"])}
    assert found == {"cl_1", "cl_3", "cl_4"}


def test_what_is_read_once_stays_as_it_was_read(desk: Desk) -> None:
    desk.do(lambda work: work.put(a_row(ClaimRow, "cl_1", state="queued")))
    work = desk.unit()
    before = work.get(ClaimRow, "cl_1")
    desk.do(lambda other: other.put(replace(other.get(ClaimRow, "cl_1"), state="sent")))
    assert work.get(ClaimRow, "cl_1") == before
    work.put(replace(before, state="rejected"))
    assert is_refused(work)
    assert desk.unit().get(ClaimRow, "cl_1").state == "sent"


def test_what_is_not_there_is_a_lookup_error(desk: Desk) -> None:
    work = desk.unit()
    for read in (
        lambda: work.get(ClaimRow, "cl_0"),
        lambda: work.raw("r_0"),
        lambda: work.chart("c_0"),
    ):
        with pytest.raises(LookupError):
            read()
    assert work.chart_at("F", "c_0") is None
    assert work.document_texts("c_0") == []


def test_rows_that_are_read_in_one_go_are_seen_like_any_other(desk: Desk) -> None:
    desk.file("c_1")
    work = desk.unit()
    work.preload(ChartRow, ["c_1", "c_0", "c_1"])
    work.preload(ChartRow, ["c_1"])
    assert work.get(ChartRow, "c_1") == desk.chart("c_1")
    assert work.find(ChartRow, chart_id="c_0") == []


def test_a_row_that_was_not_read_is_never_written_over(desk: Desk) -> None:
    desk.do(lambda work: work.put(a_row(CircuitRow, "payer", failures=1)))
    blind = desk.unit()
    blind.put(a_row(CircuitRow, "payer", failures=9))
    assert is_refused(blind)
    assert desk.unit().get(CircuitRow, "payer").failures == 1


# -- charts ----------------------------------------------------------------------------------


def test_a_chart_is_seen_as_it_was_saved_last(desk: Desk) -> None:
    desk.file("c_1")
    work = desk.unit()
    changed = a_chart("c_1", coverages=(Coverage(payer_id="P7"),))
    work.save_chart(changed)
    assert work.chart("c_1") == work.chart_at("F", "c_1") == changed
    work.keep()
    assert work.chart("c_1") == work.chart_at("F", "c_1") == changed
    assert desk.unit().chart("c_1") == a_chart("c_1")
    commit(work)
    for reader in (desk, Desk(desk.store)):  # one that knows it, one that parses it
        assert reader.unit().chart("c_1") == changed
    assert desk.chart("c_1").payer_id == "P7"


def test_saving_a_chart_leaves_it_where_it_is(desk: Desk) -> None:
    desk.file("c_1", Place.WAITING)
    before = desk.chart("c_1")
    desk.clock.ms += 5
    desk.do(lambda work: work.save_chart(a_chart("c_1", changed_after_claim=True)))
    after = desk.chart("c_1")
    assert (after.place, after.place_id) == (before.place, before.place_id)
    assert (after.version, after.updated_ms) == (before.version + 1, desk.clock.ms)
    desk.assert_clean()


def test_a_chart_that_others_changed_is_read_anew_however_the_race_went(desk: Desk) -> None:
    desk.file("c_1")
    slow = desk.unit(desk.message("c_1"))
    slow.say(ChartComplete(chart_id="c_1"))
    assert slow.chart("c_1") == a_chart("c_1")
    changed = a_chart("c_1", changed_after_claim=True)
    other = Desk(desk.store)  # another process
    other.ids = desk.ids
    other.do(lambda work: work.save_chart(changed), lambda work: move(work, "c_1", Place.WAITING))
    assert is_refused(slow)
    assert desk.unit().chart("c_1") == changed


def test_two_charts_with_one_account_are_refused(desk: Desk) -> None:
    def add(chart_id: str) -> UnitOfWork:
        work = desk.unit()
        work.add_chart(a_chart(chart_id, account="A1"))
        work.say(ChartReceived(chart_id=chart_id))
        return work

    one, other = add("c_1"), add("c_2")
    assert [is_refused(one), is_refused(other)] == [False, True]
    assert desk.store.select(MessageRow, {"subject": "c_2"}) == []
    desk.assert_clean()


def test_the_texts_of_a_chart_are_kept_by_document_and_version(desk: Desk) -> None:
    desk.file("c_1")

    def text(document_id: str, version: int, words: str) -> DocumentText:
        kind, status = DocumentKind.CLINIC_NOTE, DocumentStatus.SIGNED
        head = Document(document_id=document_id, kind=kind, status=status, version=version)
        return DocumentText(head=head, text=words)

    desk.do(
        lambda work: work.save_document("c_1", text("d1", 1, "first")),
        lambda work: work.save_document("c_1", text("d1", 2, "second")),
        lambda work: work.save_document("c_1", text("d2", 1, "other")),
        lambda work: work.save_document("c_1", text("d2", 1, "again")),
    )
    texts = desk.unit().document_texts("c_1")
    assert sorted((row.document_id, row.version, row.text) for row in texts) == [
        ("d1", 1, "first"),
        ("d1", 2, "second"),
        ("d2", 1, "again"),
    ]


# -- kept and dropped ------------------------------------------------------------------------


def write_everything(work: UnitOfWork, called: list[str]) -> None:
    """One of everything that a stage may write."""
    work.save_chart(a_chart("c_1", changed_after_claim=True))
    work.put(a_row(RawRow, "r_9"))
    work.next_number("isa")
    work.note("c_1", "noted")
    work.remind(ChartComplete(chart_id="c_1"), 5, "tea")
    move(work, "c_1", Place.DEAD_LETTER)
    work.after_commit("call", lambda: called.append("dropped"))


def test_what_a_failed_stage_wrote_never_was(desk: Desk) -> None:
    desk.file("c_1")
    as_it_was = everything(desk.store)
    called: list[str] = []
    work = desk.unit(desk.message("c_1"))
    write_everything(work, called)
    work.drop()
    assert work.chart("c_1") == a_chart("c_1")
    assert not work.seen(desk.message("c_1").message_id)
    commit(work)
    assert everything(desk.store) == as_it_was
    assert called == []


def test_a_stage_that_fails_takes_nothing_down_that_was_kept_before(desk: Desk) -> None:
    desk.file("c_1")
    desk.file("c_2")
    called: list[str] = []
    work = desk.unit(desk.message("c_2"))
    work.next_number("isa")
    move(work, "c_2", Place.FINISHED)
    work.after_commit("kept", lambda: called.append("kept"))
    work.keep()
    work.begin(desk.message("c_1"), "stage:completeness")
    write_everything(work, called)
    work.drop()
    work.begin(None, "tester")
    assert work.next_number("isa") == 2
    commit(work)
    assert desk.chart("c_2").outcome == Outcome.PAID
    assert desk.chart("c_1").place == Place.DUE
    assert called == ["kept"]
    desk.assert_clean()


def test_what_is_not_kept_is_not_committed(desk: Desk) -> None:
    work = desk.unit()
    work.put(a_row(RawRow, "r_9"))
    work.commit()
    assert desk.store.select(RawRow, {}) == []


def test_a_unit_that_finds_somebody_was_faster_changes_nothing(desk: Desk) -> None:
    desk.file("c_1")
    called: list[str] = []
    slow = desk.unit(desk.message("c_1"))
    write_everything(slow, called)
    slow.keep()
    desk.do(lambda work: work.say(ChartChanged(chart_id="c_1")))
    as_it_was = everything(desk.store)
    with pytest.raises(Conflict):
        slow.commit()
    assert everything(desk.store) == as_it_was
    assert called == []
    assert desk.unit().chart("c_1") == a_chart("c_1")
    desk.assert_clean()


def test_what_follows_a_commit_is_called_once_a_name_and_after_it_stands(desk: Desk) -> None:
    seen: list[tuple[str, int]] = []

    def call(name: str) -> Callable[[], None]:
        return lambda: seen.append((name, len(desk.store.select(RawRow, {}))))

    work = desk.unit()
    work.put(a_row(RawRow, "r_1"))
    work.after_commit("mail", call("first"))
    work.keep()
    work.after_commit("mail", call("second"))
    work.after_commit("other", call("other"))
    work.keep()
    assert seen == []
    work.commit()
    assert seen == [("second", 1), ("other", 1)]


# -- numbers ---------------------------------------------------------------------------------


def test_a_stage_that_fails_uses_up_no_number(desk: Desk) -> None:
    given = []
    for fails in (False, True, True, False, True, False):
        work = desk.unit()
        number = work.next_number("isa")
        if fails:
            work.drop()
        else:
            given.append(number)
            work.keep()
        work.commit()
    assert given == [1, 2, 3]
    assert desk.unit().next_number("gs") == 1


def test_a_number_is_given_once_whoever_asks_at_the_same_time(desk: Desk) -> None:
    given: list[int] = []
    start = threading.Barrier(3)

    def take(count: int) -> None:
        start.wait()
        while count:
            work = desk.unit()
            number = work.next_number("isa")
            if not is_refused(work):
                given.append(number)
                count -= 1

    threads = [threading.Thread(target=take, args=(8,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(given) == list(range(1, 25))
    assert desk.store.select(CounterRow, {}) == [CounterRow("isa", 24)]


# -- the journal -----------------------------------------------------------------------------


def test_every_change_says_who_what_when_and_why(desk: Desk) -> None:
    desk.file("c_1")
    message = desk.message("c_1")
    desk.clock.ms += 9
    work = UnitOfWork(desk.store, desk.clock, desk.ids)
    work.adopt([message])
    work.begin(message, "stage:completeness")
    work.note("c_1", "looked", "curious", rule="R1")
    move(work, "c_1", Place.WAITING)
    commit(work)
    first, looked, waits = journal_of(desk, "c_1")
    assert (first.seq, first.what, first.who, first.previous_hash) == (
        1,
        "ChartReceived",
        "tester",
        GENESIS,
    )
    assert (looked.who, looked.what, looked.why, looked.at_ms) == (
        "stage:completeness",
        "looked",
        "curious",
        desk.clock.ms,
    )
    assert orjson.loads(looked.detail) == {"rule": "R1", "message": message.message_id}
    assert (waits.what, waits.why) == ("chart.waits", "tea")
    assert orjson.loads(waits.detail)["at"] == desk.chart("c_1").place_id


@pytest.mark.parametrize("subject", ["c_1", "r_1"])
def test_the_chain_of_a_journal_holds_over_commits_and_failures(desk: Desk, subject: str) -> None:
    desk.file("c_1")
    for number in range(4):
        work = desk.unit()
        work.note(subject, f"kept {number}")
        work.keep()
        work.note(subject, f"kept too {number}")
        work.keep()
        work.note(subject, f"dropped {number}")
        work.drop()
        work.commit()
    entries = journal_of(desk, subject)
    noted = [entry.what for entry in entries if entry.what != "ChartReceived"]
    assert noted == [what for n in range(4) for what in (f"kept {n}", f"kept too {n}")]
    assert broken_at(entries) is None
    desk.assert_clean()


def test_two_who_note_at_the_same_time_do_not_fork_the_chain(desk: Desk) -> None:
    for subject in ("c_1", "r_1"):
        if subject == "c_1":
            desk.file("c_1")
        one, other = desk.unit(), desk.unit()
        one.note(subject, "one")
        other.note(subject, "other")
        assert [is_refused(one), is_refused(other)] == [False, True]
        assert broken_at(journal_of(desk, subject)) is None


# -- the seen-mark ---------------------------------------------------------------------------


def test_the_message_that_is_being_worked_on_is_seen_as_done(desk: Desk) -> None:
    desk.do(lambda work: work.say(MessageStored(raw_id="r_1")))
    message = desk.message("r_1")
    work = UnitOfWork(desk.store, desk.clock, desk.ids)
    assert not work.seen(message.message_id)
    work.begin(message, "stage:intake")
    assert work.seen(message.message_id)
    work.drop()
    assert not work.seen(message.message_id)
