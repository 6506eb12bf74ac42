"""A whole Chartline in one thread, driven by one seed: store, broker, payer, engine, clock.

Every choice (what happens next, what is dropped, doubled, reordered, where a process dies, how the
clock jumps) comes from `Random(seed)`, so a seed is a story that can be told again. The stages,
the runtime, the outbox and the timers are the real ones; the outside is fake.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from dramatiq.errors import ConnectionClosed

from config.wiring import Line
from messages.path import Stage
from services.adapters.store.fsck import fsck
from services.chart.failures import Outage
from services.chart.ports import Changes
from services.chart.rows import (
    ChartRow,
    ClaimRow,
    DeadLetterRow,
    MessageRow,
    RawRow,
    TimerRow,
)
from tests.fakes.backend import MemoryBackend
from tests.fakes.clearinghouse import FakeClearinghouse
from tests.fakes.clock import NOON_MS, CountingIds, FakeClock
from workers.boot import start_mailboxes, steps
from workers.broker import ACTOR
from workers.door import Delivery, Receipt, accept
from workers.embedded import RUN_ON
from workers.outbox import Outbox
from workers.runtime import RetryRule, Runtime
from workers.timers import fire_due

MINUTE_MS = 60_000
AFTER_THE_CHARTS_MS = NOON_MS + 180 * 24 * 60 * MINUTE_MS  # no date of service is in the future


class Crash(BaseException):
    """The process dies here: no handler of Chartline's may stop it."""


@dataclass(frozen=True)
class Faults:
    """How likely each fault is, per chance that it has. All zero: a quiet day."""

    crash: float = 0.0
    drop: float = 0.0
    double: float = 0.0
    broker_down: float = 0.0
    payer_down: float = 0.0
    lost_reply: float = 0.0
    jump: float = 0.0
    resend: float = 0.0
    race: float = 0.0

    def chosen(self, random: Random) -> Faults:
        """Not every seed has every fault: each is on with even odds."""
        values = {name: rate * random.randrange(2) for name, rate in vars(self).items()}
        return Faults(**values)


ROUGH = Faults(
    crash=0.04,
    drop=0.15,
    double=0.2,
    broker_down=0.1,
    payer_down=0.2,
    lost_reply=0.2,
    jump=0.05,
    resend=0.4,
    race=0.6,
)


