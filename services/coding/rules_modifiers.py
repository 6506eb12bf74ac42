"""Rules about modifiers on lines that need no table: conflicts, and where a modifier fits."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from services.chart.model import Severity
from services.codesets.modifiers import (
    ANATOMIC,
    CONFLICTS,
    DISTINCT,
    NEVER_ON_EM,
    ONLY_ON_EM,
    REPEATS,
    is_em,
    is_laboratory,
    is_visit,
)
from services.codesets.vaccines import ADMINISTRATIONS
from services.coding.case import Case
from services.coding.failures import BadModifier, NeedsReview
from services.coding.rule import Rule, Said
from services.coding.words import both

REPEATED = REPEATS | DISTINCT | ANATOMIC | {"50", "26", "TC", "25"}
NCCI_MANUAL = "NCCI policy manual I.E"


def do_not_conflict(case: Case) -> Iterator[Said]:
    """No two modifiers of a line contradict each other or say the same twice."""
    for index, line in enumerate(case.chart.charges):
        if len(line.modifiers) < 2:  # noqa: PLR2004 - a pair
            continue
        said = set(line.modifiers)
        for row in CONFLICTS:
            if (one := row.one & said) and (other := row.other & said):
                pair = both([*sorted(one), *sorted(other)])
                yield Said(
                    f"charges[{index}].modifiers",
                    f"Modifiers {pair} may not stand on one line: {row.words}.",
                    "Remove the one that does not hold.",
                    stops_as=BadModifier,
                )


def fit_the_service(case: Case) -> Iterator[Said]:
    """24, 25 and 57 stand on visits only; 59 and X{EPSU} on anything but visits."""
    for index, line in enumerate(case.chart.charges):
        if not line.modifiers:
            continue
        barred = NEVER_ON_EM if is_em(line.code) else ONLY_ON_EM
        for modifier in sorted(barred & set(line.modifiers)):
            where = "not for a visit; use 25" if modifier in NEVER_ON_EM else "for a visit only"
            yield Said(
                f"charges[{index}].modifiers",
                f"Modifier {modifier} on {line.code} is {where}.",
                "Move the modifier to the line it belongs to.",
            )


def repeats_are_marked(case: Case) -> Iterator[Said]:
    """The same service again on one day says so (76, 77, 91), or says where or why."""
    seen: set[tuple[str, object]] = set()
    for index, line in enumerate(case.chart.charges):
        if not line.code:
            continue
        key = (line.code, line.on)
        modifiers = set(line.modifiers)
        target = f"charges[{index}].modifiers"
        if key in seen and modifiers.isdisjoint(REPEATED):
            message = f"{line.code} is there twice on one day, without a modifier that says why."
            yield Said(target, message, "Add 76, 77 or 91, or make it one line with more units.")
        if key not in seen and modifiers & {"76", "77"}:
            message = f"{line.code} is marked as repeated, but no first one stands before it."
            yield Said(target, message, "Bill the first service as well, or remove the modifier.")
        if "91" in modifiers and not is_laboratory(line.code):
            message = f"Modifier 91 on {line.code} is for repeated laboratory tests only."
            yield Said(target, message, "Use 76 or 77 for other services.")
        seen.add(key)


def a_visit_is_one(case: Case) -> Iterator[Said]:
    """An evaluation and management visit is one unit on a line, and once a day by one provider."""
    for index, line in enumerate(case.chart.charges):
        if line.units != 1 and is_visit(line.code):
            yield Said(
                f"charges[{index}].units",
                f"{line.code} is one visit; the line has {line.units} units.",
                "Bill one unit.",
                stops_as=NeedsReview,
            )


def units_are_positive(case: Case) -> Iterator[Said]:
    """A line has units above zero."""
    for index, line in enumerate(case.chart.charges):
        if line.units <= Decimal(0):
            message = f"The line at charges[{index}] has {line.units} units."
            yield Said(f"charges[{index}].units", message, "Bill the units that were done.")


def visit_beside_a_service_is_marked(case: Case) -> Iterator[Said]:
    """A visit on the day of a vaccination needs modifier 25 (NCCI policy manual XI.B)."""
    days = {line.on for line in case.chart.charges if line.code in ADMINISTRATIONS}
    if not days:
        return
    for index, line in enumerate(case.chart.charges):
        if line.on in days and is_visit(line.code) and "25" not in line.modifiers:
            yield Said(
                f"charges[{index}].modifiers",
                f"{line.code} on the day of a vaccination needs modifier 25.",
                "Add 25 when the visit is significant and separate; else leave the visit out.",
            )


ERROR, WARNING = Severity.ERROR, Severity.WARNING
RULES = (
    Rule("R-MOD-02", "No conflict", NCCI_MANUAL, ERROR, do_not_conflict),
    Rule("R-MOD-03", "Fits the service", NCCI_MANUAL, ERROR, fit_the_service, True),
    Rule("R-MOD-04", "Repeats are marked", "Medicare claims manual 1", WARNING, repeats_are_marked),
    Rule("R-MOD-25", "25 on the visit", NCCI_MANUAL, WARNING, visit_beside_a_service_is_marked),
    Rule("R-EM-01", "One visit", "CPT evaluation and management", ERROR, a_visit_is_one, True),
    Rule("R-UNITS-01", "Units", "X12 837 SV104, SV205", ERROR, units_are_positive),
)
