"""The simulator's TA1, 999 and 277CA, as real X12 text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from services.adapters.clearinghouse.scenarios import Answer, Scenario
from services.adapters.clearinghouse.sent import SentClaim, SentSet
from services.edi.reader import Group, Interchange
from services.edi.writer import Simple, Transaction, interchange, segment

SENDER = "CHARTSIM"
NAME = "SIMULATED CLEARINGHOUSE"
_RECEIVED = ("A1", "19", "40")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who gets an answer, when, and its control number."""

    receiver: str
    control: int
    at: datetime
    usage: str = "P"


@dataclass(frozen=True, slots=True)
class Treated:
    """A claim and how the simulator treats it."""

    claim: SentClaim
    scenario: Scenario
    payer_control_number: str


def wrap(
    transactions: Sequence[Transaction],
    envelope: Envelope,
    functional_id: str,
    version: str,
    outside: Sequence[str] = (),
) -> bytes:
    """The transactions in an interchange of the simulator's own."""
    return interchange(
        transactions,
        sender_id=SENDER,
        receiver_id=envelope.receiver[:15] or "UNKNOWN",
        functional_id=functional_id,
        version=version,
        interchange_control=str(envelope.control),
        group_control=str(envelope.control),
        at=envelope.at,
        usage=envelope.usage,
        outside=outside,
    )


def ta1(sent: Interchange, envelope: Envelope, note: str) -> bytes:
    """The TA1 for an interchange: note "000" accepts it, any other refuses it."""
    code = "A" if note == "000" else "R"
    isa = sent.isa
    line = segment("TA1", sent.control[:9], isa[9][:6], isa[10][:4], code, note)
    return wrap((), envelope, "", "", (line,))


def ack_999(
    group: Group, sets: Sequence[SentSet], refused: dict[str, SentClaim], envelope: Envelope
) -> bytes:
    """The 999 for a group. `refused` names the sets that are refused, and the claim at fault."""
    answer = Transaction("999", "005010X231A1")
    answer.add("AK1", group.functional_id, group.control, group.version)
    for one in sets:
        answer.add("AK2", one.kind, one.control, one.implementation)
        claim = refused.get(one.control)
        if claim is None:
            answer.add("IK5", "A")
            continue
        answer.add("IK3", "NM1", claim.subscriber_position, "2010", "8")
        answer.add("IK4", ("9",), "67", "6")
        answer.add("IK5", "R", "5")
    taken = len(sets) - len(refused)
    code = "A" if taken == len(sets) else "P" if taken else "R"
    answer.add("AK9", code, len(sets), len(sets), taken)
    return wrap((answer,), envelope, "FA", "005010X231A1")


def status_277ca(sent: SentSet, treated: Sequence[Treated], envelope: Envelope) -> bytes:
    """The 277CA for a transaction set: one status for each claim that is not silent."""
    at = envelope.at
    answer = Transaction("277", "005010X214")
    reference = f"{SENDER}{envelope.control}"
    answer.add("BHT", "0085", "08", reference, at.date(), f"{at:%H%M}", "TH")
    _source(answer, reference, at.date())
    _receiver(answer, sent, treated, at.date())
    number = 2
    for claims in _by_provider(treated):
        number += 1
        parent = number
        _provider(answer, parent, claims[0].claim, claims)
        for one in claims:
            number += 1
            _claim(answer, (number, parent), one, at.date())
    return wrap((answer,), envelope, "HN", "005010X214")


def _source(answer: Transaction, reference: str, on: date) -> None:
    answer.add("HL", 1, "", "20", "1")
    answer.add("NM1", "AY", "2", NAME, "", "", "", "", "46", SENDER)
    answer.add("TRN", "1", reference)
    answer.add("DTP", "050", "D8", on)
    answer.add("DTP", "009", "D8", on)


def _receiver(answer: Transaction, sent: SentSet, treated: Sequence[Treated], on: date) -> None:
    submitter = sent.submitter
    answer.add("HL", 2, 1, "21", "1")
    answer.add(
        "NM1",
        "41",
        "2",
        submitter.family or "SUBMITTER",
        *_unused(4),
        "46",
        submitter.number or "UNKNOWN",
    )
    answer.add("TRN", "2", sent.reference or sent.control)
    total = _dollars(sum(one.claim.cents for one in treated))
    answer.add("STC", _RECEIVED, on, "WQ", total)
    _counts(answer, treated, ("90", "AA"))


def _provider(
    answer: Transaction, number: int, first: SentClaim, claims: Sequence[Treated]
) -> None:
    answer.add("HL", number, 2, "19", "1")
    provider = first.provider
    answer.add("NM1", "85", "2", provider.family or "PROVIDER", *_unused(4), "XX", provider.number)
    answer.add("TRN", "1", provider.number)
    total = _dollars(sum(one.claim.cents for one in claims))
    answer.add("STC", _RECEIVED, "", "WQ", total)
    _counts(answer, claims, ("QA", "QC"))


def _counts(answer: Transaction, treated: Sequence[Treated], names: tuple[str, str]) -> None:
    """How many claims are in process and how many go back, with their charges."""
    back = [one.claim.cents for one in treated if one.scenario.answer is Answer.REJECTED]
    kept = len(treated) - len(back)
    if kept:
        answer.add("QTY", names[0], kept)
    if back:
        answer.add("QTY", names[1], len(back))
    total = sum(one.claim.cents for one in treated)
    if kept:
        answer.add("AMT", "YU", _dollars(total - sum(back)))
    if back:
        answer.add("AMT", "YY", _dollars(sum(back)))


def _claim(answer: Transaction, numbers: tuple[int, int], one: Treated, on: date) -> None:
    claim = one.claim
    rejected = one.scenario.answer is Answer.REJECTED
    answer.add("HL", *numbers, "PT")
    patient = claim.patient
    member = claim.subscriber.number
    answer.add("NM1", "QC", "1", patient.family, patient.given, *_unused(3), "MI", member)
    answer.add("TRN", "2", claim.control_number)
    action = "U" if rejected else "WQ"
    answer.add("STC", one.scenario.status, on, action, _dollars(claim.cents))
    if not rejected:
        answer.add("REF", "1K", one.payer_control_number)
    if claim.begins == claim.ends:
        answer.add("DTP", "472", "D8", claim.begins)
    else:
        answer.add("DTP", "472", "RD8", f"{claim.begins}-{claim.ends}")


def _by_provider(treated: Sequence[Treated]) -> list[list[Treated]]:
    found: dict[str, list[Treated]] = {}
    for one in treated:
        found.setdefault(one.claim.provider.number, []).append(one)
    return list(found.values())


def _unused(count: int) -> tuple[Simple, ...]:
    return ("",) * count


def _dollars(amount: int) -> Decimal:
    return Decimal(amount).scaleb(-2)
