"""A file goes to its clearinghouse: once, however often this runs."""

from __future__ import annotations

from dataclasses import replace

from messages.submission import BatchBuilt
from services.chart.failures import Transient
from services.chart.ports import Clearinghouse, Work
from services.chart.rows import SubmissionRow
from services.submission.failures import ClearinghouseOut
from services.submission.line_circuit import call, circuit_of, is_open


def send(work: Work, row: SubmissionRow, mailbox: str, clearinghouse: Clearinghouse) -> None:
    """Send the file of a submission that is built; one that is sent stays as it is.

    No answer counts towards opening the circuit, and the same file is tried again later: a second
    upload of the same name and bytes changes nothing on the other side.

    Raises:
        ClearinghouseOut: the circuit is open; the runtime comes back without using up attempts.
        Rejected: the clearinghouse refuses the file as such.
    """
    if row.state != "built":
        return
    if is_open(work, mailbox):
        raise ClearinghouseOut("The clearinghouse has not answered; the circuit is open.")
    answer = call(work, mailbox, lambda: clearinghouse.send(row.file_name, row.content))
    now_ms = work.clock.now_ms()
    if isinstance(answer, Transient):
        at_ms = circuit_of(work, mailbox).retry_at_ms(now_ms)
        again = BatchBuilt(submission_id=row.submission_id)
        work.remind(again, at_ms, "the clearinghouse did not answer; the same file goes again")
        return
    work.put(replace(row, state="sent", sent_ms=now_ms))
    work.note(row.submission_id, "submission.sent", file=row.file_name, claims=row.claims)
