"""One fetched remittance: refused whole, or posted claim by claim, each payment once.

An 835 is proof of acceptance too: a payment that comes before its acknowledgement is posted. A
chart is moved only when it waits for this payment, is on its way to, or is a dead letter because
an answer was missing; elsewhere the claim is brought up to date and the chart left alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import assert_never

from messages.envelope import Fact
from messages.path import Stage
from messages.remittance import ClaimDenied, ClaimPaid, DiscrepancyFound
from messages.submission import ClaimAccepted
from services.chart.failures import Rejected
from services.chart.places import Outcome, Place
from services.chart.ports import Work
from services.chart.rows import ChartRow, ClaimRow, DeadLetterRow, PaymentRow, RawRow
from services.edi import remit_835
from services.edi.remit_835 import ClaimPayment, Remittance
from services.remittance.balance import balance
from services.remittance.deciding import (
    Decision,
    Denied,
    Differs,
    Paid,
    Repeated,
    Unclear,
    cents,
    decide,
)
from services.remittance.failures import (
    ChangedAfterClaim,
    ClaimIsDenied,
    NeedsBiller,
    OutOfBalance,
    PaymentDiffers,
    RemittanceIsOverdue,
    UnknownClaims,
    UnreadableRemittance,
)

LACKED_ANSWER = frozenset({"submission.no-acknowledgement", RemittanceIsOverdue.code})
_HERE = frozenset({Stage.SUBMISSION, Stage.REMITTANCE})


@dataclass(frozen=True, slots=True)
class Posting:
    """One claim payment on its way into the books."""

    payment: ClaimPayment
    check_number: str
    payment_id: str


@dataclass(slots=True)
class Books:
    """What the store knows of the claims of one file, read in one go."""

    claims: dict[str, str]  # claim id by control number
    posted: dict[str, list[PaymentRow]] = field(default_factory=dict)  # by claim id


def post(work: Work, raw: RawRow) -> Iterator[Fact]:
    """Post everything in a stored 835.

    Raises:
        UnreadableRemittance: it is no 835.
        OutOfBalance: a sum is wrong; nothing is posted.
        UnknownClaims: none of its claims is ours.
    """
    postings = [
        Posting(payment, remittance.check_number, f"{raw.raw_id}:{number}")
        for number, (remittance, payment) in enumerate(_payments(read(raw.content)))
    ]
    books = _open_books(work, postings)
    if postings and not books.claims:
        raise UnknownClaims("The remittance names no claim that was billed from here.")
    unknown = 0
    for posting in postings:
        claim_id = books.claims.get(posting.payment.control_number)
        if claim_id is None:
            unknown += 1
            continue
        yield from _post(work, posting, work.get(ClaimRow, claim_id), books)
    if unknown:
        work.note(raw.raw_id, "remittance.unknown-claims", count=unknown)
    work.put(replace(raw, state="filed"))


def read(content: bytes) -> tuple[Remittance, ...]:
    """The remittances of a file, every one of which balances.

    Raises:
        UnreadableRemittance: the content is no 835, or cannot be read.
        OutOfBalance: a sum is wrong.
    """
    try:
        remittances = remit_835.read(content)
    except Rejected as failure:
        raise UnreadableRemittance(failure.sentence, where=failure.where) from failure
    if not remittances:
        raise UnreadableRemittance("The file has no 835.", where="ST01")
    wrong = [one for remittance in remittances for one in balance(remittance)]
    if wrong:
        sentence = f"The remittance does not balance: {wrong[0].words}."
        raise OutOfBalance(sentence, where=f"segment {wrong[0].number}")
    return remittances


def _payments(remittances: tuple[Remittance, ...]) -> Iterator[tuple[Remittance, ClaimPayment]]:
    for remittance in remittances:
        for payment in remittance.claims:
            yield remittance, payment


def _open_books(work: Work, postings: list[Posting]) -> Books:
    """The claims, charts and earlier payments that the file is about."""
    numbers = list({one.payment.control_number for one in postings})
    claims = work.find(ClaimRow, control_number=numbers) if numbers else []
    books = Books({claim.control_number: claim.claim_id for claim in claims})
    if claims:
        work.find(ChartRow, chart_id=[claim.chart_id for claim in claims])
        for row in work.find(PaymentRow, claim_id=[claim.claim_id for claim in claims]):
            books.posted.setdefault(row.claim_id, []).append(row)
    return books


def _post(work: Work, posting: Posting, claim: ClaimRow, books: Books) -> Iterator[Fact]:
    """One payment: a row in the books, the claim's new state, the chart's next place."""
    posted = books.posted.setdefault(claim.claim_id, [])
    if any(row.payment_id == posting.payment_id for row in posted):
        return
    decision = decide(posting.payment, posting.check_number, claim, posted)
    if isinstance(decision, Repeated):
        work.note(claim.chart_id, "payment.repeated", claim=claim.claim_id)
        return
    row = _row(posting, claim, work.clock.now_ms())
    work.put(row)
    posted.append(row)
    yield from _settle(work, claim, row, decision, posting.payment.payer_control_number)


def _row(posting: Posting, claim: ClaimRow, now_ms: int) -> PaymentRow:
    """The payment as it is kept."""
    payment, raw_id = posting.payment, posting.payment_id.rpartition(":")[0]
    told = [[one.group, one.reason, cents(one.amount, payment)] for one in payment.all_adjustments]
    return PaymentRow(
        payment_id=posting.payment_id,
        claim_id=claim.claim_id,
        raw_id=raw_id,
        status=payment.status,
        charged_cents=cents(payment.charged, payment),
        paid_cents=cents(payment.paid, payment),
        patient_cents=cents(payment.patient, payment),
        adjustments=json.dumps(told),
        check_number=posting.check_number,
        posted_ms=now_ms,
    )


def _settle(
    work: Work, claim: ClaimRow, row: PaymentRow, decision: Decision, payer_number: str
) -> Iterator[Fact]:
    """The claim's state, then the chart."""
    names = {"chart_id": claim.chart_id, "claim_id": claim.claim_id}
    match decision:
        case Paid() | Differs():
            _book(work, claim, row, "paid", payer_number)
            yield ClaimPaid(**names)
        case Denied():
            _book(work, claim, row, "denied", payer_number)
            yield ClaimDenied(**names)
        case Unclear() | Repeated():
            pass
        case rest:
            assert_never(rest)
    if isinstance(decision, Differs):
        yield DiscrepancyFound(**names)
    _move(work, claim, _failure(work, claim, decision))


