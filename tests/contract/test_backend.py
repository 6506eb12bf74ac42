"""What every store promises about a commit: all of it, or none; and never over another's."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Any

import pytest

from services.adapters.store.failures import StoreRefused, UnstorableText
from services.adapters.store.tables import COMPARE, TABLE_OF
from services.chart.ports import Changes, Conflict, Store
from services.chart.rows import (
    ChartRow,
    ClaimRow,
    CounterRow,
    DocumentRow,
    JournalRow,
    MessageRow,
    RawRow,
    SubmissionRow,
    TimerRow,
)
from tests.fakes.rows import EVERY_TYPE, a_row

COMPARED = [(row_type, column) for row_type in EVERY_TYPE for column in COMPARE[row_type]]
REWRITABLE = [row_type for row_type in EVERY_TYPE if not TABLE_OF[row_type].append_only]


def everything(store: Store) -> dict[str, list[Any]]:
    """All rows of the store."""
    return {row_type.__name__: store.select(row_type, {}) for row_type in EVERY_TYPE}


def insert(store: Store, *rows: Any) -> None:
    store.apply(Changes(inserts=list(rows)))


def update(store: Store, before: Any, after: Any) -> None:
    store.apply(Changes(updates=[(before, after)]))


def delete(store: Store, *rows: Any) -> None:
    store.apply(Changes(deletes=list(rows)))


# -- what is kept ----------------------------------------------------------------------------


@pytest.mark.parametrize("row_type", EVERY_TYPE)
def test_a_row_comes_back_as_it_was_put(store: Store, row_type: type[Any]) -> None:
    row = a_row(row_type, "k1")
    insert(store, row)
    assert store.select(row_type, {}) == [row]


@pytest.mark.parametrize("row_type", REWRITABLE)
def test_a_row_that_is_deleted_is_gone(store: Store, row_type: type[Any]) -> None:
    kept, gone = a_row(row_type, "k1"), a_row(row_type, "k2")
    insert(store, kept, gone)
    delete(store, gone)
    assert store.select(row_type, {}) == [kept]


@pytest.mark.parametrize("row_type", REWRITABLE)
def test_an_update_changes_what_differs_and_nothing_else(store: Store, row_type: type[Any]) -> None:
    other, before = a_row(row_type, "k1"), a_row(row_type, "k2")
    insert(store, other, before)
    values: dict[type, object] = {str: "new", int: 7, bytes: b"new"}
    table = TABLE_OF[row_type]
    after = replace(
        before,
        **{name: values[table.type_of(name)] for name in table.columns if name != table.key},
    )
    update(store, before, after)
    assert store.select(row_type, {}) == [other, after]


def test_every_byte_and_every_character_comes_back(store: Store) -> None:
    content = bytes(range(256)) * 300
    text = "Ärztin 医師 🩺 \\ \" ' {} , \n\r\t \x01 \x7f \u2028 % $1 ? :x"
    insert(store, a_row(RawRow, "k1", content=content), a_row(DocumentRow, text, text=text * 999))
    assert store.select(RawRow, {})[0].content == content
    assert store.select(DocumentRow, {"document_row_id": text})[0].text == text * 999


def test_numbers_of_64_bits_come_back(store: Store) -> None:
    numbers = [0, -1, 2**31, 2**63 - 1, -(2**63)]
    insert(store, *[a_row(CounterRow, f"k{n}", value=n) for n in numbers])
    assert {row.value for row in store.select(CounterRow, {})} == set(numbers)


def test_a_text_enum_is_stored_as_its_text(store: Store) -> None:
    class Colour(StrEnum):
        RED = "red"

    insert(store, a_row(RawRow, "k1", state=Colour.RED))
    assert store.select(RawRow, {"state": Colour.RED}) == store.select(RawRow, {"state": "red"})
    assert store.select(RawRow, {"state": ["red"]})[0].state == "red"


def test_an_empty_commit_changes_nothing(store: Store) -> None:
    before = everything(store)
    store.apply(Changes())
    assert everything(store) == before


# -- all or none -----------------------------------------------------------------------------


def test_a_commit_does_all_it_was_given(store: Store) -> None:
    message, chart = a_row(MessageRow, "m1"), a_row(ChartRow, "c1")
    insert(store, message, chart)
    after = replace(chart, version=1, stage="coding")
    said, entry = a_row(MessageRow, "m2"), a_row(JournalRow, "j1")
    store.apply(Changes(inserts=[said, entry], updates=[(chart, after)], deletes=[message]))
    assert store.select(MessageRow, {}) == [said]
    assert store.select(ChartRow, {}) == [after]
    assert store.select(JournalRow, {}) == [entry]


def a_stale_update() -> Changes:
    stale = a_row(ChartRow, "c1", version=41)
    return Changes(updates=[(stale, replace(stale, version=42))])


@pytest.mark.parametrize(
    "spoiler",
    [
        Changes(inserts=[a_row(ChartRow, "c1", account="other")]),
        Changes(inserts=[a_row(ChartRow, "c9", facility="facility of c1")]),
        Changes(deletes=[a_row(MessageRow, "gone")]),
        a_stale_update(),
    ],
    ids=["key exists", "unique value exists", "message is gone", "version differs"],
)
def test_a_commit_that_conflicts_changes_nothing(store: Store, spoiler: Changes) -> None:
    chart = a_row(ChartRow, "c1", version=1)
    message, counter = a_row(MessageRow, "m1"), a_row(CounterRow, "n1")
    insert(store, chart, message, counter)
    before = everything(store)
    changes = Changes(
        inserts=[a_row(MessageRow, "m2"), a_row(JournalRow, "j1"), *spoiler.inserts],
        updates=[(counter, replace(counter, value=1)), *spoiler.updates],
        deletes=[message, *spoiler.deletes],
    )
    with pytest.raises(Conflict):
        store.apply(changes)
    assert everything(store) == before
    insert(store, a_row(MessageRow, "m3"))  # and the store goes on


def test_a_conflict_in_the_last_of_many_rows_undoes_all_before(store: Store) -> None:
    insert(store, a_row(MessageRow, "m500"))
    with pytest.raises(Conflict):
        insert(store, *[a_row(MessageRow, f"m{n}") for n in range(501)])
    assert len(store.select(MessageRow, {})) == 1


def test_a_timer_may_be_replaced_by_one_with_its_key_in_one_commit(store: Store) -> None:
    old = a_row(TimerRow, "t1", key="same")
    insert(store, old)
    new = a_row(TimerRow, "t2", key="same")
    store.apply(Changes(inserts=[new], deletes=[old]))
    assert store.select(TimerRow, {}) == [new]


# -- nobody overwrites somebody else ---------------------------------------------------------


@pytest.mark.parametrize(("row_type", "column"), COMPARED)
def test_an_update_of_a_row_that_has_changed_is_a_conflict(
    store: Store, row_type: type[Any], column: str
) -> None:
    before = a_row(row_type, "k1")
    insert(store, before)
    new = "theirs" if TABLE_OF[row_type].type_of(column) is str else 99
    theirs = replace(before, **{column: new})
    update(store, before, theirs)
    with pytest.raises(Conflict):
        update(store, before, replace(before, **{column: type(new)(1)}))
    assert store.select(row_type, {}) == [theirs]


def test_an_update_that_changes_nothing_still_compares(store: Store) -> None:
    chart = a_row(ChartRow, "c1", version=1)
    insert(store, chart)
    update(store, chart, chart)
    stale = replace(chart, version=0)
    with pytest.raises(Conflict):
        update(store, stale, stale)


@pytest.mark.parametrize("row_type", REWRITABLE)
def test_an_update_of_a_row_that_is_gone_is_a_conflict(store: Store, row_type: type[Any]) -> None:
    row = a_row(row_type, "k1")
    with pytest.raises(Conflict):
        update(store, row, row)


@pytest.mark.parametrize("row_type", REWRITABLE)
def test_a_row_is_deleted_once(store: Store, row_type: type[Any]) -> None:
    row = a_row(row_type, "k1")
    insert(store, row)
    delete(store, row)
    with pytest.raises(Conflict):
        delete(store, row)


def test_a_message_may_be_deleted_after_its_lease_has_ended(store: Store) -> None:
    insert(store, a_row(MessageRow, "m1", stage="coding"))
    (first,) = store.lease(["coding"], 0, 10, 1)
    (second,) = store.lease(["coding"], 20, 30, 1)
    delete(store, first)
    with pytest.raises(Conflict):
        delete(store, second)


def test_a_timer_that_was_set_anew_is_not_deleted_by_its_old_time(store: Store) -> None:
    timer = a_row(TimerRow, "t1", due_ms=5)
    insert(store, timer)
    update(store, timer, replace(timer, due_ms=50))
    with pytest.raises(Conflict):
        delete(store, timer)


@pytest.mark.parametrize(
    "second",
    [
        a_row(ChartRow, "k2", facility="F", account="A"),
        a_row(TimerRow, "k2", key="K"),
        a_row(ClaimRow, "k2", control_number="N"),
        a_row(ClaimRow, "k2", billing_event="E", sequence=1),
        a_row(SubmissionRow, "k2", file_name="file"),
        a_row(JournalRow, "k2", subject="S", seq=1),
    ],
    ids=lambda row: type(row).__name__,
)
def test_what_must_be_unique_is(store: Store, second: Any) -> None:
    shared: dict[type[Any], dict[str, Any]] = {
        ChartRow: {"facility": "F", "account": "A"},
        TimerRow: {"key": "K"},
        ClaimRow: {"control_number": "N", "billing_event": "E", "sequence": 1},
        SubmissionRow: {"file_name": "file"},
        JournalRow: {"subject": "S", "seq": 1},
    }
    first = a_row(type(second), "k1", **shared[type(second)])
    insert(store, first)
    with pytest.raises(Conflict):
        insert(store, second)
    assert store.select(type(second), {}) == [first]


def test_an_update_cannot_take_a_unique_value_from_another_row(store: Store) -> None:
    first, second = a_row(TimerRow, "t1", key="one"), a_row(TimerRow, "t2", key="two")
    insert(store, first, second)
    with pytest.raises(Conflict):
        update(store, second, replace(second, key="one"))


# -- what no store takes ---------------------------------------------------------------------


@pytest.mark.parametrize("text", ["a\0b", "\0", "half a pair \ud83e"])
def test_a_text_that_not_every_database_can_hold_is_refused_by_all(store: Store, text: str) -> None:
    with pytest.raises(UnstorableText) as refused:
        insert(store, a_row(CounterRow, "n1"), a_row(DocumentRow, "d1", text=text))
    assert text not in str(refused.value)
    with pytest.raises(UnstorableText):
        store.select(DocumentRow, {"text": text})
    assert store.select(CounterRow, {}) == []


@pytest.mark.parametrize(
    "row",
    [
        a_row(CounterRow, "n1", value="1"),
        a_row(CounterRow, "n1", value=None),
        a_row(CounterRow, "n1", value=2**63),
        a_row(DocumentRow, "d1", text=1),
        a_row(DocumentRow, "d1", text=b"bytes"),
        a_row(RawRow, "r1", content="text"),
    ],
    ids=lambda row: type(row).__name__,
)
def test_a_value_of_the_wrong_type_is_refused(store: Store, row: Any) -> None:
    with pytest.raises(StoreRefused):
        insert(store, row)
    assert store.select(type(row), {}) == []


def test_the_journal_is_append_only(store: Store) -> None:
    entry = a_row(JournalRow, "j1")
    insert(store, entry)
    with pytest.raises(StoreRefused):
        update(store, entry, replace(entry, why="forged"))
    with pytest.raises(StoreRefused):
        delete(store, entry)


def test_a_key_does_not_change(store: Store) -> None:
    row = a_row(CounterRow, "n1")
    insert(store, row)
    with pytest.raises(StoreRefused):
        update(store, row, replace(row, name="n2"))


def test_a_row_may_be_touched_once_in_a_commit(store: Store) -> None:
    row = a_row(CounterRow, "n1")
    insert(store, row)
    with pytest.raises(StoreRefused):
        store.apply(Changes(updates=[(row, replace(row, value=1))], deletes=[row]))
    assert store.select(CounterRow, {}) == [row]


def test_no_refusal_names_a_value(store: Store) -> None:
    secret = "Zebulon Canary"
    insert(store, a_row(ChartRow, "c1", facility="F", account=secret))
    for row in (
        a_row(ChartRow, "c2", facility="F", account=secret),
        a_row(ChartRow, secret, facility=secret + "\0"),
        a_row(ChartRow, "c3", version=secret),
    ):
        with pytest.raises((Conflict, StoreRefused, UnstorableText)) as refused:
            insert(store, row)
        told = repr(refused.value) + repr(refused.value.__cause__)
        assert refused.value.__suppress_context__ or refused.value.__context__ is None
        assert secret not in told
