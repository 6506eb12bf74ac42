"""Rules about vaccinations: Z23, the administration and the product belong together."""

from __future__ import annotations

from collections.abc import Iterator

from services.chart.model import Charge, Severity
from services.codesets import vaccines
from services.coding.case import Case
from services.coding.rule import Rule, Said
from services.coding.rules_clinical import age_of
from services.coding.rules_mce import MEDICARE
from services.coding.words import both

Numbered = tuple[int, Charge]
CHILD_EXAM = "Z0012"


def _products(case: Case) -> list[Numbered]:
    return [one for one in enumerate(case.chart.charges) if vaccines.is_product(one[1].code)]


def _given(case: Case) -> list[Numbered]:
    """The lines that administer a vaccine: one each unit."""
    return [one for one in enumerate(case.chart.charges) if _administers(one[1].code)]


def _administers(code: str) -> bool:
    return code in vaccines.ADMINISTRATIONS or code == vaccines.NEXT_ORAL


def _units(lines: list[Numbered]) -> int:
    return sum(int(line.units) for _, line in lines)


def _on_medicare(case: Case) -> bool:
    return any(coverage.plan_type in MEDICARE for coverage in case.chart.coverages)


def has_its_encounter(case: Case) -> Iterator[Said]:
    """A vaccination is for Z23, and Z23 needs a vaccination on the lines."""
    found = [one for one in case.claimed if one.code == vaccines.ENCOUNTER]
    lines = _products(case) + _given(case)
    if lines and case.claimed and not found:
        message = "A vaccination is billed, but Z23 is not among the diagnoses."
        yield Said(f"charges[{min(lines)[0]}].code", message, "Add Z23.")
    if found and not lines and not case.inpatient:
        message = "Z23 stands without a vaccine and its administration on the lines."
        yield Said(found[0].target, message, "Bill the vaccination, or leave Z23 out (Z28.-).")
    if found and case.principal is found[0]:
        exam = [one for one in case.claimed if one.code.startswith(CHILD_EXAM)]
        if exam:
            message = f"{exam[0].shown} stands before Z23."
            yield Said(found[0].target, message, f"Put {exam[0].shown} first.")


def product_and_administration_match(case: Case) -> Iterator[Said]:
    """Each administration has one product and the other way round."""
    products, given = _products(case), _given(case)
    if _units(products) == _units(given):
        return
    if _units(products) < _units(given):
        index, line = given[-1]
        message = f"{line.code} is billed without a vaccine product for each administration."
        fix = "Bill the product; where it was supplied free, as the payer asks."
    else:
        index, line = products[-1]
        message = f"{line.code} is billed without an administration for each vaccine."
        fix = "Bill the administration of each vaccine."
    yield Said(f"charges[{index}].code", message, fix)


def additional_has_its_first(case: Case) -> Iterator[Said]:
    """90472 and 90474 need a first administration, 90461 needs 90460; a first one is one unit."""
    codes = {line.code for line in case.chart.charges}
    for index, line in enumerate(case.chart.charges):
        firsts = vaccines.NEEDS_FIRST.get(line.code, ())
        if firsts and codes.isdisjoint(firsts):
            message = f"{line.code} is an additional one and needs {' or '.join(firsts)}."
            yield Said(f"charges[{index}].code", message, f"Bill {firsts[0]} for the first one.")
    for first, more in (
        (vaccines.FIRST_INJECTION, vaccines.NEXT_INJECTION),
        (vaccines.FIRST_ORAL, vaccines.NEXT_ORAL),
    ):
        same = [one for one in enumerate(case.chart.charges) if one[1].code == first]
        by_day: dict[object, int] = {}
        for index, line in same:
            by_day[line.on] = by_day.get(line.on, 0) + int(line.units)
            if by_day[line.on] > 1:
                message = f"{first} is for the first vaccine of a day; the others are {more}."
                yield Said(f"charges[{index}].code", message, f"Bill {more} for the others.")


def counselling_is_for_the_young(case: Case) -> Iterator[Said]:
    """90460 and 90461 are with counselling, to the age of 18, one unit a component."""
    index = next(
        (i for i, line in enumerate(case.chart.charges) if line.code == vaccines.FIRST_COUNSELLED),
        None,
    )
    if index is None:
        return
    age = age_of(case)
    if age is not None and age > vaccines.COUNSELLED_TO_AGE:
        message = f"{vaccines.FIRST_COUNSELLED} is for patients to the age of 18."
        yield Said(f"charges[{index}].code", message, "Bill 90471 and 90472.")
    more = sum(
        int(line.units) for line in case.chart.charges if line.code == vaccines.NEXT_COMPONENT
    )
    allowed = sum(
        (vaccines.components(line.code) - 1) * int(line.units) for _, line in _products(case)
    )
    if _products(case) and more > allowed:
        message = f"90461 has {more} units; the vaccines have {allowed} further components."
        yield Said(f"charges[{index}].units", message, "Bill one unit for each further component.")


def medicare_has_codes_of_its_own(case: Case) -> Iterator[Said]:
    """Part B: G0008 influenza, G0009 pneumococcal, G0010 hepatitis B instead of 9046x, 9047x."""
    codes = [line.code for line in case.chart.charges]
    general = [one for one in enumerate(codes) if one[1] in vaccines.GENERAL or one[1] == "90474"]
    if _on_medicare(case):
        wanted = {vaccines.MEDICARE_CODE[code] for code in codes if code in vaccines.MEDICARE_CODE}
        missing = sorted(wanted - set(codes))
        if missing and general:
            index, code = general[0]
            message = f"Medicare takes {both(missing)} instead of {code} for these vaccines."
            yield Said(f"charges[{index}].code", message, f"Use {both(missing)}.")
        elif general and not _products(case):
            index, code = general[0]
            message = f"Which vaccine {code} gave is not billed: Medicare may want another code."
            fix = "Use G0008 for influenza, G0009 for pneumococcal, G0010 for hepatitis B."
            yield Said(f"charges[{index}].code", message, fix)
    elif case.chart.coverages:
        for index, code in enumerate(codes):
            if code in vaccines.MEDICARE:
                message = f"{code} is Medicare's; most other payers take 90471."
                yield Said(f"charges[{index}].code", message, "", severity=Severity.WARNING)


def is_not_an_injection_of_another_kind(case: Case) -> Iterator[Said]:
    """96372 gives drugs, never vaccines."""
    if not _products(case) or _given(case):
        return
    for index, line in enumerate(case.chart.charges):
        if line.code == vaccines.NOT_FOR_VACCINES:
            message = "96372 is not for vaccines."
            yield Said(f"charges[{index}].code", message, "Bill 90471 or the payer's own code.")


CPT = "CPT immunization administration"
MANUAL = "Medicare claims manual 18.10"
ERROR, WARNING = Severity.ERROR, Severity.WARNING
RULES = (
    Rule("R-VAC-01", "Z23", "ICD-10-CM note at Z23", WARNING, has_its_encounter, True),
    Rule("R-VAC-02", "One product each", CPT, ERROR, product_and_administration_match, True),
    Rule("R-VAC-03", "First and additional", CPT, ERROR, additional_has_its_first),
    Rule("R-VAC-04", "Counselling", CPT, ERROR, counselling_is_for_the_young, True),
    Rule("R-VAC-05", "Medicare's codes", MANUAL, ERROR, medicare_has_codes_of_its_own, True),
    Rule("R-VAC-06", "Not 96372", CPT, ERROR, is_not_an_injection_of_another_kind),
)