def _book(work: Work, claim: ClaimRow, row: PaymentRow, state: str, payer_number: str) -> None:
    """The claim as paid or denied."""
    booked = replace(
        claim,
        state=state,
        paid_cents=row.paid_cents,
        patient_cents=row.patient_cents,
        payer_control_number=payer_number or claim.payer_control_number,
        updated_ms=work.clock.now_ms(),
    )
    work.put(booked)


def _failure(work: Work, claim: ClaimRow, decision: Decision) -> Rejected | None:
    """Why a person must look; None: nobody must."""
    match decision:
        case Denied(words=words):
            return ClaimIsDenied(words, where="CLP02")
        case Differs(words=words):
            return PaymentDiffers(words, where="CLP03")
        case Unclear(words=words):
            return NeedsBiller(words, where="CLP02")
        case Paid() | Repeated():
            chart = work.chart(claim.chart_id)
            if chart.changed_after_claim or chart.cancelled:
                return ChangedAfterClaim("The chart was changed after this claim was built.")
            return None
        case rest:
            assert_never(rest)


def _move(work: Work, claim: ClaimRow, failure: Rejected | None) -> None:
    """The chart finishes or stops, if this payment is what it is here for."""
    chart = work.get(ChartRow, claim.chart_id)
    finished = chart.place == Place.FINISHED
    if not (_is_here(work, chart) or (finished and failure is not None)):
        code = type(failure).code if failure else ""
        work.note(claim.chart_id, "claim.settled-elsewhere", code, claim=claim.claim_id)
    elif failure is None:
        work.finish(claim.chart_id, Outcome.PAID)
    else:
        again = ClaimAccepted(chart_id=claim.chart_id, claim_id=claim.claim_id)
        if chart.place == Place.DEAD_LETTER:  # the answer it lacked is here: it leaves, stops anew
            work.say(again)
        work.stop(claim.chart_id, failure, resume_with=again)


def _is_here(work: Work, chart: ChartRow) -> bool:
    """Whether the payment may move the chart."""
    if chart.place in {Place.WAITING, Place.DUE}:
        return chart.stage in _HERE
    if chart.place == Place.DEAD_LETTER:
        return work.get(DeadLetterRow, chart.place_id).code in LACKED_ANSWER
    return False
