"""What every store promises about reading: the rows asked for, in the order asked for."""

from __future__ import annotations

import random
from typing import Any

import pytest

from services.adapters.store.failures import StoreRefused
from services.chart.ports import Changes, Store
from services.chart.rows import (
    ChartRow,
    ClaimRow,
    CounterRow,
    DocumentRow,
    MessageRow,
    TimerRow,
)
from tests.fakes.rows import EVERY_TYPE, a_row


def insert(store: Store, *rows: Any) -> None:
    store.apply(Changes(inserts=list(rows)))


def keys(rows: list[CounterRow]) -> list[str]:
    return [row.name for row in rows]


@pytest.mark.parametrize("row_type", EVERY_TYPE)
def test_an_empty_table_has_no_rows(store: Store, row_type: type[Any]) -> None:
    assert store.select(row_type, {}) == []
    assert store.scan(row_type, "", 10) == []
    assert store.count(row_type, {}) == {(): 0}


def test_rows_are_found_by_any_column(store: Store) -> None:
    one = a_row(ChartRow, "c1", place="due", stage="coding", version=1)
    two = a_row(ChartRow, "c2", place="due", stage="intake", version=2)
    insert(store, one, two)
    assert store.select(ChartRow, {"chart_id": "c1"}) == [one]
    assert store.select(ChartRow, {"stage": "intake"}) == [two]
    assert store.select(ChartRow, {"version": 2}) == [two]
    assert store.select(ChartRow, {"facility": "facility of c1"}) == [one]
    assert store.select(ChartRow, {"chart_id": "c3"}) == []


def test_all_conditions_must_hold(store: Store) -> None:
    insert(store, a_row(ChartRow, "c1", place="due"), a_row(ChartRow, "c2", place="query"))
    found = store.select(ChartRow, {"place": "due", "chart_id": ["c1", "c2"]})
    assert [row.chart_id for row in found] == ["c1"]
    assert store.select(ChartRow, {"place": "query", "chart_id": "c1"}) == []


@pytest.mark.parametrize("several", [list, tuple, set, frozenset])
def test_several_values_mean_any_of_them(store: Store, several: Any) -> None:
    insert(store, *[a_row(CounterRow, f"n{n}", value=n) for n in range(5)])
    assert keys(store.select(CounterRow, {"name": several(["n3", "n1", "no"])})) == ["n1", "n3"]
    assert keys(store.select(CounterRow, {"value": several([4, 0])})) == ["n0", "n4"]


def test_a_value_named_twice_gives_its_row_once(store: Store) -> None:
    insert(store, a_row(CounterRow, "n1"))
    assert keys(store.select(CounterRow, {"name": ["n1", "n1"]})) == ["n1"]


def test_none_of_no_values_is_nothing(store: Store) -> None:
    insert(store, a_row(CounterRow, "n1"))
    assert store.select(CounterRow, {"name": []}) == []


def test_ten_thousand_values_may_be_asked_for_at_once(store: Store) -> None:
    insert(store, *[a_row(CounterRow, f"n{n:05}", value=n) for n in range(1_000)])
    names = [f"n{n:05}" for n in range(0, 100_000, 10)]
    assert len(store.select(CounterRow, {"name": names})) == 100
    assert len(store.select(CounterRow, {"value": list(range(10_000))})) == 1_000


@pytest.mark.parametrize("number", [1, 63, 64, 65, 200])
def test_the_number_of_values_makes_no_difference(store: Store, number: int) -> None:
    names = [f'n{n:03} "\\' for n in range(number)]
    insert(store, *[a_row(CounterRow, name) for name in names])
    assert keys(store.select(CounterRow, {"name": names})) == sorted(names)


def test_rows_come_in_the_order_of_their_keys_byte_by_byte(store: Store) -> None:
    names = ["a", "B", "b", "Z", "_", "\u00e9", "e\u0301", "医", "🩺", "a1", "a10", "a2", " "]
    random.Random(5).shuffle(names)
    insert(store, *[a_row(CounterRow, name) for name in names])
    assert keys(store.select(CounterRow, {})) == sorted(names)
    assert keys(store.scan(CounterRow, "", 99)) == sorted(names)


