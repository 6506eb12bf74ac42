"""The whole embedded line over SQLite and the real simulator, in one thread; a test moves time.

Stages, runtime, store and simulator are the ones that `chartline up` runs. Only the clock stands
still until the test moves it, and lanes take their turns one after the other instead of in threads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from config.settings import Settings
from config.wiring import Line, build_line
from messages.path import Stage
from services.adapters.clearinghouse.simulator import SimulatedClearinghouse
from services.adapters.clock import SystemIds
from services.adapters.resilience import ResilientClearinghouse, Retry
from services.adapters.store.fsck import fsck
from services.adapters.store.sqlite import SqliteBackend
from services.adapters.store.work import UnitOfWork
from services.chart.model import Chart
from services.chart.places import Place
from services.chart.ports import Changes, Store
from services.chart.rows import (
    ChartRow,
    ClaimRow,
    DeadLetterRow,
    JournalRow,
    MessageRow,
    RawRow,
    Row,
    TimerRow,
)
from services.edi.guide import check
from services.worklist.corrections import parse
from services.worklist.resolving import Resolution, Resolved, carry_out, resume
from tests.fakes.clock import FakeClock
from workers.boot import WHOLE_LINE, rule_of, start_mailboxes, steps
from workers.demo.differences import Change, as_it_is
from workers.demo.facts import ChartFacts, facts_of
from workers.demo.outgoing import OutgoingMessage
from workers.demo.scenarios import WRITERS
from workers.demo.wrong import FAULTS, GOOD
from workers.door import Delivery, accept
from workers.embedded import INNER, OUTER, RUN_ON, EmbeddedLine
from workers.runtime import Runtime
from workers.timers import fire_due

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
AFTER_THE_CHARTS = datetime(2026, 9, 20, 12, 0, tzinfo=UTC)
KEPT = Path(__file__).parents[2] / "var"  # compiled code sets, made once
CASES = {**GOOD, **{fault.case.name: fault.case for fault in FAULTS}}

R = TypeVar("R", bound=Row)
T = TypeVar("T")


@cache
def the_line() -> Line:
    """Rules, code sets and guides, opened once a test process; without a clearinghouse."""
    return build_line(Settings(data_dir=KEPT), WHOLE_LINE - {Stage.SUBMISSION})


@dataclass(frozen=True)
class Sender:
    """What one hospital system knows about one encounter, and the messages it sends of it."""

    facts: ChartFacts
    via: str

    @property
    def account(self) -> str:
        return self.facts.account

    def messages(self) -> list[OutgoingMessage]:
        return WRITERS[self.via](self.facts)

    def changed(self, change: Change) -> Sender:
        return replace(self, facts=change(self.facts))

    def sent_again(self) -> list[OutgoingMessage]:
        """What is known now, in the next FHIR or JSON message with an id of its own."""
        first, second = f'"{self.account}-1"'.encode(), f'"{self.account}-2"'.encode()
        return [replace(one, content=one.content.replace(first, second)) for one in self.messages()]


def a_sender(name: str, *, via: str = "", number: int = 1, change: Change = as_it_is) -> Sender:
    """The sender of one of the demo's charts, in the format asked for."""
    case = CASES[name]
    return Sender(change(facts_of(case, number)), via or case.via)


class PowerCut(BaseException):
    """The process ends here: no handler of Chartline's may stop it."""


