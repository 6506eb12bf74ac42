"""The two last stages on the store in memory, and claims to send through them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import workers.remittance
import workers.submission
from messages.assembly import ClaimAssembled
from messages.envelope import Fact
from messages.path import Stage
from messages.submission import MailboxDue
from services.adapters.store.scratch import key_of
from services.adapters.store.work import UnitOfWork
from services.chart.model import Address, Chart, Name, Patient
from services.chart.rows import ChartRow, ClaimRow, DeadLetterRow, JournalRow, Row, TimerRow
from services.edi.claim import (
    BillingProvider,
    Claim,
    ClaimDiagnosis,
    DiagnosisUse,
    Payer,
    ServiceLine,
    Submitter,
    Subscriber,
)
from tests.fakes.backend import MemoryBackend
from tests.fakes.clearinghouse import FakeClearinghouse
from tests.fakes.clock import CountingIds, FakeClock
from workers.runtime import Runtime
from workers.timers import fire_due

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
HOME = Address(line1="12 ELM STREET", city="DAYTON", state="OH", zip="454011234")


@dataclass(frozen=True)
class AProfile:
    mailbox: str = "simulator"
    batch_window_s: int = 2
    ack_hours: int = 24
    remit_days: int = 30


@dataclass(frozen=True)
class SomeSettings:
    batch_window_ms: int = -1
    mailbox_poll_ms: int = 2_000


@dataclass(frozen=True)
class SomeLine:
    """What the two stages ask of the line."""

    clearinghouses: dict[str, Any]
    payers: dict[str, AProfile] = field(
        default_factory=lambda: {"BLUE1": AProfile(), "MCARE1": AProfile()}
    )
    settings: SomeSettings = SomeSettings()


def a_claim(number: str, member: str = "W1002003", payer: str = "BLUE1") -> Claim:
    """A small professional claim of 125 dollars."""
    return Claim(
        transaction="837P",
        control_number=number,
        total=Decimal("125.00"),
        setting="11",
        submitter=Submitter(submitter_id="LINE01", name="LINE", contact="EDI", phone="5555550100"),
        payer=Payer(payer_id=payer, name="BLUE HERON", filing_code="CI"),
        billing=BillingProvider(
            name="LINE CLINIC",
            npi="1679523708",
            tax_id="123456789",
            taxonomy="261QP2300X",
            address=HOME,
        ),
        subscriber=Subscriber(
            name=Name(family="ADAMS", given="JANE"),
            address=HOME,
            birth_date=date(1980, 2, 3),
            sex="F",
            member_id=f"{number}{member}",
        ),
        diagnoses=(ClaimDiagnosis(code="J069", use=DiagnosisUse.PRINCIPAL),),
        lines=(
            ServiceLine(
                control_number=f"{number}L1",
                charge=Decimal("125.00"),
                units=Decimal(1),
                procedure="99213",
                on=date(2026, 5, 20),
                pointers=(1,),
            ),
        ),
    )


def _nowhere(fact: Fact, work: Any, line: Any) -> Iterator[Fact]:
    del line
    work.wait(fact.subject, fact, 2**52, "the test ends here")
    yield from ()


class ClaimsLine:
    """Submission and remittance, run by the real runtime; time goes when the test says so."""

    def __init__(self, **payer: Any) -> None:
        self.clock, self.ids, self.store = FakeClock(), CountingIds(), MemoryBackend()
        self.payer = FakeClearinghouse(self.clock, **payer)
        self.ended: Counter[str] = Counter()
        self.runtime = Runtime(
            backend=self.store,
            clock=self.clock,
            ids=self.ids,
            steps={
                **dict.fromkeys(Stage, _nowhere),
                Stage.SUBMISSION: workers.submission.step,
                Stage.REMITTANCE: workers.remittance.step,
            },
            line=SomeLine({"simulator": self.payer}),
            random=Random(7),
            report=lambda *_, **__: None,
        )

    def work(self) -> UnitOfWork:
        """A unit of work for a door or a person."""
        work = UnitOfWork(self.store, self.clock, self.ids)
        work.begin(None, "test")
        return work

    def do(self, *facts: Fact) -> None:
        """Say facts, durably."""
        work = self.work()
        for fact in facts:
            work.say(fact)
        work.keep()
        work.commit()

    def put(self, *rows: Any) -> None:
        """Replace rows, durably."""
        work = self.work()
        for row in rows:
            work.preload(type(row), [key_of(row)])
            work.put(row)
        work.keep()
        work.commit()

    def open_mailbox(self) -> None:
        """From now on the mailbox is looked into."""
        work = self.work()
        work.remind(MailboxDue(mailbox="simulator"), self.clock.now_ms(), "look")
        work.keep()
        work.commit()

    def assembled(self, number: int, member: str = "W1002003", payer: str = "BLUE1") -> str:
        """A chart whose claim is finished and due for submission; returns the chart's id."""
        chart_id, claim_id = f"c_{number:05d}", f"k_{number:05d}"
        claim = a_claim(f"CN{number:05d}", member, payer)
        work = self.work()
        patient = Patient(mrn=f"M{number}")
        work.add_chart(
            Chart(chart_id=chart_id, facility="MAIN", account=f"A{number}", patient=patient)
        )
        now = self.clock.now_ms()
        work.put(
            ClaimRow(
                claim_id=claim_id,
                chart_id=chart_id,
                billing_event=f"MAIN:A{number}:837P",
                sequence=1,
                control_number=claim.control_number,
                transaction="837P",
                frequency="1",
                payer_id=payer,
                total_cents=12_500,
                state="queued",
                submission_id="",
                payer_control_number="",
                paid_cents=0,
                patient_cents=0,
                created_ms=now,
                updated_ms=now,
                body=claim.model_dump_json(),
            )
        )
        work.say(ClaimAssembled(chart_id=chart_id, claim_id=claim_id))
        work.keep()
        work.commit()
        return chart_id

    # -- time ---------------------------------------------------------------------------------

    def turn(self, stages: Sequence[str] = tuple(Stage)) -> int:
        """Run what is due now, until nothing is."""
        count = 0
        while True:
            now = self.clock.now_ms()
            rows = self.store.lease(stages, now, now + HOUR_MS, 50)
            if not rows:
                return count
            count += len(rows)
            self.ended += self.runtime.run(rows)

    def fire(self) -> int:
        """Fire the timers that are due."""
        return fire_due(self.runtime)

    def go(self, seconds: float = 10) -> None:
        """Let so much time pass, second by second."""
        for _ in range(int(seconds)):
            self.turn()
            self.clock.ms += 1_000
            self.fire()
        self.turn()

    def jump(self, ms: int) -> None:
        """Let much time pass at once."""
        self.clock.ms += ms
        self.fire()
        self.turn()

    # -- looking ------------------------------------------------------------------------------

    def rows(self, row_type: type[Any], **where: object) -> list[Any]:
        return list(self.store.select(row_type, where))

    def one(self, row_type: type[Any], **where: object) -> Any:
        (row,) = self.rows(row_type, **where)
        return row

    def chart(self, chart_id: str) -> ChartRow:
        return self.one(ChartRow, chart_id=chart_id)  # type: ignore[no-any-return]

    def claim(self, number: int) -> ClaimRow:
        return self.one(ClaimRow, claim_id=f"k_{number:05d}")  # type: ignore[no-any-return]

    def letter(self, subject: str) -> DeadLetterRow:
        return self.one(DeadLetterRow, subject=subject, state="open")  # type: ignore[no-any-return]

    def resume(self, subject: str) -> None:
        """A person resumes the open dead letter of a chart."""
        letter = self.letter(subject)
        self.do(Fact.registry[letter.kind].model_validate_json(letter.body))

    def said(self, subject: str) -> list[str]:
        """What the journal says about a subject, in order."""
        rows = self.rows(JournalRow, subject=subject)
        return [row.what for row in sorted(rows, key=lambda row: row.seq)]

    def timers(self, kind: str) -> list[TimerRow]:
        return self.rows(TimerRow, kind=kind)

    def everything(self) -> list[Row]:
        return [row for rows in self.store.rows.values() for row in rows.values()]
