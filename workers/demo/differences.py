"""What can be wrong with a chart: one difference in its facts, or in how it is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from services.chart.model import Address, DocumentKind, DocumentStatus, Practitioner
from workers.demo import hl7_writer
from workers.demo.facts import ChartFacts
from workers.demo.outgoing import OutgoingMessage

Change = Callable[[ChartFacts], ChartFacts]
Sending = Callable[[ChartFacts, Sequence[OutgoingMessage]], Sequence[OutgoingMessage]]


def as_it_is(facts: ChartFacts) -> ChartFacts:
    """No difference in the facts."""
    return facts


def as_written(
    _facts: ChartFacts, messages: Sequence[OutgoingMessage]
) -> Sequence[OutgoingMessage]:
    """No difference in the sending."""
    return messages


# -- differences in the facts ------------------------------------------------------------------
def without(kind: DocumentKind) -> Change:
    """This kind of document is not (yet) there."""
    return lambda facts: replace(
        facts, documents=tuple(one for one in facts.documents if one.head.kind is not kind)
    )


def unsigned(kind: DocumentKind) -> Change:
    """The document of this kind is not signed."""

    def change(facts: ChartFacts) -> ChartFacts:
        found = []
        for one in facts.documents:
            if one.head.kind is kind:
                head = one.head.model_copy(update={"status": DocumentStatus.UNSIGNED})
                found.append(one.model_copy(update={"head": head}))
            else:
                found.append(one)
        return replace(facts, documents=tuple(found))

    return change


def member(suffix: str) -> Change:
    """A member id that makes the simulated payer behave in its own way."""

    def change(facts: ChartFacts) -> ChartFacts:
        (first,) = facts.coverages
        changed = first.model_copy(update={"member_id": first.member_id[:-2] + suffix})
        return replace(facts, coverages=(changed,))

    return change


def uncovered(facts: ChartFacts) -> ChartFacts:
    """Nobody is known to pay."""
    return replace(facts, coverages=())


def unknown_payer(facts: ChartFacts) -> ChartFacts:
    """A payer that Chartline has no profile of."""
    (first,) = facts.coverages
    changed = first.model_copy(
        update={"payer_id": "NOPAY9", "payer_name": "Nobody Knows This Plan"}
    )
    return replace(facts, coverages=(changed,))


def without_zip(facts: ChartFacts) -> ChartFacts:
    """The patient's address has no ZIP code."""
    where = facts.patient.address or Address()
    changed = facts.patient.model_copy(update={"address": where.model_copy(update={"zip": ""})})
    return replace(facts, patient=changed)


def attending_without_npi(facts: ChartFacts) -> ChartFacts:
    """The attending practitioner has only a local id."""
    known = facts.encounter.attending or Practitioner()
    nameless = known.model_copy(update={"npi": "", "local_id": "D4471"})
    return replace(facts, encounter=facts.encounter.model_copy(update={"attending": nameless}))


def in_house(facts: ChartFacts) -> ChartFacts:
    """The patient has not left yet."""
    here = facts.encounter.model_copy(update={"discharged_at": None, "discharge_status": ""})
    return replace(facts, encounter=here)


# -- differences in the sending ----------------------------------------------------------------
def twice(_facts: ChartFacts, messages: Sequence[OutgoingMessage]) -> Sequence[OutgoingMessage]:
    """Every message comes a second time, byte for byte."""
    return [*messages, *messages]


def conflict(_facts: ChartFacts, messages: Sequence[OutgoingMessage]) -> Sequence[OutgoingMessage]:
    """A second message has the control id of the first and other content."""
    first = messages[0]
    other = replace(first, content=first.content.replace(b"|614555", b"|614444", 1))
    return [first, other, *messages[1:]]


def summary_last(
    _facts: ChartFacts, messages: Sequence[OutgoingMessage]
) -> Sequence[OutgoingMessage]:
    """The discharge summary comes after everything else."""
    late = [one for one in messages if b"|DISCHARGE SUMMARY" in one.content]
    return [*(one for one in messages if one not in late), *late]


def truncated(_facts: ChartFacts, messages: Sequence[OutgoingMessage]) -> Sequence[OutgoingMessage]:
    """All that arrives is the beginning of the first message."""
    first = messages[0]
    return [replace(first, content=first.content[: first.content.index(b"CHARTLINE") + 4])]


def cancelled(facts: ChartFacts, messages: Sequence[OutgoingMessage]) -> Sequence[OutgoingMessage]:
    """Registration takes the encounter back."""
    return [messages[0], hl7_writer.adt(facts, "A11", facts.begins + timedelta(minutes=30))]


def as_a_test(_facts: ChartFacts, messages: Sequence[OutgoingMessage]) -> Sequence[OutgoingMessage]:
    """The sender says that it is only testing."""
    old, new = b'"processing_id":"P"', b'"processing_id":"T"'
    return [replace(one, content=one.content.replace(old, new)) for one in messages]
