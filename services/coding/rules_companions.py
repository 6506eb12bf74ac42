"""Codes that belong beside each other: code first (R-ICD-08) and use additional (R-ICD-09).

Rows of the tabular list's instructions that can be tested on a list of codes. A row's codes are
prefixes without dots. What stands in no row is not judged here; that a manifestation never stands
first is the Medicare Code Editor's own list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.chart.model import Severity
from services.coding.case import Case, Listed
from services.coding.rule import Rule, Said
from services.coding.words import either

TABULAR = "ICD-10-CM tabular list"


@dataclass(frozen=True, slots=True)
class CodeFirst:
    """`codes` come after one of `first`. `needed`: without any of them the list is incomplete."""

    codes: tuple[str, ...]
    first: tuple[str, ...]
    needed: bool = True


@dataclass(frozen=True, slots=True)
class UseAdditional:
    """`codes` want one of `also` beside them; `severity` is INFO where the note says "if known"."""

    codes: tuple[str, ...]
    also: tuple[str, ...]
    words: str
    severity: Severity = Severity.WARNING


NEOPLASMS = ("C", "D0", "D1", "D2", "D3", "D4")
DIABETES = ("E08", "E09", "E10", "E11", "E13")
INFECTIONS: tuple[str, ...] = (
    "A",
    "B",
    "J0",
    "J1",
    "J2",
    "J85",
    "J86",
    "N10",
    "N11",
    "N12",
    "N13",
    "N15",
    "N30",
)
INFECTIONS += ("N34", "N39", "K35", "K57", "K61", "K63", "K65", "K67", "K81", "K83", "L0", "M00")
INFECTIONS += ("M86", "G0", "I33", "I38", "I39", "I30", "O03", "O08", "O23", "O75", "O85", "O86")
INFECTIONS += ("O88", "P36", "P37", "T80", "T81", "T82", "T83", "T84", "T85", "T88", "U07")
DEMENTIAS: tuple[str, ...] = (
    "A52",
    "A81",
    "B20",
    "E01",
    "E03",
    "E51",
    "E52",
    "E53",
    "E75",
    "E83",
    "F10",
    "G10",
)
DEMENTIAS += ("G20", "G30", "G31", "G35", "G40", "I6", "M30", "M32", "N18", "S06", "T")

CODE_FIRST: tuple[CodeFirst, ...] = (
    CodeFirst(("F02",), DEMENTIAS),
    CodeFirst(("D631",), ("N18",)),
    CodeFirst(("D630",), NEOPLASMS),
    CodeFirst(("I50",), ("I110", "I130", "I132", "I098", "I971", "O754"), needed=False),
    CodeFirst(("N18",), ("I12", "I13"), needed=False),
    CodeFirst(("R652",), INFECTIONS),
    CodeFirst(("J1282",), ("U071",)),
    CodeFirst(("Z3A",), ("O",)),
    CodeFirst(("Y90",), ("F10", "T51", "R780"), needed=False),
    CodeFirst(("Z16",), INFECTIONS, needed=False),
    CodeFirst(("R297",), ("I63",)),
    CodeFirst(("L97",), tuple(f"{one}621" for one in DIABETES), needed=False),
    CodeFirst(("Z9114",), ("T36", "T37", "T38", "T39", "T4", "T50"), needed=False),
)

USE_ADDITIONAL: tuple[UseAdditional, ...] = (
    UseAdditional(("I110",), ("I50",), "the type of heart failure (I50.-)"),
    UseAdditional(("I120", "I1311", "I132"), ("N185", "N186"), "the stage (N18.5, N18.6)"),
    UseAdditional(("I129",), ("N181", "N182", "N183", "N184", "N189"), "the stage (N18.-)"),
    UseAdditional(("I130", "I132"), ("I50",), "the type of heart failure (I50.-)"),
    UseAdditional(("I130", "I1310"), ("N181", "N182", "N183", "N184", "N189"), "the stage (N18.-)"),
    UseAdditional(("N186",), ("Z992",), "dialysis status (Z99.2)", Severity.INFO),
    UseAdditional(tuple(f"{one}22" for one in DIABETES), ("N18",), "the stage (N18.-)"),
    UseAdditional(
        tuple(f"{one}621" for one in DIABETES), ("L97",), "the site of the ulcer (L97.-)"
    ),
    UseAdditional(
        ("E11", "E13"),
        ("Z794", "Z7984", "Z7985"),
        "the drugs it is controlled by (Z79.4, Z79.84, Z79.85)",
        Severity.INFO,
    ),
    UseAdditional(
        ("R652",),
        ("N17", "J960", "J80", "K720", "K7682", "G934", "D65", "D6959", "I95", "G72", "G62", "E87"),
        "the acute organ dysfunction",
    ),
    UseAdditional(("E66",), ("Z68",), "the body mass index (Z68.-)", Severity.INFO),
    UseAdditional(("N390",), ("B95", "B96", "B97"), "the organism (B95-B97)", Severity.INFO),
    UseAdditional(("C50",), ("Z17",), "the receptor status (Z17.-)", Severity.INFO),
    UseAdditional(
        ("T20", "T21", "T22", "T23", "T24", "T25"), ("T31", "T32"), "the extent (T31, T32)"
    ),
    UseAdditional(
        ("N401", "N403"),
        ("R33", "R35", "R391", "N138", "N394"),
        "the symptoms of the urinary tract",
    ),
    UseAdditional(
        ("U071",),
        ("J128", "J20", "J22", "J40", "J80", "J96", "M358", "R05", "R06", "R50", "K5289", "B349"),
        "its manifestations, such as pneumonia (J12.82)",
        Severity.INFO,
    ),
)

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FIRST_BY_LETTER = {
    letter: tuple(row for row in CODE_FIRST if any(code[0] == letter for code in row.codes))
    for letter in LETTERS
}
ALSO_BY_LETTER = {
    letter: tuple(row for row in USE_ADDITIONAL if any(code[0] == letter for code in row.codes))
    for letter in LETTERS
}


def comes_after_its_cause(case: Case) -> Iterator[Said]:
    """What has a "code first" note stands after its cause, and not without it."""
    claimed = [one for one in case.claimed if one.formed]
    for place, one in enumerate(claimed):
        for row in FIRST_BY_LETTER.get(one.code[0], ()):
            if one.code.startswith(row.codes):
                yield from _after(row, one, claimed, place)


def _after(row: CodeFirst, one: Listed, claimed: list[Listed], place: int) -> Iterator[Said]:
    if any(other.code.startswith(row.first) for other in claimed[:place]):
        return
    later = [other for other in claimed[place + 1 :] if other.code.startswith(row.first)]
    if later:
        message = f"{one.shown} stands before {later[0].shown}, which is to be coded first."
        yield Said(one.target, message, f"Put {later[0].shown} before {one.shown}.")
    elif row.needed:
        causes = either(row.first)
        message = f"{one.shown} needs the condition that causes it coded first."
        yield Said(one.target, message, f"Add it before {one.shown}, such as {causes}.")


def has_its_companion(case: Case) -> Iterator[Said]:
    """What has a "use additional code" note has one of the codes that the note names."""
    codes = [one.code for one in case.claimed if one.formed]
    for one in case.claimed:
        if not one.formed:
            continue
        for row in ALSO_BY_LETTER.get(one.code[0], ()):
            if one.code.startswith(row.codes) and not _any(codes, row.also):
                yield Said(
                    one.target,
                    f"{one.shown} wants an additional code for {row.words}.",
                    f"Add {either(row.also)}, as the documents support it.",
                    severity=row.severity,
                )


def _any(codes: list[str], prefixes: tuple[str, ...]) -> bool:
    return any(code.startswith(prefixes) for code in codes)


RULES = (
    Rule(
        "R-ICD-08",
        "Code first",
        f"{TABULAR}, code first; guideline I.A.13",
        Severity.WARNING,
        comes_after_its_cause,
        overridable=True,
    ),
    Rule(
        "R-ICD-09",
        "Use additional code",
        f"{TABULAR}, use additional code; guideline I.B.7",
        Severity.WARNING,
        has_its_companion,
        overridable=True,
    ),
)
