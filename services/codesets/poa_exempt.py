"""Diagnosis codes that carry no present-on-admission indicator.

The official list (CDC/CMS, about 38,000 codes a year) is in no package; a loader for it comes with
the other table loaders. Until then this is a cautious part of it: ranges of the guidelines'
Appendix I that have been exempt as a whole in every release. A code that is exempt but not here
costs a coder one look; a code that is here but not exempt would cost a claim, so falls (W00-W19),
places where an injury can happen in a hospital, and single Z codes in doubt stay out.
"""

from __future__ import annotations

from datetime import date

from services.codesets.edition import Edition
from services.codesets.notes import CodeRange

EDITION = Edition(
    system="POA-exempt",
    name="POA-exempt ranges 2026.1 (part of the official list)",
    effective=date(2015, 10, 1),
    end=date(2027, 9, 30),
    source="ICD-10-CM guidelines, Appendix I; CMS POA exempt lists since FY2016",
    licence="public domain",
)

# First and last code of a range, and its first day when that is later than the edition's.
RANGES: tuple[tuple[str, str, date], ...] = tuple(
    (low, high, date.fromisoformat(first))
    for low, high, first in (
        ("B90", "B94", "2015-10-01"),  # sequelae of infectious diseases
        ("E64", "E64", "2015-10-01"),  # sequelae of malnutrition
        ("I252", "I252", "2015-10-01"),  # old myocardial infarction
        ("I69", "I69", "2015-10-01"),  # sequelae of cerebrovascular disease
        ("O09", "O09", "2015-10-01"),  # supervision of high risk pregnancy
        ("O80", "O80", "2015-10-01"),
        ("O94", "O94", "2015-10-01"),
        ("Q00", "Q99", "2015-10-01"),  # congenital
        ("V01", "V99", "2015-10-01"),  # transport accidents (not V00: wheelchairs, scooters)
        ("Y92", "Y93", "2015-10-01"),  # place and activity
        ("Y99", "Y99", "2015-10-01"),
        ("Z00", "Z03", "2015-10-01"),
        ("Z08", "Z08", "2015-10-01"),
        ("Z15", "Z15", "2015-10-01"),
        ("Z17", "Z18", "2015-10-01"),
        ("Z23", "Z23", "2015-10-01"),
        ("Z2831", "Z2831", "2022-04-01"),
        ("Z2839", "Z2839", "2022-04-01"),
        ("Z30", "Z31", "2015-10-01"),
        ("Z34", "Z34", "2015-10-01"),
        ("Z36", "Z39", "2015-10-01"),
        ("Z41", "Z46", "2015-10-01"),
        ("Z515", "Z515", "2021-10-01"),
        ("Z52", "Z52", "2015-10-01"),
        ("Z66", "Z68", "2015-10-01"),
        ("Z71", "Z71", "2015-10-01"),
        ("Z76", "Z76", "2015-10-01"),
        ("Z79", "Z89", "2015-10-01"),  # long-term drugs; family and personal history
        ("Z92", "Z95", "2015-10-01"),
        ("Z98", "Z99", "2015-10-01"),
    )
)
BY_LETTER = {
    letter: tuple(row for row in RANGES if row[0][0] == letter)
    for letter in sorted({low[0] for low, _, _ in RANGES})
}
INJURIES = CodeRange("S00", "T88")
LATER_CARE = frozenset("DEFGHJKMNPQRS")  # 7th characters of subsequent encounters and sequelae
FULL = 7


def is_poa_exempt(code: str, on: date) -> bool | None:
    """Whether the code carries no POA indicator; None when no list covers the day."""
    if not EDITION.covers(on):
        return None
    if len(code) == FULL and code[-1] in LATER_CARE and INJURIES.holds(code):
        return True
    return any(
        first <= on and low <= code[: len(low)] and code[: len(high)] <= high
        for low, high, first in BY_LETTER.get(code[:1], ())
    )
