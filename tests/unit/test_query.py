"""Raising a question and putting its answer into the chart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chart.model import (
    Chart,
    CodeSystem,
    Diagnosis,
    DiagnosisRole,
    DocumentKind,
    DocumentStatus,
    Poa,
    Practitioner,
)
from services.query.answering import (
    NeedsCoder,
    Settled,
    apply_answer,
    read_answer,
    read_question,
    validate_answer,
)
from services.query.clock import next_reminder_ms
from services.query.failures import (
    AnswerNeedsText,
    NonCompliantQuery,
    NoRecipient,
    UnknownOption,
    UnsignedAnswer,
)
from services.query.model import IndicatorKind, Template
from services.query.templates import packaged
from tests.unit.completeness_charts import ADMITTED, a_document, a_patient
from tests.unit.query_charts import ATTENDING, NOW_MS, a_diagnosis, a_query, a_stay, an_answer

DAY_MS = 86_400_000


def test_a_new_question_is_open_for_five_days() -> None:
    row = a_query()
    assert (row.query_id, row.chart_id, row.template) == ("q_1", "c_1", "poa-clarification")
    assert (row.state, row.reminded, row.closed_ms, row.answer) == ("open", 0, 0, "")
    assert (row.raised_ms, row.expires_ms) == (NOW_MS, NOW_MS + 5 * DAY_MS)
    assert read_answer(row) is None


def test_the_question_names_the_diagnosis_in_its_text_and_not_in_its_title() -> None:
    question = read_question(a_query())
    assert "the diagnosis coded J96.01." in question.text
    assert "J96" not in question.title
    described = read_question(a_query(description="acute respiratory failure with hypoxia"))
    assert "documents acute respiratory failure with hypoxia." in described.text


@pytest.mark.parametrize(
    ("code", "system", "written"),
    [("I10", CodeSystem.ICD10CM, "I10"), ("51881", CodeSystem.ICD9CM, "518.81")],
)
def test_a_code_is_written_as_people_write_it(code: str, system: CodeSystem, written: str) -> None:
    chart = a_stay(a_diagnosis(code, system=system))
    assert f"the diagnosis coded {written}." in read_question(a_query(chart, 0)).text


def test_the_question_quotes_the_statement_the_admission_and_what_was_signed() -> None:
    question = read_question(a_query())
    assert [(one.kind, one.on, one.where, one.document_id) for one in question.indicators] == [
        (IndicatorKind.DIAGNOSIS, ADMITTED.date(), "DG1[2]", ""),
        (IndicatorKind.ENCOUNTER, ADMITTED.date(), "encounter.admitted_at", ""),
        (IndicatorKind.DOCUMENT, date(2026, 5, 4), "documents[1]", "D1"),
        (IndicatorKind.DOCUMENT, date(2026, 5, 7), "documents[0]", "D2"),
    ]


def test_documents_without_a_date_or_a_signature_are_no_indicators() -> None:
    documents = (
        a_document(DocumentKind.HISTORY_AND_PHYSICAL),
        a_document(DocumentKind.PROGRESS_NOTE, DocumentStatus.UNSIGNED, at=ADMITTED),
        a_document(DocumentKind.RESULT, at=ADMITTED),
    )
    question = read_question(a_query(a_stay(documents=documents)))
    assert IndicatorKind.DOCUMENT not in {one.kind for one in question.indicators}


def test_without_any_date_no_question_can_be_asked() -> None:
    undated = a_stay(sources=(), encounter={"attending": ATTENDING, "admitted_at": None})
    with pytest.raises(NonCompliantQuery, match="no source or no date"):
        a_query(undated)


def test_a_diagnosis_without_evidence_of_its_own_is_cited_by_its_place_on_the_chart() -> None:
    chart = a_stay(a_diagnosis(where=""))
    assert read_question(a_query(chart, 0)).about.where == "diagnoses[0]"


@pytest.mark.parametrize(
    ("differences", "recipient"),
    [
        (
            {"encounter": {"attending": ATTENDING, "operating": Practitioner(npi="2")}},
            ATTENDING.npi,
        ),
        ({"encounter": {"attending": Practitioner(local_id="L7")}}, "L7"),
        ({"encounter": {"attending": Practitioner(), "rendering": Practitioner(npi="3")}}, "3"),
        ({"encounter": {"operating": Practitioner(npi="4")}}, "4"),
        (
            {
                "encounter": {},
                "documents": (
                    a_document(DocumentKind.RESULT, author=Practitioner(npi="9")),
                    a_document(DocumentKind.DISCHARGE_SUMMARY, author=Practitioner(npi="5")),
                ),
            },
            "5",
        ),
    ],
)
def test_only_one_who_treats_the_patient_is_asked(
    differences: dict[str, Any], recipient: str
) -> None:
    assert a_query(a_stay(**differences)).recipient == recipient


def test_without_anybody_to_ask_registration_must_help() -> None:
    with pytest.raises(NoRecipient):
        a_query(a_stay(encounter={}))


def test_a_house_may_bring_its_own_template() -> None:
    own: dict[str, Template] = {
        one.id: one.model_copy(update={"expire_days": 9, "remind_days": 3})
        for one in packaged().values()
    }
    row = a_query(templates=own)
    assert row.expires_ms == NOW_MS + 9 * DAY_MS
    assert next_reminder_ms(row, NOW_MS) == NOW_MS + 3 * DAY_MS


@pytest.mark.parametrize(
    ("option", "poa"),
    [("yes", Poa.YES), ("no", Poa.NO), ("clinically-undetermined", Poa.UNDETERMINED)],
)
def test_a_clinical_answer_becomes_part_of_the_chart(option: str, poa: Poa) -> None:
    chart = a_stay()
    applied = apply_answer(chart, a_query(chart), an_answer(option))
    assert isinstance(applied, Settled)
    assert applied.poa is poa
    assert applied.chart.diagnoses == (
        chart.diagnoses[0],
        chart.diagnoses[1].model_copy(update={"poa": poa}),
    )
    assert applied.chart.model_copy(update={"diagnoses": chart.diagnoses}) == chart


@pytest.mark.parametrize("option", ["other", "unable-to-determine"])
def test_an_answer_that_settles_nothing_is_for_a_coder(option: str) -> None:
    applied = apply_answer(a_stay(), a_query(), an_answer(option, text="Canary words"))
    assert applied == NeedsCoder(f"The provider answered '{option}'.")


def test_the_diagnosis_is_found_again_where_it_stands_now() -> None:
    row = a_query()
    moved = a_stay(a_diagnosis(role=DiagnosisRole.PRINCIPAL), a_diagnosis("J189"))
    applied = apply_answer(moved, row, an_answer())
    assert isinstance(applied, Settled)
    assert [one.poa for one in applied.chart.diagnoses] == [Poa.YES, None]


@pytest.mark.parametrize(
    "diagnoses",
    [
        (a_diagnosis("J189"),),
        (a_diagnosis("J189"), a_diagnosis("J9601", role=DiagnosisRole.ADMITTING)),
        (a_diagnosis("J9601"), a_diagnosis("J189"), a_diagnosis("J9601")),
        (a_diagnosis("J9601", system=CodeSystem.ICD9CM),),
    ],
    ids=["gone", "admitting only", "twice", "another code system"],
)
def test_an_answer_about_what_is_no_longer_there_is_for_a_coder(
    diagnoses: tuple[Diagnosis, ...],
) -> None:
    applied = apply_answer(a_stay(*diagnoses), a_query(), an_answer())
    assert isinstance(applied, NeedsCoder)


@pytest.mark.parametrize(
    ("differences", "failure"),
    [
        ({"option": "maybe"}, UnknownOption),
        ({"option": "other"}, AnswerNeedsText),
        ({"option": "other", "text": "  "}, AnswerNeedsText),
        ({"signed": False}, UnsignedAnswer),
        ({"by": " "}, UnsignedAnswer),
    ],
)
def test_an_answer_must_be_offered_in_full_and_signed(
    differences: dict[str, Any], failure: type[Exception]
) -> None:
    with pytest.raises(failure):
        validate_answer(read_question(a_query()), an_answer(**differences))
    with pytest.raises(failure):
        apply_answer(a_stay(), a_query(), an_answer(**differences))


def test_reminders_keep_the_rhythm_of_the_question_and_end_with_it() -> None:
    row = a_query()
    after = [next_reminder_ms(row, NOW_MS + day * DAY_MS) for day in range(6)]
    days = [None if at is None else (at - NOW_MS) // DAY_MS for at in after]
    assert days == [2, 2, 4, 4, None, None]
    assert next_reminder_ms(row, NOW_MS - DAY_MS) == NOW_MS + 2 * DAY_MS
    assert next_reminder_ms(replace(row, expires_ms=NOW_MS + 2 * DAY_MS), NOW_MS) is None


def test_the_words_of_an_answer_are_in_no_repr() -> None:
    assert "anary" not in repr(an_answer("other", text="Canary words"))


diagnoses = st.lists(
    st.builds(
        a_diagnosis,
        st.sampled_from(["J9601", "N179", "I10", "E1165"]),
        role=st.sampled_from(DiagnosisRole),
        poa=st.sampled_from([None, *Poa]),
    ),
    min_size=1,
    max_size=6,
)


@settings(deadline=None)
@given(found=diagnoses, data=st.data())
def test_an_answer_changes_one_poa_and_nothing_else(found: list[Diagnosis], data: Any) -> None:
    index = data.draw(st.integers(0, len(found) - 1))
    option = data.draw(st.sampled_from(["yes", "no", "clinically-undetermined"]))
    chart: Chart = a_stay(*found, patient=a_patient(sex="U"))
    applied = apply_answer(chart, a_query(chart, index), an_answer(option))
    assert isinstance(applied, Settled)
    for position, (before, after) in enumerate(
        zip(chart.diagnoses, applied.chart.diagnoses, strict=True)
    ):
        poa = applied.poa if position == index else before.poa
        assert after == before.model_copy(update={"poa": poa})
