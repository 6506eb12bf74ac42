"""The assembly stage on the real runtime: one claim for one billing event, or a dead letter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import pytest

from messages.coding import CodesAssigned
from messages.completeness import ChartComplete
from messages.envelope import Fact
from messages.path import Stage
from services.adapters.store.work import UnitOfWork
from services.assembly.profiles import Facility, PayerProfile
from services.chart.model import Chart, EncounterClass
from services.chart.ports import Work
from services.chart.rows import ChartRow, ClaimRow, CounterRow, DeadLetterRow
from services.edi import guide
from services.edi.claim import Claim
from services.edi.guide import GuideError
from tests.fakes.backend import MemoryBackend
from tests.fakes.clock import CountingIds, FakeClock
from tests.unit.assembly_charts import a_coded_chart, a_patient, the_facilities, the_payers
from workers import assembly
from workers.runtime import Runtime

GuideCheck = Callable[[bytes], Sequence[GuideError]]


@dataclass(frozen=True)
class AssemblyLine:
    """What the stage needs of `config.wiring.Line`."""

    guide_check: GuideCheck
    payers: Mapping[str, PayerProfile] = field(default_factory=the_payers)
    facilities: Mapping[str, Facility] = field(default_factory=the_facilities)


def _wait(fact: Fact, work: Work, line: Any) -> Iterator[Fact]:
    """Stands for the other stages."""
    work.wait(fact.subject, fact, 2**52, "the test ends here")
    yield from ()


class Assembling:
    """One stage, and charts that come to it."""

    def __init__(self, guide_check: GuideCheck = guide.check) -> None:
        self.clock, self.ids, self.store = FakeClock(), CountingIds(), MemoryBackend()
        self.guide_check = guide_check

    def end(self, work: UnitOfWork) -> None:
        work.keep()
        work.commit()
        runtime = Runtime(
            backend=self.store,
            clock=self.clock,
            ids=self.ids,
            steps={**dict.fromkeys(Stage, _wait), Stage.ASSEMBLY: assembly.step},
            line=AssemblyLine(self.guide_check),
            random=Random(3),
            report=lambda *_, **__: None,
        )
        now = self.clock.now_ms()
        while rows := self.store.lease(tuple(Stage), now, now + 1000, 10):
            runtime.run(rows)

    def work(self) -> UnitOfWork:
        work = UnitOfWork(self.store, self.clock, self.ids)
        work.begin(None, "test")
        return work

    def arrive(self, chart: Chart) -> None:
        work = self.work()
        work.add_chart(chart)
        work.say(CodesAssigned(chart_id=chart.chart_id))
        self.end(work)

    def again(self, chart: Chart) -> None:
        """Coding has gone over the chart once more."""
        work = self.work()
        work.save_chart(chart)
        work.say(CodesAssigned(chart_id=chart.chart_id))
        self.end(work)

    def set_state(self, claim: ClaimRow, state: str) -> None:
        work = self.work()
        work.put(replace(work.get(ClaimRow, claim.claim_id), state=state))
        self.end(work)

    @property
    def claims(self) -> list[ClaimRow]:
        return self.store.select(ClaimRow, {}, order_by="sequence")

    @property
    def letter(self) -> DeadLetterRow:
        (letter,) = self.store.select(DeadLetterRow, {"state": "open"})
        return letter

    def place(self) -> tuple[str, str]:
        (row,) = self.store.select(ChartRow, {})
        return row.place, row.stage


@pytest.fixture
def line() -> Assembling:
    return Assembling()


@pytest.mark.parametrize("kind", list(EncounterClass))
def test_a_coded_chart_becomes_a_queued_claim(line: Assembling, kind: EncounterClass) -> None:
    line.arrive(a_coded_chart(kind))
    assert line.place() == ("waiting", "submission")
    (row,) = line.claims
    transaction = "837P" if kind is EncounterClass.CLINIC else "837I"
    assert (row.transaction, row.state, row.sequence) == (transaction, "queued", 1)
    assert row.billing_event == f"MERCY|A1|{transaction}"
    assert row.total_cents == 12_550
    claim = Claim.model_validate_json(row.body)
    assert claim.control_number == row.control_number == "000000001"


def test_control_numbers_go_up_and_a_refused_claim_uses_none(line: Assembling) -> None:
    line.arrive(a_coded_chart(patient=a_patient(sex="")))
    assert (line.letter.code, line.letter.location) == (
        "assembly.incomplete-claim",
        "patient.sex",
    )
    assert line.letter.owner == "biller"
    assert not line.store.select(CounterRow, {"name": "claim"})
    line.arrive(a_coded_chart(chart_id="c_2", account="A2"))
    assert [one.control_number for one in line.claims] == ["000000001"]


def test_a_billing_event_is_never_billed_twice(line: Assembling) -> None:
    chart = a_coded_chart()
    line.arrive(chart)
    line.again(chart)
    assert len(line.claims) == 1
    assert line.letter.code == "assembly.already-billed"
    assert line.letter.location == f"claim {line.claims[0].claim_id}"


def test_a_rejected_claim_is_followed_by_the_next_original(line: Assembling) -> None:
    chart = a_coded_chart()
    line.arrive(chart)
    line.set_state(line.claims[0], "rejected")
    line.again(chart)
    first, second = line.claims
    assert (first.sequence, second.sequence) == (1, 2)
    assert second.frequency == "1"
    assert first.control_number != second.control_number
    assert line.place() == ("waiting", "submission")


def test_a_claim_that_breaks_its_guide_is_not_kept(line: Assembling) -> None:
    chart = a_coded_chart()
    address = chart.patient.address
    assert address is not None
    nowhere = address.model_copy(update={"state": "XX"})
    line.arrive(a_coded_chart(patient=a_patient(address=nowhere)))
    assert not line.claims
    assert line.letter.code == "assembly.guide-violation"
    assert line.letter.location == "segment 18 N402"
    assert "Subscriber State Code (N402)" in line.letter.sentence


def test_many_errors_are_counted_and_some_named() -> None:
    errors = [GuideError(n, "CLM", "CLM01", "element.1", f"Thing {n}.") for n in range(7)]
    line = Assembling(guide_check=lambda _: errors)
    line.arrive(a_coded_chart())
    assert line.letter.sentence.endswith("Thing 4. And 2 more.")


def test_a_line_without_guide_check_builds_all_the_same() -> None:
    line = Assembling(guide_check=lambda _: ())
    line.arrive(a_coded_chart())
    assert len(line.claims) == 1


def test_a_fact_of_another_stage_is_a_bug() -> None:
    with pytest.raises(TypeError):
        list(assembly.step(ChartComplete(chart_id="c_1"), None, None))  # type: ignore[arg-type]
