"""The chart that a list of codes would be, so that the rules of the line can judge it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

from services.chart.model import (
    Charge,
    Chart,
    Coverage,
    Diagnosis,
    DiagnosisRole,
    Encounter,
    EncounterClass,
    Override,
    Patient,
    Procedure,
)
from services.codesets.library import CodeSets
from services.coding.case import Case, open_case
from services.coding.edits_case import EditCase
from services.coding.edits_request import EditRequest
from services.coding.rules_icd9 import system_of, without_dot
from services.coding.rules_outpatient import shared_edits
from services.coding.words import bare

PLAN_TYPES = {"medicare": "MB", "medicaid": "MC", "commercial": "CI"}  # X12 SBR09
PART_A = "MA"
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # an override of a request has no date of its own


def open_edit_case(request: EditRequest, codesets: CodeSets) -> Case:
    """The request as a case: with its dates, its edition, its stay and the editor's answer."""
    case = open_case(as_chart(request), codesets)
    return EditCase(
        case.chart,
        case.codesets,
        case.inpatient,
        case.dates,
        case.tabular,
        case.listed,
        case.principals,
        case.lacking,
        case.stay,
        case.edits if case.inpatient else shared_edits(case),
    )


def as_chart(request: EditRequest) -> Chart:
    """The request as a chart. It names no patient; the birth date only gives the age back."""
    first = request.on or min((line.on for line in request.lines if line.on), default=None)
    return Chart(
        chart_id="",
        facility="",
        account="",
        patient=Patient(mrn="", birth_date=_born(request.age, first), sex=request.sex),
        encounter=_encounter(request, first),
        coverages=_coverages(request),
        diagnoses=_diagnoses(request, first),
        procedures=tuple(
            Procedure(code=bare(code), where=f"px[{index}]")
            for index, code in enumerate(request.px)
        ),
        charges=_charges(request, first),
        overrides=tuple(
            Override(rule_id=rule_id, reason="asked for", by="request", at=LONG_AGO)
            for rule_id in request.overrides
        ),
    )


def _born(age: int | None, on: date | None) -> date | None:
    """A day that makes the patient so old on every day from `on` to the end of its year."""
    if age is None or on is None or age >= on.year:
        return None
    return date(on.year - age, 1, 1)


def _encounter(request: EditRequest, on: date | None) -> Encounter:
    at = datetime.combine(on, time(), UTC) if on is not None else None
    inpatient = request.setting is EncounterClass.INPATIENT
    return Encounter(
        encounter_class=request.setting,
        admitted_at=at,
        discharged_at=at if inpatient else None,
        discharge_status=request.discharge_status,
    )


def _coverages(request: EditRequest) -> tuple[Coverage, ...]:
    if not request.payer:
        return ()
    medicare_stay = request.payer == "medicare" and request.setting is EncounterClass.INPATIENT
    return (Coverage(plan_type=PART_A if medicare_stay else PLAN_TYPES[request.payer]),)


def _diagnoses(request: EditRequest, on: date | None) -> tuple[Diagnosis, ...]:
    listed = [
        Diagnosis(
            code=(code := without_dot(one.code)),
            system=system_of(code, on),
            role=DiagnosisRole.SECONDARY if rank > 1 else DiagnosisRole.PRINCIPAL,
            rank=rank,
            poa=one.poa,
            where=f"dx[{rank - 1}]",
        )
        for rank, one in enumerate(request.dx, start=1)
    ]
    if request.admitting:
        code = without_dot(request.admitting)
        role = DiagnosisRole.ADMITTING
        listed.append(Diagnosis(code=code, system=system_of(code, on), role=role, where=role))
    return tuple(listed)


def _charges(request: EditRequest, on: date | None) -> tuple[Charge, ...]:
    codes = [one.code for one in request.dx]
    return tuple(
        Charge(
            charge_id=str(index),
            code=line.code,
            modifiers=line.modifiers,
            revenue_code=line.revenue_code,
            units=line.units,
            amount=line.charge if line.charge is not None else Decimal(0),
            on=line.on or on,
            diagnosis_codes=tuple(codes[place - 1] for place in line.dx if place <= len(codes)),
        )
        for index, line in enumerate(request.lines)
    )
