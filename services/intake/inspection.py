"""What a file is and what Chartline understands of it, without storing anything.

For `chartline inspect`. X12 is told apart here and read elsewhere: only its envelope is named.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from services.chart.failures import Rejected
from services.chart.model import Finding, Reading
from services.intake.detection import Format, FormatKind, detect
from services.intake.reading import read, understand
from services.intake.summary import patient_of


@dataclass(frozen=True, slots=True)
class Inspected:
    """One message or encounter of the file."""

    sender: str
    event: str
    processing_id: str
    understood: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    patient: tuple[tuple[str, str], ...] = ()  # only when asked for


@dataclass(frozen=True, slots=True)
class Inspection:
    """Everything about one file. `refusal` is why it could not be filed, if it could not."""

    format: Format
    readings: tuple[Inspected, ...] = ()
    refusal: Rejected | None = field(default=None, compare=False)


def inspect(content: bytes, *, phi: bool = False) -> Inspection:
    """The inspection of any bytes whatsoever; patient data only with `phi`."""
    found = detect(content)
    if found.kind is FormatKind.X12:
        return Inspection(found)
    try:
        readings = tuple(_inspected(one, phi=phi) for one in understand(content, found))
    except Rejected as refusal:
        return Inspection(found, refusal=refusal)
    try:
        read(content)
    except Rejected as refusal:
        return Inspection(found, readings, refusal)
    return Inspection(found, readings)


def _inspected(reading: Reading, *, phi: bool) -> Inspected:
    return Inspected(
        sender=reading.sender,
        event=reading.event,
        processing_id=reading.processing_id,
        understood=reading.summary,
        findings=reading.findings,
        patient=patient_of(reading) if phi else (),
    )
