"""A store for the tests of the command line: one chart in each kind of place, all with canaries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from messages.coding import CodesAssigned
from messages.completeness import ChartComplete, DeficiencyOverdue
from messages.intake import ChartReceived, MessageStored
from services.adapters.clock import SystemClock, SystemIds
from services.adapters.store.sqlite import SqliteBackend
from services.adapters.store.work import UnitOfWork
from services.chart.failures import AttemptsExhausted, Owner, Rejected, UnexpectedError
from services.chart.model import (
    Chart,
    Coding,
    Diagnosis,
    DiagnosisRole,
    DocumentKind,
    EncounterClass,
    Finding,
    Practitioner,
    Severity,
    Source,
    Status,
)
from services.chart.places import Outcome
from services.chart.ports import Changes
from services.chart.rows import ChartRow, ClaimRow, DeadLetterRow, JournalRow, RawRow
from services.query.raising import raise_poa_query
from tests.fakes.rows import a_row
from tests.unit.completeness_charts import ADMITTED, a_chart, a_document
from workers.console import main

CANARIES = ("CANARY", "Canary", "Zelda", "1961-02-03", "Q7F9")
MRN, ACCOUNT = "MRNQ7F9", "ACCTQ7F9"
RAW_TEXT = "MSH|^~\\&|A|B|||20260504||ADT^A04|1|P|2.5\rPID|1||MRNQ7F9||CANARYNAME^ZELDA\r"


class NeedsLook(Rejected):
    """A coder must look."""

    code = "test.needs-look"
    owner = Owner.CODER
    fix = "Correct the code, then resume."


@dataclass(frozen=True)
class Ran:
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.out)
        return content


class World:
    """A store in a file, seeded through the unit of work, and the commands over it."""

    def __init__(self, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.store = SqliteBackend(Path(url.removeprefix("sqlite:///")))
        self.clock = SystemClock()
        self.ids = SystemIds()
        self._capsys = capsys

    def run(self, *tokens: str) -> Ran:
        """One command in this process."""
        self._capsys.readouterr()
        code = main(tokens)
        caught = self._capsys.readouterr()
        return Ran(code, caught.out, caught.err)

    # -- seeding -----------------------------------------------------------------------------

    def work(self) -> UnitOfWork:
        work = UnitOfWork(self.store, self.clock, self.ids)
        work.begin(None, "test")
        return work

    def chart(self, chart_id: str, **differences: Any) -> Chart:
        """A chart that is due for completeness, with its one outside message."""
        raw_id = chart_id.replace("c_", "r_")
        raw = a_row(RawRow, raw_id, content=RAW_TEXT.encode(), state="filed", chart_id=chart_id)
        facts: dict[str, Any] = {
            "chart_id": chart_id,
            "account": f"{ACCOUNT}{chart_id}",
            "sources": (Source(raw_id=raw_id, event="ADT^A04", event_at=ADMITTED),),
            "diagnoses": (
                Diagnosis(code="E119", role=DiagnosisRole.PRINCIPAL, rank=1, where="DG1[1]"),
            ),
        }
        chart = a_chart(EncounterClass.INPATIENT, **facts | differences)
        chart = chart.model_copy(update={"patient": chart.patient.model_copy(update={"mrn": MRN})})
        work = self.work()
        work.put(raw)
        work.add_chart(chart)
        work.say(ChartReceived(chart_id=chart_id))
        work.keep()
        work.commit()
        return chart

    def stopped(self, chart_id: str, *, stage: str = "coding", **differences: Any) -> str:
        """A chart that stopped; returns the id of its dead letter."""
        self.chart(chart_id, **differences)
        work = self.work()
        facts = {"coding": ChartComplete, "assembly": CodesAssigned}
        failure = NeedsLook("The code E119 needs a look.", where="diagnoses[0]")
        work.stop(chart_id, failure, facts[stage](chart_id=chart_id))
        work.keep()
        work.commit()
        return self.letter(chart_id).dead_letter_id

    def broken(self, chart_id: str, failure: Rejected | UnexpectedError) -> str:
        """A chart that stopped for ops or developers."""
        self.chart(chart_id)
        work = self.work()
        work.stop(chart_id, failure, ChartComplete(chart_id=chart_id))
        work.keep()
        work.commit()
        return self.letter(chart_id).dead_letter_id

    def unreadable(self, raw_id: str) -> str:
        """An outside message that stopped at intake."""
        work = self.work()
        work.put(a_row(RawRow, raw_id, content=RAW_TEXT.encode(), state="stored"))
        work.stop_subject(raw_id, NeedsLook("It is no chart."), MessageStored(raw_id=raw_id))
        work.keep()
        work.commit()
        return self.letter(raw_id).dead_letter_id

    def waiting(self, chart_id: str) -> None:
        """A chart that waits for a document."""
        self.chart(chart_id)
        work = self.work()
        again = DeficiencyOverdue(chart_id=chart_id)
        work.wait(chart_id, again, self.clock.now_ms() + 10**9, "waiting for: a signature")
        work.keep()
        work.commit()

    def asked(self, chart_id: str) -> str:
        """A chart with an open question; returns the query's id."""
        chart = self.chart(
            chart_id,
            encounter={"attending": Practitioner(npi="1234567893")},
            documents=(a_document(DocumentKind.HISTORY_AND_PHYSICAL, at=ADMITTED),),
        )
        work = self.work()
        query_id = self.ids.new("q")
        row = raise_poa_query(chart, 0, query_id=query_id, now_ms=self.clock.now_ms())
        work.ask(row)
        work.keep()
        work.commit()
        return query_id

    def finished(self, chart_id: str) -> None:
        """A chart that is paid."""
        self.chart(chart_id)
        work = self.work()
        work.finish(chart_id, Outcome.PAID)
        work.keep()
        work.commit()

    # -- looking -----------------------------------------------------------------------------

    def letter(self, subject: str) -> DeadLetterRow:
        return self.store.select(DeadLetterRow, {"subject": subject}, order_by="-first_ms")[0]

    def row(self, chart_id: str) -> ChartRow:
        return self.store.select(ChartRow, {"chart_id": chart_id})[0]

    def body(self, chart_id: str) -> Chart:
        return Chart.model_validate_json(self.row(chart_id).body)

    def journal(self, subject: str) -> list[JournalRow]:
        return self.store.select(JournalRow, {"subject": subject}, order_by="seq")


def full(world: World) -> dict[str, str]:
    """One of everything; returns the ids by name."""
    world.chart("c_due")
    world.waiting("c_waiting")
    world.finished("c_paid")
    claim = a_row(
        ClaimRow, "cl_1", chart_id="c_paid", state="paid", total_cents=12345, paid_cents=-5
    )
    world.store.apply(Changes(inserts=[claim]))
    return {
        "letter": world.stopped("c_stopped"),
        "query": world.asked("c_asked"),
        "raw_letter": world.unreadable("r_unreadable"),
    }


def a_coding(*, overridable: bool) -> Coding:
    """A coding result with one finding that stops."""
    finding = Finding(
        rule_id="excludes1",
        status=Status.FAIL,
        severity=Severity.ERROR,
        target="diagnoses[0]",
        message="Two codes exclude each other.",
        overridable=overridable,
    )
    return Coding(codes=(), findings=(finding,))


def for_ops() -> AttemptsExhausted:
    return AttemptsExhausted("Tried 6 times; the last time: the mailbox did not answer.")
