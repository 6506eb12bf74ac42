"""The facts of a chart as one native JSON message, schema `chartline.chart/1`."""

from __future__ import annotations

import json
from datetime import timedelta

from workers.demo.facts import ChartFacts
from workers.demo.outgoing import JSON, OutgoingMessage

SCHEMA = "chartline.chart/1"


def messages_of(facts: ChartFacts) -> list[OutgoingMessage]:
    """The one message of a chart."""
    update = facts.update("chartline.chart", facts.ends + timedelta(hours=8))
    body = {
        "schema": SCHEMA,
        "sender": f"DEMOHUB-{facts.facility}",
        "message_id": f"{facts.account}-1",
        "event": update.event,
        "processing_id": "P",
        "chart": update.model_dump(mode="json", exclude_defaults=True),
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return [OutgoingMessage(text.encode(), JSON, f"json-{facts.facility.lower()}")]
