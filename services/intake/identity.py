"""What a resend repeats: who sent it, its control id and event, and its content.

The control id alone is no key: senders use one again for another event. The same identity with the
same content is a duplicate; with other content it is a conflict for a person.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from services.chart.model import Reading
from services.hl7.text import unframed
from services.intake.detection import Format, FormatKind
from services.intake.failures import NoControlId

_HEADERS = (b"MSH", b"FHS", b"BHS")
_TIME_OF_SENDING = 7
_LINE_ENDS = re.compile(rb"[\r\n]+")


def identity(reading: Reading) -> str:
    """Sender, control id and event.

    Raises:
        NoControlId: the message has none.
    """
    if not reading.control_id:
        raise NoControlId(
            "The message has no control id, so a resend could not be told from a new message.",
            where="MSH-10" if reading.format == "hl7v2" else "",
        )
    return f"{reading.sender}|{reading.control_id}|{reading.event}"


def identity_of_all(readings: Sequence[Reading]) -> str:
    """The identity of what came in one go: that of the first message and how many follow it.

    Raises:
        NoControlId: the first message has no control id.
    """
    first = identity(readings[0])
    return first if len(readings) == 1 else f"{first}+{len(readings) - 1}"


def content_hash(content: bytes, found: Format) -> str:
    """SHA-256 of the content; for HL7 v2 without framing, line ends and the time of sending."""
    if found.kind not in {FormatKind.HL7V2, FormatKind.HL7V2_BATCH}:
        return hashlib.sha256(content.strip()).hexdigest()
    lines = _LINE_ENDS.split(unframed(content).strip())
    return hashlib.sha256(b"\r".join(_undated(line) for line in lines)).hexdigest()


def _undated(line: bytes) -> bytes:
    if not line.startswith(_HEADERS):
        return line
    separator = line[3:4]
    fields = line.split(separator, _TIME_OF_SENDING) if separator else [line]
    if len(fields) >= _TIME_OF_SENDING:
        fields[_TIME_OF_SENDING - 1] = b""
    return separator.join(fields)
