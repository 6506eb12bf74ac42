"""The institutional part of a claim: dates, admission, discharge, DRG."""

from __future__ import annotations

import re
from datetime import date, timedelta

from services.assembly.gaps import Gaps
from services.chart.model import Chart, Encounter
from services.edi.claim import Stay

ADMISSION_TYPES = ("1", "2", "3", "4", "5", "9")  # NUBC form locator 14
STILL_PATIENT = "30"
_STATUS = re.compile(r"\d{2}")
_SOURCE = re.compile(r"[1-9A-F]")


def stay_of(chart: Chart, now: date, gaps: Gaps, *, inpatient: bool) -> Stay:
    """The stay, or the visit: an outpatient's statement covers its service days."""
    encounter = chart.encounter
    status = encounter.discharge_status
    gaps.unless(
        _STATUS.fullmatch(status), "encounter.discharge_status", "the discharge status is missing"
    )
    gaps.unless(
        status != STILL_PATIENT,
        "encounter.discharge_status",
        "status 30, still a patient, cannot stand on a final bill",
    )
    if inpatient:
        _check_admission(encounter, gaps)
    first, last = _period(chart, inpatient=inpatient)
    gaps.unless(first, "encounter.admitted_at", "the beginning of the encounter is not known")
    gaps.unless(
        first is None or last is None or first <= last,
        "encounter.discharged_at",
        "the encounter ends before it begins",
    )
    gaps.unless(
        last is None or last <= now + timedelta(days=1),
        "encounter.discharged_at",
        "the encounter ends in the future",
    )
    return Stay(
        statement_from=first or date.min,
        statement_to=last or date.min,
        admitted_at=encounter.admitted_at if inpatient else None,
        discharged_at=encounter.discharged_at if inpatient else None,
        admission_type=encounter.admission_type,
        admission_source=encounter.admission_source,
        discharge_status=status,
        drg=chart.coding.drg.code if inpatient and chart.coding and chart.coding.drg else "",
    )


def _check_admission(encounter: Encounter, gaps: Gaps) -> None:
    """What only an inpatient claim must say (837I DTP 435, DTP 096, CL1)."""
    gaps.unless(encounter.admitted_at, "encounter.admitted_at", "the admission time is missing")
    gaps.unless(encounter.discharged_at, "encounter.discharged_at", "the discharge time is missing")
    gaps.unless(
        encounter.admission_type in ADMISSION_TYPES,
        "encounter.admission_type",
        "the admission type is missing",
    )
    gaps.unless(
        _SOURCE.fullmatch(encounter.admission_source),
        "encounter.admission_source",
        "the point of origin is missing",
    )


def _period(chart: Chart, *, inpatient: bool) -> tuple[date | None, date | None]:
    """The first and the last day of the statement."""
    encounter = chart.encounter
    days = [moment.date() for moment in (encounter.admitted_at, encounter.discharged_at) if moment]
    if not inpatient:
        days += [day for one in chart.charges for day in (one.on, one.until) if day]
    elif len(days) > 1:
        return days[0], days[1]
    return (min(days), max(days)) if days else (None, None)