def test_an_order_may_be_asked_for_and_the_key_decides_ties(store: Store) -> None:
    for name, value in (("d", 1), ("b", 2), ("c", 1), ("a", 3)):
        insert(store, a_row(CounterRow, name, value=value))
    assert keys(store.select(CounterRow, {}, order_by="value")) == ["c", "d", "b", "a"]
    assert keys(store.select(CounterRow, {}, order_by="-value")) == ["a", "b", "c", "d"]
    assert keys(store.select(CounterRow, {}, order_by="value, -name")) == ["d", "c", "b", "a"]


def test_a_limit_takes_the_first_of_the_order(store: Store) -> None:
    insert(store, *[a_row(CounterRow, f"n{n}", value=-n) for n in range(9)])
    assert keys(store.select(CounterRow, {}, limit=2)) == ["n0", "n1"]
    assert keys(store.select(CounterRow, {}, order_by="value", limit=2)) == ["n8", "n7"]
    assert store.select(CounterRow, {}, limit=0) == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.select(CounterRow, {"no_such": 1}),
        lambda store: store.select(CounterRow, {}, order_by="no_such"),
        lambda store: store.select(CounterRow, {}, order_by="name; DROP TABLE counter"),
        lambda store: store.select(CounterRow, {"value": "1"}),
        lambda store: store.select(CounterRow, {"name": ["n1", 1]}),
        lambda store: store.select(CounterRow, {"name": None}),
        lambda store: store.count(CounterRow, {}, ("no_such",)),
    ],
)
def test_a_question_that_is_a_bug_is_refused(store: Store, ask: Any) -> None:
    with pytest.raises(StoreRefused):
        ask(store)


def test_counting_by_groups(store: Store) -> None:
    insert(
        store,
        *[a_row(ClaimRow, f"p{n}", transaction="837P", state="sent") for n in range(3)],
        a_row(ClaimRow, "i1", transaction="837I", state="sent"),
        a_row(ClaimRow, "i2", transaction="837I", state="paid"),
    )
    assert store.count(ClaimRow, {}) == {(): 5}
    assert store.count(ClaimRow, {"state": "sent"}) == {(): 4}
    assert store.count(ClaimRow, {}, ("state",)) == {("sent",): 4, ("paid",): 1}
    assert store.count(ClaimRow, {"claim_id": ["p1", "i2"]}, ["transaction", "state"]) == {
        ("837P", "sent"): 1,
        ("837I", "paid"): 1,
    }
    assert store.count(ClaimRow, {"state": "denied"}, ("state",)) == {}


def test_a_scan_meets_every_row_once_in_the_order_of_keys(store: Store) -> None:
    names = sorted(f"n{n}" for n in range(57))
    insert(store, *[a_row(DocumentRow, name) for name in names])
    met: list[str] = []
    while page := store.scan(DocumentRow, met[-1] if met else "", 10):
        assert len(page) <= 10
        met += [row.document_row_id for row in page]
    assert met == names


def test_due_timers_come_oldest_first_and_no_other(store: Store) -> None:
    insert(
        store,
        *[a_row(TimerRow, f"t{due}", due_ms=due) for due in (30, 10, 20, 40)],
        a_row(TimerRow, "t05", due_ms=20),
    )
    found = [timer.timer_id for timer in store.due_timers(30, 10)]
    assert found == ["t10", "t05", "t20", "t30"]
    assert [timer.timer_id for timer in store.due_timers(30, 1)] == ["t10"]
    assert store.due_timers(9, 10) == []


def test_the_next_due_time_is_the_earliest_of_messages_and_timers(store: Any) -> None:
    assert store.next_due_ms(["coding", "intake"]) is None
    insert(store, a_row(MessageRow, "m1", stage="coding", due_ms=50))
    insert(store, a_row(MessageRow, "m2", stage="query", due_ms=5))
    assert store.next_due_ms(["coding", "intake"]) == 50
    assert store.next_due_ms(["intake"]) is None
    insert(store, a_row(TimerRow, "t1", due_ms=40))
    assert store.next_due_ms(["coding"]) == 40
    assert store.next_due_ms(["query"]) == 5
    assert store.next_due_ms([]) == 40


def test_what_one_has_committed_another_reads_at_once(store: Store) -> None:
    for number in range(50):
        insert(store, a_row(CounterRow, f"n{number}"))
        assert len(store.select(CounterRow, {})) == number + 1
