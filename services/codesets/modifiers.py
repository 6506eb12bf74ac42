"""Modifiers of CPT and HCPCS: which mean the same, which exclude each other, which fit where.

Two-character identifiers only, no descriptors. Sources: CMS NCCI policy manual chapter I for the
modifiers that bypass a pair, X12 and the Medicare claims manual for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

DISTINCT = frozenset({"59", "XE", "XP", "XS", "XU"})
SUBSETS = frozenset({"XE", "XP", "XS", "XU"})  # each says more than 59
EYELIDS = frozenset({"E1", "E2", "E3", "E4"})
FINGERS = frozenset({"FA", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9"})
TOES = frozenset({"TA", "T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9"})
CORONARIES = frozenset({"LC", "LD", "LM", "RC", "RI"})
SIDES = frozenset({"RT", "LT"})
ANATOMIC = SIDES | EYELIDS | FINGERS | TOES | CORONARIES
GLOBAL = frozenset({"24", "25", "57", "58", "78", "79"})
NCCI_ASSOCIATED = ANATOMIC | GLOBAL | DISTINCT | {"27", "91"}
REPEATS = frozenset({"76", "77", "91"})

# The side that an anatomic modifier says (left hand and foot: FA-F4, TA-T4; eyelids E1, E2).
LEFT = frozenset({"LT", "E1", "E2", "FA", "F1", "F2", "F3", "F4", "TA", "T1", "T2", "T3", "T4"})
RIGHT = frozenset({"RT", "E3", "E4", "F5", "F6", "F7", "F8", "F9", "T5", "T6", "T7", "T8", "T9"})


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two groups of modifiers that may not stand on one line, and what is wrong about it."""

    one: frozenset[str]
    other: frozenset[str]
    words: str


CONFLICTS = (
    Conflict(frozenset({"26"}), frozenset({"TC"}), "together they are the whole service"),
    Conflict(frozenset({"54"}), frozenset({"55"}), "together they are the whole surgical care"),
    Conflict(frozenset({"59"}), SUBSETS, "the second says the same, more exactly"),
    Conflict(frozenset({"50"}), SIDES, "bilateral and one side contradict each other"),
    Conflict(frozenset({"GA"}), frozenset({"GZ"}), "a notice was either given or not"),
    Conflict(frozenset({"GY"}), frozenset({"GA", "GZ"}), "what is excluded needs no notice"),
    Conflict(frozenset({"GA"}), frozenset({"GX"}), "a notice is either required or voluntary"),
    Conflict(frozenset({"GX"}), frozenset({"GZ"}), "a notice was either given or not"),
)
ONLY_ON_EM = frozenset({"24", "25", "57"})
NEVER_ON_EM = DISTINCT
OPHTHALMOLOGY = frozenset({"92002", "92004", "92012", "92014"})
MEDICARE_VISITS = frozenset({"G0101", "G0402", "G0438", "G0439", "G0463"})


def is_em(code: str) -> bool:
    """Whether the code is an evaluation and management service, by its number alone."""
    return "99202" <= code <= "99499" or code in OPHTHALMOLOGY or code in MEDICARE_VISITS


def is_visit(code: str) -> bool:
    """Whether the code is one whole encounter, so that one day holds one unit of it on a line."""
    return (
        "99202" <= code <= "99215"
        or "99221" <= code <= "99239"
        or "99242" <= code <= "99255"
        or "99281" <= code <= "99285"
        or "99381" <= code <= "99397"
    )


def is_laboratory(code: str) -> bool:
    """Whether the code is of the laboratory section (80047-89398), by its number alone."""
    return "80047" <= code <= "89398"
