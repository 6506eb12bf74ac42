"""Rules about external causes (chapter 20), beyond that none stands first."""

from __future__ import annotations

from collections.abc import Iterator

from services.chart.model import Severity
from services.coding.case import Case, Listed
from services.coding.rule import Rule, Said

CAUSES = ("V", "W", "X", "Y")
PLACE, ACTIVITY, STATUS = "Y92", "Y93", "Y99"
ONCE = (PLACE, ACTIVITY, STATUS)
INJURIES = ("S", "T")
FULL = 7
LATER = "DEFGHJKMNPQRS"  # 7th characters of later encounters and sequelae
NOT_WITH_ACTIVITY = (
    *(f"T{number}" for number in range(36, 66)),
    *(f"Y{number}" for number in range(62, 85)),
)
# Guideline I.C.20.f: what goes before what. The first group is sequenced before the second, ...
PRIORITY: tuple[tuple[str, ...], ...] = (
    ("Y07", *(f"X{number}" for number in range(92, 100)), *(f"Y0{number}" for number in range(7))),
    ("Y38",),
    tuple(f"X{number}" for number in range(30, 40)),
    ("V",),
)
SOURCE = "Guideline I.C.20"


def _causes(case: Case) -> list[Listed]:
    return [one for one in case.claimed if one.formed and one.code.startswith(CAUSES)]


def accompanies_a_condition(case: Case) -> Iterator[Said]:
    """An external cause goes with a code of A00-T88 or Z00-Z99 that says what happened."""
    causes = _causes(case)
    if causes and len(causes) == len([one for one in case.claimed if one.formed]):
        message = f"{causes[0].shown} says how, but no diagnosis says what happened."
        yield Said(causes[0].target, message, "Add the injury or the condition.")


def place_and_activity_are_said_once(case: Case) -> Iterator[Said]:
    """Place, activity and status are reported once, at the initial encounter."""
    causes = _causes(case)
    for category in ONCE:
        same = [one for one in causes if one.code.startswith(category)]
        for one in same[1:]:
            message = f"{one.shown}: a code of {category} is reported only once."
            yield Said(one.target, message, f"Keep one code of {category}.")
        injuries = _injuries(case)
        if same and injuries and all(one.code[-1] in LATER for one in injuries):
            message = f"{same[0].shown} belongs to the initial encounter for the injury only."
            yield Said(same[0].target, message, f"Remove {same[0].shown}.")


def activity_fits(case: Case) -> Iterator[Said]:
    """Y93 is not used with poisoning, adverse effect, misadventure or sequela."""
    codes = [one.code for one in case.claimed if one.formed]
    barred = any(code.startswith(NOT_WITH_ACTIVITY) for code in codes) or any(
        code.startswith(INJURIES) and len(code) == FULL and code[-1] == "S" for code in codes
    )
    for one in _causes(case):
        if barred and one.code.startswith(ACTIVITY):
            message = f"{one.shown} is not used with poisoning, adverse effect or sequela."
            yield Said(one.target, message, f"Remove {one.shown}.")


def causes_are_in_order(case: Case) -> Iterator[Said]:
    """Cause, then place, activity and status; abuse before terrorism, cataclysm, transport."""
    before: Listed | None = None
    for one in _causes(case):
        if before is not None and _rank(one.code) < _rank(before.code):
            message = f"{one.shown} goes before {before.shown}."
            yield Said(one.target, message, f"Put {one.shown} before {before.shown}.")
        before = one


def _rank(code: str) -> int:
    if code.startswith(ONCE):
        return 10 + ONCE.index(code[:3])
    found = (rank for rank, group in enumerate(PRIORITY) if code.startswith(group))
    return next(found, len(PRIORITY))


def _injuries(case: Case) -> list[Listed]:
    return [
        one
        for one in case.claimed
        if one.formed and one.code.startswith(INJURIES) and len(one.code) == FULL
    ]


def encounter_is_the_same(case: Case) -> Iterator[Said]:
    """The cause's 7th character says the same encounter as the injury's."""
    said = {_encounter(one.code[-1]) for one in _injuries(case)}
    for one in _causes(case):
        if len(one.code) == FULL and said and _encounter(one.code[-1]) not in said:
            message = f"{one.shown} says another encounter than the injury's 7th character."
            yield Said(one.target, message, "Choose the 7th character of the injury's encounter.")


def _encounter(character: str) -> str:
    if character == "S":
        return "sequela"
    return "later" if character in LATER else "initial"


def cause_is_there(case: Case) -> Iterator[Said]:
    """No national mandate asks for it: worth knowing only."""
    initial = [one for one in _injuries(case) if one.code[0] == "S" and one.code[-1] not in LATER]
    if initial and not _causes(case):
        message = f"{initial[0].shown} has no external cause beside it."
        fix = "Add how it happened, where the payer or the state asks for it."
        yield Said(initial[0].target, message, fix)


WARNING = Severity.WARNING
RULES = (
    Rule("R-ICD-13-ALONE", "With a condition", SOURCE, WARNING, accompanies_a_condition, True),
    Rule("R-ICD-13-ONCE", "Once", SOURCE, WARNING, place_and_activity_are_said_once, True),
    Rule("R-ICD-13-ACTIVITY", "Activity", f"{SOURCE}.c", WARNING, activity_fits, True),
    Rule("R-ICD-13-ORDER", "Order", f"{SOURCE}.f", WARNING, causes_are_in_order, True),
    Rule("R-ICD-13-SEVENTH", "Encounter", f"{SOURCE}.a.2", WARNING, encounter_is_the_same, True),
    Rule("R-ICD-13-MISSING", "A cause is said", SOURCE, Severity.INFO, cause_is_there, True),
)
