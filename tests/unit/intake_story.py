"""A chart that updates are merged into, one after another; what updates say, in short."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from services.chart.model import (
    Charge,
    Chart,
    ChartUpdate,
    Diagnosis,
    DiagnosisRole,
    Document,
    DocumentKind,
    DocumentStatus,
    DocumentText,
    Patient,
)
from services.intake.merging import Merged, merge

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def at(hours: int) -> datetime:
    return NOON + timedelta(hours=hours)


def says(event: str = "ADT^A08", hours: int | None = 0, **facts: Any) -> ChartUpdate:
    when = None if hours is None else at(hours)
    return ChartUpdate(facility="GEN", account="A100", event=event, event_at=when, **facts)


class Story:
    """A chart that updates are merged into, one after another."""

    def __init__(self, *updates: ChartUpdate) -> None:
        self.chart: Chart | None = None
        self.texts: dict[str, str] = {}
        self.last: Merged
        self.count = 0
        for update in updates:
            self.hear(update)

    def hear(self, update: ChartUpdate, raw_id: str = "") -> Merged:
        self.count += 1
        raw_id = raw_id or f"r_{self.count}"
        self.last = merge(self.chart, update, chart_id="c_1", raw_id=raw_id, texts=self.texts)
        self.chart = self.last.chart
        self.texts |= {one.head.document_id: one.text for one in self.last.documents}
        return self.last

    @property
    def now(self) -> Chart:
        assert self.chart is not None
        return self.chart


def patient(**facts: Any) -> Patient:
    return Patient(**({"mrn": "M100"} | facts))


def final(*codes: str, role: DiagnosisRole = DiagnosisRole.SECONDARY) -> tuple[Diagnosis, ...]:
    return tuple(Diagnosis(code=code, role=role, where="DG1[1]") for code in codes)


def charge(charge_id: str = "C1", amount: str = "96.00", **facts: Any) -> Charge:
    return Charge(charge_id=charge_id, amount=Decimal(amount), where="FT1[1]", **facts)


def document(
    text: str = "Stable.", status: DocumentStatus = DocumentStatus.SIGNED, **facts: Any
) -> DocumentText:
    given_facts = {"document_id": "D1", "kind": DocumentKind.OTHER, "status": status} | facts
    return DocumentText(head=Document(**given_facts), text=text)


def codes(chart: Chart) -> list[tuple[str, DiagnosisRole]]:
    return [(one.code, one.role) for one in chart.diagnoses]
