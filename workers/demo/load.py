"""Endless distinct charts for soak runs and benchmarks, made from the synthetic ones.

Each good case is written once in every format, with invented tokens for account, medical record
number and member id; a chart of the load is a template with its own tokens put in. The same
count, seed and faults give the same bytes. 40 % of the charts come as HL7 v2 (ADT, MDM, DFT),
30 % as FHIR, 30 % as native JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count as endless
from random import Random

from services.chart.model import EncounterClass
from workers.demo import fhir_writer, hl7_writer, json_writer
from workers.demo.expectation import PAID, Expectation
from workers.demo.facts import ChartFacts, facts_of
from workers.demo.outgoing import OutgoingMessage
from workers.demo.people import PAYERS, member_id
from workers.demo.scenarios import WRITERS
from workers.demo.wrong import FAULTS, GOOD

FORMATS: dict[Callable[[ChartFacts], list[OutgoingMessage]], int] = {
    hl7_writer.messages_of: 40,
    fhir_writer.messages_of: 30,
    json_writer.messages_of: 30,
}
SETTINGS: dict[EncounterClass, int] = {
    EncounterClass.CLINIC: 50,
    EncounterClass.EMERGENCY: 20,
    EncounterClass.INPATIENT: 15,
    EncounterClass.SURGERY: 10,
    EncounterClass.OUTPATIENT: 5,
}
_SENTINEL = 9_876_543
_SERIES = 10_000


@dataclass(frozen=True, slots=True)
class LoadedChart:
    """One chart of the load: where to find it, what must become of it, and its messages."""

    facility: str
    account: str
    expect: Expectation
    messages: tuple[OutgoingMessage, ...]


@dataclass(frozen=True, slots=True)
class _Template:
    facility: str
    payer: str
    expect: Expectation
    account: bytes
    mrn: bytes
    member: bytes  # without its last two characters; empty when there is no coverage
    messages: tuple[OutgoingMessage, ...]

    def chart(self, account: str, number: int) -> LoadedChart:
        """The template with tokens of its own."""
        swaps = [(self.account, account.encode()), (self.mrn, b"M" + account[1:].encode())]
        if self.member:
            swaps.append((self.member, _stem(self.payer, number)))
        messages = []
        for one in self.messages:
            content = one.content
            for old, new in swaps:
                content = content.replace(old, new)
            messages.append(OutgoingMessage(content, one.content_type, one.feed))
        return LoadedChart(self.facility, account, self.expect, tuple(messages))


def charts(count: int | None, seed: int, *, faults: float = 0.0) -> Iterator[list[OutgoingMessage]]:
    """The messages of `count` charts (None: without end), a list a chart; all of them get paid.

    `faults`: the fraction of charts that have something wrong, as in the demo's own.
    """
    for chart in loaded(count, seed, faults=faults):
        yield list(chart.messages)


def loaded(count: int | None, seed: int, *, faults: float = 0.0) -> Iterator[LoadedChart]:
    """As `charts`, with account and expectation."""
    dice = Random(seed)  # noqa: S311  a repeatable mix, no secret
    good, wrong = _good_templates(), _faulty_templates() if faults else ()
    settings, setting_weights = list(SETTINGS), list(SETTINGS.values())
    formats, format_weights = range(len(FORMATS)), list(FORMATS.values())
    for number in endless(1) if count is None else range(1, count + 1):
        account = f"L{seed % _SERIES:04d}{number:07d}"
        if wrong and dice.random() < faults:
            yield dice.choice(wrong).chart(account, number)
            continue
        (setting,) = dice.choices(settings, setting_weights)
        (written,) = dice.choices(formats, format_weights)
        yield dice.choice(good[setting, written]).chart(account, number)


@cache
def _good_templates() -> dict[tuple[EncounterClass, int], tuple[_Template, ...]]:
    people = [facts_of(case, _SENTINEL + at) for at, case in enumerate(GOOD.values())]
    return {
        (setting, position): tuple(
            _template(facts, PAID, write(facts))
            for facts in people
            if facts.encounter.encounter_class is setting
        )
        for setting in SETTINGS
        for position, write in enumerate(FORMATS)
    }


@cache
def _faulty_templates() -> tuple[_Template, ...]:
    """Those whose bytes name the account: what was cut off before is the same every time."""
    made = []
    for fault in FAULTS:
        facts = fault.change(facts_of(fault.case, _SENTINEL))
        messages = fault.send(facts, WRITERS[fault.case.via](facts))
        if facts.account.encode() in messages[0].content:
            made.append(_template(facts, fault.expect, messages))
    return tuple(made)


def _template(
    facts: ChartFacts, expect: Expectation, messages: Sequence[OutgoingMessage]
) -> _Template:
    payer = next((one.payer_id for one in facts.coverages), "")
    member = next((one.member_id[:-2].encode() for one in facts.coverages), b"")
    return _Template(
        facility=facts.facility,
        payer=payer if payer in PAYERS else next(iter(PAYERS)),
        expect=expect,
        account=facts.account.encode(),
        mrn=facts.patient.mrn.encode(),
        member=member,
        messages=tuple(messages),
    )


def _stem(payer: str, number: int) -> bytes:
    """A member id without its last two characters, distinct by number."""
    return member_id(PAYERS[payer], number * 100)[:-2].encode()
