"""Charges in FT1 (DFT^P03 and its like).

Where each fact stands: FT1-2 charge id (a credit names the same id), FT1-4 date or date range
(else FT1-5), FT1-6 CG charge or CR/CD credit, FT1-7 the charge code (a revenue code when its
coding system is NUBC, else CPT or HCPCS when it says so and FT1-25 is empty), FT1-10 units, FT1-11
amount of the whole line, FT1-12 price of one unit, FT1-13 revenue code when FT1-7 holds none,
FT1-19 diagnoses, FT1-20 performed by, FT1-25 CPT or HCPCS, FT1-26 modifiers, FT1-29 NDC, FT1-43
its quantity and unit.

Money is never guessed: a charge without an amount, with a negative one or in another currency is
refused. Payments (PY), co-payments (CO) and adjustments (AJ) are no charges.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.chart.model import Charge, Severity
from services.hl7.codes import SYSTEMS, diagnosis_code, plain, procedure_code
from services.hl7.message import Segment, UnreadableMessageError
from services.hl7.people import practitioner
from services.hl7.scope import Scope
from services.hl7.times import day

REVENUE_SYSTEMS = frozenset({"NUBC", "REV", "RC", "UB04", "UB-04", "UB92", "UB-92"})
CREDITS = frozenset({"CR", "CD"})
NO_CHARGES = frozenset({"PY", "CO", "AJ"})

_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(?:\.[0-9]{1,6})?")
_REVENUE = re.compile(r"[0-9]{3,4}")
_NDC_PARTS = re.compile(r"([0-9]{4,5})-([0-9]{3,4})-([0-9]{1,2})")
_NDC_DIGITS = 11
_NDC_SHORT = 10  # digits of the unpadded form
_CENT = Decimal("0.01")
_FIX = "Nothing was filed. Ask the sender to correct the charge and send it again; then discard."


@dataclass(frozen=True, slots=True)
class Posted:
    """What a message posts: charges to add, ids of charges to take back."""

    charges: tuple[Charge, ...] = ()
    credits: tuple[str, ...] = ()


def read_charges(scope: Scope, control_id: str) -> Posted:
    """All FT1 in order: a credit before its charge replaces it, one after its charge cancels it.

    Raises:
        UnreadableMessageError: an amount is missing, negative or contradicts another; FT1-6 says
            neither charge nor credit; two charges carry one id.
    """
    charges: dict[str, Charge] = {}
    taken_back: dict[str, None] = {}
    for number, ft1 in enumerate(scope.message.all("FT1"), 1):
        kind = ft1.get(6).upper()
        if kind in NO_CHARGES:
            scope.remark(
                "no-charge",
                ft1.where(6),
                "The line is a payment or adjustment, not a charge.",
                severity=Severity.INFO,
            )
        elif kind in CREDITS:
            _credit(ft1, scope, charges, taken_back)
        elif kind == "CG":
            charge = _charge(ft1, number, scope, control_id)
            if charge.charge_id in charges:
                raise _refused(ft1, 2, "Two charge lines of the message carry the same id.")
            charges[charge.charge_id] = charge
        else:
            raise _refused(ft1, 6, "The line is marked neither as a charge nor as a credit.")
    return Posted(tuple(charges.values()), tuple(taken_back))


def _credit(
    ft1: Segment, scope: Scope, charges: dict[str, Charge], taken_back: dict[str, None]
) -> None:
    charge_id = ft1.get(2)
    if not charge_id:
        raise _refused(ft1, 2, "The credit does not say which charge it takes back.")
    if charges.pop(charge_id, None) is None:
        taken_back[charge_id] = None
        return
    scope.remark(
        "charge-and-credit",
        ft1.where(2),
        "A charge and its credit stand in one message; neither is filed.",
        severity=Severity.INFO,
    )


def _charge(ft1: Segment, number: int, scope: Scope, control_id: str) -> Charge:
    units = _units(ft1, scope)
    code = _code(ft1)
    ndc_quantity = _number(ft1.get(43))
    return Charge(
        charge_id=_charge_id(ft1, number, scope, control_id, code),
        code=code,
        modifiers=tuple(plain(one.get(1)) for one in ft1.composites(26) if one.get(1)),
        revenue_code=_revenue_code(ft1, scope),
        units=units,
        amount=_amount(ft1, units, scope),
        on=_day(ft1, scope),
        until=day(ft1.get(4, 2)),
        rendering=practitioner(ft1, 20, scope),
        diagnosis_codes=_diagnoses(ft1),
        ndc=_ndc(ft1, scope),
        ndc_quantity=ndc_quantity,
        ndc_unit=ft1.get(43, 2).upper() if ndc_quantity is not None else "",
        where=f"FT1[{number}]",
    )


def _charge_id(ft1: Segment, number: int, scope: Scope, control_id: str, code: str) -> str:
    charge_id = ft1.get(2)
    if charge_id:
        return charge_id
    scope.remark(
        "no-charge-id",
        ft1.where(2),
        "The charge has no id (FT1-2); a later credit cannot name it.",
    )
    return "-".join((control_id, str(number), ft1.get(4), code))


def _code(ft1: Segment) -> str:
    for field in (25, 7):
        composite = ft1.composite(field)
        if field == 25 and composite.get(1):  # noqa: PLR2004
            return plain(composite.get(1))
        if SYSTEMS.get(composite.get(3).upper()):
            coded = procedure_code(composite)
            return coded[0] if coded else ""
    return ""


def _revenue_code(ft1: Segment, scope: Scope) -> str:
    for field in (7, 13):
        composite = ft1.composite(field)
        code, system = composite.get(1), composite.get(3).upper()
        named = system in REVENUE_SYSTEMS
        if not code or not (named or (field == 13 and not system)):  # noqa: PLR2004
            continue
        if _REVENUE.fullmatch(code):
            return code.zfill(4)
        if named:
            scope.remark("revenue-code", ft1.where(field), "The revenue code has not 4 digits.")
    return ""


def _units(ft1: Segment, scope: Scope) -> Decimal:
    text = ft1.get(10)
    if not text:
        scope.remark(
            "no-units", ft1.where(10), "The charge has no quantity; it is filed as one unit."
        )
        return Decimal(1)
    units = _number(text)
    if units is None or units <= 0:
        raise _refused(ft1, 10, "The quantity of the charge is not a positive number.")
    return units


def _amount(ft1: Segment, units: Decimal, scope: Scope) -> Decimal:
    whole, each = _money(ft1, 11), _money(ft1, 12)
    if whole is None and each is None:
        raise _refused(ft1, 11, "The charge has no amount.")
    if whole is None and each is not None:
        return (each * units).quantize(_CENT)
    assert whole is not None  # noqa: S101 - the two cases above leave no other
    if each is not None and (each * units).quantize(_CENT) != whole.quantize(_CENT):
        scope.remark(
            "unit-price",
            ft1.where(12),
            "Quantity times unit price is not the amount of the line; the amount is taken.",
        )
    return whole


def _money(ft1: Segment, field: int) -> Decimal | None:
    text, currency = ft1.get(field), ft1.get(field, 1, 2)
    if not text:
        return None
    if currency not in {"", "USD"}:
        raise _refused(ft1, field, "The amount is not in US dollars.")
    amount = _number(text)
    if amount is None:
        raise _refused(ft1, field, "The amount is not a number.")
    if amount < 0:
        raise _refused(ft1, field, "The amount is negative on a line that is no credit.")
    return amount


def _number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _day(ft1: Segment, scope: Scope) -> date | None:
    return scope.day(ft1, 4, "The date of service") or scope.day(ft1, 5, "The posting date")


def _diagnoses(ft1: Segment) -> tuple[str, ...]:
    coded = (diagnosis_code(one) for one in ft1.composites(19))
    return tuple(dict.fromkeys(one[0] for one in coded if one))


def _ndc(ft1: Segment, scope: Scope) -> str:
    """The NDC as 11 digits (5-4-2); hyphens show where the missing zero belongs."""
    text = ft1.get(29)
    if not text:
        return ""
    match = _NDC_PARTS.fullmatch(text)
    if match and len(text) - 2 >= _NDC_SHORT:
        return match[1].zfill(5) + match[2].zfill(4) + match[3].zfill(2)
    if not (len(text) == _NDC_DIGITS and text.isascii() and text.isdigit()):
        scope.remark("ndc", ft1.where(29), "The NDC has neither 11 digits nor hyphens.")
    return text


def _refused(ft1: Segment, field: int, sentence: str) -> UnreadableMessageError:
    return UnreadableMessageError(sentence, where=ft1.where(field), fix=_FIX)
