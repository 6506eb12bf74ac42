"""What must become of a synthetic chart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expectation:
    """Where the chart must end.

    `outcome`: paid, cancelled, waiting, query or dead-letter. `stage` and `code` are those of the
    dead letter. `waits_for`: words of the reason for which the chart waits. `chart`: whether
    there is a chart at all. `message_code`: the reason code of a message (not of the chart) that
    became a dead letter, although the chart went on.
    """

    outcome: str
    stage: str = ""
    code: str = ""
    waits_for: str = ""
    chart: bool = True
    message_code: str = ""


PAID = Expectation("paid")
CANCELLED = Expectation("cancelled")
QUERY = Expectation("query", stage="query")


def stopped(code: str) -> Expectation:
    """A dead letter of the chart; the stage is the first word of the reason code."""
    return Expectation("dead-letter", stage=code.partition(".")[0], code=code)


def refused(code: str) -> Expectation:
    """A dead letter of a message that no chart came from."""
    return Expectation("dead-letter", stage=code.partition(".")[0], code=code, chart=False)


def waits(stage: str, for_what: str) -> Expectation:
    """Waiting at a stage; `for_what` stands in the reason."""
    return Expectation("waiting", stage=stage, waits_for=for_what)
