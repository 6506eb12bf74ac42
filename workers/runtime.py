"""The loop that runs the work: seen, work, say, commit; retry; dead letter. The one retry rule.

A batch of messages shares one commit. Each runs in its own layer of the unit of work, so a member
that fails takes nothing down with it. What follows a failure depends on its kind alone:

- `Outage`: the message is due again later; no attempt is used up.
- `Transient`: due again after a jittered back-off, `RetryRule.attempts` times; then a dead letter.
- `Rejected`, `Defect`, anything unforeseen: a dead letter at once.

A message that ended its worker too often is never run again: it is a dead letter `engine.poison`.
"""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import orjson
from pydantic import ValidationError

from messages.envelope import ChartFact, Fact
from messages.path import STEP_OF, Stage
from services.adapters.store.cache import ChartCache
from services.adapters.store.letters import attempt_of
from services.adapters.store.moves import BESIDE
from services.adapters.store.work import UnitOfWork
from services.chart.failures import (
    AttemptsExhausted,
    Defect,
    Failure,
    Outage,
    Poison,
    Transient,
    UnexpectedError,
    UnknownFact,
)
from services.chart.ports import Clock, Conflict, Ids, Store
from services.chart.rows import ChartRow, ClaimRow, MessageRow, RawRow

Step = Callable[[Any, Any, Any], Iterable[Fact]]
Report = Callable[..., None]
CONFLICT_TRIES = 5
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class RetryRule:
    """How often and how long. Times in milliseconds."""

    attempts: int = 6
    first_wait_ms: int = 1_000
    most_wait_ms: int = 120_000
    outage_wait_ms: int = 5_000
    sends_alone: int = 3  # from this many sends on, a message runs in a commit of its own
    sends_poison: int = 10  # more sends than this without an end: poison

    def wait_ms(self, attempts: int, random: Random) -> int:
        """Full-jitter exponential back-off: between half and the whole of the step."""
        step = min(self.first_wait_ms << (attempts - 1), self.most_wait_ms)
        return step // 2 + random.randrange(step // 2 + 1)

    def outage_ms(self, random: Random) -> int:
        """Outages end at one moment for everybody: spread the return."""
        return self.outage_wait_ms + random.randrange(self.outage_wait_ms + 1)


