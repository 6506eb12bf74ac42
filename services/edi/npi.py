"""The National Provider Identifier (45 CFR 162.406).

Its check digit is that of ISO/IEC 7812 (Luhn) over the number with the prefix 80840.
"""

from __future__ import annotations

_LENGTH = 10
_PREFIX_SUM = 24  # what the prefix 80840 adds to the Luhn sum
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def is_npi(text: str) -> bool:
    """Whether the text is an NPI by its form: ten digits, first 1 or 2, check digit right."""
    if len(text) != _LENGTH or text[0] not in "12" or not (text.isascii() and text.isdigit()):
        return False
    digits = [int(digit) for digit in text]
    plain = sum(digits[1::2])
    doubled = sum(_DOUBLED[digit] for digit in digits[0::2])
    return (_PREFIX_SUM + plain + doubled) % 10 == 0
