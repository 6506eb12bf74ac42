"""Whether a condition of the document matrix holds for a chart."""

from __future__ import annotations

from services.chart.model import Chart, CodeSystem
from services.completeness.matrix import Condition

Ranges = tuple[tuple[str, str], ...]


def holds(condition: Condition, chart: Chart) -> bool:
    """Whether any one of the condition's tests holds."""
    return (
        (condition.operating_practitioner and chart.encounter.operating is not None)
        or (bool(condition.pcs_prefixes) and _operated(chart, condition.pcs_prefixes))
        or (bool(condition.revenue_prefixes) and _revenue(chart, condition.revenue_prefixes))
        or (bool(condition.any_charge_between) and _any(chart, condition.any_charge_between))
        or (bool(condition.every_charge_between) and _every(chart, condition.every_charge_between))
        or (bool(condition.source_prefixes) and _source(chart, condition.source_prefixes))
    )


def _operated(chart: Chart, prefixes: tuple[str, ...]) -> bool:
    """A procedure with such a code, or with a code of a system whose codes do not say."""
    return any(
        procedure.system is not CodeSystem.ICD10PCS or procedure.code.startswith(prefixes)
        for procedure in chart.procedures
    )


def _revenue(chart: Chart, prefixes: tuple[str, ...]) -> bool:
    return any(charge.revenue_code.startswith(prefixes) for charge in chart.charges)


def _any(chart: Chart, ranges: Ranges) -> bool:
    return any(_between(charge.code, ranges) for charge in chart.charges)


def _every(chart: Chart, ranges: Ranges) -> bool:
    return bool(chart.charges) and all(_between(charge.code, ranges) for charge in chart.charges)


def _between(code: str, ranges: Ranges) -> bool:
    return any(len(code) == len(low) and low <= code <= high for low, high in ranges)


def _source(chart: Chart, prefixes: tuple[str, ...]) -> bool:
    return any(source.event.startswith(prefixes) for source in chart.sources)
