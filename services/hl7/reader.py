"""From one HL7 v2 message to what it says about one chart.

The trigger event decides (MSH-9.1 and 9.2, else EVN-1), never the structure id, which senders get
wrong. Messages that say nothing about a chart we file are read all the same and say so.

The facility is MSH-4, else PV1-39, else MSH-3; the account is PID-18, else PV1-19; the time of the
event is EVN-2, else MSH-7.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from services.chart.model import ChartUpdate, Encounter, Reading, Severity
from services.hl7.charges import read_charges
from services.hl7.codes import read_diagnoses, read_procedures, read_surgeon
from services.hl7.coverages import read_coverages
from services.hl7.documents import read_document, read_results
from services.hl7.message import NULL, Message, UnreadableMessageError
from services.hl7.people import read_patient
from services.hl7.scope import Scope
from services.hl7.times import instant, zone_of
from services.hl7.visits import read_encounter

FORMAT = "hl7v2"
_EVENT_PART = re.compile(r"[A-Z0-9]{3}")

Facts = dict[str, Any]


def read_message(message: Message, doubts: tuple[str, ...] = ()) -> Reading:
    """What the message says.

    Raises:
        UnreadableMessageError: MSH-9 names no message type, or filing would mean guessing.
    """
    header = message.header
    event = _event(message)
    scope = Scope(message, event, zone_of(header.get(7)))
    for doubt in doubts:
        scope.remark("transmission", header.where(), doubt)
    _remark_on_nulls(scope)
    control_id = header.get(10)
    read = EVENTS.get(event)
    update = None
    if read is None:
        _nothing_to_file(scope)
    else:
        update = ChartUpdate(
            facility=header.get(4) or message.first("PV1").get(39) or header.get(3),
            account=message.first("PID").get(18) or message.first("PV1").get(19),
            event=event,
            event_at=_event_at(scope),
            **read(scope, control_id),
        )
    return Reading(
        format=FORMAT,
        sender=f"{header.get(3)}|{header.get(4)}",
        control_id=control_id,
        event=event,
        processing_id=_processing_id(scope),
        update=update,
        findings=tuple(scope.findings),
    )


def _event(message: Message) -> str:
    header = message.header
    kind = header.get(9, 1).upper()
    trigger = header.get(9, 2).upper() or message.first("EVN").get(1).upper()
    if not _EVENT_PART.fullmatch(kind):
        raise UnreadableMessageError(
            "MSH-9 does not name a message type such as ADT^A08.",
            where=header.where(9),
            fix="Nothing was filed. Ask the sender to send it again; then discard this one.",
        )
    return f"{kind}^{trigger}" if _EVENT_PART.fullmatch(trigger) else kind


def _event_at(scope: Scope) -> datetime | None:
    evn, header = scope.message.first("EVN"), scope.message.header
    return instant(evn.get(2), scope.zone) or scope.instant(header, 7, "The time of sending")


def _processing_id(scope: Scope) -> str:
    value = scope.message.header.get(11).upper()
    if not value:
        scope.remark(
            "no-processing-id",
            scope.message.header.where(11),
            "MSH-11 does not say whether this is production; it is taken as production.",
        )
    return value or "P"


def _remark_on_nulls(scope: Scope) -> None:
    mark = f"{scope.message.delimiters.field}{NULL}"
    for segment in scope.message.segments:
        if mark in segment.raw:
            scope.remark(
                "delete-request",
                segment.where(),
                'The segment asks to delete values (""); the chart keeps what it has.',
                fix="If the value must go, correct the chart by hand.",
            )


def _nothing_to_file(scope: Scope) -> None:
    scope.remark(
        "event-not-filed",
        scope.message.header.where(9),
        "The message is well formed, but its event says nothing about a chart that is filed here.",
        severity=Severity.INFO,
    )


def _visit(scope: Scope, *, discharge: bool = True) -> Facts:
    """Patient, encounter, coverages, diagnoses and procedures: what ADT and BAR may carry."""
    patient = read_patient(scope)
    procedures = read_procedures(scope, frozenset())
    encounter = read_encounter(scope, read_surgeon(scope), discharge=discharge)
    bills = scope.event.startswith("BAR") or _discharged(encounter)
    return {
        "patient": patient,
        "encounter": encounter,
        "coverages": read_coverages(scope, patient),
        "diagnoses": read_diagnoses(scope, bills=bills, encounter_class=_class_of(encounter)),
        "procedures": procedures,
    }


def _adt(scope: Scope, _control_id: str) -> Facts:
    return _visit(scope)


def _cancel_visit(scope: Scope, _control_id: str) -> Facts:
    return {"patient": read_patient(scope), "cancels_encounter": True}


def _cancel_discharge(scope: Scope, _control_id: str) -> Facts:
    return {**_visit(scope, discharge=False), "cancels_discharge": True}


def _charges(scope: Scope, control_id: str) -> Facts:
    posted = read_charges(scope, control_id)
    patient = read_patient(scope)
    charged = frozenset(charge.code for charge in posted.charges)
    procedures = read_procedures(scope, charged)
    encounter = read_encounter(scope, read_surgeon(scope))
    return {
        "patient": patient,
        "encounter": encounter,
        "coverages": read_coverages(scope, patient),
        "diagnoses": read_diagnoses(scope, bills=True, encounter_class=_class_of(encounter)),
        "procedures": procedures,
        "charges": posted.charges,
        "credits": posted.credits,
    }


def _document(scope: Scope, control_id: str) -> Facts:
    return {
        "patient": read_patient(scope),
        "encounter": read_encounter(scope),
        "documents": (read_document(scope, control_id),),
    }


def _results(scope: Scope, control_id: str) -> Facts:
    return {
        "patient": read_patient(scope),
        "encounter": read_encounter(scope),
        "documents": read_results(scope, control_id),
    }


def _class_of(encounter: Encounter | None) -> Any:
    return encounter.encounter_class if encounter else None


def _discharged(encounter: Encounter | None) -> bool:
    return encounter is not None and encounter.discharged_at is not None


EVENTS: dict[str, Callable[[Scope, str], Facts]] = {
    **dict.fromkeys(("ADT^A01", "ADT^A03", "ADT^A04", "ADT^A05", "ADT^A08"), _adt),
    **dict.fromkeys(("ADT^A06", "ADT^A07"), _adt),  # a change of class is a snapshot as well
    **dict.fromkeys(("BAR^P01", "BAR^P05", "BAR^P12"), _adt),
    "ADT^A11": _cancel_visit,
    "ADT^A13": _cancel_discharge,
    **dict.fromkeys(("DFT^P03", "DFT^P11"), _charges),
    **{f"MDM^T{number:02d}": _document for number in range(1, 12)},
    "ORU^R01": _results,
}
