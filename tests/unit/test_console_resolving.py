"""What a person decides about a dead letter, when others are at it at the same time."""

from __future__ import annotations

import pytest

from messages.coding import CodesAssigned
from messages.completeness import ChartComplete
from messages.envelope import ChartFact
from messages.intake import ChartReceived, MessageStored
from messages.path import Stage
from services.adapters.store.fsck import fsck
from services.adapters.store.work import UnitOfWork
from services.chart.failures import UnexpectedError
from services.chart.model import Chart, DiagnosisRole
from services.chart.ports import Changes, Conflict
from services.chart.rows import ChartRow, DeadLetterRow, JournalRow, MessageRow
from services.worklist.corrections import CORRECTABLE, Correction, correct
from services.worklist.failures import Busy, NothingToCorrect
from services.worklist.resolving import TRIES, Resolution, Resolved, carry_out, resume
from tests.fakes.backend import MemoryBackend
from tests.fakes.clock import CountingIds, FakeClock
from tests.unit.completeness_charts import a_charge, a_chart
from tests.unit.console_world import a_coding

CHART_ID = "c_1"


class Desks:
    """A store with one chart that stopped, and people at it."""

    def __init__(self, fact: type[ChartFact] = ChartComplete) -> None:
        self.store = MemoryBackend()
        self.clock, self.ids = FakeClock(), CountingIds()
        work = self.desk()
        work.begin(None, "test")
        chart = a_chart(chart_id=CHART_ID, coding=a_coding(overridable=True))
        work.add_chart(chart)
        work.say(ChartReceived(chart_id=CHART_ID))
        work.stop(CHART_ID, UnexpectedError("It failed."), fact(chart_id=CHART_ID))
        work.keep()
        work.commit()

    def desk(self) -> UnitOfWork:
        return UnitOfWork(self.store, self.clock, self.ids)

    def resume(self, by: str, *corrections: tuple[str, str]) -> Resolved:
        asked = tuple(Correction(path, value) for path, value in corrections)
        resolution = Resolution(by, "looked", asked)
        return carry_out(self.desk, f"person:{by}", lambda desk: resume(desk, CHART_ID, resolution))

    @property
    def chart(self) -> Chart:
        return Chart.model_validate_json(self.store.select(ChartRow, {})[0].body)


def test_two_people_at_once_resume_once_and_the_slower_hears_of_the_faster() -> None:
    desks = Desks()
    faster: list[Resolved] = []

    def somebody_is_faster(_changes: Changes) -> None:
        if not faster:
            desks.store.before_apply = lambda _changes: None
            faster.append(desks.resume("ana"))

    desks.store.before_apply = somebody_is_faster
    slower = desks.resume("bob")
    assert (faster[0].changed, slower.changed) == (True, False)
    assert slower.by == "person:ana"
    assert len(desks.store.select(MessageRow, {"subject": CHART_ID})) == 1
    assert fsck(desks.store).faults == ()


def test_somebody_who_is_always_slower_hears_that_it_is_busy_and_nothing_changes() -> None:
    desks = Desks()
    tried: list[Changes] = []

    def always(changes: Changes) -> None:
        tried.append(changes)
        raise Conflict

    desks.store.before_apply = always
    with pytest.raises(Busy):
        desks.resume("bob")
    assert len(tried) == TRIES
    assert desks.store.select(DeadLetterRow, {})[0].state == "open"


def test_a_message_that_stopped_has_no_chart_to_correct() -> None:
    desks = Desks()
    work = desks.desk()
    work.begin(None, "test")
    work.stop_subject("r_1", UnexpectedError("It failed."), MessageStored(raw_id="r_1"))
    work.keep()
    work.commit()
    resolution = Resolution("ana", "looked", (Correction("patient.sex", "F"),))
    with pytest.raises(NothingToCorrect):
        resume(desks.desk(), "r_1", resolution)


def test_a_correction_that_coding_does_not_read_keeps_the_codes() -> None:
    desks = Desks(CodesAssigned)
    done = desks.resume("ana", ("encounter.attending.npi", "1234567893"))
    assert done.stage == Stage.ASSEMBLY
    assert desks.chart.coding is not None
    attending = desks.chart.encounter.attending
    assert attending is not None
    assert attending.npi == "1234567893"


def test_the_earliest_stage_of_several_corrections_decides() -> None:
    desks = Desks(CodesAssigned)
    done = desks.resume(
        "ana", ("encounter.admission_type", "1"), ("encounter.encounter_class", "emergency")
    )
    assert done.stage == Stage.COMPLETENESS
    assert desks.chart.coding is None
    said = desks.store.select(MessageRow, {"subject": CHART_ID})[0]
    assert (said.kind, said.stage) == ("ChartChanged", "completeness")
    assert desks.store.select(ChartRow, {})[0].encounter_class == "emergency"


def test_a_chart_is_never_sent_forward() -> None:
    done = Desks(ChartComplete).resume("ana", ("encounter.admission_type", "1"))
    assert done.stage == Stage.CODING


def test_lists_and_codes_are_kept_as_the_model_keeps_them() -> None:
    chart = a_chart(charges=(a_charge(modifiers=("25",)),))
    done = correct(
        chart,
        [Correction("charges[0].modifiers", "59, lt"), Correction("charges[0].code", "99214")],
    )
    assert done.chart.charges[0].modifiers == ("59", "LT")
    assert done.changes[0] == {"path": "charges[0].modifiers", "from": "25", "to": "59,LT"}
    assert done.needs == Stage.CODING
    assert done.chart.model_copy(update={"charges": chart.charges}) == chart


@pytest.mark.parametrize("row", CORRECTABLE, ids=lambda row: row.path)
def test_every_field_that_may_be_corrected_is_in_the_model(row: object) -> None:
    path = getattr(row, "path", "").replace("[]", "[0]")
    values = {
        "encounter_class": "inpatient",
        "role": DiagnosisRole.SECONDARY.value,
        "birth_date": "1960-01-01",
        "sex": "F",
        "poa": "Y",
        "state": "IL",
        "zip": "62701",
        "npi": "1234567893",
        "code": "99213",
        "revenue_code": "0450",
        "modifiers": "25",
        "discharge_status": "01",
        "admission_type": "1",
        "plan_type": "CI",
        "country": "US",
    }
    value = values.get(path.rpartition(".")[2], "ABC12")
    chart = a_chart(
        diagnoses=({"code": "E119"},), procedures=({"code": "0DTJ4ZZ"},), charges=(a_charge(),)
    )
    assert correct(chart, [Correction(path, value)]).changes[0]["path"] == path


def test_who_looked_and_who_changed_are_in_one_whole_journal() -> None:
    desks = Desks()
    desks.resume("ana", ("patient.sex", "M"))
    whats = [row.what for row in desks.store.select(JournalRow, {"subject": CHART_ID})]
    assert whats[-3:] == ["chart.corrected", "chart.sent-back", "ChartChanged"]
    assert fsck(desks.store).faults == ()
