"""Uncertain diagnoses (R-ICD-12): coded for inpatients as if they existed, for others never.

The guidelines' words and exceptions as data; whoever reads notes hands in the words of a span.
"""

from __future__ import annotations

import re

TRIGGERS = re.compile(
    r"\b(probabl[ey]|suspected|suspicion of|likely|questionable|possibl[ey]|still to be ruled out"
    r"|rule out|ruled out later|r/o|compatible with|consistent with|presumed|concern for"
    r"|appears to be|working diagnosis)\b",
    re.IGNORECASE,
)
# Coded only when confirmed, for inpatients as well (guidelines I.C.1.a, I.C.1.f, I.C.1.g, I.C.10.c)
CONFIRMED_ONLY = ("B20", "Z21", "A925", "J09", "J10", "U071")


def uncertain_word(span: str) -> str:
    """The first word of the span that makes a diagnosis uncertain; empty when there is none."""
    found = TRIGGERS.search(span)
    return found[0].lower() if found else ""


def may_be_coded(code: str, span: str, *, inpatient: bool, at_discharge: bool = True) -> bool:
    """Whether a diagnosis said in these words may be coded as if it existed.

    Guideline II.H: inpatient, and still uncertain at discharge. IV.H: outpatients never, nor in the
    emergency department, observation or ambulatory surgery.
    """
    if not uncertain_word(span):
        return True
    return inpatient and at_discharge and not code.startswith(CONFIRMED_ONLY)
