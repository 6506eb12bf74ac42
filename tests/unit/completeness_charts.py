"""Charts for the tests of completeness: a complete one of each class, with one difference."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from services.chart.model import (
    Address,
    Charge,
    Chart,
    Coverage,
    Document,
    DocumentKind,
    DocumentStatus,
    Encounter,
    EncounterClass,
    Name,
    Patient,
    Practitioner,
    Source,
)
from services.completeness.loading import load
from services.completeness.matrix import DocumentMatrix

MATRIX_TEXT = Path(__file__).parents[2] / "config" / "documents.yaml"
ADMITTED = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
DISCHARGED = datetime(2026, 5, 7, 12, 0, tzinfo=UTC)
HOUR_MS = 3_600_000
DOCUMENTS = {
    EncounterClass.INPATIENT: (DocumentKind.HISTORY_AND_PHYSICAL, DocumentKind.DISCHARGE_SUMMARY),
    EncounterClass.EMERGENCY: (DocumentKind.EMERGENCY_NOTE,),
    EncounterClass.SURGERY: (DocumentKind.OPERATIVE_NOTE,),
    EncounterClass.OUTPATIENT: (DocumentKind.RESULT,),
    EncounterClass.CLINIC: (DocumentKind.CLINIC_NOTE,),
}


@cache
def the_matrix() -> DocumentMatrix:
    return load(MATRIX_TEXT.read_text("utf-8"))


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def a_document(
    kind: DocumentKind, status: DocumentStatus = DocumentStatus.SIGNED, **differences: Any
) -> Document:
    facts: dict[str, Any] = {"document_id": f"D-{kind}", "kind": kind, "status": status}
    return Document(**facts | differences)


def a_patient(**differences: Any) -> Patient:
    facts: dict[str, Any] = {
        "mrn": "M1",
        "name": Name(family="Canaryfamily", given="Zelda"),
        "birth_date": date(1961, 2, 3),
        "sex": "F",
        "address": Address(line1="1 Canary Street", city="Springfield", state="OH", zip="45501"),
    }
    return Patient(**facts | differences)


def a_charge(code: str = "99213", **differences: Any) -> Charge:
    return Charge(**{"charge_id": f"C-{code}", "code": code, "amount": Decimal(90)} | differences)


def a_chart(
    encounter_class: EncounterClass | None = EncounterClass.CLINIC, **differences: Any
) -> Chart:
    """A complete chart of this class; `encounter` gives fields of the encounter to differ in."""
    stay = {"encounter_class": encounter_class, "admitted_at": ADMITTED}
    if encounter_class is EncounterClass.INPATIENT:
        stay["discharged_at"] = DISCHARGED
    kinds = DOCUMENTS[encounter_class] if encounter_class is not None else ()
    facts: dict[str, Any] = {
        "chart_id": "c_1",
        "facility": "MERCY",
        "account": "A1",
        "patient": a_patient(),
        "coverages": (Coverage(payer_id="BLUE1", member_id="XCANARY1"),),
        "documents": tuple(a_document(kind) for kind in kinds),
        "charges": (a_charge(),),
        "sources": (Source(raw_id="r_1", event="ADT^A04", event_at=ADMITTED),),
    }
    facts |= differences
    facts["encounter"] = Encounter(**stay | differences.get("encounter", {}))
    return Chart(**facts)


def a_surgeon() -> Practitioner:
    return Practitioner(npi="1234567893", name=Name(family="Canarysurgeon"))
