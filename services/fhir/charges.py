"""Charges: ChargeItem, or the items of an active Claim when there is no ChargeItem.

The amount is ChargeItem.priceOverride (the total in R4), or Claim.item.net, else unit price times
quantity. A ChargeItem without an amount is refused, because money is never guessed; a claim item
without one is no charge. A ChargeItem that is aborted, not billable or entered in error takes its
charge back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.chart.model import Charge, CodeSystem, Severity
from services.fhir.bundle import Entry, UnreadableBundleError
from services.fhir.codes import DIAGNOSIS_SYSTEMS, coded
from services.fhir.json import Resource, codings, day, first_code, number, obj, objects, text, whole
from services.fhir.people import any_identifier, first_practitioner, read_practitioner
from services.fhir.scope import Visit

BILLED_SYSTEMS = frozenset({CodeSystem.CPT, CodeSystem.HCPCS})
TAKEN_BACK = frozenset({"not-billable", "aborted", "entered-in-error"})
NDC = "http://hl7.org/fhir/sid/ndc"
_REVENUE = "revenuecodes"
_MODIFIER = re.compile(r"[0-9A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Posted:
    """Charges to add, ids of charges to take back."""

    charges: tuple[Charge, ...] = ()
    credits: tuple[str, ...] = ()


def read_charges(visit: Visit) -> Posted:
    """What is charged for the encounter.

    Raises:
        UnreadableBundleError: a ChargeItem has no amount, or one that no charge can have.
    """
    if not visit.charge_items:
        return Posted(charges=tuple(_claim_items(visit)))
    charges, taken_back = [], []
    for entry in visit.charge_items:
        if text(entry.resource.get("status")) in TAKEN_BACK:
            taken_back.append(_charge_id(entry))
        else:
            charges.append(_charge_item(entry, visit))
    return Posted(tuple(charges), tuple(taken_back))


def _charge_id(entry: Entry) -> str:
    return any_identifier(entry.resource) or text(entry.resource.get("id")) or entry.path


def _charge_item(entry: Entry, visit: Visit) -> Charge:
    resource = entry.resource
    code = coded(_without_modifiers(resource.get("code")), BILLED_SYSTEMS)
    period = obj(resource.get("occurrencePeriod"))
    quantity = obj(resource.get("quantity")).get("value")
    return Charge(
        charge_id=_charge_id(entry),
        code=code[0] if code else "",
        modifiers=tuple(one for _, one in codings(resource.get("code")) if _is_modifier(one)),
        revenue_code=_revenue_code(resource.get("code")),
        units=_units(quantity, entry, "quantity"),
        amount=_amount(resource.get("priceOverride"), entry, "priceOverride"),
        on=day(resource.get("occurrenceDateTime")) or day(period.get("start")),
        until=day(period.get("end")),
        rendering=first_practitioner(resource.get("performer"), visit.bundle, resource),
        diagnosis_codes=_reasons(resource),
        ndc=next((found for name, found in codings(resource.get("code")) if name == NDC), ""),
        where=entry.path,
    )


def _is_modifier(code: str) -> bool:
    return _MODIFIER.fullmatch(code) is not None


def _without_modifiers(concept: Any) -> Resource:
    found = objects(obj(concept).get("coding"))
    return {"coding": [one for one in found if not _is_modifier(text(one.get("code")))]}


def _revenue_code(concept: Any) -> str:
    for system, code in codings(concept):
        if _REVENUE in system.lower():
            return code.zfill(4)
    return ""


def _units(value: Any, entry: Entry, element: str) -> Decimal:
    units = Decimal(1) if value is None else number(value)
    if units is None or units <= 0:
        raise UnreadableBundleError(
            "The quantity of a charge is not a positive number.", where=f"{entry.path}.{element}"
        )
    return units


def _amount(money: Any, entry: Entry, element: str) -> Decimal:
    said = obj(money)
    amount = number(said.get("value"))
    where = f"{entry.path}.{element}"
    if amount is None:
        raise UnreadableBundleError("A charge has no amount.", where=where)
    if amount < 0:
        raise UnreadableBundleError("The amount of a charge is negative.", where=where)
    if (text(said.get("currency")) or "USD") != "USD":
        raise UnreadableBundleError("The amount of a charge is not in US dollars.", where=where)
    return amount


def _reasons(resource: Resource) -> tuple[str, ...]:
    found = (coded(one, DIAGNOSIS_SYSTEMS) for one in objects(resource.get("reason")))
    return tuple(dict.fromkeys(one[0] for one in found if one))


# -- claims -----------------------------------------------------------------------------------


def _claim_items(visit: Visit) -> Iterator[Charge]:
    for claim in visit.claims:
        if claim.resource.get("status") != "active":
            continue
        diagnoses = _claim_diagnoses(claim, visit)
        team = {whole(one.get("sequence")): one for one in objects(claim.resource.get("careTeam"))}
        for item in objects(claim.resource.get("item")):
            if _is_about(item, claim, visit):
                yield from _claim_item(item, claim, visit, diagnoses, team)


def _is_about(item: Resource, claim: Entry, visit: Visit) -> bool:
    named = objects(item.get("encounter"))
    found = [visit.bundle.resolve(one, claim.resource) for one in named]
    return not named or visit.encounter in found


def _claim_item(
    item: Resource,
    claim: Entry,
    visit: Visit,
    diagnoses: dict[int, str],
    team: dict[int, Resource],
) -> Iterator[Charge]:
    sequence = whole(item.get("sequence"))
    where = f"{claim.path}.item[{sequence}]"
    units = number(obj(item.get("quantity")).get("value")) or Decimal(1)
    amount = _item_amount(item, units)
    if amount is None or amount < 0 or units <= 0:
        visit.remark(
            "item-without-amount",
            where,
            "The claim item has no amount, so it is no charge.",
            severity=Severity.INFO,
        )
        return
    code = coded(item.get("productOrService"), BILLED_SYSTEMS)
    period = obj(item.get("servicedPeriod"))
    performer = team.get(next(iter(_numbers(item.get("careTeamSequence"))), 0), {})
    claim_id = any_identifier(claim.resource) or text(claim.resource.get("id")) or claim.path
    yield Charge(
        charge_id=f"{claim_id}/{sequence}",
        code=code[0] if code else "",
        modifiers=tuple(first_code(one) for one in objects(item.get("modifier"))),
        revenue_code=_revenue_of(item),
        units=units,
        amount=amount,
        on=day(item.get("servicedDate")) or day(period.get("start")) or _billed_on(claim),
        until=day(period.get("end")),
        rendering=read_practitioner(performer.get("provider"), visit.bundle, claim.resource),
        diagnosis_codes=tuple(
            diagnoses[one] for one in _numbers(item.get("diagnosisSequence")) if one in diagnoses
        ),
        place_of_service=first_code(item.get("locationCodeableConcept")),
        where=where,
    )


def _item_amount(item: Resource, units: Decimal) -> Decimal | None:
    net = number(obj(item.get("net")).get("value"))
    each = number(obj(item.get("unitPrice")).get("value"))
    return each * units if net is None and each is not None else net


def _revenue_of(item: Resource) -> str:
    code = first_code(item.get("revenue"))
    return code.zfill(4) if code.isascii() and code.isdigit() else ""


def _billed_on(claim: Entry) -> date | None:
    return day(obj(claim.resource.get("billablePeriod")).get("start"))


def _claim_diagnoses(claim: Entry, visit: Visit) -> dict[int, str]:
    found = {}
    for one in objects(claim.resource.get("diagnosis")):
        entry = visit.bundle.resolve(one.get("diagnosisReference"), claim.resource)
        concept = entry.resource.get("code") if entry else one.get("diagnosisCodeableConcept")
        code = coded(concept, DIAGNOSIS_SYSTEMS)
        if code:
            found[whole(one.get("sequence"))] = code[0]
    return found


def _numbers(value: Any) -> list[int]:
    return [one for one in map(whole, value) if one] if isinstance(value, list) else []