@dataclass(slots=True)
class Runtime:
    """Runs stages on messages. One per process; `run` may be called from several threads."""

    backend: Store
    clock: Clock
    ids: Ids
    steps: Mapping[str, Step]
    line: Any
    random: Random
    report: Report
    rule: RetryRule = RetryRule()
    ahead: frozenset[str] = frozenset()  # kinds of fact that may run on in the same commit

    def __post_init__(self) -> None:
        """The cache is shared by all threads of the process."""
        self.cache = ChartCache()

    cache: ChartCache = None  # type: ignore[assignment]

    def run(self, messages: Sequence[MessageRow]) -> Counter[str]:
        """Run messages that were just leased. Raises: Outage when the store does not answer."""
        together = [row for row in messages if row.sends < self.rule.sends_alone]
        alone = [row for row in messages if row.sends >= self.rule.sends_alone]
        tally: Counter[str] = Counter()
        for batch in ([together] if together else []) + [[row] for row in alone]:
            try:
                tally += self._commit_batch(batch)
            except Conflict:
                tally += self.run_ids([row.message_id for row in batch])
        return tally

    def run_ids(self, message_ids: Collection[str]) -> Counter[str]:
        """Run messages that are read first, each in a commit of its own."""
        tally: Counter[str] = Counter()
        for message_id in message_ids:
            tally += self._run_one(message_id)
        return tally

    def _run_one(self, message_id: str) -> Counter[str]:
        for _ in range(CONFLICT_TRIES):
            rows = self.backend.select(MessageRow, {"message_id": message_id})
            if not rows:
                return Counter(seen=1)
            try:
                return self._commit_batch(rows)
            except Conflict:
                continue
        now = self.clock.now_ms()
        self.backend.release([message_id], now + self.rule.wait_ms(1, self.random))
        return Counter(conflict=1)

    def _commit_batch(self, messages: Sequence[MessageRow]) -> Counter[str]:
        """One unit of work for all of them."""
        work = UnitOfWork(self.backend, self.clock, self.ids, self.cache)
        work.adopt(messages)
        self._preload(work, messages)
        tally: Counter[str] = Counter()
        pending = list(messages)
        while pending:
            for message in pending:
                tally[self._handle(work, message)] += 1
            pending = work.said(self.ahead, self.clock.now_ms()) if self.ahead else []
        work.commit()
        return tally

    def _preload(self, work: UnitOfWork, messages: Sequence[MessageRow]) -> None:
        charts = [m.subject for m in messages if m.subject.startswith("c_")]
        work.preload(ChartRow, charts)
        work.preload(RawRow, [m.subject for m in messages if m.subject.startswith("r_")])
        claims = [orjson.loads(m.body).get("claim_id") for m in messages if '"claim_id"' in m.body]
        work.preload(ClaimRow, [claim for claim in claims if claim])

    # -- one message --------------------------------------------------------------------------

    def _handle(self, work: UnitOfWork, message: MessageRow) -> str:
        """Run one message in its own layer; returns how it ended."""
        if work.seen(message.message_id):
            return "seen"
        began = time.perf_counter_ns()
        try:
            work.begin(message, f"stage:{message.stage}")
            self._step(work, message)
            ended = "done"
        except Exception as error:  # noqa: BLE001 - the one place where every failure ends
            work.drop()
            work.begin(message, f"stage:{message.stage}")
            ended = self._fail(work, message, translated(error))
        work.keep()
        self.report(
            "message.ended",
            stage=message.stage,
            kind=message.kind,
            subject=message.subject,
            message=message.message_id,
            trace=message.trace,
            ended=ended,
            us=(time.perf_counter_ns() - began) // 1_000,
        )
        return ended

    def _step(self, work: UnitOfWork, message: MessageRow) -> None:
        """The stage's work, and the assertion that it says only what the path gives."""
        if message.sends > self.rule.sends_poison:
            raise Poison("This message has ended its worker again and again.")
        fact = fact_of(message)
        gives = STEP_OF[Stage(message.stage)].gives
        for said in self.steps[message.stage](fact, work, self.line):
            assert type(said) in gives, f"{message.stage} may not say {type(said).__name__}"
            work.say(said)
        if isinstance(fact, ChartFact) and not isinstance(fact, BESIDE):
            assert work.moved(message), f"{message.stage} left a chart in no place"

    def _fail(self, work: UnitOfWork, message: MessageRow, failure: Failure) -> str:
        """The one retry rule."""
        now = self.clock.now_ms()
        if isinstance(failure, Outage):
            due = now + self.rule.outage_ms(self.random)
            work.put_back(replace(message, due_ms=due, sends=0))
            return "outage"
        errors = [*orjson.loads(message.errors), attempt_of(failure, now)]
        if isinstance(failure, Transient):
            tries = message.attempts + 1
            if tries < self.rule.attempts:
                due = now + self.rule.wait_ms(tries, self.random)
                text = orjson.dumps(errors).decode()
                work.put_back(replace(message, due_ms=due, sends=0, attempts=tries, errors=text))
                return "retry"
            sentence = f"Tried {tries} times; the last time: {failure.sentence}"
            failure = AttemptsExhausted(sentence, where=failure.where)
        work.stop_message(message, failure, errors)
        return "defect" if isinstance(failure, Defect) else "stopped"


def fact_of(message: MessageRow) -> Fact:
    """The fact inside a message. Raises: UnknownFact."""
    fact_type = Fact.registry.get(message.kind)
    if fact_type is None:
        raise UnknownFact(f"No stage of this version takes {message.kind}.")
    try:
        return fact_type.model_validate_json(message.body)
    except ValidationError as error:
        where = ", ".join(".".join(map(str, e["loc"])) for e in error.errors())
        raise UnknownFact(f"The body is not a {message.kind}.", where=where) from None


def translated(error: Exception) -> Failure:
    """Every exception as a failure. A foreign text may hold patient data, so none is kept."""
    if isinstance(error, Failure):
        return error
    frames = [f for f in traceback.extract_tb(error.__traceback__) if _ours(f.filename)]
    where = f"{Path(frames[-1].filename).relative_to(ROOT)}:{frames[-1].lineno}" if frames else ""
    return UnexpectedError(f"Chartline failed with {type(error).__name__}.", where=where)


def _ours(file_name: str) -> bool:
    path = Path(file_name)
    return path.is_relative_to(ROOT) and "site-packages" not in path.parts
