"""The one code path behind every door: store the bytes durably, then confirm, then parse.

Whoever calls `accept` may tell the sender "stored" when it returns, and must not before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from messages.intake import MessageStored
from messages.path import Stage
from services.chart.ports import Backend, Changes, Clock, Ids
from services.chart.rows import MessageRow, RawRow


@dataclass(frozen=True, slots=True)
class Delivery:
    """One outside message as a door has it."""

    content: bytes
    content_type: str = ""
    feed: str = "cli"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that the bytes are durably stored."""

    raw_id: str
    received_ms: int
    sha256: str


def accept(
    backend: Backend, clock: Clock, ids: Ids, deliveries: Sequence[Delivery]
) -> list[Receipt]:
    """Store the messages in one commit and make them due for intake.

    Raises:
        Outage: the store did not answer; nothing may be confirmed, the sender keeps its message.
    """
    now = clock.now_ms()
    changes = Changes()
    receipts = []
    for delivery in deliveries:
        raw_id, message_id = ids.new("r"), ids.new("m")
        digest = hashlib.sha256(delivery.content).hexdigest()
        changes.inserts += (
            _raw(raw_id, delivery, digest, now),
            _message(message_id, raw_id, now),
        )
        receipts.append(Receipt(raw_id, now, digest))
    backend.apply(changes)
    return receipts


def _raw(raw_id: str, delivery: Delivery, digest: str, now: int) -> RawRow:
    return RawRow(
        raw_id=raw_id,
        feed=delivery.feed,
        identity="",
        content_hash=digest,
        content_type=delivery.content_type,
        received_ms=now,
        state="stored",
        chart_id="",
        content=delivery.content,
    )


def _message(message_id: str, raw_id: str, now: int) -> MessageRow:
    fact = MessageStored(raw_id=raw_id)
    return MessageRow(
        message_id=message_id,
        subject=raw_id,
        stage=Stage.INTAKE,
        kind=type(fact).__name__,
        body=fact.model_dump_json(),
        due_ms=now,
        sends=0,
        attempts=0,
        errors="[]",
        caused_by="",
        trace=message_id,
        said_ms=now,
    )
