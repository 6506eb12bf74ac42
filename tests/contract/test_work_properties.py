"""Whatever several actors do at the same time: every chart is in exactly one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from messages.intake import ChartReceived
from services.adapters.store.work import UnitOfWork
from services.chart.places import MOVES, Outcome, Place
from services.chart.ports import Conflict, Store
from services.chart.rows import ChartRow, DeadLetterRow, MessageRow, TimerRow
from tests.contract.desk import Desk, Illegible, a_chart, everything, move
from tests.fakes.backend import MemoryBackend

ACTORS = 3
CHARTS = 2
STORIES = count()


@dataclass(frozen=True)
class Act:
    """What one actor does to one chart."""

    actor: int
    chart: int
    pick: int  # which of the legal moves
    as_stage: bool  # on the message that is due, if there is one
    fails: bool
    commits: bool


ACTS = st.builds(
    Act,
    actor=st.integers(0, ACTORS - 1),
    chart=st.integers(0, CHARTS - 1),
    pick=st.integers(0, 9),
    as_stage=st.booleans(),
    fails=st.integers(0, 5).map(lambda n: n == 0),
    commits=st.booleans(),
)


@dataclass
class Story:
    """Actors with a unit of work each, over one store."""

    store: Store
    name: str
    units: dict[int, UnitOfWork] = field(default_factory=dict)
    refused: int = 0

    def __post_init__(self) -> None:
        self.desk = Desk(self.store)
        self.desk.ids.new = lambda prefix: f"{prefix}_{self.name}_{next(numbers):05d}"  # type: ignore[method-assign]
        numbers = count()

    def act(self, act: Act) -> None:
        work = self.units.setdefault(act.actor, self.desk.unit())
        account = f"{self.name}.{act.chart}"
        chart = work.chart_at("F", account)
        if chart is None:
            work.begin(None, "intake")
            chart_id = self.desk.ids.new("c")
            work.add_chart(a_chart(chart_id, account=account))
            work.say(ChartReceived(chart_id=chart_id))
        else:
            self._move(work, chart.chart_id, act)
        self.desk.clock.ms += 1
        work.drop() if act.fails else work.keep()
        if act.commits:
            self.commit(act.actor)

    def _move(self, work: UnitOfWork, chart_id: str, act: Act) -> None:
        row = work.get(ChartRow, chart_id)
        legal = sorted(MOVES[Place(row.place)])
        after = legal[act.pick % len(legal)]
        messages = work.find(MessageRow, subject=chart_id)
        message = messages[0] if messages and act.as_stage else None
        work.begin(message, "stage" if message else "person")
        letters = work.find(DeadLetterRow, dead_letter_id=row.place_id)
        timers = work.find(TimerRow, timer_id=row.place_id)
        if letters and act.as_stage and after is Place.DUE:
            work.resume(letters[0], "mended")
        elif letters and act.as_stage and after is Place.FINISHED:
            work.discard(letters[0], "by mistake")
        elif timers and act.as_stage and after is Place.DUE:
            work.fire(timers[0])
        elif message and after is Place.DEAD_LETTER:
            work.stop_message(message, Illegible("No."), [])
        elif message and act.pick > 7:
            work.put_back(message)
        else:
            move(work, chart_id, after)

    def commit(self, actor: int) -> None:
        """Commit, and hold the store to its promises."""
        work = self.units.pop(actor, None)
        if work is None:
            return
        as_it_was = everything(self.store)
        try:
            work.commit()
        except Conflict:
            self.refused += 1
            assert everything(self.store) == as_it_was
        self.desk.assert_clean()
        for row in self.store.select(ChartRow, {}):
            held = self.desk.held_by(row.chart_id)
            assert held == ([row.place_id] if row.place != Place.FINISHED else [])
            assert (row.outcome in set(Outcome)) == (row.place == Place.FINISHED)

    def play(self, acts: list[Act]) -> None:
        for act in acts:
            self.act(act)
        for actor in range(ACTORS):
            self.commit(actor)


@settings(max_examples=300, deadline=None)
@given(st.lists(ACTS, max_size=30))
def test_a_chart_is_always_in_exactly_one_place(acts: list[Act]) -> None:
    Story(MemoryBackend(), "s").play(acts)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=st.lists(ACTS, min_size=8, max_size=20))
def test_a_chart_is_always_in_exactly_one_place_on_every_store(
    store: Store, acts: list[Act]
) -> None:
    Story(store, f"s{next(STORIES)}").play(acts)


def test_the_stories_have_actors_who_get_in_each_others_way() -> None:
    """Else the properties above would show little."""
    acts = [
        Act(actor=n % ACTORS, chart=0, pick=n, as_stage=True, fails=False, commits=n % 4 == 3)
        for n in range(60)
    ]
    story = Story(MemoryBackend(), "s")
    story.play(acts)
    assert story.refused > 3
