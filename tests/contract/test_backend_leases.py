"""What every store promises about leases: no message is given to two, and none is forgotten."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from services.chart.ports import Changes, Conflict, Store
from services.chart.rows import ChartRow, CounterRow, JournalRow, MessageRow
from tests.fakes.rows import a_row


def insert(store: Store, *rows: Any) -> None:
    store.apply(Changes(inserts=list(rows)))


def due(key: str, due_ms: int = 0, stage: str = "coding", **fields: Any) -> MessageRow:
    return a_row(MessageRow, key, stage=stage, due_ms=due_ms, **fields)


def ids(rows: list[MessageRow]) -> list[str]:
    return [row.message_id for row in rows]


def test_a_lease_takes_what_is_due_oldest_first(store: Store) -> None:
    insert(store, due("m3", 30), due("m1", 10), due("later", 101), due("m2", 20), due("m0", 20))
    assert ids(store.lease(["coding"], 100, 900, 10)) == ["m1", "m0", "m2", "m3"]


def test_a_message_is_due_at_its_very_millisecond(store: Store) -> None:
    insert(store, due("m1", 100))
    assert store.lease(["coding"], 99, 900, 10) == []
    assert ids(store.lease(["coding"], 100, 900, 10)) == ["m1"]


def test_a_lease_takes_the_oldest_up_to_its_limit(store: Store) -> None:
    insert(store, *[due(f"m{n}", 50 - n) for n in range(9)])
    assert ids(store.lease(["coding"], 100, 900, 3)) == ["m8", "m7", "m6"]
    assert ids(store.lease(["coding"], 100, 900, 3)) == ["m5", "m4", "m3"]
    assert store.lease(["coding"], 100, 900, 0) == []


def test_a_lease_is_for_its_stages_only_and_their_messages_come_mixed(store: Store) -> None:
    insert(store, due("c1", 1), due("q2", 2, "query"), due("i3", 3, "intake"), due("c4", 4))
    assert ids(store.lease(["coding", "intake"], 100, 900, 3)) == ["c1", "i3", "c4"]
    assert store.lease([], 100, 900, 3) == []
    assert ids(store.lease({"query", "intake"}, 100, 900, 3)) == ["q2"]


def test_a_lease_gives_the_row_as_it_is_now_stored(store: Store) -> None:
    insert(store, due("m1", 5, sends=2, attempts=1, body='{"a": 1}', trace="t"))
    (leased,) = store.lease(["coding"], 100, 900, 10)
    assert leased == due("m1", 900, sends=3, attempts=1, body='{"a": 1}', trace="t")
    assert store.select(MessageRow, {}) == [leased]


def test_a_lease_that_has_ended_is_due_again(store: Store) -> None:
    insert(store, due("m1"))
    store.lease(["coding"], 100, 900, 1)
    assert store.lease(["coding"], 899, 950, 1) == []
    (again,) = store.lease(["coding"], 900, 1_900, 1)
    assert again.sends == 2


def test_a_released_message_is_due_and_was_not_sent(store: Store) -> None:
    insert(store, due("m1"), due("m2"), due("m3"))
    store.lease(["coding"], 100, 900, 3)
    store.release(["m1", "m3", "unknown"], 200)
    assert store.lease(["coding"], 199, 900, 9) == []
    released = store.lease(["coding"], 200, 900, 9)
    assert [(row.message_id, row.sends) for row in released] == [("m1", 1), ("m3", 1)]


def test_a_release_without_a_lease_does_not_count_below_zero(store: Store) -> None:
    insert(store, due("m1"))
    store.release(["m1"], 7)
    store.release([], 8)
    assert store.select(MessageRow, {}) == [due("m1", 7)]


def test_many_thousand_leases_may_be_released_at_once(store: Store) -> None:
    insert(store, *[due(f"m{n}") for n in range(3_000)])
    leased = store.lease(["coding"], 0, 900, 5_000)
    store.release(ids(leased), 0)
    assert len(store.lease(["coding"], 0, 900, 5_000)) == 3_000


def test_a_message_put_back_by_one_who_lost_its_lease_is_a_conflict(store: Store) -> None:
    insert(store, due("m1"))
    (slow,) = store.lease(["coding"], 100, 200, 1)
    store.lease(["coding"], 200, 300, 1)
    with pytest.raises(Conflict):
        store.apply(Changes(updates=[(slow, replace(slow, due_ms=150, sends=0))]))


def test_leased_messages_are_counted_by_stage(store: Store) -> None:
    insert(store, due("c1"), due("c2"), due("c3"), due("q1", stage="query"))
    insert(store, due("waits", 800))  # not before 800, but nobody holds it
    store.lease(["coding"], 100, 900, 2)
    store.lease(["query"], 100, 900, 2)
    assert store.count_leased(100) == {"coding": 1, "query": 1}
    assert store.count_leased(900) == {}


def test_forgotten_leases_are_due_at_once_and_waits_are_kept(store: Store) -> None:
    insert(store, due("m1"), due("m2"), due("waits", 800))
    store.lease(["coding"], 100, 900, 2)
    assert store.forget_leases(150) == 2
    again = store.lease(["coding"], 150, 900, 9)
    assert [(row.message_id, row.sends) for row in again] == [("m1", 2), ("m2", 2)]


# -- many at once ----------------------------------------------------------------------------


def in_threads(number: int, work: Any) -> None:
    """Run `work(n)` in so many threads at once; what one raises is raised here."""
    errors: list[BaseException] = []
    start = threading.Barrier(number)

    def run(n: int) -> None:
        start.wait()
        try:
            work(n)
        except BaseException as error:  # noqa: BLE001 - raised again below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not errors, errors


def test_two_leasers_never_share_a_message(store: Store) -> None:
    insert(store, *[due(f"m{n:03}", n) for n in range(400)])
    taken: list[str] = []

    def take(_: int) -> None:
        misses = 0
        while misses < 3:
            leased = store.lease(["coding"], 1_000, 9_000, 7)
            taken.extend(ids(leased))
            misses = 0 if leased else misses + 1

    in_threads(8, take)
    assert sorted(taken) == [f"m{n:03}" for n in range(400)]


def test_eight_workers_lose_nothing_and_do_nothing_twice(store: Store) -> None:
    """Each message moves its chart to the next of three stages; leases end too early on purpose."""
    stages = ["completeness", "coding", "assembly"]
    charts = [a_row(ChartRow, f"c{n:02}", version=1) for n in range(40)]
    insert(store, *charts, *[first_message(chart, stages[0]) for chart in charts])
    now = iter(range(1, 10**9))
    clock = threading.Lock()

    def tick() -> int:
        with clock:
            return next(now)

    def work(_: int) -> None:
        while store.count(MessageRow, {}) != {(): 0}:
            moment = tick()
            for message in store.lease(stages, moment, moment + 2, 5):
                take_further(store, message, stages, moment)

    in_threads(8, work)
    assert {row.version for row in store.select(ChartRow, {})} == {4}
    entries = Counter(row.subject for row in store.select(JournalRow, {}))
    assert entries == {chart.chart_id: 3 for chart in charts}


def first_message(chart: ChartRow, stage: str) -> MessageRow:
    return due(f"{chart.chart_id}-{stage}", stage=stage, subject=chart.chart_id)


def take_further(store: Store, message: MessageRow, stages: list[str], moment: int) -> None:
    (chart,) = store.select(ChartRow, {"chart_id": message.subject})
    position = stages.index(message.stage)
    changes = Changes(deletes=[message])
    changes.updates.append((chart, replace(chart, version=chart.version + 1)))
    entry = f"{chart.chart_id}-{chart.version}"
    changes.inserts.append(
        a_row(JournalRow, entry, subject=chart.chart_id, seq=chart.version, at_ms=moment)
    )
    if position + 1 < len(stages):
        changes.inserts.append(first_message(chart, stages[position + 1]))
    try:
        store.apply(changes)
    except Conflict:
        return  # somebody else has done it


def test_a_number_series_has_no_gap_and_no_number_twice(store: Store) -> None:
    insert(store, a_row(CounterRow, "series"))
    drawn: list[int] = []

    def draw(_: int) -> None:
        for _ in range(10):
            while True:
                (counter,) = store.select(CounterRow, {})
                after = replace(counter, value=counter.value + 1)
                try:
                    store.apply(Changes(updates=[(counter, after)]))
                except Conflict:
                    continue
                drawn.append(after.value)
                break

    in_threads(4, draw)
    assert sorted(drawn) == list(range(1, 41))


# -- waiting ---------------------------------------------------------------------------------


def lease_when_woken(store: Store) -> list[str]:
    """Wait and look until there is a message; a listener may ring for nothing when it begins."""
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        if leased := ids(store.lease(["coding"], 0, 1, 1)):
            return leased
        store.wait_for_message(ends - time.monotonic())
    return []


def test_a_wait_ends_when_its_time_is_over(store: Store) -> None:
    store.lease(["coding"], 0, 1, 1)
    for _ in range(20):
        began = time.monotonic()
        if not store.wait_for_message(0.3):
            break
    assert 0.25 < time.monotonic() - began < 5


@pytest.mark.parametrize("how", ["insert", "release", "forget"])
def test_a_waiter_is_woken_by_a_message_that_becomes_due(store: Store, how: str) -> None:
    if how != "insert":
        insert(store, due("m1"))
        store.lease(["coding"], 0, 10**15, 1)
    acts: dict[str, Callable[[], object]] = {
        "insert": lambda: insert(store, due("m1")),
        "release": lambda: store.release(["m1"], 0),
        "forget": lambda: store.forget_leases(0),
    }
    later = threading.Timer(0.3, acts[how])
    later.start()
    began = time.monotonic()
    assert lease_when_woken(store) == ["m1"]
    assert time.monotonic() - began < 10
    later.join()


def test_a_message_between_looking_and_waiting_is_not_missed(store: Store) -> None:
    store.wait_for_message(0.2)
    assert store.lease(["coding"], 0, 1, 1) == []
    insert(store, due("m1"))
    assert store.wait_for_message(20) is True


def test_closing_wakes_who_waits_and_the_store_opens_again(store: Store) -> None:
    store.lease(["coding"], 0, 1, 1)
    closing = threading.Timer(0.3, store.close)
    began = time.monotonic()
    closing.start()
    while time.monotonic() < began + 0.3:  # what rings before that is a listener that begins
        store.wait_for_message(20)
    assert time.monotonic() - began < 10
    closing.join()
    insert(store, due("m1"))
    assert ids(store.lease(["coding"], 0, 1, 1)) == ["m1"]
