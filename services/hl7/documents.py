"""Documents in MDM (TXA and OBX) and results in ORU (OBR and OBX).

TXA-2 kind, TXA-4 time, TXA-5 (else TXA-9) author, TXA-12 id, TXA-13 the document that T09 and T10
replace, TXA-17 completion, TXA-19 availability. A result is one document for each OBR-3 (else
OBR-2): every OBX-11 final or corrected means signed, any preliminary means preliminary. Text is
OBX-5 of TX, FT and ST; measured values become one line each.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

from services.chart.model import (
    Document,
    DocumentKind,
    DocumentStatus,
    DocumentText,
)
from services.hl7.message import Segment, UnreadableMessageError
from services.hl7.people import practitioner
from services.hl7.scope import Scope

KINDS = {
    "HP": DocumentKind.HISTORY_AND_PHYSICAL,
    "PH": DocumentKind.HISTORY_AND_PHYSICAL,  # psychiatric
    "DS": DocumentKind.DISCHARGE_SUMMARY,
    "TS": DocumentKind.DISCHARGE_SUMMARY,  # transfer summary
    "OP": DocumentKind.OPERATIVE_NOTE,
    "AN": DocumentKind.ANESTHESIA_RECORD,
    "ED": DocumentKind.EMERGENCY_NOTE,
    "CL": DocumentKind.CLINIC_NOTE,
    "PR": DocumentKind.PROGRESS_NOTE,
    "PN": DocumentKind.PROGRESS_NOTE,  # procedure note: the nearest kind
    "CN": DocumentKind.CONSULTATION,
    "PC": DocumentKind.CONSULTATION,  # psychiatric
    "DI": DocumentKind.RESULT,
    "CD": DocumentKind.RESULT,
    "SP": DocumentKind.RESULT,
    "IM": DocumentKind.IMMUNIZATION_RECORD,
    "OT": DocumentKind.OTHER,
}  # HL7 table 0270, with AN, CL, IM and OT that it lacks
STATUSES = {
    "AU": DocumentStatus.SIGNED,
    "LA": DocumentStatus.SIGNED,
    "DO": DocumentStatus.UNSIGNED,
    "PA": DocumentStatus.UNSIGNED,
    "DI": DocumentStatus.PRELIMINARY,
    "IN": DocumentStatus.PRELIMINARY,
    "IP": DocumentStatus.PRELIMINARY,
    "CA": DocumentStatus.CANCELLED,
}  # HL7 table 0271
_FINAL_RESULTS = frozenset({"F", "C", "U"})
_VOID_RESULTS = frozenset({"X", "D", "W"})
_SILENT_RESULTS = frozenset({"", "N", "O"})
_PROSE = frozenset({"TX", "FT", "ST", ""})
_POINTERS = frozenset({"RP", "ED"})
_ADDENDA = frozenset({"MDM^T05", "MDM^T06"})
_REPLACEMENTS = frozenset({"MDM^T09", "MDM^T10"})


def read_document(scope: Scope, control_id: str) -> DocumentText:
    """The document of an MDM message; its text is "" when the message is a notice only.

    Raises:
        UnreadableMessageError: there is no TXA.
    """
    txa = scope.message.first("TXA")
    if not txa:
        raise UnreadableMessageError(
            "A document message has no TXA segment, so the document has no id and no status.",
            where="the whole message",
            fix="Nothing was filed. Ask the sender to send the document again; then discard.",
        )
    lines = scope.message.all("OBX")
    return DocumentText(head=_head(txa, scope, control_id), text=_text(lines, scope))


def _head(txa: Segment, scope: Scope, control_id: str) -> Document:
    kind = KINDS.get(txa.get(2).upper())
    if kind is None:
        scope.remark(
            "document-type",
            txa.where(2),
            "The document type is not one of HL7 table 0270; it is filed as another document.",
            fix="Map the site's document types in the interface.",
        )
    document_id, replaces = _ids(txa, scope, control_id)
    return Document(
        document_id=document_id,
        kind=kind or DocumentKind.OTHER,
        status=_status(txa, scope),
        title=txa.get(2, 2),
        author=practitioner(txa, 5, scope) or practitioner(txa, 9, scope),
        at=scope.instant(txa, 4, "The document's time"),
        replaces=replaces,
    )


def _ids(txa: Segment, scope: Scope, control_id: str) -> tuple[str, str]:
    """The document's id and the id it replaces. An addendum never takes its parent's place."""
    document_id, parent = txa.get(12) or txa.get(12, 3), txa.get(13) or txa.get(13, 3)
    if not document_id:
        scope.remark(
            "no-document-id",
            txa.where(12),
            "The document has no unique id; a later version cannot name it.",
        )
        return f"message {control_id}", parent if scope.event in _REPLACEMENTS else ""
    if scope.event in _ADDENDA and parent in {"", document_id}:
        return f"{document_id} addendum {control_id}", ""
    replaces = parent if scope.event in _REPLACEMENTS and parent != document_id else ""
    return document_id, replaces


def _status(txa: Segment, scope: Scope) -> DocumentStatus:
    if scope.event == "MDM^T11" or txa.get(19).upper() in {"CA", "OB"}:
        return DocumentStatus.CANCELLED
    status = STATUSES.get(txa.get(17).upper())
    if status is None:
        scope.remark(
            "document-status",
            txa.where(17),
            "The completion status is not one of HL7 table 0271; the document counts as unsigned.",
        )
    return status or DocumentStatus.UNSIGNED


@dataclass(slots=True)
class _Result:
    """One OBR and the segments under it."""

    obr: Segment
    lines: list[Segment] = field(default_factory=list)


def read_results(scope: Scope, control_id: str) -> tuple[DocumentText, ...]:
    """The results of an ORU message, one for each order, in order."""
    orders: dict[str, _Result] = {}
    current: _Result | None = None
    for segment in scope.message.segments:
        if segment.name == "OBR":
            order = segment.get(3) or segment.get(2) or f"message {control_id}"
            current = orders.setdefault(order, _Result(segment))
        elif segment.name in {"OBX", "NTE"} and current is not None:
            current.lines.append(segment)
    return tuple(_result(order, found, scope) for order, found in orders.items())


def _result(order: str, found: _Result, scope: Scope) -> DocumentText:
    obr = found.obr
    head = Document(
        document_id=order,
        kind=DocumentKind.RESULT,
        status=_result_status(found),
        title=obr.get(4, 2) or obr.get(4),
        author=practitioner(obr, 32, scope),
        at=scope.instant(obr, 7, "The observation time"),
    )
    return DocumentText(head=head, text=_text(found.lines, scope))


def _result_status(found: _Result) -> DocumentStatus:
    """F and C are signed, P and its like preliminary; OBR-25 speaks when no OBX does."""
    said = {line.get(11).upper() for line in found.lines if line.name == "OBX"} - _SILENT_RESULTS
    said = said or {found.obr.get(25).upper()} - _SILENT_RESULTS
    if not said:
        return DocumentStatus.UNSIGNED
    if said <= _VOID_RESULTS:
        return DocumentStatus.CANCELLED
    if said <= _FINAL_RESULTS | _VOID_RESULTS:
        return DocumentStatus.SIGNED
    return DocumentStatus.PRELIMINARY


def _text(segments: list[Segment], scope: Scope) -> str:
    lines = (_note(one) if one.name == "NTE" else _observation(one, scope) for one in segments)
    text = "\n".join(line for line in lines if line is not None)
    return text.replace("\x00", "")


def _note(nte: Segment) -> str | None:
    return nte.text(3) or None


def _observation(obx: Segment, scope: Scope) -> str | None:
    kind = obx.get(2).upper()
    if kind in _PROSE:
        return obx.text(5)
    if kind in _POINTERS:
        found = _attachment(obx)
        if found is None:
            scope.remark(
                "attachment",
                obx.where(5),
                "The attachment is not plain text; it is kept with the message and not read.",
            )
        return found
    name, value = obx.get(3, 2) or obx.get(3), _value(obx)
    if not value:
        return None
    parts = [f"{name}: {value}" if name else value, obx.get(6)]
    if obx.get(7):
        parts.append(f"({obx.get(7)})")
    return " ".join(part for part in (*parts, obx.get(8)) if part)


def _value(obx: Segment) -> str:
    """Coded values by their text (CE.2), structured numbers whole (SN), everything else plain."""
    value = obx.composite(5)
    if obx.get(2).upper() == "SN":
        return "".join(value.get(component) for component in (1, 2, 3, 4))
    return value.get(2) or value.get(1)


def _attachment(obx: Segment) -> str | None:
    """The text of an encapsulated plain-text document (ED); None for any other attachment."""
    data = obx.composite(5)
    kind, encoding, body = data.get(3).lower(), data.get(4).lower(), data.get(5)
    if data.get(2).upper() not in {"TX", "TEXT", "FT"} and kind not in {"plain", "text/plain"}:
        return None
    if encoding != "base64":
        return body
    try:
        return base64.b64decode("".join(body.split()), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None
