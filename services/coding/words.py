"""Codes as people write them, and lists of them in a sentence.

A text that is not formed like a code is never repeated: whatever a sender put into a code field
might be anything, a name as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# Three to seven characters. The second is a digit, or an A since FY2026 (QA0.0101); letters
# include U (U07.1) and may stand in the third place (C7A, Z3A). Rule R-ICD-01.
ICD10CM = re.compile(r"[A-Z][0-9A][0-9A-Z]{1,5}")
ICD10PCS = re.compile(r"[0-9A-HJ-NP-Z]{7}")
CPT_OR_HCPCS = re.compile(r"[0-9]{4}[0-9A-Z]|[A-V][0-9]{4}")
MODIFIER = re.compile(r"[0-9A-Z]{2}")
CATEGORY = 3
FEW = 8


def bare(code: str) -> str:
    """The code in upper case and without its dot; any other text comes back much as it was."""
    text = code.strip().upper()
    return text[:CATEGORY] + text[CATEGORY + 1 :] if text[CATEGORY:][:1] == "." else text


def dotted(code: str) -> str:
    """`K35200` as `K35.200`; a section such as `I10-I1A` stays as it is."""
    if len(code) <= CATEGORY or "-" in code:
        return code
    return f"{code[:CATEGORY]}.{code[CATEGORY:]}"


def either(codes: Sequence[str]) -> str:
    """`K35.200, K35.201 or K35.209`; a long list by its ends."""
    shown = [dotted(code) for code in codes]
    if len(shown) > FEW:
        return f"one of {len(shown)} codes from {shown[0]} to {shown[-1]}"
    return f"{', '.join(shown[:-1])} or {shown[-1]}" if len(shown) > 1 else "".join(shown)


def both(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
