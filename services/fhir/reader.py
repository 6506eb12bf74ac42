"""From a bundle to one reading for each Encounter in it.

What names an encounter belongs to it; what names none belongs to the only encounter there is, and
is left out, with a finding, when there are several.

The account is Encounter.identifier (type AN, VN or any), else Encounter.account, else its id; the
facility is the identifier of its service provider, else the message's source. The control id is
the bundle's identifier or id, else the message header's id, else the hash of the content.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from services.chart.model import ChartUpdate, Finding, Reading, Severity, Status
from services.fhir.bundle import Bundle, Entry, parse
from services.fhir.charges import read_charges
from services.fhir.codes import read_diagnoses, read_procedures
from services.fhir.coverages import read_coverages
from services.fhir.documents import read_documents
from services.fhir.encounters import read_encounter
from services.fhir.json import Resource, instant, obj, objects, text
from services.fhir.people import any_identifier, identifier_of_type, organization_id, read_patient
from services.fhir.scope import Visit

FORMAT = "fhir-r4"
EVENT = "FHIR.Bundle"
_CANCELLED = frozenset({"cancelled", "entered-in-error"})
_UNUSED_CLAIMS = frozenset({"cancelled", "entered-in-error"})
_TEST_TAGS = frozenset({"HTEST"})  # v3-ActReason: the data are for tests


def read_bundle(content: bytes) -> tuple[Reading, ...]:
    """What the bundle says, one reading for each encounter; one without an update for none.

    Raises:
        UnreadableBundleError: it is no R4 bundle, or filing would mean guessing.
    """
    bundle = parse(content)
    control_id = _control_id(bundle, content)
    visits, findings = _visits(bundle)
    if not visits:
        return (_nothing(bundle, control_id),)
    at = _event_at(bundle)
    readings = []
    for visit in visits:
        visit.findings += findings
        findings = []
        readings.append(_reading(visit, control_id, at))
    return tuple(readings)


def _reading(visit: Visit, control_id: str, at: datetime | None) -> Reading:
    bundle, resource = visit.bundle, visit.encounter.resource
    patient = bundle.resolve(resource.get("subject"), resource) or _only(bundle.all("Patient"))
    done = read_procedures(visit) or ()
    posted = read_charges(visit)
    operating = next((one.practitioner for one in done if one.practitioner), None)
    charged = {charge.code for charge in posted.charges}
    procedures = tuple(one for one in done if one.code not in charged)
    facility = _facility(visit)
    update = ChartUpdate(
        facility=facility,
        account=_account(visit),
        event=EVENT,
        event_at=at,
        patient=read_patient(patient, visit),
        encounter=read_encounter(visit, operating),
        coverages=read_coverages(visit, patient),
        diagnoses=read_diagnoses(visit),
        procedures=procedures or None,
        documents=read_documents(visit),
        charges=posted.charges,
        credits=posted.credits,
        cancels_encounter=text(resource.get("status")) in _CANCELLED,
    )
    return Reading(
        format=FORMAT,
        sender=_sender(bundle, facility),
        control_id=control_id,
        event=EVENT,
        processing_id=_processing_id(bundle),
        update=update,
        findings=tuple(visit.findings),
    )


def _nothing(bundle: Bundle, control_id: str) -> Reading:
    finding = Finding(
        rule_id="fhir.no-encounter",
        status=Status.FAIL,
        severity=Severity.INFO,
        target="entry",
        message="The bundle has no Encounter, so it says nothing about a chart that is filed here.",
    )
    return Reading(
        format=FORMAT,
        sender=_sender(bundle, ""),
        control_id=control_id,
        event=EVENT,
        processing_id=_processing_id(bundle),
        findings=(finding,),
    )


# -- what belongs to which encounter ----------------------------------------------------------


def _visits(bundle: Bundle) -> tuple[list[Visit], list[Finding]]:
    visits = {id(entry.resource): Visit(bundle, entry) for entry in bundle.all("Encounter")}
    only = next(iter(visits.values())) if len(visits) == 1 else None
    astray = 0
    for kind, place in _PLACES.items():
        for entry in bundle.all(kind):
            if kind == "Claim" and not _is_used(entry.resource):
                continue
            named = _named(entry, visits, bundle)
            if not named and only is not None:
                named = [only]
            astray += not named
            for visit in named:
                getattr(visit, place).append(entry)
    if not astray or not visits:
        return list(visits.values()), []
    finding = Finding(
        rule_id="fhir.no-encounter-reference",
        status=Status.FAIL,
        severity=Severity.WARNING,
        target="entry",
        message=f"{astray} resources name no encounter of the bundle; they are left out.",
    )
    return list(visits.values()), [finding]


_PLACES = {
    "Condition": "conditions",
    "Procedure": "procedures",
    "DocumentReference": "documents",
    "ChargeItem": "charge_items",
    "Claim": "claims",
}


def _is_used(claim: Resource) -> bool:
    """Not cancelled, not in error, and no request for authorization or estimate."""
    status, use = text(claim.get("status")), text(claim.get("use"))
    return status not in _UNUSED_CLAIMS and use in {"claim", ""}


def _named(entry: Entry, visits: dict[int, Visit], bundle: Bundle) -> list[Visit]:
    found: dict[int, Visit] = {}
    for reference in _references(entry.resource):
        target = bundle.resolve(reference, entry.resource)
        if target is not None and id(target.resource) in visits:
            found[id(target.resource)] = visits[id(target.resource)]
    return list(found.values())


def _references(resource: Resource) -> list[Any]:
    match resource.get("resourceType"):
        case "DocumentReference":
            return objects(obj(resource.get("context")).get("encounter"))
        case "ChargeItem":
            return [resource.get("context")]
        case "Claim":
            items = objects(resource.get("item"))
            return [one for item in items for one in objects(item.get("encounter"))]
        case _:
            return [resource.get("encounter")]


# -- who, when and about which account --------------------------------------------------------


def _control_id(bundle: Bundle, content: bytes) -> str:
    header = _header(bundle)
    return (
        text(obj(bundle.head.get("identifier")).get("value"))
        or text(bundle.head.get("id"))
        or text(header.get("id"))
        or f"sha256:{hashlib.sha256(content).hexdigest()}"
    )


def _event_at(bundle: Bundle) -> datetime | None:
    stamp = instant(bundle.head.get("timestamp"))
    return stamp or instant(obj(bundle.head.get("meta")).get("lastUpdated"))


def _header(bundle: Bundle) -> Resource:
    found = bundle.all("MessageHeader")
    return found[0].resource if found else {}


def _sender(bundle: Bundle, facility: str) -> str:
    source = obj(_header(bundle).get("source"))
    named = text(source.get("endpoint")) or text(source.get("name"))
    return f"fhir|{named or text(obj(bundle.head.get('meta')).get('source')) or facility}"


def _processing_id(bundle: Bundle) -> str:
    tags = objects(obj(bundle.head.get("meta")).get("tag"))
    return "T" if any(text(tag.get("code")) in _TEST_TAGS for tag in tags) else "P"


def _facility(visit: Visit) -> str:
    resource = visit.encounter.resource
    reference = obj(resource.get("serviceProvider"))
    named = organization_id(visit.bundle.resolve(reference, resource))
    own = text(obj(reference.get("identifier")).get("value"))
    source = obj(_header(visit.bundle).get("source"))
    return named or own or text(source.get("name")) or text(source.get("endpoint"))


def _account(visit: Visit) -> str:
    resource = visit.encounter.resource
    account = next(
        (visit.bundle.resolve(one, resource) for one in objects(resource.get("account"))),
        None,
    )
    return (
        identifier_of_type(resource, "AN", "VN")
        or any_identifier(resource)
        or (any_identifier(account.resource) if account else "")
        or text(resource.get("id"))
    )


def _only(entries: list[Entry]) -> Entry | None:
    return entries[0] if len(entries) == 1 else None
