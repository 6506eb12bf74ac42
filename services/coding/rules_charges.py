"""Rules about the codes on charge lines: format only, for there is no table to look them up in.

CPT is licensed and comes as a file of the user's; HCPCS Level II gets a loader. Until one is
loaded the finding says `no_data`, which is not a pass.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.chart.model import Severity, Status
from services.coding.case import Case
from services.coding.failures import BadModifier, UnknownCode
from services.coding.rule import Rule, Said
from services.coding.words import CPT_OR_HCPCS, MODIFIER

MOST_MODIFIERS = 4  # X12 SV101-3 to SV101-6


def codes_are_formed(case: Case) -> Iterator[Said]:
    """Five characters: CPT (`99213`, `0001A`) or HCPCS Level II (`J1885`)."""
    for index, charge in enumerate(case.chart.charges):
        if charge.code and not CPT_OR_HCPCS.fullmatch(charge.code):
            yield Said(
                f"charges[{index}].code",
                f"The code at charges[{index}] is not formed like a CPT or HCPCS code.",
                stops_as=UnknownCode,
            )


def codes_are_looked_up(case: Case) -> Iterator[Said]:
    """Without a table nobody knows whether the code exists."""
    lines = sum(1 for charge in case.chart.charges if charge.code)
    if lines:
        message = f"No CPT or HCPCS table is loaded: {lines} charge codes are checked by form only."
        yield Said("charges", message, status=Status.NO_DATA)


def modifiers_are_formed(case: Case) -> Iterator[Said]:
    """Up to four modifiers of two characters, none twice."""
    for index, charge in enumerate(case.chart.charges):
        modifiers = charge.modifiers
        if not modifiers:
            continue
        if len(modifiers) > MOST_MODIFIERS:
            wrong = f"has {len(modifiers)} modifiers; a claim line holds {MOST_MODIFIERS}"
        elif not all(MODIFIER.fullmatch(modifier) for modifier in modifiers):
            wrong = "has a modifier that is not two letters or digits"
        elif len(set(modifiers)) < len(modifiers):
            wrong = "has a modifier twice"
        else:
            continue
        target = f"charges[{index}].modifiers"
        yield Said(target, f"The line at charges[{index}] {wrong}.", stops_as=BadModifier)


RULES = (
    Rule("R-CPT-01", "Format", "CPT; HCPCS Level II", Severity.ERROR, codes_are_formed),
    Rule("R-CPT-02", "Looked up", "CPT; HCPCS Level II", Severity.INFO, codes_are_looked_up),
    Rule("R-MOD-01", "Modifiers", "X12 837 SV101", Severity.ERROR, modifiers_are_formed),
)
