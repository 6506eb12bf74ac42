"""dramatiq on RabbitMQ as Chartline needs it: quorum queues, confirms, and nothing kept there.

The broker only wakes workers: a message holds the ids of rows in the store, and the row is the
truth. So a message that the broker loses is sent again when its lease ends, and one that comes
twice finds its row gone. `deploy/decisions/0001-the-store-is-the-queue.md` says why.
"""

from __future__ import annotations

from typing import Any

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker, _RabbitmqConsumer
from dramatiq.common import q_name, xq_name

VERSION = "v1"  # queue arguments cannot be changed on a queue that exists: change the version
DELIVERY_LIMIT = 5
ACTOR = "run"


def queue_of(stage: str) -> str:
    """The queue of a stage."""
    return f"{stage}.{VERSION}"


def arguments_of(queue: str) -> dict[str, object]:
    """Quorum queue; what is delivered too often goes, at least once, to the rejected queue."""
    return {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": xq_name(queue),
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


class BoundConsumer(_RabbitmqConsumer):
    """Acks a delivery only on the connection that it came from.

    After a reconnect the numbers of deliveries start again, so that an old one would ack, and so
    lose, another message.
    """

    def __next__(self) -> Any:
        """The next delivery, marked with this consumer."""
        message = super().__next__()
        if message is not None:
            message.options["consumer"] = id(self)
        return message

    def ack(self, message: Any) -> None:
        """Ack what came from here."""
        if self._is_ours(message):
            super().ack(message)

    def nack(self, message: Any) -> None:
        """Reject what came from here."""
        if self._is_ours(message):
            super().nack(message)

    def _is_ours(self, message: Any) -> bool:
        ours = bool(message.options.get("consumer") == id(self))
        return ours and message._tag in self.known_tags  # noqa: SLF001 - dramatiq's own field


class QuorumBroker(RabbitmqBroker):
    """One quorum queue a stage and one for what it rejects. No delayed queues: waits are rows."""

    def __init__(self, url: str) -> None:
        super().__init__(url=_with_timeouts(url), confirm_delivery=True, middleware=[])

    @property
    def consumer_class(self) -> type[BoundConsumer]:
        """Our consumer."""
        return BoundConsumer

    def declare_queue(self, queue_name: str, *, ensure: bool = False) -> None:
        """Declare a stage's queue, without the delayed queue that dramatiq would add."""
        name = q_name(queue_name)
        if name not in self.queues:
            self.emit_before("declare_queue", name)
            self.queues.add(name)
            self.queues_pending.add(name)
            self.emit_after("declare_queue", name)
        if ensure:
            self._ensure_queue(name)

    def _build_queue_arguments(self, queue_name: str) -> dict[str, object]:
        return arguments_of(queue_name)

    def _declare_dq_queue(self, queue_name: str) -> None:
        """There is no delayed queue."""

    def _declare_xq_queue(self, queue_name: str) -> Any:
        return self.channel.queue_declare(
            queue=xq_name(queue_name), durable=True, arguments={"x-queue-type": "quorum"}
        )


def _with_timeouts(url: str) -> str:
    """A blocked or silent broker must end in an error, not in a process that hangs."""
    extra = "heartbeat=30&blocked_connection_timeout=20&socket_timeout=10"
    return f"{url}{'&' if '?' in url else '?'}{extra}"


def hand_over(stage: str, message_ids: list[str]) -> dramatiq.Message[Any]:
    """The broker's message for these rows: ids, and nothing else."""
    return dramatiq.Message(
        queue_name=queue_of(stage),
        actor_name=f"{ACTOR}_{stage}",
        args=(),
        kwargs={"message_ids": message_ids},
        options={},
    )
