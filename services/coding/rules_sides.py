"""Rules about sides and fractures, by the official titles: digits do not say the side alike."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.chart.model import Charge, Severity
from services.codesets.modifiers import LEFT, RIGHT
from services.codesets.tabular import Tabular
from services.coding.case import Case, Listed
from services.coding.rule import Rule, Said
from services.coding.words import CATEGORY, bare

SIDE = re.compile(r"\b(right|left|bilateral)\b", re.IGNORECASE)
BILATERAL = "50"
SIDED = LEFT | RIGHT | {BILATERAL}
FULL = 7
FRACTURES = ("S", "M80", "M84")


def side_of(tabular: Tabular, code: str) -> str:
    """right, left, bilateral, unspecified (a sibling code has a side), or empty: it has none."""
    base = code[:-1].rstrip("X") if len(code) == FULL else code
    if said := SIDE.search(tabular.title(code)):
        return said[1].lower()
    if len(base) <= CATEGORY or "unspecified" not in tabular.title(code).lower():
        return ""
    siblings = tabular.children(base[:-1])
    sided = any(SIDE.search(tabular.title(one)) for one in siblings)
    return "unspecified" if sided else ""


def agrees_with_the_modifier(case: Case) -> Iterator[Said]:
    """No line says right where all of its sided diagnoses say left, or the other way round."""
    for index, line, sides in _sided_lines(case):
        said = _said(line)
        against = "left" if said == "right" else "right"
        if said in {"right", "left"} and sides == {against}:
            yield Said(
                f"charges[{index}].modifiers",
                f"The line at charges[{index}] says {said}, its diagnosis says {against}.",
                "Correct the modifier or the diagnosis from the record.",
            )


def is_as_exact_as_the_modifier(case: Case) -> Iterator[Said]:
    """Where a line says the side, a diagnosis of an unspecified side can be coded better."""
    if case.tabular is None or not any(SIDED & set(line.modifiers) for line in case.chart.charges):
        return
    for one in case.claimed:
        if one.formed and side_of(case.tabular, one.code) == "unspecified":
            message = f"{one.shown} names no side, but a line's modifier does."
            yield Said(one.target, message, "Choose the code of that side, as documented.")


def _sided_lines(case: Case) -> Iterator[tuple[int, Charge, set[str]]]:
    tabular = case.tabular
    if tabular is None:
        return
    for index, line in enumerate(case.chart.charges):
        if SIDED.isdisjoint(line.modifiers):
            continue
        linked = {bare(code) for code in line.diagnosis_codes}
        codes = [
            one.code for one in case.claimed if one.formed and (not linked or one.code in linked)
        ]
        yield index, line, {side for code in codes if (side := side_of(tabular, code))}


def _said(line: Charge) -> str:
    sides = {"left" for one in line.modifiers if one in LEFT}
    sides |= {"right" for one in line.modifiers if one in RIGHT}
    return sides.pop() if len(sides) == 1 else ""


def fracture_by_default(*, displaced: bool | None, open_: bool | None) -> tuple[bool, bool]:
    """What is coded when the record does not say: (displaced, open) (guideline I.C.19.c)."""
    return displaced is not False, open_ is True


def fracture_is_said_once(case: Case) -> Iterator[Said]:
    """One fracture is either displaced or not; not stated is coded as displaced."""
    if case.tabular is None:
        return
    seen: dict[str, tuple[Listed, bool]] = {}
    for one in case.claimed:
        if not one.formed or not one.code.startswith(FRACTURES):
            continue
        title = case.tabular.title(one.code).lower()
        if "displaced" not in title:
            continue
        displaced = "nondisplaced" not in title
        bone = title.replace("nondisplaced", "displaced").partition(", ")[0]
        other = seen.setdefault(bone, (one, displaced))
        if other[1] is not displaced:
            message = (
                f"{other[0].shown} and {one.shown} say displaced and nondisplaced of one bone."
            )
            yield Said(one.target, message, "Keep one; what is not stated is coded as displaced.")


RULES = (
    Rule(
        "R-ICD-04",
        "Displaced or not",
        "Guideline I.C.19.c",
        Severity.WARNING,
        fracture_is_said_once,
        overridable=True,
    ),
    Rule(
        "R-ICD-05",
        "Side of line and diagnosis",
        "Guideline I.B.13; NCCI policy manual I.E",
        Severity.ERROR,
        agrees_with_the_modifier,
        overridable=True,
    ),
    Rule(
        "R-ICD-05-SIDE",
        "Side is said",
        "Guideline I.B.13",
        Severity.WARNING,
        is_as_exact_as_the_modifier,
        overridable=True,
    ),
)
