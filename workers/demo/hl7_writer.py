"""The facts of a chart as HL7 v2.5.1 messages, in the order a hospital's systems send them.

ADT A04 (or A01, A08 and A03 around an inpatient stay), MDM T02 for each document, ORU R01 for each
result, and DFT P03 with diagnoses, procedures and charges. Where a fact stands in a segment is
said once, in the function that writes the segment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from services.chart.model import DiagnosisRole, DocumentKind, DocumentText, EncounterClass
from workers.demo.facts import ChartFacts
from workers.demo.hl7_segments import (
    acc,
    dg1,
    escape,
    evn,
    ft1,
    in1,
    instant,
    obr,
    pid,
    pr1,
    pv1,
    segment,
    txa,
)
from workers.demo.outgoing import HL7, OutgoingMessage

AT_THE_DOOR = {DiagnosisRole.ADMITTING, DiagnosisRole.REASON_FOR_VISIT}


def messages_of(facts: ChartFacts) -> list[OutgoingMessage]:
    """All messages of a chart, oldest first."""
    return [*admission(facts), *documents(facts), *discharge(facts), charges(facts)]


def admission(facts: ChartFacts) -> Iterator[OutgoingMessage]:
    """The patient is there: A04; or A01, and the A08 in which registration adds the coverage."""
    if facts.encounter.encounter_class is not EncounterClass.INPATIENT:
        yield adt(facts, "A04", facts.begins)
        return
    yield adt(replace(facts, coverages=()), "A01", facts.begins)
    yield adt(facts, "A08", facts.begins + timedelta(minutes=10))


def documents(facts: ChartFacts) -> Iterator[OutgoingMessage]:
    """Every document, in the order written."""
    for found in sorted(facts.documents, key=lambda one: one.head.at or facts.begins):
        yield document(facts, found)


def discharge(facts: ChartFacts) -> Iterator[OutgoingMessage]:
    """The patient has left: A03 after an inpatient stay."""
    visit = facts.encounter
    if visit.encounter_class is EncounterClass.INPATIENT and visit.discharged_at:
        yield adt(facts, "A03", facts.ends, ended=True)


def adt(facts: ChartFacts, event: str, at: datetime, *, ended: bool = False) -> OutgoingMessage:
    """An ADT message with what registration knows."""
    lines = [evn(event, at), pid(facts), pv1(facts, ended=ended)]
    lines += [dg1(one, n) for n, one in enumerate(facts.diagnoses, 1) if one.role in AT_THE_DOOR]
    lines += [in1(facts, one) for one in facts.coverages]
    return message(facts, f"ADT^{event}^ADT_A01", at, event, [*lines, *acc(facts)])


def document(facts: ChartFacts, found: DocumentText) -> OutgoingMessage:
    """An MDM T02 with the text of a document, or an ORU R01 when it is a result."""
    at = found.head.at or facts.begins
    result = found.head.kind is DocumentKind.RESULT
    kind, event = ("ORU^R01^ORU_R01", "R01") if result else ("MDM^T02^MDM_T02", "T02")
    head = obr(found) if result else txa(found)
    body = [
        segment("OBX", {1: str(n), 2: "TX", 3: "LINE^Text", 5: escape(line), 11: "F"})
        for n, line in enumerate(found.text.splitlines(), start=1)
    ]
    lines = [pid(facts), pv1(facts, ended=False), head, *body]
    mark = found.head.document_id.removeprefix(f"{facts.account}-")
    return message(facts, kind, at, f"{event}{mark}", lines if result else [evn(event, at), *lines])


def charges(facts: ChartFacts) -> OutgoingMessage:
    """A DFT P03 with charges, final diagnoses, procedures and coverage."""
    at = facts.ends + timedelta(hours=8)
    lines = [evn("P03", at), pid(facts), pv1(facts, ended=True)]
    for n, one in enumerate(facts.charges, start=1):
        lines.append(ft1(one, n))
        if n == 1:
            lines += [pr1(done, m) for m, done in enumerate(facts.procedures_said, start=1)]
    lines += [dg1(one, n) for n, one in enumerate(facts.diagnoses, start=1)]
    lines += [in1(facts, one) for one in facts.coverages]
    return message(facts, "DFT^P03^DFT_P03", at, "P03", [*lines, *acc(facts)])


def message(
    facts: ChartFacts, kind: str, at: datetime, mark: str, lines: list[str]
) -> OutgoingMessage:
    """Put MSH before the segments. `mark` makes the control id unique within the account."""
    header = (
        f"MSH|^~\\&|EPICISH|{facts.facility}|CHARTLINE|HUB|{instant(at)}||{kind}|"
        f"{facts.account}{mark}|P|2.5.1|||AL|NE||UNICODE UTF-8"
    )
    text = "\r".join([header, *lines, ""])
    return OutgoingMessage(text.encode(), HL7, f"hl7-{facts.facility.lower()}")
