"""Charts for coding: a valid one, with one difference."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from services.chart.model import (
    Charge,
    Chart,
    CodeSystem,
    Diagnosis,
    DiagnosisRole,
    Encounter,
    EncounterClass,
    Override,
    Patient,
    Poa,
    Practitioner,
    Procedure,
)
from services.coding.assigning import Coded, NeedsCoder, assign
from tests.unit.codesets_fixture import the_codesets

ADMITTED = datetime(2026, 4, 28, 9, 30, tzinfo=UTC)
DISCHARGED = datetime(2026, 5, 2, 11, 0, tzinfo=UTC)


def dx(*codes: str, poa: Poa | None = None, **differs: Any) -> tuple[Diagnosis, ...]:
    """Diagnoses in order, the first one principal."""
    return tuple(
        Diagnosis(
            code=code,
            role=DiagnosisRole.SECONDARY if rank > 1 else DiagnosisRole.PRINCIPAL,
            rank=rank,
            poa=poa,
            where=f"DG1[{rank}]",
        ).model_copy(update=differs)
        for rank, code in enumerate(codes, start=1)
    )


def a_charge(code: str = "99213", **differs: Any) -> Charge:
    fields: dict[str, Any] = {"charge_id": "1", "amount": Decimal(100), "on": date(2026, 5, 2)}
    return Charge(code=code, **fields | differs)


def an_override(rule_id: str) -> Override:
    return Override(rule_id=rule_id, reason="unrelated conditions", by="coder-1", at=DISCHARGED)


def a_visit(*codes: str, **differs: Any) -> Chart:
    """A clinic visit on May 2, 2026."""
    fields: dict[str, Any] = {
        "chart_id": "c_1",
        "facility": "GENERAL",
        "account": "A1",
        "patient": Patient(mrn="M1", birth_date=date(1961, 2, 3), sex="F"),
        "encounter": Encounter(
            encounter_class=EncounterClass.CLINIC,
            admitted_at=DISCHARGED,
            rendering=Practitioner(npi="1234567893"),
        ),
        "diagnoses": dx(*(codes or ("E1165", "I10"))),
        "charges": (a_charge(),),
    }
    return Chart(**fields | differs)


def a_stay_of(*codes: str, procedures: tuple[str, ...] = (), **differs: Any) -> Chart:
    """An inpatient discharged home on May 2, 2026, every diagnosis present on admission."""
    fields: dict[str, Any] = {
        "chart_id": "c_2",
        "facility": "GENERAL",
        "account": "A2",
        "patient": Patient(mrn="M2", birth_date=date(1961, 2, 3), sex="M"),
        "encounter": Encounter(
            encounter_class=EncounterClass.INPATIENT,
            admitted_at=ADMITTED,
            discharged_at=DISCHARGED,
            discharge_status="01",
            attending=Practitioner(npi="1234567893"),
        ),
        "diagnoses": dx(*(codes or ("I5020", "N179", "I10")), poa=Poa.YES),
        "procedures": tuple(
            Procedure(code=code, system=CodeSystem.ICD10PCS, where=f"PR1[{number}]")
            for number, code in enumerate(procedures, start=1)
        ),
    }
    return Chart(**fields | differs)


def stopped(chart: Chart) -> NeedsCoder:
    """The chart must go to a coder."""
    outcome = assign(chart, the_codesets())
    assert isinstance(outcome, NeedsCoder), outcome
    return outcome


def coded(chart: Chart) -> Coded:
    """The chart must be coded."""
    outcome = assign(chart, the_codesets())
    assert isinstance(outcome, Coded), getattr(outcome, "failure", outcome)
    return outcome
