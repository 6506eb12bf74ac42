"""Rules about which diagnosis stands first and what may stand beside it."""

from __future__ import annotations

from collections.abc import Iterator

from services.chart.model import Severity
from services.coding.case import Case
from services.coding.failures import FirstListed, NeedsReview, NoPrincipal
from services.coding.rule import Rule, Said
from services.coding.words import both, dotted

EXTERNAL_CAUSES = "VWXY"  # chapter 20: V00-Y99
UNCOMPLICATED_DELIVERY = "O80"
SINGLE_LIVEBIRTH = "Z370"
OBSTETRIC = "O"  # chapter 15


def one_is_first(case: Case) -> Iterator[Said]:
    """Exactly one diagnosis is principal (inpatient) or first-listed (others)."""
    if len(case.principals) == 1 or not any(one.on_claim for one in case.listed):
        return
    message = (
        f"{len(case.principals)} diagnoses are marked as first-listed; only one may be."
        if case.principals
        else "No diagnosis is marked as principal or ranked first."
    )
    yield Said("diagnoses", message, stops_as=NoPrincipal)


def cause_is_not_first(case: Case) -> Iterator[Said]:
    """An external cause says how, not what: it never stands first.

    For an inpatient the Medicare Code Editor says so; this speaks when it was not asked.
    """
    first = case.principal if case.edits is None or not case.inpatient else None
    if first is not None and first.formed and first.code[0] in EXTERNAL_CAUSES:
        yield Said(
            first.target,
            f"{first.shown} is an external cause and may not stand first.",
            f"Put the injury or condition first and {first.shown} after it.",
            stops_as=FirstListed,
        )


def delivery_is_uncomplicated(case: Case) -> Iterator[Said]:
    """O80 needs Z37.0 and allows no other code of chapter 15."""
    codes = {one.code: one for one in case.claimed}
    delivery = codes.get(UNCOMPLICATED_DELIVERY)
    if delivery is None:
        return
    others = [dotted(code) for code in codes if code[0:1] == OBSTETRIC and code != "O80"]
    if others:
        message = f"O80 may not stand beside {both(others)}, another code of chapter 15."
        yield Said(delivery.target, message, stops_as=NeedsReview)
    if SINGLE_LIVEBIRTH not in codes:
        message = "O80 needs Z37.0 as the outcome of delivery."
        yield Said(delivery.target, message, stops_as=NeedsReview)


RULES = (
    Rule(
        "R-SEQ-01",
        "One first-listed diagnosis",
        "Guidelines II and IV.G; UHDDS",
        Severity.ERROR,
        one_is_first,
    ),
    Rule(
        "R-ICD-10",
        "O80 alone with Z37.0",
        "Guideline I.C.15.n",
        Severity.ERROR,
        delivery_is_uncomplicated,
        overridable=True,
    ),
    Rule(
        "R-ICD-13",
        "No external cause first",
        "Guideline I.C.20.a.6",
        Severity.ERROR,
        cause_is_not_first,
    ),
)
