"""fsck finds every way in which a promise can break."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from messages.completeness import ChartComplete
from messages.intake import ChartReceived, MessageStored
from services.adapters.store.fsck import fsck
from services.adapters.store.work import UnitOfWork
from services.chart.model import Chart, Patient
from services.chart.places import Outcome
from services.chart.rows import (
    ChartRow,
    ClaimRow,
    DeadLetterRow,
    JournalRow,
    MessageRow,
    RawRow,
    TimerRow,
)
from tests.fakes.backend import MemoryBackend
from tests.fakes.clock import CountingIds, FakeClock
from workers.door import Delivery, accept


def a_claim(number: int, event: str, chart_id: str, state: str = "sent") -> ClaimRow:
    return ClaimRow(
        claim_id=f"cl_{number}",
        chart_id=chart_id,
        billing_event=event,
        sequence=number,
        control_number=f"{number:09d}",
        transaction="837P",
        frequency="1",
        payer_id="P",
        total_cents=100,
        state=state,
        submission_id="",
        payer_control_number="",
        paid_cents=0,
        patient_cents=0,
        created_ms=0,
        updated_ms=0,
        body="{}",
    )


def a_store() -> MemoryBackend:
    """One chart that is due, one that waits, one finished, one unread message."""
    store, clock, ids = MemoryBackend(), FakeClock(), CountingIds()
    accept(store, clock, ids, [Delivery(b"x")])
    work = UnitOfWork(store, clock, ids)
    work.begin(None, "test")
    for name in ("due", "waits", "done"):
        chart_id = f"c_{name}"
        chart = Chart(chart_id=chart_id, facility="F", account=name, patient=Patient(mrn="1"))
        work.add_chart(chart)
        work.say(ChartReceived(chart_id=chart_id))
    work.wait("c_waits", ChartComplete(chart_id="c_waits"), clock.ms + 10, "tea")
    work.finish("c_done", Outcome.PAID)
    work.put(a_claim(1, "F|done|837P", "c_done", state="paid"))
    work.keep()
    work.commit()
    return store


def lose(row_type: type, subject: str) -> Callable[[MemoryBackend], None]:
    def breaking(store: MemoryBackend) -> None:
        rows = store.rows[row_type]
        for key in [key for key, row in rows.items() if row.subject == subject]:
            del rows[key]

    return breaking


def second_timer(store: MemoryBackend) -> None:
    timer = TimerRow("t_x", "c_due", "other", "ChartComplete", "{}", 0, "", 0)
    store.rows[TimerRow]["t_x"] = timer


def stray_letter(store: MemoryBackend) -> None:
    letter = DeadLetterRow(
        "d_x", "c_nobody", "coding", "x.y", "s", "f", "", "coder", "open",
        "ChartComplete", "{}", "[]", 0, 0, 0, 0, "", "",
    )  # fmt: skip
    store.rows[DeadLetterRow]["d_x"] = letter


def changed_entry(store: MemoryBackend) -> None:
    rows = store.rows[JournalRow]
    rows["c_done/000001"] = replace(rows["c_done/000001"], why="another reason")


def removed_entry(store: MemoryBackend) -> None:
    del store.rows[JournalRow]["c_done/000002"]


def removed_journal(store: MemoryBackend) -> None:
    for key in [key for key in store.rows[JournalRow] if key.startswith("c_due/")]:
        del store.rows[JournalRow][key]


def billed_twice(store: MemoryBackend) -> None:
    store.rows[ClaimRow]["cl_2"] = a_claim(2, "F|done|837P", "c_done")


def claim_of_nobody(store: MemoryBackend) -> None:
    store.rows[ClaimRow]["cl_3"] = a_claim(3, "other", "c_nobody")


def stopped_raw(store: MemoryBackend) -> None:
    (key,) = store.rows[RawRow]
    raw = store.rows[RawRow][key]
    store.rows[RawRow][key] = replace(raw, state="stopped")
    store.rows[MessageRow] = {k: m for k, m in store.rows[MessageRow].items() if m.subject != key}


def unread_raw(store: MemoryBackend) -> None:
    (key,) = store.rows[RawRow]
    lose(MessageRow, key)(store)


BREAKS = {
    "a chart whose message is gone": (lose(MessageRow, "c_due"), 2),
    "a chart whose timer is gone": (lose(TimerRow, "c_waits"), 2),
    "a chart in two places": (second_timer, 2),
    "a dead letter of no chart": (stray_letter, 2),
    "a journal entry that was changed": (changed_entry, 6),
    "a journal entry that was removed": (removed_entry, 6),
    "a journal that was removed": (removed_journal, 6),
    "two live claims for one billing event": (billed_twice, 3),
    "a claim of no chart": (claim_of_nobody, 3),
    "an acknowledged message that nothing will read": (unread_raw, 1),
    "a stopped message without a dead letter": (stopped_raw, 1),
}


def test_a_whole_store_is_clean() -> None:
    verdict = fsck(a_store())
    assert verdict.clean, verdict.faults
    assert (verdict.charts, verdict.raws, verdict.claims) == (3, 1, 1)


@pytest.mark.parametrize("name", BREAKS)
def test_it_finds(name: str) -> None:
    store = a_store()
    breaking, promise = BREAKS[name]
    breaking(store)
    faults = fsck(store).faults
    assert [fault.promise for fault in faults if fault.promise == promise], faults


def test_a_rejected_claim_may_be_followed_by_another() -> None:
    store = a_store()
    store.rows[ClaimRow]["cl_1"] = a_claim(1, "F|done|837P", "c_done", state="rejected")
    store.rows[ClaimRow]["cl_2"] = a_claim(2, "F|done|837P", "c_done")
    assert fsck(store).clean


def test_messages_of_intake_are_on_their_way() -> None:
    store = a_store()
    kinds = {row.kind for row in store.select(MessageRow, {})}
    assert kinds == {MessageStored.__name__, ChartReceived.__name__}
    assert len(store.select(ChartRow, {})) == 3
