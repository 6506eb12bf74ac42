"""fsck on charts that have no journal: one that never had any, one that lost its own."""

from __future__ import annotations

from services.adapters.store.fsck import fsck
from services.chart.ports import Changes
from services.chart.rows import ChartRow
from tests.fakes.backend import MemoryBackend
from tests.fakes.rows import a_row


def verdict(journal_seq: int) -> list[str]:
    store = MemoryBackend()
    row = a_row(ChartRow, "c_1", place="finished", outcome="paid", journal_seq=journal_seq)
    store.apply(Changes(inserts=[row]))
    return [fault.what for fault in fsck(store).faults]


def test_a_chart_that_never_had_an_entry_misses_none() -> None:
    assert verdict(0) == []


def test_a_chart_whose_entries_are_gone_has_lost_its_journal() -> None:
    assert verdict(3) == ["has lost its journal"]
