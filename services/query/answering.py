"""The answer to a question, and how it becomes part of the chart."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from messages.completeness import ChartComplete
from messages.query import QueryAnswered
from services.chart.failures import Rejected
from services.chart.model import Chart, Diagnosis, DiagnosisRole, Poa
from services.chart.ports import Work
from services.chart.rows import QueryRow
from services.query import lint
from services.query.failures import (
    AnswerNeedsCoder,
    AnswerNeedsText,
    NotOpen,
    UnknownOption,
    UnsignedAnswer,
)
from services.query.model import STORED, About, Answer, Question


@dataclass(frozen=True, slots=True)
class Settled:
    """The answer settles the question; `chart` has it."""

    chart: Chart
    poa: Poa


@dataclass(frozen=True, slots=True)
class NeedsCoder:
    """The answer leaves the chart as it is, and a coder must read it."""

    why: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording an answer did. `changed` is False when the same answer was there already."""

    chart_id: str
    settled: bool
    changed: bool


def read_question(row: QueryRow) -> Question:
    """The question as it was asked, whatever rules have come since."""
    return Question.model_validate_json(row.question, context=STORED)


def read_answer(row: QueryRow) -> Answer | None:
    """The answer, if there is one."""
    return Answer.model_validate_json(row.answer) if row.answer else None


def validate_answer(question: Question, answer: Answer) -> None:
    """Whether the answer is one that the question offers, in full and signed.

    Raises:
        UnknownOption, AnswerNeedsText, UnsignedAnswer: what is wrong with it.
    """
    offered = [option.id for option in question.options]
    if answer.option not in offered:
        raise UnknownOption(f"The question offers: {', '.join(offered)}.", where="option")
    if answer.option == lint.OTHER and not answer.text.strip():
        raise AnswerNeedsText("The answer 'other' has no words of its own.", where="text")
    if not answer.signed or not answer.by.strip():
        raise UnsignedAnswer("The answer is not signed.", where="by")


def apply_answer(chart: Chart, query_row: QueryRow, answer: Answer) -> Settled | NeedsCoder:
    """Put the answer into the chart, if it settles the question.

    Raises:
        UnknownOption, AnswerNeedsText, UnsignedAnswer: as `validate_answer`.
    """
    question = read_question(query_row)
    validate_answer(question, answer)
    chosen = next(option for option in question.options if option.id == answer.option)
    if chosen.poa is None:
        return NeedsCoder(f"The provider answered '{chosen.id}'.")
    index = _index_of(chart, question.about)
    if index is None:
        return NeedsCoder("The diagnosis in question is no longer on the chart, or is twice.")
    diagnoses = list(chart.diagnoses)
    diagnoses[index] = diagnoses[index].model_copy(update={"poa": chosen.poa})
    return Settled(chart.model_copy(update={"diagnoses": tuple(diagnoses)}), chosen.poa)


def _index_of(chart: Chart, about: About) -> int | None:
    """Where the diagnosis stands now: where it stood, else where its like stands alone."""
    if about.index < len(chart.diagnoses) and _is(chart.diagnoses[about.index], about):
        return about.index
    found = [index for index, one in enumerate(chart.diagnoses) if _is(one, about)]
    return found[0] if len(found) == 1 else None


def _is(diagnosis: Diagnosis, about: About) -> bool:
    """The same code on the claim; principal and secondary may have changed places."""
    billed = {DiagnosisRole.PRINCIPAL, DiagnosisRole.SECONDARY}
    same_role = diagnosis.role is about.role or {diagnosis.role, about.role} <= billed
    return (diagnosis.code, diagnosis.system) == (about.code, about.system) and same_role


def record_answer(
    work: Work, query_id: str, option: str, text: str = "", *, by: str, signed: bool = True
) -> Recorded:
    """Record an answer: the question is closed, the chart has it and goes on.

    A settled answer sends the chart back to coding; any other makes it a dead letter for a coder.
    The same answer a second time is a success that changes nothing.

    Raises:
        LookupError: there is no such query.
        NotOpen: it has another answer, or was withdrawn, or has expired.
        UnknownOption, AnswerNeedsText, UnsignedAnswer: as `validate_answer`.
    """
    row = work.get(QueryRow, query_id)
    answer = Answer(option=option, text=text, by=by, at_ms=work.clock.now_ms(), signed=signed)
    if row.state != "open":
        return _already(row, answer)
    return Recorded(row.chart_id, settled=_close(work, row, answer), changed=True)


def answer_again(work: Work, row: QueryRow) -> bool:
    """Answer an open question as the same one was answered before; returns whether it was.

    A sender that repeats its whole list of diagnoses takes an answer off the chart again; nobody
    is asked twice for that. The latest answer that settled the question counts. Nothing happens
    when the chart says something else by now, so that a question cannot answer itself for ever.
    """
    about = read_question(row).about
    chart = work.chart(row.chart_id)
    index = _index_of(chart, about)
    if index is None or chart.diagnoses[index].poa not in {None, Poa.UNKNOWN}:
        return False
    answered = work.find(QueryRow, chart_id=row.chart_id, template=row.template, state="answered")
    for earlier in sorted(answered, key=lambda one: one.closed_ms, reverse=True):
        answer = read_answer(earlier)
        if answer is None or not _is(chart.diagnoses[index], read_question(earlier).about):
            continue
        if isinstance(apply_answer(chart, row, answer), Settled):
            why = f"as query {earlier.query_id} was answered"
            _close(work, row, answer, why)
            return True
    return False


def _close(work: Work, row: QueryRow, answer: Answer, why: str = "") -> bool:
    """Close an open question and send the chart on; returns whether the answer settles it."""
    applied = apply_answer(work.chart(row.chart_id), row, answer)
    now_ms = work.clock.now_ms()
    work.put(replace(row, state="answered", answer=answer.model_dump_json(), closed_ms=now_ms))
    detail = {"query": row.query_id, "option": answer.option, "by": answer.by}
    match applied:
        case Settled(chart=chart, poa=poa):
            work.save_chart(chart)
            work.note(row.chart_id, "query.answered", why, **detail, poa=poa.value)
            work.say(QueryAnswered(chart_id=row.chart_id, query_id=row.query_id))
            return True
        case NeedsCoder(why=reason):
            work.note(row.chart_id, "query.answered", reason, **detail)
            failure = AnswerNeedsCoder(reason, where=read_question(row).about.where)
            work.stop(row.chart_id, failure, resume_with=ChartComplete(chart_id=row.chart_id))
            return False
        case rest:
            assert_never(rest)


def _already(row: QueryRow, answer: Answer) -> Recorded:
    """The same answer again is fine; anything else comes too late. Raises: NotOpen."""
    given = read_answer(row)
    if given is None or (given.option, given.text) != (answer.option, answer.text):
        raise _too_late(row)
    options = read_question(row).options
    settled = any(one.id == given.option and one.poa is not None for one in options)
    return Recorded(row.chart_id, settled=settled, changed=False)


def _too_late(row: QueryRow) -> Rejected:
    words = {"answered": "has another answer already", "withdrawn": "was withdrawn"}
    return NotOpen(f"The question {words.get(row.state, f'is {row.state}')}.", where="state")
