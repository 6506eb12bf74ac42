"""The people of a claim: subscriber, patient and practitioners."""

from __future__ import annotations

import re

from services.assembly.gaps import Gaps
from services.chart.model import Address, Chart, Coverage, Name, Patient, Practitioner
from services.edi.claim import Dependent, Provider, Subscriber
from services.edi.claim_loops import NO_COUNTRY
from services.edi.npi import is_npi

# X12 1069 in PAT01; a self is no dependent.
RELATIONSHIPS = {"spouse": "01", "child": "19", "other": "G8"}
SEXES = ("M", "F", "U")
_NOBODY = Name(family="")
_STATE = re.compile(r"[A-Z]{2}")
_ZIP = re.compile(r"\d{5}(?:\d{4})?")


def insured(
    chart: Chart, coverage: Coverage, path: str, gaps: Gaps
) -> tuple[Subscriber, Dependent | None]:
    """Subscriber and, when that is somebody else, the patient. `path` is the coverage's."""
    gaps.text(coverage.member_id, f"{path}.member_id", "the member number is missing")
    _check_patient(chart.patient, gaps)
    membership = {"member_id": coverage.member_id, "group_number": coverage.group_number}
    if coverage.relationship == "self":
        return Subscriber(**_person(chart.patient), **membership), None
    relationship = RELATIONSHIPS.get(coverage.relationship, "")
    gaps.unless(
        relationship,
        f"{path}.relationship",
        "the patient's relationship to the subscriber is not self, spouse, child or other",
    )
    who = coverage.subscriber or Patient(mrn="")
    _check_name(who.name, f"{path}.subscriber.name", "the subscriber's", gaps)
    subscriber = Subscriber(name=who.name or _NOBODY, **membership)
    return subscriber, Dependent(**_person(chart.patient), relationship=relationship)


def provider(who: Practitioner | None, path: str, role: str, gaps: Gaps) -> Provider | None:
    """The practitioner in a role, e.g. "the attending practitioner"; None stays None."""
    if who is None:
        return None
    _check_name(who.name, f"{path}.name", f"{role}'s", gaps)
    gaps.unless(is_npi(who.npi), f"{path}.npi", f"{role} has no valid NPI")
    return Provider(name=who.name or _NOBODY, npi=who.npi, taxonomy=who.taxonomy)


def _person(patient: Patient) -> dict[str, object]:
    return {
        "name": patient.name or _NOBODY,
        "address": patient.address,
        "birth_date": patient.birth_date,
        "sex": patient.sex,
    }


def _check_patient(patient: Patient, gaps: Gaps) -> None:
    _check_name(patient.name, "patient.name", "the patient's", gaps)
    gaps.unless(patient.birth_date, "patient.birth_date", "the patient's birth date is missing")
    gaps.unless(patient.sex in SEXES, "patient.sex", "the patient's sex is not M, F or U")
    _check_address(patient.address or Address(), "patient.address", gaps)


def _check_name(name: Name | None, path: str, whose: str, gaps: Gaps) -> None:
    gaps.text(name.family if name else "", f"{path}.family", f"{whose} family name is missing")
    gaps.text(name.given if name else "", f"{path}.given", f"{whose} given name is missing")


def _check_address(address: Address, path: str, gaps: Gaps) -> None:
    gaps.text(address.line1, f"{path}.line1", "the patient's street is missing")
    gaps.text(address.city, f"{path}.city", "the patient's city is missing")
    if address.country in NO_COUNTRY:
        state, code = _STATE.fullmatch(address.state), _ZIP.fullmatch(address.zip)
        gaps.unless(state, f"{path}.state", "the patient's state is not two letters")
        gaps.unless(code, f"{path}.zip", "the patient's ZIP code has not 5 or 9 digits")
