"""Filing one raw message: duplicate, conflict, or into the charts it is about.

State of a raw message afterwards: `duplicate` (the same content was filed before), `set-aside` (it
says nothing about a chart), `filed`. What cannot be filed raises, and the line keeps its bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from messages.envelope import Fact
from messages.intake import ChartCancelled, ChartChanged, ChartReceived
from messages.remittance import RemittanceReceived
from messages.submission import AckReceived
from services.chart.model import Chart, ChartUpdate, Reading
from services.chart.places import Outcome
from services.chart.ports import Work
from services.chart.rows import ClaimRow, RawRow
from services.intake.detection import ACKNOWLEDGEMENTS, REMITTANCE, Format, FormatKind, detect
from services.intake.failures import ControlIdConflict, CreditWithoutCharge, TestMessage
from services.intake.identity import content_hash, identity_of_all
from services.intake.merging import Merged, MergeKind, merge
from services.intake.reading import PRODUCTION, read

DEAD_CLAIM_STATES = frozenset({"rejected"})


def file_raw(raw: RawRow, work: Work) -> Iterator[Fact]:
    """File the message; the facts say which charts it opened, changed or cancelled.

    Raises:
        Rejected: the message cannot be read, or must not be filed.
    """
    found = detect(raw.content, raw.content_type)
    if found.kind is FormatKind.X12 and found.transaction in {*ACKNOWLEDGEMENTS, REMITTANCE}:
        yield from _answer(raw, found, work)
        return
    readings = read(raw.content, raw.content_type)
    for reading in readings:
        _refuse_tests(reading)
    identified = replace(
        raw, identity=identity_of_all(readings), content_hash=content_hash(raw.content, found)
    )
    if _is_duplicate(identified, work):
        return
    chart_id = ""
    for number, reading in enumerate(readings, 1):
        if reading.update is None:
            work.note(raw.raw_id, "message.says-nothing", event=reading.event)
            continue
        name = raw.raw_id if number == 1 else f"{raw.raw_id}#{number}"
        filed, facts = _file(reading.update, name, work)
        chart_id = chart_id or filed
        yield from facts
    state = "filed" if chart_id else "set-aside"
    work.put(replace(identified, state=state, chart_id=chart_id))


def _answer(raw: RawRow, found: Format, work: Work) -> Iterator[Fact]:
    """An acknowledgement or remittance: its own stage reads it."""
    digest = content_hash(raw.content, found)
    work.put(replace(raw, state="filed", content_hash=digest))
    if found.transaction == REMITTANCE:
        yield RemittanceReceived(raw_id=raw.raw_id)
    else:
        yield AckReceived(raw_id=raw.raw_id)


def _refuse_tests(reading: Reading) -> None:
    if reading.processing_id != PRODUCTION:
        raise TestMessage(
            "The message is marked as not production (training or debugging); it is never billed.",
            where="MSH-11" if reading.format == "hl7v2" else "processing_id",
        )


def _is_duplicate(raw: RawRow, work: Work) -> bool:
    """Whether the same message was filed before; the first one stands.

    Raises:
        ControlIdConflict: the same identity, and other content.
    """
    for other in work.find(RawRow, identity=raw.identity):
        if other.raw_id == raw.raw_id:
            continue
        if other.content_hash != raw.content_hash:
            raise ControlIdConflict(
                "The sender has used this control id before, for a message with other content.",
                where="MSH-10",
            )
        work.put(replace(raw, state="duplicate", chart_id=other.chart_id))
        work.note(raw.raw_id, "message.duplicate", of=other.raw_id)
        return True
    return False


def _file(update: ChartUpdate, name: str, work: Work) -> tuple[str, list[Fact]]:
    """Merge one update; returns the chart's id and what is to be said. `name` is the source."""
    before = work.chart_at(update.facility, update.account)
    chart_id = before.chart_id if before else work.ids.new("c")
    merged = merge(
        before, update, chart_id=chart_id, raw_id=name, texts=_texts(before, update, work)
    )
    if merged.unmatched_credits:
        raise CreditWithoutCharge(
            "The message takes back a charge that is not on the chart.", where="FT1-2"
        )
    for document in merged.documents:
        work.save_document(chart_id, document)
    if before is None:
        work.add_chart(merged.chart)
        return chart_id, _opened(merged, work)
    return chart_id, _changed(merged, update, work)


def _texts(chart: Chart | None, update: ChartUpdate, work: Work) -> dict[str, str]:
    """The current texts of the documents that the update brings again, or replaces."""
    if chart is None or not update.documents or not chart.documents:
        return {}
    current = {head.document_id: head.version for head in chart.documents}
    rows = work.document_texts(chart.chart_id)
    return {
        row.document_id: row.text for row in rows if current.get(row.document_id) == row.version
    }


def _opened(merged: Merged, work: Work) -> list[Fact]:
    """The first message of a chart; one that is a cancel opens it and finishes it at once."""
    chart_id = merged.chart.chart_id
    if merged.kind is not MergeKind.CANCELLED:
        return [ChartReceived(chart_id=chart_id)]
    work.say(ChartReceived(chart_id=chart_id))
    work.finish(chart_id, Outcome.CANCELLED)
    return [ChartCancelled(chart_id=chart_id)]


def _changed(merged: Merged, update: ChartUpdate, work: Work) -> list[Fact]:
    chart = merged.chart
    chart_id = chart.chart_id
    if not merged.changed:
        work.note(chart_id, "chart.unchanged", event=update.event)
        work.save_chart(chart)  # its sources: when something was last said
        return []
    if _has_live_claim(chart_id, work):
        work.save_chart(chart.model_copy(update={"changed_after_claim": True}))
        work.note(chart_id, "chart.changed-after-claim", event=update.event)
        return []
    work.save_chart(chart)
    if merged.kind is MergeKind.CANCELLED:
        work.finish(chart_id, Outcome.CANCELLED)
        return [ChartCancelled(chart_id=chart_id)]
    if chart.cancelled:
        work.note(chart_id, "chart.changed-while-cancelled", event=update.event)
        return []
    return [ChartChanged(chart_id=chart_id)]


def _has_live_claim(chart_id: str, work: Work) -> bool:
    claims = work.find(ClaimRow, chart_id=chart_id)
    return any(claim.state not in DEAD_CLAIM_STATES for claim in claims)
