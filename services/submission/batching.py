"""Queued claims become a file, fixed byte for byte before anybody sends it.

The file, its control numbers and the state of its claims are one commit. Sending comes after that
commit, in a message of its own: so whatever crashes, the same bytes go out under the same name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from messages.envelope import Fact
from messages.path import Stage
from messages.submission import BatchBuilt, BatchDue
from services.chart.places import Place
from services.chart.ports import Work
from services.chart.rows import ChartRow, ClaimRow, SubmissionRow
from services.edi import claim_837i, claim_837p
from services.edi.claim import Claim
from services.submission.claims import moved

CLAIMS_IN_FILE = 500
_WRITERS = {"837P": claim_837p.write, "837I": claim_837i.write}
CONTROL_NUMBERS = 1_000_000_000


def build(fact: BatchDue, work: Work) -> Iterator[Fact]:
    """One file for each submitter of the claims that are queued; nothing when none is."""
    queued = work.find(
        ClaimRow, payer_id=fact.payer_id, transaction=fact.transaction, state="queued"
    )
    rows = _sendable(work, sorted(queued, key=lambda row: row.claim_id))
    if len(rows) > CLAIMS_IN_FILE:
        work.remind(fact, work.clock.now_ms(), "more claims are queued than a file holds")
    read = [(row, Claim.model_validate_json(row.body)) for row in rows[:CLAIMS_IN_FILE]]
    read.sort(key=lambda pair: (pair[1].submitter.submitter_id, pair[1].billing.npi))
    for _, pairs in groupby(read, key=lambda pair: pair[1].submitter.submitter_id):
        yield _file(work, list(pairs))


def _sendable(work: Work, rows: Sequence[ClaimRow]) -> list[ClaimRow]:
    """The claims whose charts are at submission. A claim whose chart is finished is withdrawn."""
    if not rows:
        return []
    charts = {
        chart.chart_id: chart
        for chart in work.find(ChartRow, chart_id=[row.chart_id for row in rows])
    }
    found = []
    for row in rows:
        chart = charts[row.chart_id]
        if chart.place == Place.FINISHED:
            work.put(moved(row, "rejected", work.clock.now_ms()))
            work.note(row.chart_id, "claim.withdrawn", "the chart is finished", claim=row.claim_id)
        elif chart.stage == Stage.SUBMISSION and chart.place in {Place.WAITING, Place.DUE}:
            found.append(row)
    return found


def _file(work: Work, pairs: list[tuple[ClaimRow, Claim]]) -> Fact:
    """Fix one file with its numbers, and mark its claims as sent with it.

    Its one group has the number of the interchange, so that a 999, which names the group, and a
    TA1, which names the interchange, find the file in the same way.
    """
    first = pairs[0][0]
    number = work.next_number("interchange") % CONTROL_NUMBERS
    interchange, group = f"{number:09d}", str(number)
    content = _WRITERS[first.transaction](
        [claim for _, claim in pairs],
        interchange_control=interchange,
        group_control=group,
        at=work.clock.now(),
    )
    submission_id, now_ms = work.ids.new("s"), work.clock.now_ms()
    row = SubmissionRow(
        submission_id=submission_id,
        payer_id=first.payer_id,
        transaction=first.transaction,
        file_name=f"{submission_id}.{first.transaction.lower()}",
        interchange_control=interchange,
        group_control=group,
        claims=len(pairs),
        state="built",
        built_ms=now_ms,
        sent_ms=0,
        content=content,
    )
    work.put(row)
    for claim, _ in pairs:
        work.put(moved(claim, "sent", now_ms, submission_id=submission_id))
    return BatchBuilt(submission_id=submission_id)
