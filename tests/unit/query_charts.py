"""Charts and questions for the tests of the query stage."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.chart.model import (
    Chart,
    Diagnosis,
    DiagnosisRole,
    DocumentKind,
    EncounterClass,
    Poa,
    Practitioner,
)
from services.chart.rows import QueryRow
from services.query.model import Answer
from services.query.raising import raise_poa_query
from tests.unit.completeness_charts import ADMITTED, DISCHARGED, a_chart, a_document, ms

NOW_MS = ms(DISCHARGED)
ATTENDING = Practitioner(npi="1234567893")


def a_diagnosis(code: str = "J9601", **differences: Any) -> Diagnosis:
    facts: dict[str, Any] = {"code": code, "rank": 2, "where": "DG1[2]"}
    return Diagnosis(**facts | differences)


def a_stay(*diagnoses: Diagnosis, **differences: Any) -> Chart:
    """An inpatient chart, complete; without diagnoses given: pneumonia, and one without POA."""
    principal = Diagnosis(code="J189", role=DiagnosisRole.PRINCIPAL, rank=1, poa=Poa.YES)
    facts: dict[str, Any] = {
        "diagnoses": diagnoses or (principal, a_diagnosis()),
        "documents": (
            a_document(DocumentKind.DISCHARGE_SUMMARY, at=DISCHARGED, document_id="D2"),
            a_document(
                DocumentKind.HISTORY_AND_PHYSICAL,
                at=ADMITTED + timedelta(hours=2),
                document_id="D1",
            ),
        ),
        "encounter": {"attending": ATTENDING},
    }
    return a_chart(EncounterClass.INPATIENT, **facts | differences)


def a_query(chart: Chart | None = None, index: int = 1, **differences: Any) -> QueryRow:
    facts: dict[str, Any] = {"query_id": "q_1", "now_ms": NOW_MS}
    return raise_poa_query(chart or a_stay(), index, **facts | differences)


def an_answer(option: str = "yes", **differences: Any) -> Answer:
    facts: dict[str, Any] = {"by": "1234567893", "at_ms": NOW_MS, "signed": True}
    return Answer(option=option, **facts | differences)
