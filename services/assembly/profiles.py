"""Who we bill and who bills: payer and facility profiles, read from YAML text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import AfterValidator, Field, ValidationError

from services.chart.model import Address, EncounterClass, Frozen
from services.edi.claim import BillingProvider, Submitter, TransactionKind
from services.edi.npi import is_npi

NO_TAX_IDS = ("000000000", "999999999")
_BOX = re.compile(r"\bp\.?\s*o\.?\s*box\b|\block\s?box\b", re.IGNORECASE)


class ProfileError(ValueError):
    """The text is no list of profiles; the message names every path at fault."""


def _npi(text: str) -> str:
    if not is_npi(text):
        raise ValueError("not an NPI: ten digits whose check digit is right")
    return text


def _tax_id(text: str) -> str:
    if text in NO_TAX_IDS:
        raise ValueError("a tax number that nobody has")
    return text


def _street(text: str) -> str:
    if _BOX.search(text):
        raise ValueError("a post office box or a lockbox is no billing address")
    return text


class PayerProfile(Frozen):
    """One payer: how it is addressed, what it takes and how long things may take.

    `plan_type` is SBR09; `institutional_plan_type` is SBR09 on 837I where it differs (Medicare).
    """

    payer_id: str = Field(pattern=r"^[A-Z0-9]{2,15}$")
    name: str = Field(min_length=1, max_length=60)
    plan_type: str = Field(pattern=r"^[A-Z0-9]{2}$")
    institutional_plan_type: str = Field(default="", pattern=r"^([A-Z0-9]{2})?$")
    mailbox: str
    transactions: tuple[TransactionKind, ...] = ("837P", "837I")
    filing_days: int = Field(gt=0)
    batch_window_s: int = Field(ge=0)
    ack_hours: int = Field(gt=0)
    remit_days: int = Field(gt=0)

    def filing_code(self, transaction: TransactionKind) -> str:
        """SBR09 on this transaction."""
        if transaction == "837I" and self.institutional_plan_type:
            return self.institutional_plan_type
        return self.plan_type


class BillingAddress(Address):
    """A street address as the guides want it of a billing provider: never a box, ZIP+4."""

    line1: Annotated[str, Field(min_length=1, max_length=55), AfterValidator(_street)]
    city: str = Field(min_length=2, max_length=30)
    state: str = Field(pattern=r"^[A-Z]{2}$")
    zip: str = Field(pattern=r"^\d{9}$")


class Facility(Frozen):
    """One facility that bills. `facility` is the id that charts carry.

    `type_of_bill` gives the first two digits of the type of bill for each class of encounter that
    the facility bills on 837I; `place_of_service` is that of its clinics when a charge names none.
    """

    facility: str = Field(min_length=1)
    name: str = Field(min_length=1, max_length=60)
    npi: Annotated[str, AfterValidator(_npi)]
    tax_id: Annotated[str, Field(pattern=r"^\d{9}$"), AfterValidator(_tax_id)]
    taxonomy: str = Field(pattern=r"^[0-9A-Z]{9}X$")
    address: BillingAddress
    contact: str = Field(min_length=1, max_length=60)
    phone: str = Field(pattern=r"^\d{10}$")
    submitter_id: str = Field(pattern=r"^[A-Z0-9]{2,15}$")
    type_of_bill: Mapping[EncounterClass, Annotated[str, Field(pattern=r"^\d{2}$")]]
    place_of_service: str = Field(default="", pattern=r"^(\d{2})?$")

    @property
    def billing(self) -> BillingProvider:
        """As the claim's billing provider."""
        return BillingProvider(
            name=self.name,
            npi=self.npi,
            tax_id=self.tax_id,
            taxonomy=self.taxonomy,
            address=Address(**self.address.model_dump()),
        )

    @property
    def submitter(self) -> Submitter:
        """As the claim's submitter."""
        return Submitter(
            submitter_id=self.submitter_id, name=self.name, contact=self.contact, phone=self.phone
        )


P = TypeVar("P", PayerProfile, Facility)


def load_payers(text: str) -> dict[str, PayerProfile]:
    """The payers in a YAML text (`payers:` and a list), by payer id.

    Raises:
        ProfileError: not YAML, an unknown or missing key, a value that does not fit, a double id.
    """
    return _load(text, "payers", PayerProfile, lambda payer: payer.payer_id)


def load_facilities(text: str) -> dict[str, Facility]:
    """The facilities in a YAML text (`facilities:` and a list), by facility id.

    Raises:
        ProfileError: not YAML, an unknown or missing key, a value that does not fit, a double id.
    """
    return _load(text, "facilities", Facility, lambda facility: facility.facility)


def _load(text: str, key: str, kind: type[P], name: Callable[[P], str]) -> dict[str, P]:
    try:
        found: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ProfileError(f"line {mark.line + 1 if mark else 1}: not YAML") from None
    rows = found.get(key) if isinstance(found, dict) else None
    if not isinstance(rows, list) or set(found) != {key}:
        raise ProfileError(f"the text must be one list under the key {key!r}")
    profiles: dict[str, P] = {}
    faults: list[str] = []
    for position, row in enumerate(rows):
        try:
            profile = kind.model_validate(row)
        except ValidationError as error:
            faults += [
                f"{key}[{position}].{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
                for fault in error.errors(include_url=False, include_input=False)
            ]
            continue
        if name(profile) in profiles:
            faults.append(f"{key}[{position}]: the id {name(profile)!r} stands twice")
        profiles[name(profile)] = profile
    if faults:
        raise ProfileError("; ".join(faults))
    return profiles
