"""Rules of the outpatient code editor that its published words and Addendum B allow to check.

R-IOCE-nn carries the number of the edit. Age, sex and manifestations are the Medicare Code
Editor's lists, which the outpatient editor shares.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from services.chart.model import Severity, Status
from services.codesets.edit_tables import EditTables
from services.codesets.inpatient import CodeEdit, EngineError, Stay, StayDiagnosis
from services.codesets.modifiers import is_em
from services.codesets.opps import INPATIENT_ONLY, PROCEDURES
from services.coding.case import Case
from services.coding.edits_case import lines_of
from services.coding.rule import Rule, Said
from services.coding.rules_clinical import age_of
from services.coding.words import both, dotted

MOST_LINES = 450
HOME = 1
ANY_AGE = 40
BILATERAL = "50"
VISIT_BY_INDICATOR = "V"


def shared_edits(case: Case) -> tuple[CodeEdit, ...]:
    """What the Medicare Code Editor says of the diagnoses of an outpatient."""
    first, on = case.principal, case.on
    if first is None or not first.formed or on is None:
        return ()
    if not case.codesets.editor.covers(on):
        return ()
    age = age_of(case)
    others = tuple(StayDiagnosis(one.code) for one in case.claimed[1:] if one.formed)
    sex = case.chart.patient.sex or "U"
    stay = Stay(on, ANY_AGE if age is None else age, sex, HOME, StayDiagnosis(first.code), others)
    try:
        return case.codesets.editor.edits(stay)
    except EngineError:
        return ()


def _fired(case: Case, name: str) -> tuple[str, ...]:
    return next((edit.codes for edit in case.edits or () if edit.name == name), ())


def manifestation_is_not_first(case: Case) -> Iterator[Said]:
    """A manifestation never stands first (guideline I.A.13)."""
    if case.principal is not None and _fired(case, "MANIFESTATION_AS_PDX"):
        first = case.principal
        message = f"{first.shown} is a manifestation and may not stand first."
        yield Said(first.target, message, f"Put the condition that causes {first.shown} first.")


def fits_the_age(case: Case) -> Iterator[Said]:
    """IOCE edit 2."""
    if age_of(case) is not None:
        yield from _conflict(case, "AGE_CONFLICT", "age")


def fits_the_sex(case: Case) -> Iterator[Said]:
    """IOCE edit 3; retired for discharges from October 1, 2024."""
    yield from _conflict(case, "SEX_CONFLICT", "sex")


def _conflict(case: Case, name: str, what: str) -> Iterator[Said]:
    codes = _fired(case, name)
    if codes:
        shown = both([dotted(code) for code in codes])
        target = next((one.target for one in case.listed if one.code in codes), "diagnoses")
        message = f"{shown} {'is' if len(codes) == 1 else 'are'} in conflict with the {what}."
        yield Said(target, message, f"Check the {what} and the code.")


def lines_are_not_too_many(case: Case) -> Iterator[Said]:
    """A claim has at most 450 lines."""
    if len(case.chart.charges) > MOST_LINES:
        message = f"The claim has {len(case.chart.charges)} lines; 450 are taken."
        yield Said("charges", message, "Split the claim.")


def bilateral_is_said_once(case: Case) -> Iterator[Said]:
    """IOCE edit 17: a bilateral line stands once a day, with one unit."""
    seen: set[tuple[str, object]] = set()
    for index, line in enumerate(case.chart.charges):
        if BILATERAL not in line.modifiers:
            continue
        if (line.code, line.on) in seen or line.units != 1:
            message = f"{line.code} with modifier 50 is one line with one unit a day."
            yield Said(f"charges[{index}].units", message, "Bill one line with one unit.")
        seen.add((line.code, line.on))


def not_inpatient_only(tables: EditTables, case: Case) -> Iterator[Said]:
    """IOCE edit 18: status indicator C."""
    for line in lines_of(case):
        table = tables.opps_on(line.on)
        row = table.on(line.code, line.on) if table is not None else None
        if row is not None and row.status_indicator == INPATIENT_ONLY:
            message = f"{line.code} is paid to inpatients only (status indicator C)."
            yield Said(f"charges[{line.index}].code", message, "Check the setting.")


def visit_has_25(tables: EditTables, case: Case) -> Iterator[Said]:
    """IOCE edit 21: a visit on the day of a procedure of status S or T."""
    lines = lines_of(case)
    table = tables.opps_on(lines[0].on) if lines else None
    if table is None:
        return
    rows = [table.on(line.code, line.on) for line in lines]
    days = {
        line.on
        for line, row in zip(lines, rows, strict=True)
        if row is not None and row.status_indicator in PROCEDURES
    }
    for line, row in zip(lines, rows, strict=True):
        visit = is_em(line.code) or (row and row.status_indicator == VISIT_BY_INDICATOR)
        if visit and line.on in days and "25" not in line.modifiers:
            message = f"{line.code} on the day of a procedure needs modifier 25."
            yield Said(f"charges[{line.index}].modifiers", message, "Add 25, if it holds.")


def bilateral_is_allowed(tables: EditTables, case: Case) -> Iterator[Said]:
    """Modifier 50 needs the bilateral indicator 1 or 3."""
    for line in lines_of(case):
        if BILATERAL not in line.modifiers:
            continue
        target = f"charges[{line.index}].modifiers"
        table = tables.mpfs_on(line.on)
        if table is None:
            message = "No MPFS table here covers the day: modifier 50 is not checked."
            fix, info = "Load the MPFS table.", Severity.INFO
            yield Said(target, message, fix, status=Status.NO_DATA, severity=info)
            continue
        row = table.on((line.code, ""), line.on)
        if row is not None and row.bilateral not in {"1", "3"}:
            message = f"{line.code} may not be billed with modifier 50 (MPFS {row.bilateral})."
            yield Said(target, message, "Remove modifier 50.")


def rules(tables: EditTables) -> tuple[Rule, ...]:
    """The rules that need Addendum B and the fee schedule, and those that do not."""
    error, ioce = Severity.ERROR, "I/OCE edit"
    return (
        Rule("R-ICD-08-FIRST", "Not first", "I.A.13", error, manifestation_is_not_first),
        Rule("R-IOCE-02", "Age", f"{ioce} 2", error, fits_the_age, True),
        Rule("R-IOCE-03", "Sex", f"{ioce} 3", error, fits_the_sex, True),
        Rule("R-IOCE-LINES", "Lines", "I/OCE", error, lines_are_not_too_many),
        Rule("R-IOCE-17", "Bilateral once", f"{ioce} 17", error, bilateral_is_said_once),
        Rule(
            "R-IOCE-18", "Inpatient only", f"{ioce} 18", error, partial(not_inpatient_only, tables)
        ),
        Rule("R-IOCE-21", "Visit with 25", f"{ioce} 21", error, partial(visit_has_25, tables)),
        Rule(
            "R-MOD-50",
            "Bilateral allowed",
            "MPFS BILAT",
            error,
            partial(bilateral_is_allowed, tables),
        ),
    )
