"""Journeys on which the sender or the power supply misbehaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest

from config.settings import Settings
from messages.path import Stage
from services.adapters.store.fsck import fsck
from services.chart.places import Outcome
from services.chart.rows import (
    ChartRow,
    ClaimRow,
    MessageRow,
    PaymentRow,
    RawRow,
    TimerRow,
)
from tests.journey.conftest import Opening
from tests.journey.whole_line import (
    HOUR_MS,
    KEPT,
    MINUTE_MS,
    SECOND_MS,
    Sender,
    WholeLine,
    a_sender,
    assert_sound,
)
from workers.boot import open_embedded
from workers.demo import hl7_writer
from workers.demo.differences import conflict, truncated, uncovered
from workers.demo.facts import ChartFacts
from workers.demo.outgoing import OutgoingMessage
from workers.demo.scenarios import WRITERS
from workers.door import Delivery, accept
from workers.embedded import INNER

PAID = ("finished", "paid")
FORMATS = list(WRITERS)


def registration(sender: Sender, event: str, hours: int = 24) -> OutgoingMessage:
    """An ADT message about the encounter, some time after it began."""
    return hl7_writer.adt(sender.facts, event, sender.facts.begins + timedelta(hours=hours))


def cost_more(facts: ChartFacts) -> ChartFacts:
    """The first charge becomes dearer."""
    first, *others = facts.charges
    dearer = first.model_copy(update={"amount": first.amount + 10})
    return replace(facts, charges=(dearer, *others))


# -- the sender -------------------------------------------------------------------------------


@pytest.mark.parametrize("via", FORMATS)
def test_a_resend_at_any_time_does_nothing_twice(line: WholeLine, via: str) -> None:
    sender = a_sender("ed-migraine", via=via)
    messages = sender.messages()
    line.send([*messages, *messages])
    line.send(messages)
    line.go(MINUTE_MS)
    line.send(messages)
    line.go(MINUTE_MS)
    assert line.place(sender) == PAID
    assert line.states() == {"filed": len(messages), "duplicate": 3 * len(messages)}
    assert (len(line.rows(ChartRow)), len(line.rows(PaymentRow))) == (1, 1)
    assert_sound(line, originals=1)


def test_a_control_id_that_is_used_twice_is_for_a_person_and_holds_nothing_up(
    line: WholeLine,
) -> None:
    sender = a_sender("clinic-knee-injection", via="hl7")
    _, other, *_ = raws = line.send(conflict(sender.facts, sender.messages()))
    line.go(MINUTE_MS)
    assert line.place(sender) == PAID
    assert line.letter(other).code == "intake.control-id-conflict"
    assert line.states() == {"filed": len(raws) - 1, "stopped": 1}
    assert line.one(RawRow, raw_id=other).content, "its bytes are kept"
    assert_sound(line, originals=1)


def test_a_message_that_was_cut_off_is_kept_and_the_whole_one_goes_its_way(
    line: WholeLine,
) -> None:
    sender = a_sender("clinic-diabetes-check", via="hl7")
    (broken,) = line.send(truncated(sender.facts, sender.messages()))
    line.send(sender.messages())
    line.go(MINUTE_MS)
    assert line.place(sender) == PAID
    assert line.letter(broken).code == "intake.unreadable-hl7"
    assert_sound(line, originals=1)


@pytest.mark.parametrize("later", [0, MINUTE_MS], ids=["before coding", "while it waits"])
def test_an_encounter_that_is_cancelled_in_time_is_never_billed(
    line: WholeLine, later: int
) -> None:
    sender = a_sender("clinic-annual-wellness")
    line.send(sender.messages()[:1])  # the note and the charges are still to come
    line.go(later)
    line.send([registration(sender, "A11")])
    line.go(MINUTE_MS)
    assert line.place(sender) == ("finished", "cancelled")
    assert line.rows(ClaimRow) == []
    assert [one.kind for one in line.rows(TimerRow)] == ["MailboxDue"]
    assert_sound(line, originals=0)


def test_a_claim_that_is_queued_when_its_chart_is_discarded_is_not_sent(line: WholeLine) -> None:
    sender = a_sender("clinic-annual-wellness")
    line.send(sender.messages())
    line.settle()
    (claim,) = line.claims(sender)
    assert claim.state == "queued"
    chart_id = line.chart(sender).chart_id
    line.person("ops", lambda desk: desk.finish(chart_id, Outcome.DISCARDED))
    line.go(MINUTE_MS)
    assert line.claims(sender)[0].state == "rejected"
    assert "claim.withdrawn" in line.said(chart_id)
    assert_sound(line, originals=0)


def test_a_chart_that_changes_after_its_claim_is_for_a_biller_when_it_is_paid(
    open_line: Opening,
) -> None:
    line = open_line(payment_delay_ms=HOUR_MS)
    sender = a_sender("clinic-low-back-pain")
    line.send(sender.messages())
    line.go(MINUTE_MS)
    assert line.place(sender) == ("waiting", "remittance")

    line.send(sender.changed(cost_more).sent_again())
    line.go(MINUTE_MS)
    assert line.place(sender) == ("waiting", "remittance"), "the claim that is out stands"
    line.go(2 * HOUR_MS)
    assert line.reason(sender) == "remittance.changed-after-claim"
    (claim,) = line.claims(sender)
    assert (claim.state, claim.sequence) == ("paid", 1)

    line.resume(line.chart(sender).chart_id)
    line.go(MINUTE_MS)
    assert line.place(sender) == PAID
    assert_sound(line, originals=1)


def test_a_chart_that_changes_before_its_claim_is_billed_as_it_is_now(line: WholeLine) -> None:
    uncovered_ = a_sender("clinic-low-back-pain", via="json", change=uncovered)
    covered = a_sender("clinic-low-back-pain", via="json", change=cost_more)
    line.send(uncovered_.messages())
    line.settle()
    assert "coverage" in line.waits_for(uncovered_)
    line.send(covered.sent_again())
    line.go(MINUTE_MS)
    assert line.place(covered) == PAID
    total = sum(int(one.amount * 100) for one in covered.facts.charges)
    assert line.claims(covered)[0].total_cents == total
    assert_sound(line, originals=1)


# -- the power supply -------------------------------------------------------------------------


@pytest.mark.parametrize("via", FORMATS)
def test_a_line_that_is_restarted_after_every_turn_gets_there(line: WholeLine, via: str) -> None:
    sender = a_sender("inpatient-knee-replacement", via=via)
    for message in sender.messages():
        line.send([message])
        line.restart()
    for _ in range(40):
        line.turn()
        line.restart()
        line.clock.ms += SECOND_MS
    line.settle()
    assert line.place(sender) == PAID
    assert_sound(line, originals=1)


def test_what_a_dead_process_had_taken_is_due_at_once(line: WholeLine) -> None:
    sender = a_sender("ed-migraine")
    line.send(sender.messages())
    now = line.clock.now_ms()
    taken = line.store.lease(tuple(Stage), now, now + HOUR_MS, 50)
    assert len(taken) >= len(sender.messages())
    assert line.lanes.turn(INNER) == 0, "nobody else touches it"
    line.restart()
    line.go(MINUTE_MS)
    assert line.place(sender) == PAID
    assert_sound(line, originals=1)


def test_a_process_that_dies_in_every_commit_loses_and_doubles_nothing(line: WholeLine) -> None:
    """The stage has run and its commit has not happened, once for every turn."""
    sender = a_sender("clinic-diabetes-check")
    line.send(sender.messages())
    for _ in range(40):
        line.turn_without_commit()
        line.restart()
        line.turn()
        line.clock.ms += SECOND_MS
    line.settle()
    assert line.place(sender) == PAID
    assert_sound(line, originals=1)


def test_the_line_as_a_process_starts_it_takes_a_chart_all_the_way(tmp_path: Path) -> None:
    (tmp_path / "codesets").symlink_to(KEPT / "codesets", target_is_directory=True)
    settings = Settings(
        data_dir=tmp_path,
        log_level="CRITICAL",
        mailbox_poll_ms=50,
        batch_window_ms=50,
        idle_wait_ms=20,
    )
    messages = a_sender("ed-wrist-fracture").messages()
    with open_embedded(settings) as lanes:
        runtime = lanes.runtime
        for one in messages:
            delivery = Delivery(one.content, one.content_type, one.feed)
            accept(runtime.backend, runtime.clock, runtime.ids, [delivery])
        until = monotonic() + 20
        while not (paid := runtime.backend.select(ChartRow, {"outcome": "paid"})):
            assert monotonic() < until, "the chart does not arrive"
            sleep(0.02)
        assert lanes.stop(10), "every lane ends when it is told to"
        assert len(paid) == 1
        assert fsck(runtime.backend).clean
        assert {one.kind for one in runtime.backend.select(MessageRow, {})} <= {"MailboxDue"}
