"""How long a chart may lack something."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chart.model import Chart, DocumentKind, DocumentStatus, EncounterClass
from services.completeness import failures
from services.completeness.checking import check
from services.completeness.deadlines import Overdue, Waits, judge
from services.completeness.deficiency import Deficient
from tests.unit.completeness_charts import (
    ADMITTED,
    DISCHARGED,
    HOUR_MS,
    a_chart,
    a_document,
    a_patient,
    ms,
    the_matrix,
)

SEEN = ms(ADMITTED) + HOUR_MS
INPATIENT = EncounterClass.INPATIENT


def judged(chart: Chart, *, now_ms: int = SEEN, first_seen_ms: int = SEEN) -> Waits | Overdue:
    found = check(chart, the_matrix())
    assert isinstance(found, Deficient)
    return judge(found, chart, first_seen_ms=first_seen_ms, now_ms=now_ms, grace_hours=1)


@pytest.mark.parametrize(
    ("chart", "until"),
    [
        (a_chart(documents=()), ms(ADMITTED) + 72 * HOUR_MS),
        (a_chart(documents=(), encounter={"admitted_at": None}), SEEN + 72 * HOUR_MS),
        (a_chart(documents=(), encounter={"discharged_at": ADMITTED + timedelta(hours=1)}),
         SEEN + 72 * HOUR_MS),
        (a_chart(patient=a_patient(sex="")), SEEN + 48 * HOUR_MS),
        (a_chart(coverages=()), SEEN + 72 * HOUR_MS),
        (a_chart(charges=()), ms(ADMITTED) + 120 * HOUR_MS),
        (a_chart(charges=(), coverages=()), SEEN + 72 * HOUR_MS),
        (a_chart(INPATIENT, encounter={"discharged_at": None}), ms(ADMITTED) + 1440 * HOUR_MS),
        (a_chart(INPATIENT, encounter={"discharged_at": None}, documents=(), charges=()),
         ms(ADMITTED) + 1440 * HOUR_MS),
    ],
    ids=[
        "document: from the beginning", "no beginning: from first seen", "document: from the end",
        "demographics", "coverage", "charges", "the shortest of several", "discharge",
        "what counts from the discharge has no clock before it",
    ],
)  # fmt: skip
def test_a_deficiency_has_its_deadline(chart: Chart, until: int) -> None:
    assert judged(chart) == Waits(until)


def test_after_the_discharge_documents_count_from_it() -> None:
    now = ms(DISCHARGED) + HOUR_MS
    chart = a_chart(INPATIENT, documents=())
    assert judged(chart, now_ms=now) == Waits(ms(DISCHARGED) + 72 * HOUR_MS)


def test_a_chart_first_seen_after_its_deadline_has_an_hour() -> None:
    late = ms(ADMITTED) + 10_000 * HOUR_MS
    chart = a_chart(documents=())
    assert judged(chart, now_ms=late, first_seen_ms=late) == Waits(late + HOUR_MS)
    after = judged(chart, now_ms=late + HOUR_MS, first_seen_ms=late)
    assert isinstance(after, Overdue)


def test_an_end_in_the_future_counts_from_now() -> None:
    chart = a_chart(documents=(), encounter={"discharged_at": ADMITTED + timedelta(days=9000)})
    assert judged(chart) == Waits(SEEN + 72 * HOUR_MS)


def test_what_cannot_cure_itself_is_overdue_at_once() -> None:
    result = judged(a_chart(None))
    assert isinstance(result, Overdue)
    assert isinstance(result.failure, failures.UnknownEncounterClass)


@pytest.mark.parametrize(
    ("differences", "code", "where"),
    [
        ({"documents": ()}, "completeness.missing-document", "documents"),
        (
            {"documents": (a_document(DocumentKind.CLINIC_NOTE, DocumentStatus.UNSIGNED),)},
            "completeness.unsigned-document",
            "documents[0].status",
        ),
        ({"patient": a_patient(sex="")}, "completeness.missing-demographics", "patient"),
        ({"coverages": ()}, "completeness.missing-coverage", "coverages"),
        ({"charges": ()}, "completeness.missing-charges", "charges"),
    ],
)
def test_an_overdue_deficiency_names_the_dead_letter(
    differences: dict[str, Any], code: str, where: str
) -> None:
    result = judged(a_chart(**differences), now_ms=SEEN + 200 * HOUR_MS)
    assert isinstance(result, Overdue)
    assert (type(result.failure).code, result.failure.where) == (code, where)
    assert result.failure.suggested_fix.endswith(".")


def test_a_stay_that_never_ends_is_looked_at_after_sixty_days() -> None:
    chart = a_chart(INPATIENT, encounter={"discharged_at": None})
    result = judged(chart, now_ms=ms(ADMITTED) + 1440 * HOUR_MS)
    assert isinstance(result, Overdue)
    assert isinstance(result.failure, failures.NotDischarged)


def test_the_overdue_deficiency_comes_first_and_all_are_told() -> None:
    chart = a_chart(
        INPATIENT, patient=a_patient(sex=""), documents=(), encounter={"discharged_at": None}
    )
    result = judged(chart, now_ms=SEEN + 48 * HOUR_MS)
    assert isinstance(result, Overdue)
    assert result.failure.sentence == (
        "The patient's sex is missing; the patient is not discharged; there is no history and "
        "physical; there is no discharge summary."
    )


def test_the_most_important_overdue_one_names_it_even_if_a_more_important_one_may_wait() -> None:
    """The coverage may still come; the documents are late."""
    now = ms(DISCHARGED) + 73 * HOUR_MS
    chart = a_chart(INPATIENT, documents=(), coverages=())
    result = judged(chart, now_ms=now, first_seen_ms=now - 2 * HOUR_MS)
    assert isinstance(result, Overdue)
    assert isinstance(result.failure, failures.MissingDocument)
    assert result.failure.sentence == (
        "There is no history and physical; there is no coverage; there is no discharge summary."
    )


HOURS = st.integers(0, 5_000)


@settings(deadline=None)
@given(first_seen=HOURS, looks=st.lists(HOURS, min_size=1, max_size=6))
def test_looking_again_never_moves_a_deadline(first_seen: int, looks: list[int]) -> None:
    chart = a_chart(documents=(), coverages=(), charges=())
    first_seen_ms = ms(ADMITTED) + first_seen * HOUR_MS
    deadlines = set()
    for look in looks:
        now_ms = first_seen_ms + look * HOUR_MS
        match judged(chart, now_ms=now_ms, first_seen_ms=first_seen_ms):
            case Waits(until_ms=until_ms):
                assert until_ms > now_ms
                deadlines.add(until_ms)
            case Overdue():
                assert all(deadline <= now_ms for deadline in deadlines)
    assert len(deadlines) <= 1
