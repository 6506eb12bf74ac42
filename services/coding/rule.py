"""What a rule is, and what it may say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from services.chart.model import Severity, Status
from services.coding.case import Case
from services.coding.failures import CodingFailure


@dataclass(frozen=True, slots=True)
class Said:
    """What a rule says about one place of the chart.

    `stops_as`: the chart cannot go on as it is, and this is the failure it stops with. `asks`: the
    index of the diagnosis that only the provider can clear up. Neither: it is worth knowing.
    `severity` stands in for the rule's own where that depends on the chart. A rule that holds says
    nothing.
    """

    target: str
    message: str
    fix: str = ""
    status: Status = Status.FAIL
    stops_as: type[CodingFailure] | None = None
    asks: int | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the field.

    `source` is the guideline section, table or standard. An `overridable` rule yields to a
    person's recorded decision; a rule of format or law does not.
    """

    rule_id: str
    title: str
    source: str
    severity: Severity
    check: Callable[[Case], Iterable[Said]]
    overridable: bool = False
