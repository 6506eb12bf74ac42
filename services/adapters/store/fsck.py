"""fsck: proves over the whole store that nothing is lost and nothing is in two places.

Checks, each with the promise of the design that it stands for:

- every chart is in exactly one place, and the row that holds it is there and open (2);
- every message, timer, open query and open dead letter is about something that knows of it (2);
- every stored outside message is filed, a duplicate, set aside, due or a dead letter (1);
- every journal is whole, and every chart's journal ends where its row says (6);
- one live claim per billing event; every claim knows its chart (3).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from services.adapters.store.journal import broken_at
from services.adapters.store.scratch import key_of
from services.chart.places import Place
from services.chart.ports import Store
from services.chart.rows import (
    ChartRow,
    ClaimRow,
    DeadLetterRow,
    JournalRow,
    MessageRow,
    QueryRow,
    RawRow,
    Row,
    TimerRow,
)

R = TypeVar("R", bound=Row)
PAGE = 500
LIVE_CLAIMS = frozenset({"queued", "sent", "accepted", "paid", "denied"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One promise that does not hold for one subject."""

    promise: int
    subject: str
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What fsck looked at and what it found."""

    charts: int
    raws: int
    claims: int
    journal_entries: int
    faults: tuple[Fault, ...]

    @property
    def clean(self) -> bool:
        """Whether every promise holds."""
        return not self.faults


def every(store: Store, row_type: type[R]) -> Iterator[R]:
    """All rows of a type in the order of their key, page by page."""
    after = ""
    while page := store.scan(row_type, after, PAGE):
        yield from page
        after = key_of(page[-1])


class _Check:
    """One run. Everything but bodies and journals is held in memory: ids only."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.faults: list[Fault] = []
        self.holders: dict[str, dict[str, str]] = {}
        self.heads: dict[str, tuple[int, str]] = {}

    def fault(self, promise: int, subject: str, what: str) -> None:
        self.faults.append(Fault(promise, subject, what))

    def read_holders(self) -> None:
        """Everything that can hold a chart, by kind of place: row id -> subject."""
        queries = every(self.store, QueryRow)
        letters = every(self.store, DeadLetterRow)
        self.holders = {
            Place.DUE: {m.message_id: m.subject for m in every(self.store, MessageRow)},
            Place.WAITING: {t.timer_id: t.subject for t in every(self.store, TimerRow)},
            Place.QUERY: {q.query_id: q.chart_id for q in queries if q.state == "open"},
            Place.DEAD_LETTER: {d.dead_letter_id: d.subject for d in letters if d.state == "open"},
        }

    def check_charts(self) -> int:
        """Each chart against its place, then each holder against its chart."""
        held: dict[str, set[str]] = defaultdict(set)
        for place, rows in self.holders.items():
            for row_id, subject in rows.items():
                if subject.startswith("c_"):
                    held[subject].add(f"{place}:{row_id}")
        count = 0
        for chart in every(self.store, ChartRow):
            count += 1
            self.heads[chart.chart_id] = (chart.journal_seq, chart.journal_head)
            expected = set()
            if chart.place != Place.FINISHED:
                expected = {f"{chart.place}:{chart.place_id}"}
            actual = held.pop(chart.chart_id, set())
            for missing in expected - actual:
                self.fault(2, chart.chart_id, f"is lost: nothing holds it at {missing}")
            for extra in actual - expected:
                self.fault(2, chart.chart_id, f"is also held by {extra}")
        for subject in held:
            self.fault(2, subject, "is held, but there is no such chart")
        return count

    def check_raws(self) -> int:
        """Each stored outside message has an end or is on its way."""
        on_its_way = set(self.holders[Place.DUE].values())
        letters = every(self.store, DeadLetterRow)
        explained = {row.subject for row in letters if row.state in {"open", "discarded"}}
        count = 0
        for raw in every(self.store, RawRow):
            count += 1
            if raw.state == "stored" and raw.raw_id not in on_its_way:
                self.fault(1, raw.raw_id, "was acknowledged and nothing will read it")
            if raw.state == "stopped" and raw.raw_id not in explained:
                self.fault(1, raw.raw_id, "stopped without a dead letter")
        return count

    def check_claims(self) -> int:
        """One live claim per billing event."""
        live: Counter[str] = Counter()
        count = 0
        for claim in every(self.store, ClaimRow):
            count += 1
            if claim.chart_id not in self.heads:
                self.fault(3, claim.claim_id, "belongs to no chart")
            if claim.state in LIVE_CLAIMS:
                live[claim.billing_event] += 1
                if live[claim.billing_event] > 1:
                    self.fault(3, claim.chart_id, "has two live claims for one billing event")
        return count

    def check_journals(self) -> int:
        """Each chain is whole and ends where the chart says. Keys sort by subject, then number."""
        count, chain = 0, list[JournalRow]()
        for entry in every(self.store, JournalRow):
            count += 1
            if chain and chain[0].subject != entry.subject:
                self._check_chain(chain)
                chain = []
            chain.append(entry)
        if chain:
            self._check_chain(chain)
        for chart_id, (seq, _) in self.heads.items():
            if seq:
                self.fault(6, chart_id, "has lost its journal")
        return count

    def _check_chain(self, chain: list[JournalRow]) -> None:
        subject = chain[0].subject
        broken = broken_at(chain)
        if broken is not None:
            self.fault(6, subject, f"has a journal that is broken at entry {broken}")
        head = self.heads.pop(subject, None)
        if head is not None and head != (chain[-1].seq, chain[-1].hash):
            self.fault(6, subject, "has a journal that does not end where the chart says")


def fsck(store: Store) -> Verdict:
    """Check the whole store. Run it when the line is quiet, or expect faults that pass by.

    Raises:
        Outage: the store does not answer.
    """
    check = _Check(store)
    check.read_holders()
    charts = check.check_charts()
    raws = check.check_raws()
    claims = check.check_claims()
    entries = check.check_journals()
    return Verdict(charts, raws, claims, entries, tuple(check.faults))
