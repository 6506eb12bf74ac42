"""The path of a chart. Read this file first.

A chart goes down this table, one step after the other. Each step names the facts it takes and the
facts it may give; `workers/runtime.py` asserts that a stage says nothing else. A fact that no step
takes ends there: it is an entry in the chart's journal and an event that others may listen to.

The noun of a stage is the same everywhere: `messages/<stage>.py`, `services/<stage>/`,
`workers/<stage>.py`, the queue and the Procfile line.
"""

from __future__ import annotations

from dataclasses import dataclass

from messages.assembly import ClaimAssembled
from messages.coding import CodesAssigned
from messages.completeness import ChartComplete, DeficiencyFound, DeficiencyOverdue
from messages.envelope import Fact
from messages.intake import ChartCancelled, ChartChanged, ChartReceived, MessageStored
from messages.query import QueryAnswered, QueryExpired, QueryRaised, QueryReminderDue
from messages.remittance import (
    ClaimDenied,
    ClaimPaid,
    DiscrepancyFound,
    RemittanceOverdue,
    RemittanceReceived,
)
from messages.stage import Stage
from messages.submission import (
    AckOverdue,
    AckReceived,
    BatchBuilt,
    BatchDue,
    ClaimAccepted,
    ClaimRejected,
    MailboxDue,
)

__all__ = ["PATH", "STAGE_THAT_TAKES", "STEP_OF", "Stage", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """One stage: the facts it takes and the facts it may give."""

    stage: Stage
    takes: tuple[type[Fact], ...]
    gives: tuple[type[Fact], ...]


PATH: tuple[Step, ...] = (
    Step(
        Stage.INTAKE,
        takes=(MessageStored,),
        gives=(ChartReceived, ChartChanged, ChartCancelled, AckReceived, RemittanceReceived),
    ),
    Step(
        Stage.COMPLETENESS,
        takes=(ChartReceived, ChartChanged, DeficiencyOverdue),
        gives=(ChartComplete, DeficiencyFound),
    ),
    Step(
        Stage.CODING,
        takes=(ChartComplete, QueryAnswered),
        gives=(CodesAssigned, QueryRaised),
    ),
    Step(
        Stage.QUERY,
        takes=(QueryRaised, QueryReminderDue, QueryExpired),
        gives=(),
    ),
    Step(
        Stage.ASSEMBLY,
        takes=(CodesAssigned,),
        gives=(ClaimAssembled,),
    ),
    Step(
        Stage.SUBMISSION,
        takes=(ClaimAssembled, BatchDue, BatchBuilt, MailboxDue, AckReceived, AckOverdue),
        gives=(BatchBuilt, AckReceived, RemittanceReceived, ClaimAccepted, ClaimRejected),
    ),
    Step(
        Stage.REMITTANCE,
        takes=(ClaimAccepted, RemittanceReceived, RemittanceOverdue),
        gives=(ClaimPaid, ClaimDenied, DiscrepancyFound),
    ),
)

STEP_OF: dict[Stage, Step] = {step.stage: step for step in PATH}
STAGE_THAT_TAKES: dict[str, Stage] = {
    fact.__name__: step.stage for step in PATH for fact in step.takes
}