class SimulatedBroker:
    """Takes messages, loses some, doubles some, and hands them out in any order."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.faults = Faults()
        self.held: list[Any] = []

    def enqueue(self, message: Any) -> Any:
        if self.random.random() < self.faults.broker_down:
            if self.random.randrange(2):
                self.held.append(message)  # it arrived; the confirm did not
            raise ConnectionClosed(Exception("simulated"))
        if self.random.random() >= self.faults.drop:
            self.held.append(message)
        if self.random.random() < self.faults.double:
            self.held.append(message)
        return message

    def take(self) -> Any:
        return self.held.pop(self.random.randrange(len(self.held)))


@dataclass
class World:
    """One simulated hospital day. `run` plays it; `faults_found` says what does not hold.

    `backend`, `door`, `fire` and `ahead` are parts of Chartline: a test may hand in
    a broken one to see that it is found.
    """

    seed: int
    line: Line
    charts: Sequence[Sequence[Any]]  # the engine's messages, by chart
    embedded: bool = False
    rough: Faults = ROUGH
    steps_most: int = 4_000
    backend: MemoryBackend = field(default_factory=MemoryBackend)
    door: Callable[..., list[Receipt]] = accept
    fire: Callable[[Runtime], int] = fire_due
    ahead: frozenset[str] = RUN_ON
    happened: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.faults = self.rough.chosen(self.random)
        self.clock = FakeClock(AFTER_THE_CHARTS_MS)
        self.latest_ms = self.clock.ms
        self.ids = CountingIds()
        self.payer: FakeClearinghouse = self.line.clearinghouses["simulator"]  # type: ignore[assignment]
        self.payer.hook = self._payer_hook
        self.broker = SimulatedBroker(self.random)
        self.broker.faults = self.faults
        for name in ("after_apply", "before_lease", "after_lease"):
            setattr(self.backend, name, lambda _changes, at=name: self._may_crash(at))
        self.backend.before_apply = self._before_apply
        self.is_racing = False
        self.unsent = [list(messages) for messages in self.charts]
        self.sent: list[Any] = []
        self.acknowledged: list[str] = []
        self.boot()

    # -- processes ----------------------------------------------------------------------------

    def boot(self) -> None:
        """Start every process anew: nothing but the store survives."""
        self.runtime = self._new_runtime()
        self.outbox = Outbox(
            store=self.backend,
            broker=self.broker,  # type: ignore[arg-type]
            clock=self.clock,
            report=lambda *_, **__: None,
            lease_ms=MINUTE_MS,
            batch_size=self.random.choice((1, 3, 20)),
            ahead=self.random.choice((1, 2, 5)),
            gather_ms=0,
            idle_wait_ms=100,
        )

    def _new_runtime(self) -> Runtime:
        """A process that runs stages; every second distributed one has all of them."""
        return Runtime(
            backend=self.backend,
            clock=self.clock,
            ids=self.ids,
            steps=STEPS,
            line=self.line,
            random=self.random,
            report=lambda *_, **__: None,
            rule=RetryRule(sends_poison=10**9),
            ahead=self.ahead if self.embedded or self.random.randrange(2) else frozenset(),
        )

    def _before_apply(self, changes: Changes) -> None:
        self._may_crash("before_apply")
        if self.is_racing or not any(isinstance(row, ChartRow) for _, row in changes.updates):
            return
        if self.random.random() < self.faults.race:
            self.is_racing = True
            try:
                self._race()
            finally:
                self.is_racing = False

    def _race(self) -> None:
        """Another thread or process acts between what this one has read and its commit."""
        self.happened["race"] += 1
        mine = self.runtime
        if not self.embedded:
            self.runtime = self._new_runtime()
        for _ in range(self.random.randrange(1, 9)):
            self._guarded(self.random.choice((self._timers, self._carry, self._work)))
        self.runtime = mine

    def _may_crash(self, at: str) -> None:
        if self.random.random() < self.faults.crash:
            self.happened[f"crash {at}"] += 1
            raise Crash

    def _payer_hook(self, at: str) -> None:
        """Called by the fake payer before and after each effect of its own."""
        if at == "before" and self.random.random() < self.faults.payer_down:
            self.happened["payer down"] += 1
            raise Outage("The clearinghouse does not answer.")
        self._may_crash(f"payer {at}")
        if at == "after" and self.random.random() < self.faults.lost_reply:
            self.happened["lost reply"] += 1
            raise Outage("The clearinghouse did not answer in time.")

    # -- what may happen next -----------------------------------------------------------------

    def run(self) -> None:
        """A rough day, then a quiet one until nothing moves any more."""
        self._guarded(lambda: start_mailboxes(self.runtime))
        for _ in range(self.random.randrange(60, 240)):
            self._guarded(self.random.choice(self._actions()))
        self.faults = self.broker.faults = Faults()
        self.clock.ms = self.latest_ms  # the clock is set right again
        start_mailboxes(self.runtime)
        while self.unsent:
            self._engine_sends()
        self._until_quiet()

    def _actions(self) -> list[Callable[[], object]]:
        actions: list[Callable[[], object]] = [self._time_passes, self._timers, self._carry]
        if self.unsent or self.sent:
            actions += [self._engine_sends] * 2
        actions += [self._work] * 4
        return actions

    def _guarded(self, action: Callable[[], object]) -> None:
        try:
            action()
        except Crash:
            self.boot()
        except Outage:
            self.happened["outage"] += 1
        except ConnectionClosed:
            self.happened["broker down"] += 1

    def _engine_sends(self) -> None:
        """The engine sends its next message, in the order of each chart; in doubt it resends."""
        if self.sent and (not self.unsent or self.random.random() < self.faults.resend):
            message = self.random.choice(self.sent)
            self.happened["resend"] += 1
            self._accept(message)
            return
        if self.unsent:
            chart = self.random.choice(self.unsent)
            message = chart[0]
            self.sent.append(message)  # the engine remembers before it sends
            if self._accept(message):
                chart.pop(0)
            self.unsent = [chart for chart in self.unsent if chart]

    def _accept(self, message: Any) -> bool:
        """The door; a crash means no acknowledgement, so the engine keeps the message."""
        delivery = Delivery(message.content, message.content_type, message.feed)
        try:
            receipts = self.door(self.backend, self.clock, self.ids, [delivery])
        except Crash:
            self.boot()
            return False
        self.acknowledged += [receipt.raw_id for receipt in receipts]
        return True

    def _time_passes(self) -> None:
        self.clock.ms += self.random.randrange(1, 30_000)
        if self.random.random() < self.faults.jump:
            self.happened["clock jump"] += 1
            self.clock.ms += self.random.choice((-5 * MINUTE_MS, 3_600_000))
        self.latest_ms = max(self.latest_ms, self.clock.ms)

    def _timers(self) -> None:
        self.fire(self.runtime)

    def _carry(self) -> None:
        if not self.embedded:
            self.outbox.turn()

    def _work(self) -> None:
        """A worker takes something: from the broker, or from the store when embedded."""
        if self.embedded:
            now = self.clock.now_ms()
            size = self.random.choice((1, 2, 10))
            rows = self.backend.lease(list(Stage), now, now + MINUTE_MS, size)
            self.runtime.run(rows)
        elif self.broker.held:
            message = self.broker.take()
            assert message.actor_name.startswith(ACTOR)
            ids = message.kwargs["message_ids"]
            self.runtime.run(self.backend.select(MessageRow, {"message_id": ids}))

    def _until_quiet(self) -> None:
        """Let everything that can happen happen: leases end, retries come due, mail is read."""
        quiet = 0
        for _ in range(self.steps_most):
            before = self._picture()
            self._carry()
            while self.broker.held:
                self._work()
            if self.embedded:
                self._work()
            self._timers()
            self.clock.ms += 20_000 * (1 + quiet)
            quiet = quiet + 1 if self._picture() == before else 0
            if quiet > 15:  # five minutes: more than a lease or a retry
                return
        raise AssertionError(f"seed {self.seed}: the line never came to rest")

    def _picture(self) -> tuple[Any, ...]:
        charts = sorted((row.chart_id, row.version) for row in self.backend.select(ChartRow, {}))
        due = [m.kind for m in self.backend.select(MessageRow, {}) if m.kind != "MailboxDue"]
        return tuple(charts), tuple(sorted(due))

    # -- what must hold -----------------------------------------------------------------------

    def faults_found(self) -> list[str]:
        """Every promise that does not hold at the end."""
        found = [f"{f.subject} {f.what}" for f in fsck(self.backend).faults]
        stored = {raw.raw_id for raw in self.backend.select(RawRow, {})}
        found += [f"{raw} was acknowledged and is gone" for raw in set(self.acknowledged) - stored]
        charts = self.backend.select(ChartRow, {})
        if len(charts) != len(self.charts):
            found.append(f"{len(self.charts)} charts sent, {len(charts)} here")
        found += [
            f"{chart.chart_id} ended {chart.place} at {chart.stage} {chart.outcome}"
            for chart in charts
            if chart.outcome != "paid" and not self._changed_late(chart)
        ]
        found += [
            f"{chart.chart_id} has lost what {raw.raw_id} said"
            for chart in charts
            for raw in self.backend.select(RawRow, {"chart_id": chart.chart_id, "state": "filed"})
            if raw.raw_id not in chart.body
        ]
        found += [f"{event} was billed twice" for event in self.payer.double_billed()]
        originals = len(self.payer.originals())
        if originals != len(self.charts):
            found.append(f"the payer counts {originals} originals for {len(self.charts)} charts")
        paid = self.backend.count(ClaimRow, {"state": "paid"})
        if paid != {(): len(self.charts)}:
            found.append(f"{paid} claims paid for {len(self.charts)} charts")
        mailbox = [t for t in self.backend.select(TimerRow, {}) if t.kind == "MailboxDue"]
        due = [m for m in self.backend.select(MessageRow, {}) if m.kind == "MailboxDue"]
        if len(mailbox) + len(due) != 1:
            found.append(f"{len(mailbox)} mailbox timers and {len(due)} due")
        return found

    def _changed_late(self, chart: ChartRow) -> bool:
        """A message that was overtaken changed the chart after its claim: rightly a person's."""
        letters = self.backend.select(DeadLetterRow, {"dead_letter_id": chart.place_id})
        return [letter.code for letter in letters] == ["remittance.changed-after-claim"]


STEPS = steps(Stage)
