"""What a clearinghouse holds for us is stored, byte for byte, before it may go there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress

from messages.envelope import Fact
from messages.remittance import RemittanceReceived
from messages.submission import AckReceived, MailboxDue
from services.chart.failures import Transient
from services.chart.ports import Clearinghouse, MailboxFile, Work
from services.chart.rows import RawRow
from services.edi.reader import transaction_kind
from services.submission.line_circuit import call, is_open

FILES_AT_ONCE = 100


def fetch(
    fact: MailboxDue, work: Work, clearinghouse: Clearinghouse, poll_ms: int
) -> Iterator[Fact]:
    """Store what is new, confirm it after the commit, and come back after `poll_ms`.

    A file that was stored before, because its confirmation was lost, is only confirmed again. No
    answer is no reason to stop: the timer is renewed whatever happens.
    """
    files: Sequence[MailboxFile] = ()
    if not is_open(work, fact.mailbox):
        answer = call(work, fact.mailbox, lambda: clearinghouse.collect(FILES_AT_ONCE))
        files = () if isinstance(answer, Transient) else answer
    now_ms = work.clock.now_ms()
    more = len(files) >= FILES_AT_ONCE
    work.remind(fact, now_ms if more else now_ms + poll_ms, "look into the mailbox")
    rows = {_raw_id(fact.mailbox, file): file for file in files}
    known = {row.raw_id for row in work.find(RawRow, raw_id=list(rows))} if rows else set()
    for raw_id, file in rows.items():
        if raw_id not in known:
            yield _store(work, raw_id, fact.mailbox, file)
    if files:
        names = [file.name for file in files]
        work.after_commit(f"confirm:{fact.mailbox}", lambda: _confirm(clearinghouse, names))


def _confirm(clearinghouse: Clearinghouse, names: list[str]) -> None:
    """A confirmation that is lost is given again when the files are collected again."""
    with suppress(Transient):
        clearinghouse.confirm(names)


def _store(work: Work, raw_id: str, mailbox: str, file: MailboxFile) -> Fact:
    """One new file. What is neither 835 nor acknowledgement is refused where acks are read."""
    row = RawRow(
        raw_id=raw_id,
        feed=f"mailbox:{mailbox}",
        identity=f"{mailbox}/{file.name}",
        content_hash=hashlib.sha256(file.content).hexdigest(),
        content_type="application/edi-x12",
        received_ms=work.clock.now_ms(),
        state="stored",
        chart_id="",
        content=file.content,
    )
    work.put(row)
    if transaction_kind(file.content) == "835":
        return RemittanceReceived(raw_id=raw_id)
    return AckReceived(raw_id=raw_id)


def _raw_id(mailbox: str, file: MailboxFile) -> str:
    """The same for the same file of the same mailbox, whenever it is collected."""
    digest = hashlib.sha256(f"{mailbox}\x1f{file.name}\x1f".encode() + file.content)
    return f"r_{digest.hexdigest()[:26]}"
