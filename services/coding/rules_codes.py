"""Rules about each diagnosis code by itself, and about codes beside each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from services.chart.model import CodeSystem, Severity, Status
from services.codesets.inpatient import EngineError
from services.codesets.tabular import Unbillable, Why
from services.coding.case import Case, Listed
from services.coding.failures import (
    DuplicateCode,
    ExcludedTogether,
    NoCodes,
    NoEdition,
    NotBillable,
    SeventhCharacter,
    UnknownCode,
    WrongSystem,
)
from services.coding.rule import Rule, Said
from services.coding.words import dotted, either

TABULAR = "ICD-10-CM tabular list"
ICD10_FIRST_DAY = date(2015, 10, 1)


def has_codes(case: Case) -> Iterator[Said]:
    """A chart needs a diagnosis before it can be billed."""
    if not any(one.on_claim for one in case.listed):
        yield Said("diagnoses", "The chart has no diagnosis code.", stops_as=NoCodes)


def has_date(case: Case) -> Iterator[Said]:
    """Inpatient: the discharge date; others: the date of service of the lines or the visit."""
    if not case.dates:
        message = "The chart has no date to look its codes up for."
        yield Said("encounter", message, status=Status.NO_DATA, stops_as=NoEdition)


def has_edition(case: Case) -> Iterator[Said]:
    """One edition covers every day of service; without it nothing was checked."""
    for on in case.dates:
        if case.codesets.tabular_on(on) is not case.tabular or case.tabular is None:
            yield Said(
                "encounter",
                f"No ICD-10-CM edition here covers {on} together with the other dates."
                if case.tabular is not None
                else f"No ICD-10-CM edition here covers {on}.",
                status=Status.NO_DATA,
                stops_as=NoEdition,
            )
            return


def is_of_the_system(case: Case) -> Iterator[Said]:
    """ICD-9-CM before October 1, 2015, ICD-10-CM from then on; never another system."""
    for one in case.listed:
        system = one.diagnosis.system
        legacy = case.on is not None and case.on < ICD10_FIRST_DAY
        if system is not (CodeSystem.ICD9CM if legacy else CodeSystem.ICD10CM):
            expected = CodeSystem.ICD9CM if legacy else CodeSystem.ICD10CM
            yield Said(
                one.target,
                f"The diagnosis at {one.target} is coded in {system}, not in {expected}.",
                stops_as=WrongSystem,
            )


def is_formed(case: Case) -> Iterator[Said]:
    """A letter, two or more letters and digits, seven characters at most."""
    for one in case.listed:
        if not one.formed and one.diagnosis.system is CodeSystem.ICD10CM:
            yield Said(
                one.target,
                f"The code at {one.target} is not formed like an ICD-10-CM code.",
                stops_as=UnknownCode,
            )


def is_billable(case: Case) -> Iterator[Said]:
    """The code is a leaf on the date. Without a tabular list the MCE's code list still knows."""
    for one in case.listed:
        if case.tabular is None:
            yield from _by_the_editor(case, one)
        elif one.unbillable is not None and one.unbillable.why is Why.UNKNOWN:
            yield Said(
                one.target,
                f"{one.shown} is not an ICD-10-CM code on {case.on}{_nearest(one.unbillable)}.",
                stops_as=UnknownCode,
            )
        elif one.unbillable is not None and one.unbillable.why is Why.HEADER:
            choices = either(one.unbillable.choices)
            yield Said(
                one.target,
                f"{one.shown} is not billable on {case.on}: choose {choices}.",
                fix=f"Replace {one.shown} by {choices}, as the documents support it.",
                stops_as=NotBillable,
            )


def _nearest(unbillable: Unbillable) -> str:
    return f"; near it: {either(unbillable.choices)}" if unbillable.choices else ""


def _by_the_editor(case: Case, one: Listed) -> Iterator[Said]:
    if case.on is None or not one.formed or not case.codesets.editor.covers(case.on):
        return
    try:
        known = case.codesets.editor.knows(one.code, case.on)
    except EngineError:
        return
    if not known:
        yield Said(
            one.target,
            f"{one.shown} is not a billable ICD-10-CM code on {case.on}.",
            stops_as=UnknownCode,
        )


def has_seventh_character(case: Case) -> Iterator[Said]:
    """Where a 7th character is defined it is needed, in the seventh place, filled up with X."""
    for one in case.listed:
        if one.unbillable is None:
            continue
        choices = either(one.unbillable.choices)
        if one.unbillable.why is Why.SEVENTH_MISSING:
            message = f"{one.shown} needs a 7th character on {case.on}: choose {choices}."
        elif one.unbillable.why is Why.SEVENTH_WRONG:
            message = f"{one.shown} has no valid 7th character on {case.on}: choose {choices}."
        else:
            continue
        fix = f"Replace {one.shown} by {choices}, as this encounter demands."
        yield Said(one.target, message, fix, stops_as=SeventhCharacter)


def is_listed_once(case: Case) -> Iterator[Said]:
    """Each diagnosis code is reported once, also for both sides."""
    seen: set[str] = set()
    for one in case.claimed:
        if one.formed and one.code in seen:
            yield Said(one.target, f"{one.shown} is listed twice.", stops_as=DuplicateCode)
        seen.add(one.code)


def may_stand_together(case: Case) -> Iterator[Said]:
    """No two codes that an Excludes1 note keeps apart, with ancestors and both ways."""
    if case.tabular is None:
        return
    together = [one for one in case.claimed if one.formed]
    for pair in case.tabular.excludes1([one.code for one in together]):
        first, second = together[pair.first], together[pair.second]
        yield Said(
            second.target,
            f"{first.shown} and {second.shown} exclude each other "
            f"(Excludes1 at {dotted(pair.node)}).",
            f"Remove {first.shown} or {second.shown}, or override when they are unrelated.",
            stops_as=ExcludedTogether,
        )


ERROR = Severity.ERROR
RULES = (
    Rule("R-ICD-NONE", "A diagnosis is there", "X12 837 HI", ERROR, has_codes),
    Rule("R-ICD-DATE", "A date to look up for", "45 CFR 162.1002", ERROR, has_date),
    Rule(
        "R-ICD-EDITION",
        "An edition covers the dates",
        "HIPAA 45 CFR 162.1002: the code set valid on the date of service",
        ERROR,
        has_edition,
        overridable=True,
    ),
    Rule("R-ICD-SYSTEM", "ICD-10-CM since 2015", "45 CFR 162.1002", ERROR, is_of_the_system),
    Rule("R-ICD-01", "Format", TABULAR, ERROR, is_formed),
    Rule("R-ICD-02", "Billable on the date", f"{TABULAR}; guideline I.B.2", ERROR, is_billable),
    Rule("R-ICD-03", "7th character", "Guidelines I.A.4, I.A.5", ERROR, has_seventh_character),
    Rule("R-ICD-06", "No code twice", "Guidelines I.B.12, I.B.13", ERROR, is_listed_once),
    Rule(
        "R-ICD-07",
        "Excludes1",
        f"{TABULAR}; guideline I.A.12.a",
        ERROR,
        may_stand_together,
        overridable=True,
    ),
)
