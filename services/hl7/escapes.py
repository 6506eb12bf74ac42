"""Escape sequences in HL7 v2 text (HL7 v2 chapter 2, section 2.7).

A sequence that the standard does not name stays as it was sent: chart text is never guessed.
"""

from __future__ import annotations

import re
from functools import lru_cache

_BODIES = (
    r"[FSTREHN]|\.(?:br|BR|sp|SP|in|IN|ti|TI|sk|SK|fi|FI|nf|NF|ce|CE)\s?[+-]?[0-9]{0,2}"
    r"|X(?:[0-9A-Fa-f]{2})+"
)
_NEW_LINES = frozenset({"br", "sp", "ce"})


@lru_cache(64)
def _pattern(escape: str) -> re.Pattern[str]:
    mark = re.escape(escape)
    return re.compile(f"{mark}({_BODIES}){mark}")


def unescape(text: str, escape: str, delimiters: tuple[str, str, str, str]) -> str:
    r"""The text with its escape sequences resolved.

    `delimiters` are field, component, repetition and subcomponent, which `\F\`, `\S\`, `\R\` and
    `\T\` stand for. `\.br\` becomes a line feed; highlighting and indentation vanish; `\Xhh..\`
    becomes the characters of those bytes (UTF-8, else Windows-1252).
    """
    if not escape or escape not in text:
        return text
    field, component, repetition, subcomponent = delimiters
    plain = {
        "F": field,
        "S": component,
        "R": repetition,
        "T": subcomponent,
        "E": escape,
        "H": "",
        "N": "",
    }

    def resolved(match: re.Match[str]) -> str:
        body = match[1]
        known = plain.get(body)
        if known is not None:
            return known
        return _hexadecimal(body[1:]) if body[0] == "X" else _formatting(body[1:])

    return _pattern(escape).sub(resolved, text)


def _hexadecimal(digits: str) -> str:
    data = bytes.fromhex(digits)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def _formatting(command: str) -> str:
    word, count = command[:2].lower(), command[2:].strip(" +-")
    repeats = int(count) if count else 1
    if word in _NEW_LINES:
        return "\n" * repeats
    return " " * repeats if word == "sk" else ""
