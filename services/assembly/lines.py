"""The service lines of a claim, from the charges of the chart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from services.assembly.failures import TooManyLines
from services.assembly.gaps import Gaps
from services.assembly.people import provider
from services.chart.model import Charge, Chart
from services.edi.claim import Drug, Provider, ServiceLine

MOST_PROFESSIONAL = 50  # 837P loop 2400
MOST_INSTITUTIONAL = 999  # 837I loop 2400
MOST_POINTERS = 4  # SV107
MOST_MODIFIERS = 4
CENTS = 2
NDC_UNITS = ("F2", "GR", "ME", "ML", "UN")
_PROCEDURE = re.compile(r"[0-9A-Z]{5}")
_MODIFIER = re.compile(r"[0-9A-Z]{2}")
_REVENUE = re.compile(r"(?!0001)[0-3]\d{3}")
_PLACE = re.compile(r"\d{2}")
_NDC = re.compile(r"\d{11}|\d{5}-\d{4}-\d{2}")


def professional(
    chart: Chart,
    codes: Sequence[str],
    setting: str,
    rendering: Provider | None,
    control_number: str,
    now: date,
    gaps: Gaps,
) -> tuple[ServiceLine, ...]:
    """One line for each charge; `codes` are the claim's diagnoses, to which the lines point.

    Raises:
        TooManyLines: more than fifty.
    """
    _check_count(chart, MOST_PROFESSIONAL, "837P")
    lines = []
    for position, charge in enumerate(chart.charges):
        path = f"charges[{position}]"
        gaps.unless(_PROCEDURE.fullmatch(charge.code), f"{path}.code", "a charge has no CPT/HCPCS")
        gaps.unless(charge.on, f"{path}.on", "a charge has no date of service")
        place = charge.place_of_service
        fits = not place or _PLACE.fullmatch(place)
        gaps.unless(fits, f"{path}.place_of_service", "a place of service has not two digits")
        own = provider(charge.rendering, f"{path}.rendering", "the rendering practitioner", gaps)
        other = own if own and rendering and own.npi != rendering.npi else None
        lines.append(
            ServiceLine(
                **_common(charge, path, f"{control_number}-{position + 1}", now, gaps),
                on=charge.on,
                until=charge.until,
                place_of_service="" if place == setting else place,
                pointers=_pointers(charge, codes, path, gaps),
                rendering=other,
            )
        )
    return tuple(lines)


def institutional(
    chart: Chart, control_number: str, now: date, gaps: Gaps, *, inpatient: bool
) -> tuple[ServiceLine, ...]:
    """One revenue line for each charge; dated on outpatient claims.

    Raises:
        TooManyLines: more than 999.
    """
    _check_count(chart, MOST_INSTITUTIONAL, "837I")
    lines = []
    for position, charge in enumerate(chart.charges):
        path = f"charges[{position}]"
        revenue = _REVENUE.fullmatch(charge.revenue_code)
        gaps.unless(revenue, f"{path}.revenue_code", "a charge has no four-digit revenue code")
        fits = not charge.code or _PROCEDURE.fullmatch(charge.code)
        gaps.unless(fits, f"{path}.code", "a CPT/HCPCS code has not five characters")
        gaps.unless(inpatient or charge.on, f"{path}.on", "a charge has no date of service")
        lines.append(
            ServiceLine(
                **_common(charge, path, f"{control_number}-{position + 1}", now, gaps),
                on=None if inpatient else charge.on,
                until=None if inpatient else charge.until,
                revenue_code=charge.revenue_code,
            )
        )
    return tuple(lines)


def _check_count(chart: Chart, most: int, transaction: str) -> None:
    if len(chart.charges) > most:
        words = f"The {transaction} has room for {most} of {len(chart.charges)} service lines."
        raise TooManyLines(words, where="charges")


def _common(
    charge: Charge, path: str, control_number: str, now: date, gaps: Gaps
) -> dict[str, Any]:
    """What lines of both transactions have in common."""
    amount, units = charge.amount, charge.units
    exact = amount >= 0 and amount == round(amount, CENTS)
    gaps.unless(exact, f"{path}.amount", "a charge is negative or no whole number of cents")
    gaps.unless(units > 0, f"{path}.units", "a charge has no units")
    gaps.unless(
        len(charge.modifiers) <= MOST_MODIFIERS and all(map(_MODIFIER.fullmatch, charge.modifiers)),
        f"{path}.modifiers",
        "a line takes four modifiers of two characters",
    )
    tomorrow = now + timedelta(days=1)  # the facility's day may be ahead of UTC
    past = charge.on is None or charge.on <= tomorrow
    gaps.unless(past, f"{path}.on", "a date of service lies in the future")
    forward = charge.until is None or charge.on is None or charge.until >= charge.on
    gaps.unless(forward, f"{path}.until", "a service ends before it begins")
    return {
        "control_number": control_number,
        "charge": amount,
        "units": units,
        "procedure": charge.code,
        "modifiers": charge.modifiers if charge.code else (),
        "drug": _drug(charge, path, gaps),
    }


def _drug(charge: Charge, path: str, gaps: Gaps) -> Drug | None:
    if not charge.ndc:
        return None
    gaps.unless(_NDC.fullmatch(charge.ndc), f"{path}.ndc", "an NDC has not eleven digits")
    quantity = charge.ndc_quantity
    positive = quantity is not None and quantity > 0
    gaps.unless(positive, f"{path}.ndc_quantity", "a drug has no quantity")
    known = charge.ndc_unit in NDC_UNITS
    gaps.unless(known, f"{path}.ndc_unit", "a drug's unit is not F2, GR, ME, ML or UN")
    ndc = charge.ndc.replace("-", "")
    return Drug(ndc=ndc, quantity=quantity or charge.units, unit=charge.ndc_unit)


def _pointers(charge: Charge, codes: Sequence[str], path: str, gaps: Gaps) -> tuple[int, ...]:
    """The sender's links in its order, the first four; without links the first four diagnoses."""
    if not charge.diagnosis_codes:
        return tuple(range(1, len(codes) + 1))[:MOST_POINTERS]
    known = [code for code in dict.fromkeys(charge.diagnosis_codes) if code in codes]
    strange = len(known) < len(set(charge.diagnosis_codes))
    gaps.unless(
        not strange, f"{path}.diagnosis_codes", "a charge points to a diagnosis not on the claim"
    )
    return tuple(codes.index(code) + 1 for code in known[:MOST_POINTERS])
