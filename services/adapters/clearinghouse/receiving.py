"""Receiving one file of claims: what is answered, when, and what is counted.

Nothing is stored here: the caller keeps the whole receipt, or none of it, and hands in where
numbers come from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.adapters.clearinghouse.acknowledging import (
    Envelope,
    Treated,
    ack_999,
    status_277ca,
    ta1,
)
from services.adapters.clearinghouse.adjudication import Adjudicated, adjudicate
from services.adapters.clearinghouse.remitting import remit_835
from services.adapters.clearinghouse.scenarios import (
    DEMO_SCENARIOS,
    Answer,
    Scenario,
    scenario_of,
)
from services.adapters.clearinghouse.sent import SentClaim, SentSet, sets_of
from services.chart.failures import Rejected
from services.chart.ports import Clock
from services.edi.reader import Interchange, read
from services.submission.failures import FileRefused

_GOOD = "000"
_DUPLICATE_INTERCHANGE = "025"
_BAD_STRUCTURE = "022"

Numbers = Callable[[str, int], int]
"""Gives the first of the next so many numbers of a series."""


@dataclass(frozen=True, slots=True)
class Due:
    """One answer: the ending of its name, when it may be fetched, its bytes."""

    ending: str
    due_ms: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Received:
    """One claim of a file. `place` is unique within the file."""

    place: str
    control_number: str
    event: str  # digest of what the payer takes for one and the same bill
    frequency: str
    scenario: str
    rejected: bool  # never entered adjudication, so it may be sent as an original again


@dataclass(slots=True)
class Receipt:
    """Everything that follows from one file."""

    claims: list[Received] = field(default_factory=list)
    answers: list[Due] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Receiver:
    """How files are received; the fields are those of `SimulatedClearinghouse`."""

    clock: Clock
    ack_delay_ms: int = 0
    payment_delay_ms: int = 0
    scenarios: tuple[Scenario, ...] = DEMO_SCENARIOS
    always_ta1: bool = True

    def receive(self, content: bytes, numbers: Numbers) -> Receipt:
        """The receipt for a file that was not here before.

        Raises:
            FileRefused: the content is no interchange.
        """
        try:
            sent = read(content)
        except Rejected as failure:
            raise FileRefused(failure.sentence, where=failure.where) from failure
        receipt = Receipt()
        note = _fault_of(sent, numbers)
        if self.always_ta1 or sent.isa[14] == "1" or note != _GOOD:
            text = ta1(sent, self._envelope(sent, numbers), note)
            receipt.answers.append(Due("ta1", self._ack_due_ms(), text))
        if note == _GOOD:
            sets = iter(sets_of(sent))
            for at, group in enumerate(sent.groups, start=1):
                mine = tuple(next(sets) for _ in group.transactions)
                self._answer(receipt, at, sent, mine, numbers)
        return receipt

    def _ack_due_ms(self) -> int:
        return self.clock.now_ms() + self.ack_delay_ms

    def _answer(
        self,
        receipt: Receipt,
        at: int,
        sent: Interchange,
        sets: tuple[SentSet, ...],
        numbers: Numbers,
    ) -> None:
        """The 999 for a group, and what follows for the sets that it accepts."""
        refused = self._refused(sets)
        text = ack_999(sent.groups[at - 1], sets, refused, self._envelope(sent, numbers))
        receipt.answers.append(Due(f"{at}.999", self._ack_due_ms(), text))
        for position, one in enumerate(sets, start=1):
            place = f"{at}.{position}"
            treated = self._treat(one, numbers)
            counts = one.control not in refused
            receipt.claims += [_received(place, each, counts=counts) for each in treated]
            if counts:
                self._follow(receipt, place, sent, one, treated, numbers)

    def _refused(self, sets: Sequence[SentSet]) -> dict[str, SentClaim]:
        """The sets that the 999 refuses, by ST02, each with the claim at fault."""
        found: dict[str, SentClaim] = {}
        for one in sets:
            for claim in one.claims:
                if scenario_of(claim, self.scenarios).answer is Answer.REFUSED:
                    found.setdefault(one.control, claim)
        return found

    def _follow(
        self,
        receipt: Receipt,
        place: str,
        sent: Interchange,
        one: SentSet,
        treated: Sequence[Treated],
        numbers: Numbers,
    ) -> None:
        """The 277CA of a set, and an 835 for each payer and provider in it."""
        told = [each for each in treated if each.scenario.answer is not Answer.SILENT]
        if told:
            text = status_277ca(one, told, self._envelope(sent, numbers))
            receipt.answers.append(Due(f"{place}.277", self._ack_due_ms(), text))
        due_ms = self._ack_due_ms() + self.payment_delay_ms
        for at, claims in enumerate(_by_payee(told), start=1):
            text = remit_835(claims, self._envelope(sent, numbers))
            receipt.answers.append(Due(f"{place}.{at}.835", due_ms, text))

    def _treat(self, one: SentSet, numbers: Numbers) -> list[Treated]:
        first = numbers("claims", max(len(one.claims), 1))
        return [
            Treated(claim, scenario_of(claim, self.scenarios), f"S{at:010d}")
            for at, claim in enumerate(one.claims, start=first)
        ]

    def _envelope(self, sent: Interchange, numbers: Numbers) -> Envelope:
        usage = sent.usage if sent.usage in {"P", "T"} else "P"
        return Envelope(sent.sender, numbers("interchange", 1), self.clock.now(), usage)


def _fault_of(sent: Interchange, numbers: Numbers) -> str:
    """The TA1 note for the interchange; "000" when it can be read on."""
    if sent.problems:
        return _BAD_STRUCTURE
    first = numbers(f"isa:{sent.sender}:{sent.control}", 1) == 1
    return _GOOD if first else _DUPLICATE_INTERCHANGE


def _received(place: str, one: Treated, *, counts: bool) -> Received:
    claim = one.claim
    return Received(
        f"{place}.{claim.position}",
        claim.control_number,
        hashlib.sha256("\x1f".join(claim.event).encode()).hexdigest()[:24],
        claim.frequency,
        one.scenario.name,
        not counts or one.scenario.answer is Answer.REJECTED,
    )


def _by_payee(treated: Sequence[Treated]) -> list[list[Adjudicated]]:
    """The claims that are adjudicated, by payer and billing provider."""
    found: dict[tuple[str, str], list[Adjudicated]] = {}
    for one in treated:
        if one.scenario.answer is Answer.ACCEPTED:
            payee = (one.claim.payer.number, one.claim.provider.number)
            decided = adjudicate(one.claim, one.scenario, one.payer_control_number)
            found.setdefault(payee, []).append(decided)
    return list(found.values())
