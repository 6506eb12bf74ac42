"""The one code path behind every door: stored durably, then confirmed."""

from __future__ import annotations

import hashlib

import orjson
import pytest

from services.adapters.store.fsck import fsck
from services.chart.failures import Outage
from services.chart.ports import Changes
from services.chart.rows import MessageRow, RawRow
from tests.fakes.backend import MemoryBackend
from tests.fakes.clock import CountingIds, FakeClock
from workers.door import Delivery, Receipt, accept


class Doorway:
    """A door over a store in memory that counts its commits."""

    def __init__(self) -> None:
        self.store, self.clock, self.ids = MemoryBackend(), FakeClock(), CountingIds()
        self.commits: list[Changes] = []
        self.store.after_apply = self.commits.append

    def accept(self, *deliveries: Delivery) -> list[Receipt]:
        return accept(self.store, self.clock, self.ids, deliveries)

    def raws(self) -> list[RawRow]:
        return self.store.select(RawRow, {}, order_by="raw_id")

    def messages(self) -> list[MessageRow]:
        return self.store.select(MessageRow, {}, order_by="message_id")


def test_what_is_accepted_is_kept_byte_for_byte_with_where_it_came_from() -> None:
    door = Doorway()
    content = bytes(range(256))
    (receipt,) = door.accept(Delivery(content, "x-application/hl7-v2+er7", "mllp:west"))
    (raw,) = door.raws()
    assert (raw.content, raw.content_type, raw.feed) == (
        content,
        "x-application/hl7-v2+er7",
        "mllp:west",
    )
    assert (raw.state, raw.chart_id, raw.identity) == ("stored", "", "")
    assert (raw.raw_id, raw.received_ms) == (receipt.raw_id, door.clock.ms)


def test_a_receipt_proves_the_bytes() -> None:
    door = Doorway()
    (receipt,) = door.accept(Delivery(b"abc"))
    assert receipt.sha256 == hashlib.sha256(b"abc").hexdigest() == door.raws()[0].content_hash
    assert receipt.received_ms == door.clock.ms


def test_what_is_accepted_is_due_for_intake() -> None:
    door = Doorway()
    (receipt,) = door.accept(Delivery(b"abc"))
    (message,) = door.messages()
    assert (message.stage, message.kind, message.subject) == (
        "intake",
        "MessageStored",
        receipt.raw_id,
    )
    assert orjson.loads(message.body) == {"raw_id": receipt.raw_id}
    assert (message.due_ms, message.trace) == (door.clock.ms, message.message_id)
    assert fsck(door.store).clean


def test_many_are_one_commit_and_their_receipts_come_in_order() -> None:
    door = Doorway()
    receipts = door.accept(*[Delivery(b"%d" % n) for n in range(5)])
    assert len(door.commits) == 1
    content = {raw.raw_id: raw.content for raw in door.raws()}
    assert [content[receipt.raw_id] for receipt in receipts] == [b"%d" % n for n in range(5)]
    assert {message.subject for message in door.messages()} == set(content)


def test_the_same_bytes_twice_are_two_messages_for_intake_to_judge() -> None:
    door = Doorway()
    one, other = door.accept(Delivery(b"abc"), Delivery(b"abc"))
    assert one.raw_id != other.raw_id
    assert len(door.messages()) == 2


def test_an_outage_gives_no_receipt_and_stores_nothing() -> None:
    door = Doorway()

    def down(_changes: Changes) -> None:
        raise Outage("The store does not answer.")

    door.store.before_apply = down
    with pytest.raises(Outage):
        door.accept(Delivery(b"abc"), Delivery(b"def"))
    assert (door.raws(), door.messages()) == ([], [])


def test_nothing_to_accept_is_no_receipt() -> None:
    door = Doorway()
    assert door.accept() == []
    assert door.raws() == []
