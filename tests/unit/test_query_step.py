"""The query stage on the real runtime: asked, reminded, answered, expired, asked again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from messages.intake import MessageStored
from services.chart.failures import UnknownFact
from services.chart.model import Chart, Poa
from services.chart.rows import QueryRow
from services.query.answering import Recorded, answer_again, record_answer
from services.query.failures import NotOpen, UnknownOption
from tests.unit.completeness_charts import DISCHARGED
from tests.unit.query_charts import a_diagnosis, a_stay
from tests.unit.short_line import DAY_MS, HOUR_MS, MovableClock, Story
from workers import query

TWO_OPEN = (a_diagnosis("J9601"), a_diagnosis("N179"))


@pytest.fixture
def story() -> Story:
    return Story(MovableClock(DISCHARGED + timedelta(hours=2)))


def answer(story: Story, query_id: str, option: str, text: str = "") -> Recorded:
    work = story.work()
    recorded = record_answer(work, query_id, option, text, by="1234567893")
    story.end(work)
    return recorded


def asked(story: Story, chart: Chart | None = None) -> str:
    story.arrive(chart or a_stay())
    assert story.place == ("query", "coding")
    return story.queries[-1].query_id


def settled(chart: Chart) -> list[Poa | None]:
    return [one.poa for one in chart.diagnoses]


def test_a_question_is_sent_and_its_clocks_are_set(story: Story) -> None:
    began = story.clock.ms
    asked(story)
    assert [(one.kind, one.due_ms - began) for one in story.timers] == [
        ("QueryReminderDue", 2 * DAY_MS),
        ("QueryExpired", 5 * DAY_MS),
    ]
    assert len(story.told("query.sent")) == 1


def test_an_answer_sends_the_chart_on(story: Story) -> None:
    query_id = asked(story)
    story.pass_ms(DAY_MS)
    assert answer(story, query_id, "no") == Recorded("c_1", settled=True, changed=True)
    assert story.place == ("finished", "coding")
    assert settled(story.chart) == [Poa.YES, Poa.NO]
    (row,) = story.queries
    assert (row.state, row.closed_ms) == ("answered", story.clock.ms)


def test_clocks_that_ring_after_the_answer_change_nothing(story: Story) -> None:
    query_id = asked(story)
    answer(story, query_id, "no")
    before = (story.row, story.queries)
    story.pass_ms(6 * DAY_MS)
    assert not story.timers
    assert (story.row, story.queries) == before


def test_the_same_answer_twice_is_once(story: Story) -> None:
    query_id = asked(story)
    answer(story, query_id, "yes")
    before = (story.row, story.queries)
    assert answer(story, query_id, "yes") == Recorded("c_1", settled=True, changed=False)
    assert (story.row, story.queries) == before


@pytest.mark.parametrize(("option", "text"), [("no", ""), ("yes", "and more words")])
def test_another_answer_is_refused(story: Story, option: str, text: str) -> None:
    query_id = asked(story)
    answer(story, query_id, "yes")
    with pytest.raises(NotOpen, match="has another answer already"):
        answer(story, query_id, option, text)
    assert settled(story.chart) == [Poa.YES, Poa.YES]


def test_an_answer_that_is_not_offered_leaves_the_question_open(story: Story) -> None:
    query_id = asked(story)
    with pytest.raises(UnknownOption):
        answer(story, query_id, "maybe")
    assert story.queries[0].state == "open"
    assert story.place == ("query", "coding")


def test_an_unknown_query_is_not_found(story: Story) -> None:
    with pytest.raises(LookupError):
        answer(story, "q_9", "yes")


def test_an_answer_in_other_words_goes_to_a_coder_once(story: Story) -> None:
    query_id = asked(story)
    first = answer(story, query_id, "other", "Canary words")
    assert first == Recorded("c_1", settled=False, changed=True)
    assert story.place == ("dead-letter", "coding")
    assert (story.letter.code, story.letter.owner) == ("query.answer-needs-coder", "coder")
    assert story.letter.kind == "ChartComplete"
    assert answer(story, query_id, "other", "Canary words") == Recorded(
        "c_1", settled=False, changed=False
    )
    assert "anary" not in f"{story.letter} {story.told('query.answered')}"


def test_the_provider_is_reminded_every_two_days_until_the_question_expires(story: Story) -> None:
    asked(story)
    reminded = []
    for _ in range(4):
        story.pass_ms(DAY_MS)
        reminded.append(story.queries[0].reminded)
    assert reminded == [0, 1, 1, 2]
    assert [one.kind for one in story.timers] == ["QueryExpired"]
    assert len(story.told("query.reminded")) == 2


def test_a_question_without_an_answer_becomes_a_dead_letter(story: Story) -> None:
    query_id = asked(story)
    story.pass_ms(5 * DAY_MS)
    assert story.queries[0].state == "expired"
    assert story.place == ("dead-letter", "query")
    assert (story.letter.code, story.letter.owner) == ("query.no-answer", "provider")
    assert (story.letter.stage, story.letter.kind) == ("query", "ChartComplete")
    assert story.letter.sentence == "The provider has not answered; reminded 2 times."
    with pytest.raises(NotOpen, match="is expired"):
        answer(story, query_id, "yes")


def test_a_dead_letter_without_an_answer_is_asked_again_when_it_is_resumed(story: Story) -> None:
    asked(story)
    story.pass_ms(6 * DAY_MS)
    story.resume()
    assert story.place[0] == "query"
    assert [one.state for one in story.queries] == ["expired", "open"]
    story.pass_ms(5 * DAY_MS)
    assert [one.state for one in story.queries] == ["expired", "expired"]


def test_a_chart_that_changes_leaves_its_question_and_asks_a_new_one(story: Story) -> None:
    first = asked(story)
    story.pass_ms(DAY_MS)
    story.change(a_stay())
    assert [one.state for one in story.queries] == ["withdrawn", "open"]
    with pytest.raises(NotOpen, match="was withdrawn"):
        answer(story, first, "yes")


def test_a_later_question_has_clocks_of_its_own(story: Story) -> None:
    asked(story)
    story.pass_ms(DAY_MS)
    story.change(a_stay())
    raised = story.clock.ms
    story.pass_ms(DAY_MS + HOUR_MS)
    assert [one.reminded for one in story.queries] == [0, 0]
    story.pass_ms(DAY_MS)
    assert [one.reminded for one in story.queries] == [0, 1]
    story.pass_ms(raised + 5 * DAY_MS - story.clock.ms - 1)
    assert story.place[0] == "query"
    story.pass_ms(1)
    assert story.place[0] == "dead-letter"
    assert [one.state for one in story.queries] == ["withdrawn", "expired"]
    assert not story.timers


def test_nobody_is_asked_twice_when_the_sender_repeats_its_list(story: Story) -> None:
    query_id = asked(story)
    answer(story, query_id, "no")
    story.change(a_stay())
    assert story.place == ("finished", "coding")
    assert settled(story.chart) == [Poa.YES, Poa.NO]
    first, second = story.queries
    assert (second.state, second.answer) == ("answered", first.answer)
    assert story.told("query.answered")[-1].why == f"as query {query_id} was answered"
    assert len(story.told("query.sent")) == 1


def test_an_answer_about_one_diagnosis_says_nothing_of_another(story: Story) -> None:
    first = asked(story, a_stay(*TWO_OPEN))
    answer(story, first, "no")
    assert [one.state for one in story.queries] == ["answered", "open"]
    assert settled(story.chart) == [Poa.NO, None]
    answer(story, story.queries[-1].query_id, "yes")
    assert story.place == ("finished", "coding")
    assert settled(story.chart) == [Poa.NO, Poa.YES]


def test_an_answer_that_settled_nothing_is_not_given_again(story: Story) -> None:
    query_id = asked(story)
    answer(story, query_id, "unable-to-determine")
    story.resume()
    assert story.place[0] == "query"
    assert [one.state for one in story.queries] == ["answered", "open"]


def test_a_question_about_what_the_chart_says_by_now_does_not_answer_itself(story: Story) -> None:
    """A stage that asks about a settled diagnosis would else go round for ever."""
    answer(story, asked(story), "yes")
    work = story.work()
    work.save_chart(a_stay(a_diagnosis("N179", poa=Poa.UNKNOWN), a_diagnosis(poa=Poa.NO)))
    earlier = work.get(QueryRow, story.queries[0].query_id)
    assert answer_again(work, earlier) is False
    work.save_chart(a_stay(a_diagnosis("N179")))
    assert answer_again(work, earlier) is False


def test_a_fact_of_another_stage_is_refused(story: Story) -> None:
    with pytest.raises(UnknownFact):
        list(query.step(MessageStored(raw_id="r_1"), story.work(), story.line))
