"""Documents: DocumentReference with its text inside (base64, any text/* type)."""

from __future__ import annotations

import base64
import binascii

from services.chart.model import Document, DocumentKind, DocumentStatus, DocumentText
from services.fhir.bundle import Entry
from services.fhir.json import Resource, codings, instant, obj, objects, text
from services.fhir.people import read_practitioner
from services.fhir.scope import Visit

KINDS = {
    "34117-2": DocumentKind.HISTORY_AND_PHYSICAL,
    "18842-5": DocumentKind.DISCHARGE_SUMMARY,
    "11504-8": DocumentKind.OPERATIVE_NOTE,
    "59774-0": DocumentKind.ANESTHESIA_RECORD,
    "34750-0": DocumentKind.ANESTHESIA_RECORD,
    "34111-5": DocumentKind.EMERGENCY_NOTE,
    "51845-6": DocumentKind.EMERGENCY_NOTE,
    "34108-1": DocumentKind.CLINIC_NOTE,
    "34131-3": DocumentKind.CLINIC_NOTE,
    "11506-3": DocumentKind.PROGRESS_NOTE,
    "28570-0": DocumentKind.PROGRESS_NOTE,  # procedure note: the nearest kind
    "11488-4": DocumentKind.CONSULTATION,
    "11502-2": DocumentKind.RESULT,
    "18748-4": DocumentKind.RESULT,
    "11526-1": DocumentKind.RESULT,
    "11369-6": DocumentKind.IMMUNIZATION_RECORD,
}  # LOINC
STATUSES = {
    "final": DocumentStatus.SIGNED,
    "amended": DocumentStatus.SIGNED,
    "preliminary": DocumentStatus.PRELIMINARY,
    "entered-in-error": DocumentStatus.CANCELLED,
}
_GONE = frozenset({"superseded", "entered-in-error"})


def read_documents(visit: Visit) -> tuple[DocumentText, ...]:
    """Every document of the encounter."""
    return tuple(_document(entry, visit) for entry in visit.documents)


def _document(entry: Entry, visit: Visit) -> DocumentText:
    resource = entry.resource
    author = next(iter(objects(resource.get("author"))), None)
    head = Document(
        document_id=_document_id(entry),
        kind=_kind(resource, entry, visit),
        status=_status(resource, entry, visit),
        title=text(resource.get("description")),
        author=read_practitioner(author, visit.bundle, resource),
        at=instant(resource.get("date")),
        replaces=_replaces(resource, visit),
    )
    return DocumentText(head=head, text=_text(resource, entry, visit))


def _document_id(entry: Entry) -> str:
    master = text(obj(entry.resource.get("masterIdentifier")).get("value"))
    return master or text(entry.resource.get("id")) or entry.path


def _kind(resource: Resource, entry: Entry, visit: Visit) -> DocumentKind:
    for _, code in codings(resource.get("type")):
        if code in KINDS:
            return KINDS[code]
    visit.remark(
        "document-type",
        f"{entry.path}.type",
        "The document type is not one that completeness knows; it is filed as another document.",
    )
    return DocumentKind.OTHER


def _status(resource: Resource, entry: Entry, visit: Visit) -> DocumentStatus:
    if text(resource.get("status")) in _GONE:
        return DocumentStatus.CANCELLED
    status = STATUSES.get(text(resource.get("docStatus")))
    if status is not None:
        return status
    if resource.get("authenticator"):
        return DocumentStatus.SIGNED
    visit.remark(
        "document-status",
        f"{entry.path}.docStatus",
        "Nothing says that the document is final or authenticated; it counts as unsigned.",
    )
    return DocumentStatus.UNSIGNED


def _replaces(resource: Resource, visit: Visit) -> str:
    for one in objects(resource.get("relatesTo")):
        if one.get("code") != "replaces":
            continue
        target = visit.bundle.resolve(one.get("target"), resource)
        if target is not None:
            return _document_id(target)
        named = text(obj(obj(one.get("target")).get("identifier")).get("value"))
        return named or text(obj(one.get("target")).get("reference")).rsplit("/", 1)[-1]
    return ""


def _text(resource: Resource, entry: Entry, visit: Visit) -> str:
    parts = []
    for one in objects(resource.get("content")):
        attachment = obj(one.get("attachment"))
        found = _plain(attachment)
        if found is None:
            visit.remark(
                "attachment",
                f"{entry.path}.content",
                "The attachment is not text inside the bundle; it is kept and not read.",
            )
        else:
            parts.append(found)
    return "\n".join(parts).replace("\x00", "")


def _plain(attachment: Resource) -> str | None:
    kind, data = text(attachment.get("contentType")).lower(), attachment.get("data")
    if not isinstance(data, str) or not kind.startswith("text/") or kind.startswith("text/html"):
        return None
    try:
        return base64.b64decode("".join(data.split()), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None
