"""The coding stage on the real runtime: charts that are coded, asked about, or stopped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from messages.assembly import ClaimAssembled
from messages.coding import CodesAssigned
from messages.completeness import ChartComplete
from messages.envelope import Fact
from messages.path import Stage
from messages.query import QueryAnswered
from services.adapters.store.work import UnitOfWork
from services.chart.failures import UnknownFact
from services.chart.model import Chart, Poa
from services.chart.places import Outcome
from services.chart.ports import Work
from services.chart.rows import ChartRow, DeadLetterRow, QueryRow
from services.codesets.library import CodeSets
from tests.fakes.backend import MemoryBackend
from tests.unit.codesets_fixture import the_codesets
from tests.unit.coding_charts import a_stay_of, a_visit, an_override, dx
from tests.unit.short_line import CountedIds, MovableClock
from workers import coding, query
from workers.runtime import Runtime

NOW = datetime(2026, 5, 4, tzinfo=UTC)
HOUR_MS = 3_600_000


@dataclass(frozen=True)
class CodingLine:
    """What the stage needs of `config.wiring.Line`."""

    codesets: CodeSets = field(default_factory=the_codesets)


def finish(fact: Fact, work: Work, line: Any) -> Iterator[Fact]:
    """Stands for assembly."""
    work.finish(fact.subject, Outcome.PAID)
    yield from ()


class Coder:
    """One chart on a line of coding and query, and what becomes of it."""

    def __init__(self) -> None:
        self.backend = MemoryBackend()
        self.clock = MovableClock(NOW)
        self.ids = CountedIds()
        self.runtime = Runtime(
            backend=self.backend,
            clock=self.clock,
            ids=self.ids,
            steps={"coding": coding.step, "query": query.step, "assembly": finish},
            line=CodingLine(),
            random=Random(1),
            report=lambda *_, **__: None,
        )

    def work(self) -> UnitOfWork:
        work = UnitOfWork(self.backend, self.clock, self.ids, self.runtime.cache)
        work.begin(None, "test")
        return work

    def end(self, work: UnitOfWork) -> None:
        work.keep()
        work.commit()
        while messages := self.backend.lease(
            tuple(Stage), self.clock.ms, self.clock.ms + HOUR_MS, 10
        ):
            self.runtime.run(messages)

    def arrive(self, chart: Chart) -> None:
        work = self.work()
        work.add_chart(chart)
        work.say(ChartComplete(chart_id=chart.chart_id))
        self.end(work)

    @property
    def place(self) -> tuple[str, str]:
        (row,) = self.backend.select(ChartRow, {})
        return row.place, row.stage

    @property
    def chart(self) -> Chart:
        (row,) = self.backend.select(ChartRow, {})
        return Chart.model_validate_json(row.body)

    @property
    def letter(self) -> DeadLetterRow:
        (letter,) = self.backend.select(DeadLetterRow, {"state": "open"})
        return letter


@pytest.fixture
def coder() -> Coder:
    return Coder()


def test_a_chart_with_good_codes_is_coded_and_goes_on(coder: Coder) -> None:
    coder.arrive(a_stay_of())
    assert coder.place[0] == "finished"
    assert coder.chart.coding is not None
    assert coder.chart.coding.drg is not None
    assert [one.code for one in coder.chart.coding.codes] == ["I5020", "N179", "I10"]


def test_a_chart_with_a_bad_code_becomes_a_dead_letter_for_a_coder(coder: Coder) -> None:
    coder.arrive(a_visit("K35.20"))
    assert coder.place == ("dead-letter", "coding")
    assert coder.letter.code == "coding.not-billable"
    assert coder.letter.owner == "coder"
    assert "choose K35.200, K35.201 or K35.209" in coder.letter.sentence
    assert coder.letter.location == "diagnoses[0] (DG1[1])"
    assert coder.chart.coding is None


def test_a_dead_letter_that_a_person_decided_goes_on_from_coding(coder: Coder) -> None:
    coder.arrive(a_visit("E119", "O24419"))
    work = coder.work()
    letter = work.get(DeadLetterRow, coder.letter.dead_letter_id)
    decided = {"overrides": (an_override("R-ICD-07"),)}
    work.save_chart(coder.chart.model_copy(update=decided))
    work.resume(letter, "unrelated conditions")
    coder.end(work)
    assert coder.place[0] == "finished"


def test_a_diagnosis_that_is_not_documented_as_present_is_asked_about(coder: Coder) -> None:
    chart = a_stay_of(diagnoses=dx("I5020", poa=Poa.UNKNOWN))
    coder.arrive(chart)
    assert coder.place[0] == "query"
    (row,) = coder.backend.select(QueryRow, {})
    assert (row.state, row.recipient) == ("open", "1234567893")
    assert "Unspecified systolic (congestive) heart failure" in row.question


def test_an_answer_lets_the_chart_be_coded(coder: Coder) -> None:
    chart = a_stay_of(diagnoses=dx("I5020", poa=Poa.YES))
    work = coder.work()
    work.add_chart(chart)
    work.say(QueryAnswered(chart_id=chart.chart_id, query_id="q_1"))
    coder.end(work)
    assert coder.place[0] == "finished"


@pytest.mark.parametrize("fact", [CodesAssigned, ClaimAssembled])
def test_coding_takes_no_other_fact(coder: Coder, fact: type[Fact]) -> None:
    fields = {"chart_id": "c_1", "claim_id": "k_1"}
    known = {name: fields[name] for name in fact.model_fields if name in fields}
    with pytest.raises(UnknownFact):
        list(coding.step(fact(**known), coder.work(), CodingLine()))  # type: ignore[arg-type]
