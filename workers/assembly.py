"""Assembly: takes CodesAssigned, gives ClaimAssembled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from messages.assembly import ClaimAssembled
from messages.coding import CodesAssigned
from messages.envelope import Fact
from services.assembly.building import billing_event, build
from services.assembly.judging import check_guide, sequence_after
from services.chart.ports import Work
from services.chart.rows import ClaimRow
from services.edi.claim import Claim

if TYPE_CHECKING:
    from config.wiring import Line


def step(fact: Fact, work: Work, line: Line) -> Iterator[Fact]:
    """A complete claim: on to submission.

    Raises:
        Rejected: the claim cannot be built, breaks its guide, or would be billed twice.
    """
    if not isinstance(fact, CodesAssigned):
        raise TypeError(f"assembly does not take {type(fact).__name__}")
    chart = work.chart(fact.chart_id)
    event = billing_event(chart)
    sequence = sequence_after(work.find(ClaimRow, billing_event=event))
    now = work.clock.now()
    claim = build(
        chart,
        payers=line.payers,
        facilities=line.facilities,
        control_number=f"{work.next_number('claim'):09d}",
        now=now.date(),
    )
    check_guide(claim, line.guide_check, now)
    row = _row(claim, work, chart_id=chart.chart_id, event=event, sequence=sequence)
    work.put(row)
    yield ClaimAssembled(chart_id=chart.chart_id, claim_id=row.claim_id)


def _row(claim: Claim, work: Work, *, chart_id: str, event: str, sequence: int) -> ClaimRow:
    now_ms = work.clock.now_ms()
    return ClaimRow(
        claim_id=work.ids.new("cl"),
        chart_id=chart_id,
        billing_event=event,
        sequence=sequence,
        control_number=claim.control_number,
        transaction=claim.transaction,
        frequency=claim.frequency,
        payer_id=claim.payer.payer_id,
        total_cents=int(claim.total * 100),
        state="queued",
        submission_id="",
        payer_control_number="",
        paid_cents=0,
        patient_cents=0,
        created_ms=now_ms,
        updated_ms=now_ms,
        body=claim.model_dump_json(),
    )
