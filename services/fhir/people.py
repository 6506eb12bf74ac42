"""Names, addresses, patients, practitioners and organizations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from services.chart.model import Address, Name, Patient, Practitioner
from services.fhir.bundle import Bundle, Entry
from services.fhir.json import Resource, codings, day, obj, objects, strings, text
from services.fhir.scope import Visit

NPI = "http://hl7.org/fhir/sid/us-npi"
NPI_OID = "urn:oid:2.16.840.1.113883.4.6"
GENDERS = {"male": "M", "female": "F", "other": "U", "unknown": "U"}
UNITED_STATES = frozenset({"", "US", "USA", "UNITED STATES"})
_STREET_LINES = 2
_ZIP = re.compile(r"([0-9]{5})-?([0-9]{4})?")
_STATE = re.compile(r"[A-Z]{2}")
_NPI_IN_SEARCH = re.compile(r"us-npi\|([0-9]{10})$")


def identifier_of_type(resource: Resource, *types: str) -> str:
    """The identifier of the first of these types (HL7 table 0203), else ""."""
    found = objects(resource.get("identifier"))
    for kind in types:
        for one in found:
            if any(code == kind for _, code in codings(one.get("type"))):
                return text(one.get("value"))
    return ""


def any_identifier(resource: Resource) -> str:
    """The first identifier that has a value, else ""."""
    values = (text(one.get("value")) for one in objects(resource.get("identifier")))
    return next((value for value in values if value), "")


def read_name(names: Any) -> Name | None:
    """The official name, else the usual, else the first that is not old."""
    found = [one for one in objects(names) if text(one.get("family"))]
    chosen = (
        _used(found, "official")
        or _used(found, "usual")
        or next((one for one in found if text(one.get("use")) not in {"old", "maiden"}), None)
    )
    if chosen is None:
        return None
    given = strings(chosen.get("given"))
    return Name(
        family=text(chosen.get("family")),
        given=given[0] if given else "",
        middle=" ".join(given[1:]),
        suffix=" ".join(strings(chosen.get("suffix"))),
    )


def read_address(addresses: Any, visit: Visit, where: str) -> Address | None:
    """The home address, else the first that is not old."""
    found = objects(addresses)
    chosen = _used(found, "home") or next((one for one in found if one.get("use") != "old"), None)
    if chosen is None:
        return None
    lines = strings(chosen.get("line"))
    country = text(chosen.get("country")).upper()
    state, code = text(chosen.get("state")).upper(), text(chosen.get("postalCode"))
    if country in UNITED_STATES:
        state, code = _domestic(state, code, visit, where)
    address = Address(
        line1=lines[0] if lines else "",
        line2=" ".join(lines[1:_STREET_LINES]),
        city=text(chosen.get("city")),
        state=state,
        zip=code,
        country="US" if country in UNITED_STATES and country else country,
    )
    return None if address == Address() else address


def read_person(resource: Resource, mrn: str, visit: Visit, where: str) -> Patient:
    """A Patient or RelatedPerson as a person of the chart."""
    born = resource.get("birthDate")
    birth_date = day(born)
    if born is not None and birth_date is None:
        visit.remark(
            "date-not-whole",
            f"{where}.birthDate",
            "The birth date is not a whole date and is left out.",
            fix="Ask registration for the whole date.",
        )
    phones = (
        text(one.get("value"))
        for one in objects(resource.get("telecom"))
        if one.get("system") == "phone"
    )
    return Patient(
        mrn=mrn,
        name=read_name(resource.get("name")),
        birth_date=birth_date,
        sex=GENDERS.get(text(resource.get("gender")), ""),
        address=read_address(resource.get("address"), visit, f"{where}.address"),
        phone="".join(one for one in next(phones, "") if one in "0123456789+x"),
    )


def read_patient(entry: Entry | None, visit: Visit) -> Patient | None:
    """The patient with the medical record number (type MR, else any identifier, else the id)."""
    if entry is None:
        visit.remark("no-patient", visit.encounter.path, "The encounter leads to no Patient.")
        return None
    resource = entry.resource
    mrn = identifier_of_type(resource, "MR") or any_identifier(resource)
    return read_person(resource, mrn or text(resource.get("id")), visit, entry.path)


def read_practitioner(reference: Any, bundle: Bundle, owner: Resource) -> Practitioner | None:
    """The practitioner that a reference leads to, or what the reference itself says."""
    entry = bundle.resolve(reference, owner)
    if entry is not None and entry.resource.get("resourceType") == "PractitionerRole":
        reference, owner = entry.resource.get("practitioner"), entry.resource
        entry = bundle.resolve(reference, owner)
    if entry is None:
        return _by_reference(obj(reference))
    resource = entry.resource
    if resource.get("resourceType") != "Practitioner":
        return None
    npi = _npi(objects(resource.get("identifier")))
    local = "" if npi else any_identifier(resource) or text(resource.get("id"))
    return Practitioner(npi=npi, local_id=local, name=read_name(resource.get("name")))


def first_practitioner(performers: Any, bundle: Bundle, owner: Resource) -> Practitioner | None:
    """The first `actor` of a list of performers who is a practitioner."""
    found = (read_practitioner(one.get("actor"), bundle, owner) for one in objects(performers))
    return next((one for one in found if one is not None), None)


def organization_id(entry: Entry | None) -> str:
    """How an organization is called by others: an identifier, else its id."""
    if entry is None:
        return ""
    return any_identifier(entry.resource) or text(entry.resource.get("id"))


def _npi(identifiers: Iterable[Resource]) -> str:
    for one in identifiers:
        if text(one.get("system")) in {NPI, NPI_OID}:
            return text(one.get("value"))
    return ""


def _by_reference(reference: Resource) -> Practitioner | None:
    """A reference out of the bundle may still carry the NPI, as identifier or as a search."""
    npi = _npi([obj(reference.get("identifier"))])
    match = _NPI_IN_SEARCH.search(text(reference.get("reference")))
    npi = npi or (match[1] if match else "")
    return Practitioner(npi=npi) if npi else None


def _used(found: list[Resource], use: str) -> Resource | None:
    return next((one for one in found if one.get("use") == use), None)


def _domestic(state: str, code: str, visit: Visit, where: str) -> tuple[str, str]:
    match = _ZIP.fullmatch(code)
    if code and match is None:
        visit.remark("not-a-zip", where, "The postal code is not a US ZIP code; it is left out.")
    if state and not _STATE.fullmatch(state):
        visit.remark("not-a-state", where, "The state is not a two-letter code; it is left out.")
        state = ""
    return state, (match[1] + (match[2] or "")) if match else ""
