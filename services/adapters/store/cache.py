"""Parsed charts, kept so that a process parses a body once."""

from __future__ import annotations

from collections import OrderedDict

from services.chart.model import Chart
from services.chart.rows import ChartRow


class ChartCache:
    """Parsed charts by id and version, so that a process parses a body once. Bounded."""

    def __init__(self, size: int = 512) -> None:
        self._size = size
        self._charts: OrderedDict[tuple[str, int], Chart] = OrderedDict()

    def parse(self, row: ChartRow) -> Chart:
        """The chart in the row's body."""
        found = self._charts.pop((row.chart_id, row.version), None)
        chart = found or Chart.model_validate_json(row.body)
        self.remember(row, chart)
        return chart

    def known(self, chart_id: str, version: int) -> Chart | None:
        """The chart at this version, if it is still here."""
        return self._charts.get((chart_id, version))

    def remember(self, row: ChartRow, chart: Chart) -> None:
        """Keep a chart that was just written."""
        self._charts[row.chart_id, row.version] = chart
        while len(self._charts) > self._size:
            self._charts.popitem(last=False)
