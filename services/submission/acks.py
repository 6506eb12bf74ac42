"""One fetched acknowledgement: what it says about which of our claims.

TA1 and 999 speak of a whole file, which is found by its control numbers; a 277CA speaks of claims
by their control numbers (rules 3.9). What names nothing of ours is for a person.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from messages.envelope import Fact
from services.chart.failures import Rejected
from services.chart.ports import Work
from services.chart.rows import ChartRow, ClaimRow, RawRow, SubmissionRow
from services.edi import ack_999, ack_ta1, status_277ca
from services.edi.status_277ca import Ack277, ClaimStatus, Verdict
from services.submission.claims import accept, reject
from services.submission.failures import (
    RejectedBy277,
    RejectedBy999,
    RejectedByTa1,
    UnknownClaim,
    UnreadableAck,
)

USED_BEFORE = "025"  # TA1 note: this interchange was received before, so nothing is lost
_PAYER = "PR"
ONLY_SET = "0001"  # our files hold one transaction set

Matching = Generator[Fact, None, int]
"""Says what follows, and returns how many of our files or claims were meant."""


@dataclass(frozen=True, slots=True)
class Acks:
    """Everything that one file of acknowledgements holds."""

    ta1s: tuple[ack_ta1.Ta1, ...]
    files: tuple[ack_999.Ack999, ...]
    claims: tuple[Ack277, ...]


def read(content: bytes) -> Acks:
    """The acknowledgements in the content.

    Raises:
        UnreadableAck: the content cannot be read, or is no acknowledgement.
    """
    try:
        acks = Acks(ack_ta1.read(content), ack_999.read(content), status_277ca.read(content))
    except Rejected as failure:
        raise UnreadableAck(failure.sentence, where=failure.where) from failure
    if not (acks.ta1s or acks.files or acks.claims):
        raise UnreadableAck("The file has neither TA1 nor 999 nor 277CA.", where="ST01")
    return acks


def file_acks(work: Work, raw: RawRow) -> Iterator[Fact]:
    """Match everything in a stored file to our submissions and claims.

    Raises:
        UnreadableAck: it is no acknowledgement.
        UnknownClaim: it names nothing that was sent from here.
    """
    acks = read(raw.content)
    known = 0
    for one in acks.ta1s:
        known += yield from _ta1(work, one)
    for answer in acks.files:
        known += yield from _999(work, answer)
    for status in acks.claims:
        known += yield from _277(work, status)
    if not known:
        raise UnknownClaim(
            "The acknowledgement names no file and no claim that was sent from here."
        )
    work.put(replace(raw, state="filed"))


def _ta1(work: Work, ta1: ack_ta1.Ta1) -> Matching:
    """The submission whose interchange the TA1 answers."""
    rows = work.find(SubmissionRow, interchange_control=ta1.interchange_control)
    for row in rows:
        work.note(row.submission_id, "submission.ta1", code=ta1.code, reason=ta1.note)
        if not ta1.accepted and ta1.note != USED_BEFORE:
            sentence = f"The interchange was refused (TA1 {ta1.note}): {ta1.words}."
            yield from _reject_file(work, row, RejectedByTa1(sentence, where="ISA"))
    return len(rows)


def _999(work: Work, answer: ack_999.Ack999) -> Matching:
    """The submission whose group the 999 answers."""
    rows = work.find(SubmissionRow, interchange_control=answer.group_control.zfill(9))
    for row in rows:
        work.note(row.submission_id, "submission.999", code=answer.code)
        if answer.accepts(ONLY_SET):
            if row.state in {"built", "sent"}:
                work.put(replace(row, state="acknowledged"))
            continue
        sentence = f"The file was refused by the 999: {answer.words(ONLY_SET)}."
        yield from _reject_file(work, row, RejectedBy999(sentence, where="999 IK5"))
    return len(rows)


def _reject_file(work: Work, row: SubmissionRow, failure: Rejected) -> Iterator[Fact]:
    """Every claim of the file that was not answered yet is rejected with it."""
    if row.state != "acknowledged":
        work.put(replace(row, state="rejected"))
    claims = work.find(ClaimRow, submission_id=row.submission_id)
    _read_charts(work, claims)
    for claim in claims:
        if claim.state == "sent":
            yield from reject(work, claim, failure)


def _277(work: Work, ack: Ack277) -> Matching:
    """The claims that the 277CA names; without any, the file that it refuses as a whole."""
    numbers = list({one.control_number for one in ack.claims})
    found = work.find(ClaimRow, control_number=numbers) if numbers else []
    claims = {row.control_number: row.claim_id for row in found}
    _read_charts(work, found)
    for status in ack.claims:
        claim_id = claims.get(status.control_number)
        if claim_id is not None:
            yield from _status(work, work.get(ClaimRow, claim_id), status, ack.source)
    if ack.claims:
        return len(found)
    return (yield from _277_of_file(work, ack))


def _status(work: Work, claim: ClaimRow, status: ClaimStatus, source: str) -> Iterator[Fact]:
    """One claim's status. Forwarded, or received by a clearinghouse, decides nothing."""
    match status.verdict:
        case Verdict.REJECTED:
            sentence = f"The claim was rejected before adjudication: {status.words}."
            failure = RejectedBy277(sentence, where=f"277CA segment {status.number}, STC")
            yield from reject(work, claim, failure)
        case Verdict.ACCEPTED:
            yield from accept(work, claim, status.payer_control_number)
        case Verdict.RECEIVED if source == _PAYER:
            yield from accept(work, claim, status.payer_control_number)
        case _:
            work.note(claim.chart_id, "claim.underway", status.words, claim=claim.claim_id)


def _277_of_file(work: Work, ack: Ack277) -> Matching:
    """A 277CA without claims speaks of the file: TRN02 of the receiver is our BHT03."""
    traces = [level.trace for level in ack.levels if level.level == "receiver" and level.trace]
    rows = work.find(SubmissionRow, interchange_control=traces) if traces else []
    refusing = [level for level in ack.levels if level.verdict is Verdict.REJECTED]
    for row in rows:
        work.note(row.submission_id, "submission.277ca", refused=bool(refusing))
        if refusing:
            words = "; ".join(code.words for level in refusing for code in level.codes)
            failure = RejectedBy277(f"The whole file was rejected: {words}.", where="277CA STC")
            yield from _reject_file(work, row, failure)
    return len(rows)


def _read_charts(work: Work, claims: Sequence[ClaimRow]) -> None:
    """Read the charts of these claims in one go; single reads find them from then on."""
    if claims:
        work.find(ChartRow, chart_id=[claim.chart_id for claim in claims])
