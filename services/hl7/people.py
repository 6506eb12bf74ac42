"""Names, addresses and practitioners (XPN, XAD, XCN), and the patient in PID."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.chart.model import Address, Name, Patient, Practitioner
from services.hl7.message import Composite, Segment
from services.hl7.scope import Scope

NPI_AUTHORITIES = frozenset({"NPI", "2.16.840.1.113883.4.6", "US-NPI"})
SEXES = {"M": "M", "F": "F", "U": "U", "O": "U", "A": "U", "N": "U"}  # HL7 table 0001
UNITED_STATES = frozenset({"", "US", "USA", "UNITED STATES"})

_NPI = re.compile(r"[12][0-9]{9}")
_NPI_PREFIX_SUM = 24  # what the digits 80840 add to a Luhn sum
_ZIP = re.compile(r"([0-9]{5})-?([0-9]{4})?")
_STATE = re.compile(r"[A-Z]{2}")
_NAME_TYPE = 7
_ADDRESS_TYPE = 7
_ID_TYPE = 5
_XCN_SUFFIX = 5
_XCN_AUTHORITY = 9
_XCN_ID_TYPE = 13
_PHONE_WHOLE = 12


def is_npi(text: str) -> bool:
    """Ten digits that begin with 1 or 2 and pass Luhn with the prefix 80840 (45 CFR 162.406)."""
    if not _NPI.fullmatch(text):
        return False
    total = _NPI_PREFIX_SUM
    for index, digit in enumerate(text):
        number = int(digit) * (2 if index % 2 == 0 else 1)
        total += number - 9 if number > 9 else number  # noqa: PLR2004
    return total % 10 == 0


def read_name(names: Sequence[Composite]) -> Name | None:
    """The legal name (type L) among the repetitions, else the first."""
    chosen = _of_type(names, _NAME_TYPE, ("L",))
    if chosen is None or not chosen.get(1):
        return None
    return Name(
        family=chosen.get(1),
        given=chosen.get(2),
        middle=chosen.get(3),
        suffix=chosen.get(4),
    )


def read_address(addresses: Sequence[Composite], scope: Scope, where: str) -> Address | None:
    """The home or legal address, else the first that is not marked bad (BA)."""
    usable = [one for one in addresses if one.get(_ADDRESS_TYPE) != "BA"]
    chosen = _of_type(usable, _ADDRESS_TYPE, ("H", "L", "M"))
    if chosen is None:
        return None
    country = chosen.get(6).upper()
    state, code = chosen.get(4).upper(), chosen.get(5)
    if country in UNITED_STATES:
        state, code = _domestic(state, code, scope, where)
    address = Address(
        line1=chosen.get(1),
        line2=chosen.get(2),
        city=chosen.get(3),
        state=state,
        zip=code,
        country="US" if country in UNITED_STATES and country else country,
    )
    return None if address == Address() else address


def read_practitioner(people: Sequence[Composite], scope: Scope, where: str) -> Practitioner | None:
    """The practitioner of a repeating XCN: the first person, and the NPI wherever it stands."""
    if not people:
        return None
    first = people[0]
    npi = local = ""
    for one in people:
        number = one.get(1)
        if is_npi(number):
            npi = npi or number
        elif _claims_npi(one) and number:
            scope.remark("npi-check-digit", where, "The NPI does not pass its check digit.")
            local = local or number
        else:
            local = local or number
    name = None
    if first.get(2):
        name = Name(
            family=first.get(2),
            given=first.get(3),
            middle=first.get(4),
            suffix=first.get(_XCN_SUFFIX),
        )
    if not (npi or local or name):
        return None
    return Practitioner(npi=npi, local_id=local, name=name)


def practitioner(segment: Segment, field: int, scope: Scope) -> Practitioner | None:
    """The practitioner in a field."""
    if not segment.field(field):
        return None
    return read_practitioner(segment.composites(field), scope, segment.where(field))


def read_sex(code: str, scope: Scope, where: str) -> str:
    """M, F or U; "" with a remark for a code that HL7 does not have."""
    sex = SEXES.get(code.upper(), "")
    if code and not sex:
        scope.remark("unknown-sex-code", where, "The sex code is not one of HL7 table 0001.")
    return sex


def read_patient(scope: Scope) -> Patient | None:
    """The patient in PID; None without PID."""
    pid = scope.message.first("PID")
    if not pid:
        scope.remark("no-patient", "the whole message", "There is no PID segment.")
        return None
    mrn = _of_type(pid.composites(3), _ID_TYPE, ("MR", "MRN"))
    number = (mrn.get(1) if mrn else "") or pid.get(2)
    if not number:
        scope.remark(
            "no-record-number", pid.where(3), "There is no medical record number.", fix=_ASK
        )
    return Patient(
        mrn=number,
        name=read_name(pid.composites(5)),
        birth_date=scope.day(pid, 7, "The birth date"),
        sex=read_sex(pid.get(8), scope, pid.where(8)),
        address=read_address(pid.composites(11), scope, pid.where(11)),
        phone=_phone(pid.composite(13)),
    )


_ASK = "Ask registration to add it and send an update (ADT A08)."


def _of_type(
    found: Sequence[Composite], component: int, types: tuple[str, ...]
) -> Composite | None:
    for kind in types:
        for one in found:
            if one.get(component) == kind:
                return one
    return found[0] if found else None


def _claims_npi(one: Composite) -> bool:
    return (
        one.get(_XCN_ID_TYPE) == "NPI"
        or one.get(_XCN_AUTHORITY).upper() in NPI_AUTHORITIES
        or one.get(_XCN_AUTHORITY, 2) in NPI_AUTHORITIES
    )


def _domestic(state: str, code: str, scope: Scope, where: str) -> tuple[str, str]:
    """State and ZIP in the claim's form; what is neither is left out with a remark."""
    match = _ZIP.fullmatch(code)
    if code and match is None:
        scope.remark("not-a-zip", where, "The postal code is not a US ZIP code; it is left out.")
    if state and not _STATE.fullmatch(state):
        scope.remark(
            "not-a-state", where, "The state is not a two-letter code; it is left out.", fix=_ASK
        )
        state = ""
    return state, (match[1] + (match[2] or "")) if match else ""


def _phone(one: Composite) -> str:
    """XTN: the old whole number, the digits of 2.7, or area code and local number."""
    text = one.get(1) or one.get(_PHONE_WHOLE) or one.get(6) + one.get(7)
    return "".join(character for character in text if character in "0123456789+x")
