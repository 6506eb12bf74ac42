"""A message as a sending system hands it to a door."""

from __future__ import annotations

from dataclasses import dataclass

HL7 = "application/hl7-v2"
FHIR = "application/fhir+json"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """Bytes, what the sender says they are, and the feed they come over."""

    content: bytes
    content_type: str
    feed: str
