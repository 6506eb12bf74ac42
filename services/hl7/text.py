"""Bytes to text: MLLP framing, byte order mark and character set (MSH-18).

What a sender declares and what it sends differ often, so the declared set is tried first, then
UTF-8, then Windows-1252; the last never fails. A doubt is reported, never hidden.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BOM = b"\xef\xbb\xbf"
_BETWEEN_FRAMES = re.compile(rb"\x1c\r?\n?\s*\x0b")
_LINE_END = re.compile(rb"[\r\n]")
_CHARSET_FIELD = 18

# HL7 table 0211. "UNICODE" is UTF-8 in every message seen; UTF-16 does not survive MLLP.
CODECS: dict[str, str] = {
    "ASCII": "utf-8",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "8859/1": "iso8859-1",
    "8859/2": "iso8859-2",
    "8859/3": "iso8859-3",
    "8859/4": "iso8859-4",
    "8859/5": "iso8859-5",
    "8859/6": "iso8859-6",
    "8859/7": "iso8859-7",
    "8859/8": "iso8859-8",
    "8859/9": "iso8859-9",
    "8859/15": "iso8859-15",
    "ISO IR87": "iso2022_jp",
    "GB 18030-2000": "gb18030",
    "KS X 1001": "euc_kr",
    "BIG-5": "big5",
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, and a sentence when its character set is in doubt."""

    text: str
    doubt: str = ""


def unframed(content: bytes) -> bytes:
    """The content without byte order mark and MLLP framing (0B before, 1C 0D after)."""
    body = content.removeprefix(_BOM)
    if b"\x0b" in body or b"\x1c" in body:
        body = _BETWEEN_FRAMES.sub(b"\r", body)
        body = body.strip(b" \t\r\n").removeprefix(b"\x0b").removesuffix(b"\x1c")
        body = body.removeprefix(_BOM)
    return body


def decode(content: bytes) -> Decoded:
    """The text of a message or batch of messages. Never fails."""
    body = unframed(content)
    declared = declared_charset(body)
    codec = CODECS.get(declared, "utf-8")
    if body.isascii() and codec != "iso2022_jp":
        return Decoded(body.decode("ascii"))
    unknown = declared not in CODECS and declared != ""
    try:
        text = body.decode(codec)
    except UnicodeDecodeError:
        return _second_choice(body, codec)
    if unknown:
        return Decoded(text, "MSH-18 names no known character set; the text was read as UTF-8.")
    if codec.startswith("iso8859") and _is_utf8(body):
        return Decoded(text, f"MSH-18 says {declared}, but the bytes look like UTF-8.")
    return Decoded(text)


def declared_charset(body: bytes) -> str:
    """MSH-18 of the first message, first repetition, in upper case; "" when there is none."""
    start = body.find(b"MSH")
    separator = body[start + 3 : start + 4]
    if start < 0 or not separator:
        return ""
    line = _LINE_END.split(body[start : start + 4096], maxsplit=1)[0]
    fields = line.split(separator, _CHARSET_FIELD)
    if len(fields) < _CHARSET_FIELD:
        return ""
    return fields[_CHARSET_FIELD - 1].split(b"~")[0].decode("ascii", "ignore").strip().upper()


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _second_choice(body: bytes, codec: str) -> Decoded:
    if codec != "utf-8" and _is_utf8(body):
        doubt = "The bytes are not in the character set of MSH-18; the text was read as UTF-8."
        return Decoded(body.decode("utf-8"), doubt)
    doubt = "The bytes are not in the character set of MSH-18; read as Windows-1252."
    try:
        return Decoded(body.decode("cp1252"), doubt)
    except UnicodeDecodeError:
        return Decoded(body.decode("iso8859-1"), doubt)
