"""Raising a question about a diagnosis on the chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from services.chart.model import (
    Chart,
    CodeSystem,
    Diagnosis,
    DocumentKind,
    DocumentStatus,
    Practitioner,
)
from services.chart.rows import QueryRow
from services.query.failures import NoRecipient
from services.query.model import BLANK, About, Indicator, IndicatorKind, Question, Template
from services.query.templates import packaged

DAY_MS = 86_400_000
POA_TEMPLATE = "poa-clarification"
# Documents that speak about the state at the admission, the nearest to it first.
ABOUT_ADMISSION = (
    DocumentKind.HISTORY_AND_PHYSICAL,
    DocumentKind.EMERGENCY_NOTE,
    DocumentKind.CONSULTATION,
    DocumentKind.PROGRESS_NOTE,
    DocumentKind.DISCHARGE_SUMMARY,
)


def raise_poa_query(
    chart: Chart,
    diagnosis_index: int,
    *,
    query_id: str,
    now_ms: int,
    description: str = "",
    templates: Mapping[str, Template] | None = None,
) -> QueryRow:
    """Ask whether a documented diagnosis was present on admission; the row is open and new.

    `description` is the diagnosis in words, as the provider should read it; without it the
    question names the code. `templates` are those that Chartline comes with unless handed in.

    Raises:
        NoRecipient: nobody who treats the patient is known by an id.
        NonCompliantQuery: the chart gives no dated indicator, or the words break a rule.
    """
    template = (packaged() if templates is None else templates)[POA_TEMPLATE]
    diagnosis = chart.diagnoses[diagnosis_index]
    about = About(
        index=diagnosis_index,
        code=diagnosis.code,
        system=diagnosis.system,
        role=diagnosis.role,
        where=diagnosis.where or f"diagnoses[{diagnosis_index}]",
        description=description or f"the diagnosis coded {_written(diagnosis)}",
    )
    recipient = _recipient(chart)
    question = Question(
        template=template.id,
        version=template.version,
        purpose=template.purpose,
        title=template.title,
        text=template.text.replace(BLANK, about.description),
        about=about,
        indicators=tuple(_indicators(chart, about)),
        options=template.options,
        remind_ms=template.remind_days * DAY_MS,
    )
    return QueryRow(
        query_id=query_id,
        chart_id=chart.chart_id,
        template=template.id,
        state="open",
        recipient=recipient,
        question=question.model_dump_json(),
        answer="",
        raised_ms=now_ms,
        reminded=0,
        expires_ms=now_ms + template.expire_days * DAY_MS,
        closed_ms=0,
    )


def _written(diagnosis: Diagnosis) -> str:
    """The code as people write it."""
    code = diagnosis.code
    dotted = diagnosis.system in {CodeSystem.ICD10CM, CodeSystem.ICD9CM} and code[3:]
    return f"{code[:3]}.{code[3:]}" if dotted else code


def _recipient(chart: Chart) -> str:
    """The one who treats the patient and answers for the record: nobody else may be asked."""
    encounter = chart.encounter
    treating = [encounter.attending, encounter.rendering, encounter.operating]
    treating += [
        document.author for document in chart.documents if document.kind in ABOUT_ADMISSION
    ]
    found = next((who for one in treating if one is not None and (who := _id_of(one))), "")
    if not found:
        raise NoRecipient(
            "No practitioner who treats the patient is known by an NPI or a local id.",
            where="encounter.attending",
        )
    return found


def _id_of(practitioner: Practitioner) -> str:
    return practitioner.npi or practitioner.local_id


def _indicators(chart: Chart, about: About) -> Iterator[Indicator]:
    """The coded statement, the admission, and the signed documents that speak about it."""
    admitted_at = chart.encounter.admitted_at
    admitted = admitted_at.date() if admitted_at is not None else None
    yield Indicator(
        kind=IndicatorKind.DIAGNOSIS,
        on=_sent_on(chart) or admitted,
        where=about.where,
        code=about.code,
    )
    if admitted is not None:
        yield Indicator(kind=IndicatorKind.ENCOUNTER, on=admitted, where="encounter.admitted_at")
    speaking = [
        document
        for document in chart.documents
        if document.kind in ABOUT_ADMISSION
        and document.status is DocumentStatus.SIGNED
        and document.at is not None
    ]
    for document in sorted(speaking, key=lambda one: ABOUT_ADMISSION.index(one.kind)):
        yield Indicator(
            kind=IndicatorKind.DOCUMENT,
            on=document.at.date() if document.at is not None else None,
            where=f"documents[{chart.documents.index(document)}]",
            document_id=document.document_id,
            document_kind=document.kind,
        )


def _sent_on(chart: Chart) -> date | None:
    """When the sender last spoke: the diagnoses are a list that it sends whole each time."""
    at = next((one.event_at for one in reversed(chart.sources) if one.event_at is not None), None)
    return at.date() if at is not None else None
