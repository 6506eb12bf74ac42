"""Submission: takes ClaimAssembled, BatchDue, BatchBuilt, MailboxDue, AckReceived and AckOverdue.

Gives BatchBuilt, AckReceived, RemittanceReceived, ClaimAccepted or ClaimRejected.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from messages.assembly import ClaimAssembled
from messages.envelope import Fact
from messages.submission import AckOverdue, AckReceived, BatchBuilt, BatchDue, MailboxDue
from services.chart.ports import Work
from services.chart.rows import SubmissionRow
from services.submission.acks import file_acks
from services.submission.batching import build
from services.submission.fetching import fetch
from services.submission.queueing import overdue, profile_of, queue
from services.submission.sending import send

if TYPE_CHECKING:
    from config.wiring import Line


def step(fact: Fact, work: Work, line: Line) -> Iterator[Fact]:
    """Queue, batch, send once, fetch, and match what comes back.

    Raises:
        Rejected: a person must look at the claim, the file or the acknowledgement.
        Outage: the circuit to the clearinghouse is open.
    """
    match fact:
        case ClaimAssembled():
            yield from queue(fact, work, line.payers, line.settings.batch_window_ms)
        case BatchDue():
            yield from build(fact, work)
        case BatchBuilt():
            row = work.get(SubmissionRow, fact.submission_id)
            mailbox = profile_of(line.payers, row.payer_id).mailbox
            send(work, row, mailbox, line.clearinghouses[mailbox])
        case MailboxDue():
            port = line.clearinghouses[fact.mailbox]
            yield from fetch(fact, work, port, line.settings.mailbox_poll_ms)
        case AckReceived():
            yield from file_acks(work, work.raw(fact.raw_id))
        case AckOverdue():
            yield from overdue(fact, work, line.payers)
        case _:
            raise TypeError(f"submission does not take {type(fact).__name__}")
