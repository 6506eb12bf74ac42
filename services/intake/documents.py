"""Merging documents: versions, statuses, and what replaces what."""

from __future__ import annotations

from datetime import UTC, datetime

from services.chart.model import ChartUpdate, Document, DocumentStatus, DocumentText
from services.intake.timeline import Timeline

_FIRST = datetime.min.replace(tzinfo=UTC)


def merged_documents(
    before: tuple[Document, ...], update: ChartUpdate, texts: dict[str, str], line: Timeline
) -> tuple[tuple[Document, ...], tuple[DocumentText, ...]]:
    """The heads in the order of their times, and the versions whose text is to be kept."""
    if not update.documents:
        return before, ()
    heads = {head.document_id: head for head in before}
    current = dict(texts)
    keep: dict[str, DocumentText] = {}
    in_time = line.is_latest_document(update)
    for document_id, said in {one.head.document_id: one for one in update.documents}.items():
        text = current.get(document_id, "")
        new = _next_version(heads.get(document_id), said, text, in_time=in_time)
        if new is None:
            continue
        heads[document_id] = new.head
        current[document_id] = new.text
        keep[document_id] = new
    for head in _replaced(heads):
        cancelled = head.model_copy(
            update={"status": DocumentStatus.CANCELLED, "version": head.version + 1}
        )
        if head.document_id in keep:  # this very update brought it: one version is enough
            cancelled = cancelled.model_copy(update={"version": head.version})
        heads[head.document_id] = cancelled
        text = current.get(head.document_id, "")
        keep[head.document_id] = DocumentText(head=cancelled, text=text)
    return tuple(sorted(heads.values(), key=_by_time_and_id)), tuple(keep.values())


def _next_version(
    old: Document | None, said: DocumentText, text: str, *, in_time: bool
) -> DocumentText | None:
    """The version to file; None when it says nothing new or comes late."""
    if old is None:
        head = said.head.model_copy(update={"version": 1})
        return DocumentText(head=head, text=said.text)
    head = _filled(said.head, old)
    new_text = said.text or text
    if head == old and new_text == text:
        return None
    if _comes_late(old, head, in_time=in_time) or _was_replaced(old, head):
        return None
    head = head.model_copy(update={"version": old.version + 1})
    return DocumentText(head=head, text=new_text)


def _filled(said: Document, old: Document) -> Document:
    """The head as said; where it does not speak, as before."""
    return said.model_copy(
        update={
            "title": said.title or old.title,
            "author": said.author or old.author,
            "at": said.at or old.at,
            "replaces": said.replaces or old.replaces,
            "version": old.version,
        }
    )


def _comes_late(old: Document, said: Document, *, in_time: bool) -> bool:
    """An earlier version: by its own time, else because a late message would unsign it."""
    if old.at is not None and said.at is not None and old.at != said.at:
        return said.at < old.at
    if in_time:
        return False
    signed = old.status is DocumentStatus.SIGNED
    return signed and said.status in {DocumentStatus.UNSIGNED, DocumentStatus.PRELIMINARY}


def _was_replaced(old: Document, said: Document) -> bool:
    """A cancelled document does not come back by a message of the same time."""
    return old.status is DocumentStatus.CANCELLED and old.at == said.at


def _replaced(heads: dict[str, Document]) -> list[Document]:
    parents = {head.replaces for head in heads.values() if head.replaces}
    return [
        head
        for document_id, head in heads.items()
        if document_id in parents and head.status is not DocumentStatus.CANCELLED
    ]


def _by_time_and_id(head: Document) -> tuple[datetime, str]:
    return head.at or _FIRST, head.document_id
