"""Parsed charts are kept by version, and not too many of them."""

from __future__ import annotations

from services.adapters.store.cache import ChartCache
from services.chart.model import Chart, Patient
from services.chart.rows import ChartRow
from tests.fakes.rows import a_row


def a_chart(chart_id: str, account: str = "a") -> Chart:
    return Chart(chart_id=chart_id, facility="F", account=account, patient=Patient(mrn="1"))


def row_of(chart: Chart, version: int = 1) -> ChartRow:
    body = chart.model_dump_json()
    return a_row(ChartRow, chart.chart_id, version=version, body=body)


def test_a_body_is_parsed_once_a_version() -> None:
    cache = ChartCache()
    first = cache.parse(row_of(a_chart("c_1")))
    assert cache.parse(row_of(a_chart("c_1"))) is first
    assert cache.known("c_1", 1) is first
    later = cache.parse(row_of(a_chart("c_1", "b"), version=2))
    assert (later.account, first.account) == ("b", "a")


def test_what_was_written_need_not_be_parsed() -> None:
    cache = ChartCache()
    chart = a_chart("c_1")
    cache.remember(row_of(chart, version=7), chart)
    assert cache.parse(row_of(chart, version=7)) is chart
    assert cache.known("c_1", 6) is None


def test_the_chart_that_was_not_asked_for_the_longest_goes_first() -> None:
    cache = ChartCache(size=2)
    rows = {name: row_of(a_chart(name)) for name in ("c_1", "c_2", "c_3")}
    for name in ("c_1", "c_2", "c_1", "c_3"):
        cache.parse(rows[name])
    assert cache.known("c_2", 1) is None
    assert cache.known("c_1", 1) is not None
    assert cache.known("c_3", 1) is not None


def test_the_cache_does_not_grow_over_many_charts() -> None:
    cache = ChartCache(size=10)
    for number in range(200):
        chart = a_chart(f"c_{number:03d}")
        cache.remember(row_of(chart), chart)
    kept = [number for number in range(200) if cache.known(f"c_{number:03d}", 1)]
    assert kept == list(range(190, 200))
