"""Query templates and what makes a question compliant."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chart.model import CodeSystem, DiagnosisRole
from services.query.failures import NonCompliantQuery
from services.query.model import (
    STORED,
    About,
    Indicator,
    IndicatorKind,
    Option,
    Purpose,
    Question,
)
from services.query.templates import TemplateError, load, packaged

TEXT = (Path(__file__).parents[2] / "config" / "query_templates.yaml").read_text("utf-8")
TITLE = 'title: "When did a documented condition begin?"'
INDICATOR = Indicator(kind=IndicatorKind.DIAGNOSIS, on=date(2026, 5, 4), where="DG1[2]")
OPTIONS = (
    Option(id="yes", text="Yes", clinical=True),
    Option(id="no", text="No", clinical=True),
    Option(id="other", text="Other", clinical=False),
    Option(id="unable-to-determine", text="Unable to determine", clinical=False),
)
ABOUT = About(
    index=1,
    code="N179",
    system=CodeSystem.ICD10CM,
    role=DiagnosisRole.SECONDARY,
    where="DG1[2]",
    description="acute kidney failure, unspecified severity",
)


def a_question(**differences: Any) -> Question:
    facts: dict[str, Any] = {
        "template": "t",
        "version": 1,
        "purpose": Purpose.PRESENT_ON_ADMISSION,
        "title": "When did a condition begin?",
        "text": f"The record documents {ABOUT.description}. Was it there on arrival?",
        "about": ABOUT,
        "indicators": (INDICATOR,),
        "options": OPTIONS,
        "remind_ms": 1,
    }
    return Question(**facts | differences)


def faults_of(**differences: Any) -> tuple[str, ...]:
    with pytest.raises(NonCompliantQuery) as caught:
        a_question(**differences)
    return caught.value.faults


def option(option_id: str, text: str = "words", *, clinical: bool = True) -> Option:
    return Option(id=option_id, text=text, clinical=clinical)


def test_a_fair_question_can_be_asked_even_when_the_diagnosis_has_an_awkward_name() -> None:
    assert a_question().about.description in a_question().text


@pytest.mark.parametrize(
    "words",
    [
        "This raises the DRG.",
        "It is a CC.",
        "It counts as an MCC",
        "for reimbursement",
        "worth $ 400",
        "its severity",
        "the quality score",
        "our case mix",
        "Risk-adjusted outcomes",
        "an HCC",
        "more revenue",
    ],
)
def test_money_and_quality_have_no_place_in_a_question(words: str) -> None:
    assert faults_of(text=words) == ("the text speaks of money, severity or quality scores",)
    assert faults_of(options=(option("a", words), *OPTIONS)) == (
        "the option a speaks of money, severity or quality scores",
    )
    assert faults_of(title=words)[0] == "the title speaks of money, severity or quality scores"


@pytest.mark.parametrize("words", ["500 cc were drained", "the patient paid attention", "Drga"])
def test_words_that_only_look_like_money_are_fine(words: str) -> None:
    assert a_question(text=words).text == words


@pytest.mark.parametrize(
    "words", ["Please document it.", "Don't you agree it was there?", "You must say yes."]
)
def test_a_question_does_not_lead(words: str) -> None:
    assert faults_of(text=words) == ("the text leads to an answer",)


@pytest.mark.parametrize(
    "title",
    [
        "Is N17.9 right?",
        "About J9601",
        "Sepsis",
        "Type of heart failure",
        "acute kidney failure, unspecified severity",
        "Was it aspiration of food?",
    ],
)
def test_a_title_names_no_diagnosis(title: str) -> None:
    options = (option("aspiration", "Aspiration of food"), *OPTIONS)
    assert "the title names a diagnosis" in faults_of(title=title, options=options)


@pytest.mark.parametrize(
    ("options", "faults"),
    [
        (OPTIONS[:3], ("the option unable-to-determine is missing",)),
        ((*OPTIONS[:2], OPTIONS[3]), ("the option other is missing",)),
        (OPTIONS[1:], ("there is only one clinical option, or none",)),
        ((*OPTIONS, OPTIONS[0]), ("an option stands twice",)),
        (
            (*OPTIONS[:3], option("unable-to-determine")),
            ("other and unable-to-determine are not clinical options",),
        ),
    ],
)
def test_a_question_leaves_every_way_open(
    options: tuple[Option, ...], faults: tuple[str, ...]
) -> None:
    assert faults_of(options=options) == faults


def test_a_new_diagnosis_is_not_asked_for_with_yes_or_no() -> None:
    assert faults_of(purpose=Purpose.NEW_DIAGNOSIS) == (
        "a new diagnosis may not be asked for with yes or no",
    )
    open_ended = (option("a", "One"), option("b", "Another"), *OPTIONS[2:])
    assert a_question(purpose=Purpose.NEW_DIAGNOSIS, options=open_ended).options == open_ended


@pytest.mark.parametrize(
    ("indicators", "fault"),
    [
        ((), "no clinical indicator is given"),
        ((INDICATOR.model_copy(update={"on": None}),), "an indicator has no source or no date"),
        ((INDICATOR.model_copy(update={"where": ""}),), "an indicator has no source or no date"),
        ((INDICATOR.model_copy(update={"supports": ("yes",)}),), "nothing supports the option no"),
    ],
)
def test_a_question_stands_on_dated_indicators(
    indicators: tuple[Indicator, ...], fault: str
) -> None:
    assert faults_of(indicators=indicators) == (fault,)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(NonCompliantQuery) as caught:
        a_question(title="", text="for $ 5", indicators=(), options=())
    assert caught.value.faults == (
        "the text speaks of money, severity or quality scores",
        "it has no title or no text",
        "the option other is missing",
        "the option unable-to-determine is missing",
        "there is only one clinical option, or none",
        "no clinical indicator is given",
    )
    assert all(fault in caught.value.sentence for fault in caught.value.faults)


def test_a_question_in_the_store_is_read_as_it_was_asked_whatever_rules_have_come_since() -> None:
    asked = a_question().model_copy(update={"title": "Sepsis and its DRG"})
    text = asked.model_dump_json()
    assert Question.model_validate_json(text, context=STORED) == asked
    with pytest.raises(NonCompliantQuery):
        Question.model_validate_json(text)


def test_the_bundled_template_asks_about_presence_on_admission() -> None:
    (template,) = packaged().values()
    assert (template.id, template.remind_days, template.expire_days) == ("poa-clarification", 2, 5)
    assert {one.id: one.poa for one in template.options} == {
        "yes": "Y",
        "no": "N",
        "clinically-undetermined": "W",
        "other": None,
        "unable-to-determine": None,
    }


@pytest.mark.parametrize(
    ("was", "is_now", "fault"),
    [
        (TITLE, 'title: "Sepsis on arrival?"', "the title names a diagnosis"),
        ("In your clinical judgment", "For the DRG", "the text speaks of money"),
        ('{id: other, text: "Other', '{id: others, text: "Other', "the option other is missing"),
        ("purpose: present-on-admission", "purpose: new-diagnosis", "with yes or no"),
    ],
)
def test_a_template_that_breaks_a_rule_is_not_loaded(was: str, is_now: str, fault: str) -> None:
    assert was in TEXT
    with pytest.raises(NonCompliantQuery, match=fault) as caught:
        load(TEXT.replace(was, is_now, 1))
    assert caught.value.where.endswith(": templates[0]")
    assert caught.value.where.startswith("line ")


@pytest.mark.parametrize(
    ("was", "is_now", "words"),
    [
        ("remind_days: 2", "remind_days: 0", r"line \d+: templates\[0\]\.remind_days: .*greater"),
        ("remind_days: 2", "", r"line \d+: templates\[0\]\.remind_days: Field required"),
        ('id: "yes"', "id: yes", r"templates\[0\]\.options\[0\]\.id: .*string"),
        ('poa: "Y"', 'poa: "J"', r"templates\[0\]\.options\[0\]\.poa: "),
        ("{diagnosis}", "{diagnose}", "has {diagnosis} once, and no other blank"),
        ("{diagnosis}", "{diagnosis} {name}", "has {diagnosis} once, and no other blank"),
        ("templates:", "template:", "line 1: templates: Field required"),
        ("edition: ", "edition: [", r"line \d+: "),
    ],
)
def test_a_wrong_value_is_named_by_line_and_path(was: str, is_now: str, words: str) -> None:
    tail = TEXT[TEXT.index("\nedition:") + 1 :]
    assert was in tail
    with pytest.raises(TemplateError, match=words):
        load(tail.replace(was, is_now, 1))


def test_two_templates_cannot_have_one_id() -> None:
    entry = TEXT[TEXT.index("  - id: poa-clarification") :]
    with pytest.raises(TemplateError, match=r"templates\[1\]: the same id twice"):
        load(f"{TEXT}{entry}")


@settings(deadline=None)
@given(at=st.integers(0, len(TEXT)), insert=st.text(max_size=3))
def test_no_slip_of_the_pen_gives_anything_but_templates_or_an_error(at: int, insert: str) -> None:
    with suppress(TemplateError, NonCompliantQuery):
        assert load(TEXT[:at] + insert + TEXT[at + 2 :])
