"""From raw bytes to readings: detect the format, let its reader read, refuse in plain words.

`read` is for filing and insists on what filing needs; `understand` is for people and adds a
summary and, for FHIR, what the specification says. Both raise leaves of Rejected from
`services.intake.failures` and nothing else, for any bytes whatsoever.
"""

from __future__ import annotations

from services.chart.model import Reading
from services.fhir.bundle import UnreadableBundleError
from services.fhir.reader import read_bundle
from services.hl7.message import UnreadableMessageError
from services.hl7.reader import read_message
from services.hl7.transmission import parse
from services.intake.detection import Format, FormatKind, detect
from services.intake.failures import NoAccount, UnreadableFhir, UnreadableHl7, UnsupportedFormat
from services.intake.identity import identity
from services.intake.native import read_native
from services.intake.summary import summary_of

PRODUCTION = "P"
_UNSUPPORTED = {
    FormatKind.CCDA: "The file is a C-CDA document. Chartline tells it apart and cannot file it "
    "yet; send its text as an HL7 MDM message or a FHIR DocumentReference.",
    FormatKind.PDF: "The file is a PDF by itself, which names no account; send it inside an HL7 "
    "MDM message or a FHIR DocumentReference.",
}


def read(content: bytes, content_type: str = "") -> tuple[Reading, ...]:
    """What the bytes say, ready to be filed.

    A message that is not production (MSH-11 other than P) is read and never insisted on: whoever
    files it must refuse it.

    Raises:
        UnreadableHl7, UnreadableFhir, UnreadableJson, UnsupportedFormat: it cannot be read.
        NoControlId, NoAccount: it can be read and not be filed.
    """
    readings = _readings(content, detect(content, content_type))
    for reading in readings:
        if reading.processing_id == PRODUCTION:
            _insist(reading)
    return readings


def understand(content: bytes, found: Format) -> tuple[Reading, ...]:
    """What the bytes say, whether it can be filed or not, with a summary for people.

    Raises:
        UnreadableHl7, UnreadableFhir, UnreadableJson, UnsupportedFormat: it cannot be read.
    """
    readings = [
        reading.model_copy(update={"summary": summary_of(reading)})
        for reading in _readings(content, found)
    ]
    if found.kind is FormatKind.FHIR_R4:
        from services.fhir.validation import validation_findings  # noqa: PLC0415 - slow to import

        findings = (*readings[0].findings, *validation_findings(content))
        readings[0] = readings[0].model_copy(update={"findings": findings})
    return tuple(readings)


def _readings(content: bytes, found: Format) -> tuple[Reading, ...]:
    match found.kind:
        case FormatKind.HL7V2 | FormatKind.HL7V2_BATCH:
            return _hl7(content)
        case FormatKind.FHIR_R4:
            return _fhir(content)
        case FormatKind.CHARTLINE_JSON:
            return (read_native(content),)
        case FormatKind.X12:
            named = f" {found.transaction}" if found.transaction else ""
            raise UnsupportedFormat(
                f"The file is X12{named}. Only acknowledgements (TA1, 999, 277CA) "
                "and remittances (835) come in this way.",
                where="ST01",
            )
        case kind:
            raise UnsupportedFormat(_UNSUPPORTED.get(kind, found.why))


def _hl7(content: bytes) -> tuple[Reading, ...]:
    try:
        sent = parse(content)
        return tuple(
            read_message(message, sent.doubts if number == 0 else ())
            for number, message in enumerate(sent.messages)
        )
    except UnreadableMessageError as error:
        raise UnreadableHl7(error.sentence, where=error.where, fix=error.fix) from None


def _fhir(content: bytes) -> tuple[Reading, ...]:
    try:
        return read_bundle(content)
    except UnreadableBundleError as error:
        raise UnreadableFhir(error.sentence, where=error.where) from None


def _insist(reading: Reading) -> None:
    """Raises: NoControlId, NoAccount."""
    identity(reading)
    update = reading.update
    if update is None or (update.account and update.facility):
        return
    where = "PID-18, PV1-19" if reading.format == "hl7v2" else "account"
    raise NoAccount(
        f"The {reading.event} message names no account, so it belongs to no chart."
        if update.facility
        else f"The {reading.event} message does not say which facility's account it is about.",
        where=where if update.facility else "MSH-4",
    )
