"""The MS-DRG of an inpatient chart, and a second opinion on it where one is switched on."""

from __future__ import annotations

from collections.abc import Iterator

from services.chart.model import Drg, Severity, Status
from services.codesets.inpatient import OK, UNGROUPABLE, EngineError, Grouping, Stay
from services.coding.case import Case
from services.coding.failures import DrgDisagreement, NoEdition, Ungroupable
from services.coding.rule import Rule, Said

SOURCE = "MS-DRG definitions manual, by discharge date"
Answer = tuple[Grouping | None, tuple[Rule, ...]]


def group(case: Case) -> Answer:
    """Group the stay; the rules say what is wrong with the answer, if anything is.

    Run it after the rules of the codes and the editor hold: a grouper gives an MS-DRG to a stay
    that the editor refuses (a manifestation as principal diagnosis groups to 884).
    """
    if case.stay is None:
        return None, (_grouped(None, case),) if case.inpatient else ()
    try:
        grouping = case.codesets.grouper.group(case.stay)
    except EngineError:
        return None, (_grouped(None, case),)
    return grouping, (_grouped(grouping, case), *_agreed(grouping, case, case.stay))


def as_drg(grouping: Grouping) -> Drg:
    """The grouping as the chart keeps it."""
    return Drg(
        code=grouping.drg,
        description=grouping.description,
        mdc=grouping.mdc,
        grouper=grouping.engine,
    )


def _grouped(grouping: Grouping | None, case: Case) -> Rule:
    def check(_: Case) -> Iterator[Said]:
        if grouping is None:
            covered = case.on is not None and case.codesets.grouper.edition(case.on) is not None
            yield Said(
                "encounter",
                f"The MS-DRG grouper gave no answer for a discharge on {case.on}.",
                status=Status.NO_DATA,
                stops_as=Ungroupable if covered else NoEdition,
            )
        elif grouping.outcome != OK or grouping.drg == UNGROUPABLE:
            message = f"The stay groups to no MS-DRG: {grouping.outcome}."
            yield Said("encounter", message, stops_as=Ungroupable)

    return Rule("R-DRG-01", "An MS-DRG is given", SOURCE, Severity.ERROR, check)


def _agreed(grouping: Grouping, case: Case, stay: Stay) -> tuple[Rule, ...]:
    second = case.codesets.second_grouper
    if second is None:
        return ()

    def check(_: Case) -> Iterator[Said]:
        try:
            other = second.group(stay)
        except EngineError:
            message = "The second grouper has no answer for this stay."
            yield Said("encounter", message, status=Status.NO_DATA)
            return
        if other.drg != grouping.drg:
            yield Said(
                "encounter",
                f"{grouping.engine} gives MS-DRG {grouping.drg}, {other.engine} gives {other.drg}.",
                stops_as=DrgDisagreement,
            )

    return (Rule("R-DRG-02", "Groupers agree", SOURCE, Severity.ERROR, check, overridable=True),)
