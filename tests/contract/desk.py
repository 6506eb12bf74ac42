"""A store and units of work over it: puts a chart into any place, and looks at where it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from messages.completeness import ChartComplete
from messages.intake import ChartReceived
from services.adapters.store.cache import ChartCache
from services.adapters.store.fsck import fsck
from services.adapters.store.work import UnitOfWork
from services.chart.failures import Owner, Rejected
from services.chart.model import Chart, Patient
from services.chart.places import Outcome, Place
from services.chart.ports import Conflict, Store
from services.chart.rows import ChartRow, DeadLetterRow, MessageRow, QueryRow, TimerRow
from tests.fakes.clock import CountingIds, FakeClock
from tests.fakes.rows import EVERY_TYPE, a_row

DAY_MS = 86_400_000
HOLDERS = (MessageRow, TimerRow, QueryRow, DeadLetterRow)


class Illegible(Rejected):
    """A page cannot be read."""

    code = "test.illegible"
    owner = Owner.CODER
    fix = "Read it aloud."


def a_chart(chart_id: str, **changes: Any) -> Chart:
    """A chart whose account is its id."""
    chart = Chart(chart_id=chart_id, facility="F", account=chart_id, patient=Patient(mrn="1"))
    return chart.model_copy(update=changes)


def everything(store: Store) -> dict[str, list[Any]]:
    """All rows of the store."""
    return {row_type.__name__: store.select(row_type, {}) for row_type in EVERY_TYPE}


class Desk:
    """Whoever acts on a store: a stage, a person, a timer."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = FakeClock()
        self.ids = CountingIds()
        self.cache = ChartCache()

    def unit(self, message: MessageRow | None = None, who: str = "tester") -> UnitOfWork:
        """A unit of work that is open for a message, or for a person."""
        work = UnitOfWork(self.store, self.clock, self.ids, self.cache)
        if message is not None:
            work.adopt([message])
        work.begin(message, who)
        return work

    def do(self, *acts: Callable[[UnitOfWork], object], message: MessageRow | None = None) -> None:
        """These acts in one commit."""
        work = self.unit(message)
        for act in acts:
            act(work)
        commit(work)

    def file(self, chart_id: str, place: Place = Place.DUE) -> None:
        """A chart that is in this place."""

        def act(work: UnitOfWork) -> None:
            work.add_chart(a_chart(chart_id))
            work.say(ChartReceived(chart_id=chart_id))

        self.do(act)
        if place is not Place.DUE:
            self.do(lambda work: move(work, chart_id, place))

    def chart(self, chart_id: str) -> ChartRow:
        """The chart's row as the store has it."""
        (row,) = self.store.select(ChartRow, {"chart_id": chart_id})
        return row

    def held_by(self, chart_id: str) -> list[str]:
        """The ids of all rows that hold the chart now."""
        store = self.store
        messages = store.select(MessageRow, {"subject": chart_id})
        timers = store.select(TimerRow, {"subject": chart_id})
        queries = store.select(QueryRow, {"chart_id": chart_id, "state": "open"})
        letters = store.select(DeadLetterRow, {"subject": chart_id, "state": "open"})
        ids = [row.message_id for row in messages] + [row.timer_id for row in timers]
        ids += [row.query_id for row in queries] + [row.dead_letter_id for row in letters]
        return ids

    def letter(self, subject: str) -> DeadLetterRow:
        """The one open dead letter of a subject."""
        where = {"subject": subject, "state": "open"}
        (letter,) = self.store.select(DeadLetterRow, where)
        return letter

    def message(self, subject: str) -> MessageRow:
        """The one message about a subject."""
        (message,) = self.store.select(MessageRow, {"subject": subject})
        return message

    def assert_clean(self) -> None:
        """Every promise holds over the whole store."""
        assert fsck(self.store).faults == ()


def move(work: UnitOfWork, chart_id: str, place: Place) -> None:
    """Move a chart to a place, as a stage does."""
    again = ChartComplete(chart_id=chart_id)
    match place:
        case Place.DUE:
            work.say(again)
        case Place.WAITING:
            work.wait(chart_id, again, work.clock.now_ms() + DAY_MS, "tea")
        case Place.QUERY:
            work.ask(a_row(QueryRow, work.ids.new("q"), chart_id=chart_id, state="open"))
        case Place.DEAD_LETTER:
            work.stop(chart_id, Illegible("Page 2 cannot be read.", where="page 2"), again)
        case Place.FINISHED:
            work.finish(chart_id, Outcome.PAID)


def commit(work: UnitOfWork) -> None:
    """Keep and commit."""
    work.keep()
    work.commit()


def is_refused(work: UnitOfWork) -> bool:
    """Whether the commit finds that somebody was faster."""
    try:
        commit(work)
    except Conflict:
        return True
    return False
