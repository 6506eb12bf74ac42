"""Coded charts for the tests of assembly: a billable one of each class, with one difference."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from services.assembly.building import build
from services.assembly.profiles import Facility, PayerProfile, load_facilities, load_payers
from services.chart.model import (
    Address,
    AssignedCode,
    Charge,
    Chart,
    CodeSystem,
    Coding,
    Coverage,
    DiagnosisRole,
    Drg,
    Encounter,
    EncounterClass,
    Name,
    Patient,
    Poa,
    Practitioner,
)
from services.edi.claim import Claim

CONFIG = Path(__file__).parents[2] / "config"
TODAY = date(2026, 5, 10)
DAY = date(2026, 5, 4)
ADMITTED = datetime(2026, 5, 4, 4, 15, tzinfo=UTC)
DISCHARGED = datetime(2026, 5, 7, 11, 30, tzinfo=UTC)
DOCTOR = Practitioner(
    npi="1234567893", name=Name(family="CANARYDOCTOR", given="ADA"), taxonomy="207Q00000X"
)
SURGEON = Practitioner(npi="1679523708", name=Name(family="CANARYSURGEON", given="IDA"))


@cache
def the_payers() -> dict[str, PayerProfile]:
    return load_payers((CONFIG / "payers.yaml").read_text("utf-8"))


@cache
def the_facilities() -> dict[str, Facility]:
    return load_facilities((CONFIG / "facilities.yaml").read_text("utf-8"))


def a_code(
    code: str, role: DiagnosisRole | None = DiagnosisRole.SECONDARY, **differences: Any
) -> AssignedCode:
    facts: dict[str, Any] = {
        "code": code,
        "system": CodeSystem.ICD10CM,
        "role": role,
        "rank": 1,
        "poa": Poa.YES,
        "evidence": "DG1[1]",
        "rule_id": "coding.accepted",
        "edition": "2026",
    }
    return AssignedCode(**facts | differences)


def a_procedure(code: str = "0QS604Z", on: date | None = DAY, rank: int = 1) -> AssignedCode:
    return a_code(code, None, system=CodeSystem.ICD10PCS, on=on, rank=rank, poa=None)


def a_charge(number: int = 1, **differences: Any) -> Charge:
    facts: dict[str, Any] = {
        "charge_id": f"CH{number}",
        "code": "99213",
        "amount": Decimal("125.50"),
        "on": DAY,
    }
    return Charge(**facts | differences)


def a_patient(**differences: Any) -> Patient:
    facts: dict[str, Any] = {
        "mrn": "M1",
        "name": Name(family="Canaryfamily", given="Zelda"),
        "birth_date": date(1961, 2, 3),
        "sex": "F",
        "address": Address(line1="1 Canary Street", city="Springfield", state="IL", zip="62701"),
    }
    return Patient(**facts | differences)


def a_coverage(**differences: Any) -> Coverage:
    return Coverage(**{"payer_id": "BLUE1", "member_id": "XCANARY1"} | differences)


def _encounter(kind: EncounterClass | None) -> dict[str, Any]:
    if kind is EncounterClass.CLINIC:
        return {"encounter_class": kind, "rendering": DOCTOR}
    facts: dict[str, Any] = {"encounter_class": kind, "admitted_at": ADMITTED}
    facts["discharged_at"] = DISCHARGED
    facts |= {"discharge_status": "01", "admission_type": "1", "admission_source": "1"}
    return facts | {"attending": DOCTOR}


def _codes(kind: EncounterClass | None) -> tuple[AssignedCode, ...]:
    codes = (a_code("I5023", DiagnosisRole.PRINCIPAL), a_code("N1831"), a_code("I10", rank=2))
    if kind is EncounterClass.INPATIENT:
        return (*codes, a_code("R0602", DiagnosisRole.ADMITTING))
    return codes


def a_coded_chart(kind: EncounterClass | None = EncounterClass.CLINIC, **differences: Any) -> Chart:
    """A billable chart; `encounter` gives fields to differ in, `codes` the assigned codes."""
    revenue: dict[str, Any] = (
        {} if kind is EncounterClass.CLINIC else {"revenue_code": "0300", "code": "80053"}
    )
    drg = None
    if kind is EncounterClass.INPATIENT:
        drg = Drg(code="291", description="HEART FAILURE", grouper="test")
    facts: dict[str, Any] = {
        "chart_id": "c_1",
        "facility": "MERCY",
        "account": "A1",
        "patient": a_patient(),
        "coverages": (a_coverage(),),
        "charges": (a_charge(**revenue),),
        "coding": Coding(codes=differences.pop("codes", _codes(kind)), drg=drg),
    }
    encounter = _encounter(kind) | differences.pop("encounter", {})
    return Chart(**facts | differences, encounter=Encounter(**encounter))


def build_it(chart: Chart, **differences: Any) -> Claim:
    """Build with the demo's profiles."""
    facts: dict[str, Any] = {
        "payers": the_payers(),
        "facilities": the_facilities(),
        "control_number": "000000017",
        "now": TODAY,
    }
    return build(chart, **facts | differences)
