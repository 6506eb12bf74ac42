"""The coverages of an encounter, in the order they pay.

A Claim about the encounter names its insurance in order; without one, the active Coverage
resources of the patient stand, by Coverage.order. What a claim only names (`display`) is a payer
without ids.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.chart.model import Coverage, Patient
from services.fhir.bundle import Entry
from services.fhir.json import Resource, codings, first_code, obj, objects, text, whole
from services.fhir.people import organization_id, read_person
from services.fhir.scope import Visit

PLAN_TYPES = frozenset(
    {"11", "12", "13", "14", "15", "16", "17", "AM", "BL", "CH", "CI", "DS", "FI", "HM", "LM"}
    | {"MA", "MB", "MC", "OF", "TV", "VA", "WC", "ZZ"}
)  # X12 element 1032 as used in SBR09
RELATIONSHIPS = {"self": "self", "spouse": "spouse", "child": "child"}
_INACTIVE = frozenset({"cancelled", "entered-in-error", "draft"})
_LAST = 10**6


def read_coverages(visit: Visit, patient: Entry | None) -> tuple[Coverage, ...] | None:
    """Every coverage; None when the bundle speaks of none."""
    found: Sequence[Entry | str] = _of_claims(visit) or _of_patient(visit, patient)
    if not found:
        return None
    return tuple(
        _coverage(entry, rank, visit)
        if isinstance(entry, Entry)
        else Coverage(rank=rank, payer_name=entry)
        for rank, entry in enumerate(found, 1)
    )


def _of_claims(visit: Visit) -> list[Entry | str]:
    for claim in visit.claims:
        insurance = sorted(
            objects(claim.resource.get("insurance")),
            key=lambda one: whole(one.get("sequence")) or _LAST,
        )
        found: list[Entry | str] = []
        for one in insurance:
            reference = obj(one.get("coverage"))
            entry = visit.bundle.resolve(reference, claim.resource)
            named = text(reference.get("display"))
            if entry is not None and entry.resource.get("resourceType") == "Coverage":
                found.append(entry)
            elif named:
                found.append(named)
        if found:
            return found
    return []


def _of_patient(visit: Visit, patient: Entry | None) -> list[Entry]:
    found = [
        entry
        for entry in visit.bundle.all("Coverage")
        if text(entry.resource.get("status")) not in _INACTIVE
        and visit.bundle.resolve(entry.resource.get("beneficiary"), entry.resource) is patient
    ]
    return sorted(found, key=lambda entry: whole(entry.resource.get("order")) or _LAST)


def _coverage(entry: Entry, rank: int, visit: Visit) -> Coverage:
    resource = entry.resource
    payer = next(iter(objects(resource.get("payor"))), {})
    organization = visit.bundle.resolve(payer, resource)
    name = text(organization.resource.get("name")) if organization else ""
    relationship = _relationship(resource)
    return Coverage(
        rank=rank,
        payer_id=organization_id(organization) or text(obj(payer.get("identifier")).get("value")),
        payer_name=name or text(payer.get("display")),
        plan_type=next(
            (code for _, code in codings(resource.get("type")) if code in PLAN_TYPES), ""
        ),
        member_id=text(resource.get("subscriberId"))
        or text(next(iter(objects(resource.get("identifier"))), {}).get("value")),
        group_number=_group(resource),
        relationship=relationship,
        subscriber=None if relationship == "self" else _subscriber(entry, visit),
    )


def _relationship(resource: Resource) -> str:
    code = first_code(resource.get("relationship")).lower()
    return RELATIONSHIPS.get(code, "other") if code else "self"


def _group(resource: Resource) -> str:
    for one in objects(resource.get("class")):
        if first_code(one.get("type")) == "group":
            return text(one.get("value"))
    return ""


def _subscriber(entry: Entry, visit: Visit) -> Patient | None:
    found = visit.bundle.resolve(entry.resource.get("subscriber"), entry.resource)
    if found is None:
        visit.remark(
            "no-subscriber", f"{entry.path}.subscriber", "The subscriber is not in the bundle."
        )
        return None
    return read_person(found.resource, "", visit, found.path)