class Unplugged:
    """A store that can be read and in which no commit happens any more."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def apply(self, _changes: Changes) -> None:
        raise PowerCut


class WholeLine:
    """One line on one store; `restart` ends the process and starts the next one."""

    def __init__(
        self,
        url: str,
        *,
        report: Callable[..., None] | None = None,
        payment_delay_ms: int = 0,
    ) -> None:
        self.path = Path(url.removeprefix("sqlite:///"))
        self.clock = FakeClock(int(AFTER_THE_CHARTS.timestamp() * 1000))
        self.payer = SimulatedClearinghouse(
            self.path.with_name("payer.sqlite"),
            clock=self.clock,
            payment_delay_ms=payment_delay_ms,
        )
        self.tally: Counter[str] = Counter()
        self._report = report or self._count
        self.boot()

    def _count(self, _event: str, **values: Any) -> None:
        self.tally[values["ended"]] += 1

    # -- the process --------------------------------------------------------------------------

    def boot(self) -> None:
        """Start a process on the store: nothing but the store is left of the one before."""
        mailbox = ResilientClearinghouse(self.payer, Retry(sleep=lambda _seconds: None))
        self.store = SqliteBackend(self.path)
        self.runtime = Runtime(
            backend=self.store,
            clock=self.clock,
            ids=SystemIds(),
            steps=steps(WHOLE_LINE),
            line=the_line().with_clearinghouses({"simulator": mailbox}),
            random=Random(7),
            report=self._report,
            rule=rule_of(the_line().settings),
            ahead=RUN_ON,
        )
        self.lanes = EmbeddedLine(
            runtime=self.runtime, batch_size=50, lease_ms=2 * MINUTE_MS, idle_wait_ms=1
        )
        start_mailboxes(self.runtime)
        self.store.forget_leases(self.clock.now_ms())

    def restart(self) -> None:
        self.store.close()
        self.boot()

    def close(self) -> None:
        self.store.close()
        self.payer.close()

    # -- what happens -------------------------------------------------------------------------

    def send(self, messages: Sequence[OutgoingMessage]) -> list[str]:
        """Through the door; returns the ids under which the messages are stored."""
        deliveries = [Delivery(one.content, one.content_type, one.feed) for one in messages]
        receipts = accept(self.store, self.clock, self.runtime.ids, deliveries)
        return [receipt.raw_id for receipt in receipts]

    def turn(self) -> int:
        """Each lane takes one batch and the clock fires what is due; how much that was."""
        return self.lanes.turn(INNER) + self.lanes.turn(OUTER) + fire_due(self.runtime)

    def turn_without_commit(self) -> None:
        """Each lane takes a batch and runs its stages; the power goes before the commit."""
        for stages in (INNER, OUTER):
            now = self.clock.now_ms()
            rows = self.store.lease(stages, now, now + MINUTE_MS, 50)
            with suppress(PowerCut):
                replace(self.runtime, backend=Unplugged(self.store)).run(rows)

    def settle(self) -> None:
        """Until nothing is due at this moment."""
        while self.turn():
            pass

    def go(self, span_ms: int) -> None:
        """Time passes; what becomes due on the way happens at its own time."""
        until = self.clock.ms + span_ms
        self.settle()
        while moments := [at for at in self._moments() if self.clock.ms < at <= until]:
            self.clock.ms = min(moments)
            self.settle()
        self.clock.ms = until
        self.settle()

    def jump(self, span_ms: int) -> None:
        """Time passes at one go, as when a machine has slept."""
        self.clock.ms += span_ms
        self.settle()

    def _moments(self) -> list[int]:
        """When something happens next; looking into the mailbox is not worth a stop."""
        timers = [one.due_ms for one in self.rows(TimerRow) if one.kind != "MailboxDue"]
        return timers + [one.due_ms for one in self.rows(MessageRow)]

    def person(self, who: str, act: Callable[[UnitOfWork], T]) -> T:
        """What a person does, as the commands do it."""
        return carry_out(
            lambda: UnitOfWork(self.store, self.clock, self.runtime.ids), f"person:{who}", act
        )

    def resume(self, subject: str, *corrections: str) -> Resolved:
        """A person corrects what stopped and lets it go on."""
        wanted = Resolution("biller", "looked into it", tuple(map(parse, corrections)))
        return self.person("biller", lambda desk: resume(desk, subject, wanted))

    # -- looking ------------------------------------------------------------------------------

    def rows(self, row_type: type[R], **where: object) -> list[R]:
        return self.store.select(row_type, where)

    def one(self, row_type: type[R], **where: object) -> R:
        (row,) = self.rows(row_type, **where)
        return row

    def chart(self, sender: Sender) -> ChartRow:
        return self.one(ChartRow, facility=sender.facts.facility, account=sender.account)

    def body(self, sender: Sender) -> Chart:
        return Chart.model_validate_json(self.chart(sender).body)

    def place(self, sender: Sender) -> tuple[str, str]:
        """Where the chart is: place and stage, or how it finished."""
        row = self.chart(sender)
        return row.place, row.outcome if row.place == Place.FINISHED else row.stage

    def waits_for(self, sender: Sender) -> str:
        return self.one(TimerRow, timer_id=self.chart(sender).place_id).why

    def claims(self, sender: Sender) -> list[ClaimRow]:
        chart_id = self.chart(sender).chart_id
        return self.store.select(ClaimRow, {"chart_id": chart_id}, order_by="sequence")

    def letter(self, subject: str) -> DeadLetterRow:
        return self.one(DeadLetterRow, subject=subject, state="open")

    def reason(self, sender: Sender) -> str:
        """The code of the dead letter that the chart is."""
        return self.letter(self.chart(sender).chart_id).code

    def said(self, subject: str) -> list[str]:
        entries = self.store.select(JournalRow, {"subject": subject}, order_by="seq")
        return [entry.what for entry in entries]

    def states(self) -> Counter[str]:
        """How many outside messages are in which state, what payers sent left out."""
        return Counter(raw.state for raw in self.rows(RawRow) if raw.feed != "mailbox:simulator")


def assert_sound(line: WholeLine, *, originals: int) -> None:
    """What holds at the end of every story, whatever happened in it."""
    assert fsck(line.store).faults == ()
    assert line.payer.double_billed() == []
    assert sum(line.payer.originals().values()) == originals
    assert line.rows(MessageRow) == []


def passes_guide(content: bytes) -> bool:
    """Whether a file passes its implementation guide."""
    return not check(content)
