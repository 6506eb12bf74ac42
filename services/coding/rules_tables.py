"""Rules that ask the loaded edit tables: existence, NCCI pairs, MUE, add-on codes, MPFS.

A rule here is made for the tables at hand. A table that does not cover the day gives `no_data`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from services.chart.model import Severity, Status
from services.codesets import mue, ncci
from services.codesets.addons import orphans
from services.codesets.edit_tables import EditTables, Setting
from services.codesets.ncci import CodedLine
from services.coding.case import Case
from services.coding.edits_case import by_day, lines_of
from services.coding.failures import UnknownCode
from services.coding.rule import Rule, Said
from services.coding.words import both

PAIR = 2
FEW = 8


def setting_of(case: Case) -> Setting:
    """Whose tables hold: the practitioner's for lines without revenue code and facility."""
    facility = case.chart.encounter.encounter_class not in {None, "clinic"}
    return Setting.OUTPATIENT if facility else Setting.PRACTITIONER


def _listed(codes: Sequence[str]) -> str:
    shown = list(codes[:FEW])
    return both(shown) if len(shown) == len(codes) else f"{', '.join(shown)} and others"


def _no_table(name: str, lines: tuple[CodedLine, ...]) -> Said:
    days = sorted({line.on for line in lines})
    message = f"No {name} table here covers {days[0]}: its edits are not checked."
    fix = f"Load the {name} table."
    return Said("charges", message, fix, status=Status.NO_DATA, severity=Severity.INFO)


def exist(tables: EditTables, case: Case) -> Iterator[Said]:
    """Every code is in the loaded list of its day."""
    lines = lines_of(case)
    if not lines:
        return
    if any(tables.procedures_on(line.on) is None for line in lines):
        yield _no_table("CPT or HCPCS", lines)
        return
    for line in lines:
        table = tables.procedures_on(line.on)
        if table is not None and table.on(line.code, line.on) is None:
            message = f"{line.code} is not a valid code on {line.on}."
            fix = "Replace it by a code of that date."
            yield Said(f"charges[{line.index}].code", message, fix, stops_as=UnknownCode)


def pairs_are_known(tables: EditTables, case: Case) -> Iterator[Said]:
    """Pairs of lines need the NCCI table of the day."""
    lines = lines_of(case)
    setting = setting_of(case)
    if len(lines) >= PAIR and any(tables.ncci_on(setting, x.on) is None for x in lines):
        yield _no_table(f"NCCI {setting}", lines)


def _bundled(tables: EditTables, case: Case) -> tuple[ncci.Bundled, ...]:
    setting = setting_of(case)
    return tuple(
        one
        for day, lines in by_day(case)
        if len(lines) >= PAIR and (table := tables.ncci_on(setting, day)) is not None
        for one in ncci.bundled(table, lines)
    )


def never_paid_together(tables: EditTables, case: Case) -> Iterator[Said]:
    """CCMI 0: column 2 is never paid beside column 1."""
    for one in _bundled(tables, case):
        if one.pair.modifier_indicator == ncci.NEVER:
            yield Said(
                f"charges[{one.column2.index}].code",
                f"{one.column2.code} is never paid beside {one.column1.code} on one day.",
                f"Remove {one.column2.code}.",
            )


def paid_with_a_modifier(tables: EditTables, case: Case) -> Iterator[Said]:
    """CCMI 1: column 2 is paid with an NCCI modifier only."""
    for one in _bundled(tables, case):
        if one.pair.modifier_indicator != ncci.WITH_MODIFIER:
            continue
        yield Said(
            f"charges[{one.column2.index}].code",
            f"{one.column2.code} is bundled into {one.column1.code} on one day"
            + (", but its modifier sets it apart." if one.bypassed else "."),
            ""
            if one.bypassed
            else f"Remove {one.column2.code}, or add the modifier that the record supports.",
            status=Status.BYPASSED if one.bypassed else Status.FAIL,
            severity=Severity.INFO if one.bypassed else None,
        )


def units_are_known(tables: EditTables, case: Case) -> Iterator[Said]:
    """Units need the MUE table of the day; some values are confidential."""
    setting = setting_of(case)
    for day, lines in by_day(case):
        table = tables.mue_on(setting, day)
        if table is None:
            yield _no_table(f"MUE {setting}", lines)
            return
        if codes := mue.without_limit(table, lines):
            message = f"The MUE table has no value for {_listed(codes)}; some are confidential."
            yield Said("charges", message, status=Status.NO_DATA)


def units_hold(tables: EditTables, mai: int, case: Case) -> Iterator[Said]:
    """Units stay within the limit of the line (MAI 1) or of the day (2, 3)."""
    setting = setting_of(case)
    found = (
        one
        for day, lines in by_day(case)
        if (table := tables.mue_on(setting, day)) is not None
        for one in mue.over_limit(table, lines)
    )
    for one in found:
        if one.limit.mai == mai:
            span = "on one line" if mai == mue.BY_LINE else "on one day"
            yield Said(
                f"charges[{one.lines[-1].index}].units",
                f"{one.limit.code} has {one.units} units {span}; "
                f"at most {one.limit.value} are paid, else none.",
                "Correct the units, or appeal with the record where that is allowed.",
            )


def add_ons_have_a_primary(tables: EditTables, case: Case) -> Iterator[Said]:
    """An add-on code has a primary service of its day beside it."""
    for day, lines in by_day(case):
        table = tables.add_ons_on(day)
        if table is None:
            yield _no_table("add-on code", lines)
            return
        for one in orphans(table, lines):
            primaries = _listed(one.primaries) if one.primaries else "the contractor's list"
            yield Said(
                f"charges[{one.line.index}].code",
                f"{one.line.code} is an add-on code without a primary service ({primaries}).",
                "Bill the primary service as well.",
                severity=None if one.certain else Severity.WARNING,
            )


def _units(tables: EditTables, mai: int) -> Rule:
    clinical = mai == mue.BY_DAY_CLINICAL
    check = partial(units_hold, tables, mai)
    return Rule(f"R-MUE-{mai}", f"Units (MAI {mai})", "CMS MUE", Severity.ERROR, check, clinical)


def rules(tables: EditTables) -> tuple[Rule, ...]:
    """The rules over these tables."""
    error, info, ptp = Severity.ERROR, Severity.INFO, "CMS NCCI PTP"
    never, modifier = partial(never_paid_together, tables), partial(paid_with_a_modifier, tables)
    add_ons = partial(add_ons_have_a_primary, tables)
    return (
        Rule("R-CPT-02", "Looked up", "CPT; HCPCS Level II", error, partial(exist, tables)),
        Rule("R-NCCI-00", "Pairs are known", ptp, info, partial(pairs_are_known, tables)),
        Rule("R-NCCI-01", "Never together", f"{ptp}, CCMI 0", error, never),
        Rule("R-NCCI-02", "With a modifier", f"{ptp}, CCMI 1", error, modifier, True),
        Rule("R-MUE-0", "Limits are known", "CMS MUE", info, partial(units_are_known, tables)),
        *(_units(tables, mai) for mai in (mue.BY_LINE, mue.BY_DAY, mue.BY_DAY_CLINICAL)),
        Rule("R-AOC-01", "Add-on codes", "CMS NCCI add-on codes", error, add_ons),
    )
