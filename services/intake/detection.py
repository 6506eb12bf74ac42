"""What kind of file the bytes are, from the bytes alone.

Nothing is parsed here: the first bytes, a few names and, for X12, the envelope decide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class FormatKind(StrEnum):
    """The kinds of file that Chartline tells apart."""

    HL7V2 = "hl7v2"
    HL7V2_BATCH = "hl7v2-batch"
    FHIR_R4 = "fhir-r4"
    CHARTLINE_JSON = "chartline-json"
    X12 = "x12"
    CCDA = "ccda"
    PDF = "pdf"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Format:
    """The kind; for X12 the transaction (837P, 837I, 835, 999, TA1, 277CA, ...) and its version.

    `transaction` is "" when ST01 is not three digits, for it may be anything then. `why` says in
    a sentence why the kind is not known.
    """

    kind: FormatKind
    transaction: str = ""
    version: str = ""
    why: str = ""

    @property
    def name(self) -> str:
        """The name for people and for the store: "hl7v2", "x12-837P"."""
        return f"{self.kind}-{self.transaction}" if self.transaction else str(self.kind)


ACKNOWLEDGEMENTS = frozenset({"TA1", "999", "997", "277CA"})
REMITTANCE = "835"

_BLANKS = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"
_NEXT_MSH = re.compile(rb"[\r\n\x0b]MSH[^A-Za-z0-9\s]")
_JSON_SCHEMA = re.compile(rb'"schema"\s*:\s*"chartline\.')
_JSON_RESOURCE = re.compile(rb'"resourceType"\s*:')
_HEAD = 4096
_ISA_ELEMENTS = 16
_ISA_LENGTH = 106
_SEPARATOR_OF_ISA = 3
_ST01_LENGTH = 3
_TERMINATOR_OF_ISA = 105
_HL7_STARTS = (b"MSH", b"FHS", b"BHS")
_HL7_NAME = 3

_REFUSED_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "The file is compressed with gzip; send it unpacked."),
    (b"PK\x03\x04", "The file is a zip archive; send what is in it, each file by itself."),
    (b"\xff\xfe", "The file is text in UTF-16; send it in UTF-8."),
    (b"\xfe\xff", "The file is text in UTF-16; send it in UTF-8."),
    (b"\xac\xed\x00\x05", "The file is a serialised Java object; send the message text itself."),
    (b"{\\rtf", "The file is rich text (RTF); send it as a document in an HL7 or FHIR message."),
)


def detect(content: bytes, content_type: str = "") -> Format:
    """The format of the bytes. `content_type` only helps to word why a format is not known."""
    body = content.lstrip(_BLANKS)
    if not body:
        return _unknown("The file is empty.")
    for start, why in _REFUSED_STARTS:
        if body.startswith(start):
            return _unknown(why)
    if body.startswith(b"%PDF-"):
        return Format(FormatKind.PDF)
    body = body.removeprefix(_BOM).lstrip(_BLANKS + b"\x0b").removeprefix(_BOM)
    if b"\x00" in body[:2]:
        return _unknown("The file is text in UTF-16; send it in UTF-8.")
    return _text_format(body, content_type)


def _text_format(body: bytes, content_type: str) -> Format:
    if body.startswith(_HL7_STARTS) and not body[_HL7_NAME : _HL7_NAME + 1].isalnum():
        batch = not body.startswith(b"MSH") or _NEXT_MSH.search(body) is not None
        return Format(FormatKind.HL7V2_BATCH if batch else FormatKind.HL7V2)
    if body.startswith(b"ISA") and not body[_SEPARATOR_OF_ISA : _SEPARATOR_OF_ISA + 1].isalnum():
        return _x12(body)
    if body.startswith((b"{", b"[")):
        return _json(body)
    if body.startswith(b"<"):
        return _xml(body[:_HEAD])
    if b"\x00" in body[:_HEAD]:
        return _unknown("The file is binary and of no kind that is known here.")
    declared = f" (it was declared as {content_type})" if _is_plain(content_type) else ""
    return _unknown(f"The file is neither HL7 v2, FHIR, JSON, X12 nor C-CDA{declared}.")


def _is_plain(content_type: str) -> bool:
    return re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", content_type) is not None


def _json(body: bytes) -> Format:
    if body.startswith(b"["):
        return _unknown("The JSON is a list; send one chart or one bundle a message.")
    if _JSON_SCHEMA.search(body):
        return Format(FormatKind.CHARTLINE_JSON)
    if _JSON_RESOURCE.search(body):
        return Format(FormatKind.FHIR_R4)
    return _unknown(
        'The JSON has neither "resourceType" (FHIR) nor "schema": "chartline.chart/1" in it.'
    )


def _xml(head: bytes) -> Format:
    if b"ClinicalDocument" in head:
        return Format(FormatKind.CCDA)
    if b"hl7.org/fhir" in head:
        return _unknown("The file is FHIR in XML; send the bundle in JSON.")
    if b"urn:hl7-org:v2xml" in head:
        return _unknown("The file is HL7 v2 in XML; send it with vertical bars (ER7).")
    return _unknown("The file is XML of a kind that is not known here.")


def _x12(body: bytes) -> Format:
    separator, terminator = _x12_delimiters(body)
    transaction = version = functional = ""
    start, named = 0, False
    while start < len(body):
        end = body.find(terminator, start)
        segment = body[start : end if end >= 0 else len(body)].strip(_BLANKS)
        start = end + 1 if end >= 0 else len(body)
        elements = segment.split(separator)
        match elements[0]:
            case b"GS":
                functional = _ascii(elements, 1)
                version = _ascii(elements, 8)
            case b"TA1" if not transaction:
                transaction, named = "TA1", True
            case b"ST":
                named = True
                transaction = _transaction(_ascii(elements, 1), version or _ascii(elements, 3))
                break
            case _:
                pass
    if not named:
        return _unknown("The X12 interchange holds no transaction (ST) and no TA1.")
    return Format(FormatKind.X12, transaction, version or functional)


def _x12_delimiters(body: bytes) -> tuple[bytes, bytes]:
    """The element separator, and the segment terminator at the fixed place or after ISA16."""
    separator = body[_SEPARATOR_OF_ISA : _SEPARATOR_OF_ISA + 1]
    if not separator:
        return b"*", b"~"
    fixed = body[_TERMINATOR_OF_ISA:_ISA_LENGTH]
    if fixed and not fixed.isalnum() and body[:_ISA_LENGTH].count(separator) == _ISA_ELEMENTS:
        return separator, fixed
    elements = body.split(separator, _ISA_ELEMENTS)
    if len(elements) > _ISA_ELEMENTS and len(elements[-1]) > 1:
        return separator, elements[-1][1:2]
    return separator, b"~"


def _transaction(code: str, version: str) -> str:
    if code == "837":
        return {"X222": "837P", "X223": "837I", "X224": "837D"}.get(version[6:10], "837")
    if code == "277" and "X214" in version:
        return "277CA"
    return code if len(code) == _ST01_LENGTH and code.isdecimal() else ""


def _ascii(elements: list[bytes], index: int) -> str:
    value = elements[index] if index < len(elements) else b""
    text = value.decode("ascii", "ignore").strip()
    return text if text.isalnum() else ""


def _unknown(why: str) -> Format:
    return Format(FormatKind.UNKNOWN, why=why)
