"""Whether each synthetic chart ended where its builder says."""

from __future__ import annotations

from dataclasses import dataclass

from services.chart.places import Place
from services.chart.ports import Store
from services.chart.rows import ChartRow, DeadLetterRow, QueryRow, TimerRow
from workers.demo.expectation import Expectation
from workers.demo.scenarios import Scenario


@dataclass(frozen=True, slots=True)
class Ended:
    """Where a chart, or the message that should have made one, ended."""

    outcome: str  # paid, cancelled, discarded, waiting, query, dead-letter, due or nowhere
    stage: str = ""
    code: str = ""
    waits_for: str = ""

    def __str__(self) -> str:
        """For the table: `waiting at completeness`."""
        words = [self.outcome, f"at {self.stage}" if self.stage else "", self.code]
        return " ".join(word for word in words if word)


@dataclass(frozen=True, slots=True)
class Judged:
    """One scenario, its end, and whether that is the right one."""

    scenario: Scenario
    ended: Ended
    is_right: bool


def judge_all(
    store: Store, scenarios: tuple[Scenario, ...], raws_of: dict[str, list[str]]
) -> list[Judged]:
    """Judge every scenario. `raws_of`: the raw ids of each scenario's messages, by name."""
    return [_judge(store, scenario, raws_of[scenario.name]) for scenario in scenarios]


def _judge(store: Store, scenario: Scenario, raws: list[str]) -> Judged:
    expect = scenario.expect
    letters = store.select(DeadLetterRow, {"subject": raws, "state": "open"})
    message_codes = {letter.code for letter in letters}
    if not expect.chart:
        code = next(iter(message_codes), "")
        stage = letters[0].stage if letters else ""
        ended = Ended("dead-letter" if letters else "nowhere", stage, code)
    else:
        ended = _end_of_chart(store, scenario)
    wanted_codes = {
        code for code in (expect.message_code, "" if expect.chart else expect.code) if code
    }
    is_right = _matches(expect, ended) and message_codes == wanted_codes
    return Judged(scenario, ended, is_right)


def _end_of_chart(store: Store, scenario: Scenario) -> Ended:
    where = {"facility": scenario.facility, "account": scenario.account}
    charts = store.select(ChartRow, where)
    if not charts:
        return Ended("nowhere")
    chart = charts[0]
    match chart.place:
        case Place.FINISHED:
            return Ended(chart.outcome)
        case Place.WAITING:
            timers = store.select(TimerRow, {"timer_id": chart.place_id})
            why = timers[0].why if timers else ""
            return Ended("waiting", chart.stage, waits_for=why)
        case Place.DEAD_LETTER:
            letter = store.select(DeadLetterRow, {"dead_letter_id": chart.place_id})[0]
            return Ended("dead-letter", letter.stage, letter.code)
        case Place.QUERY:
            query = store.select(QueryRow, {"query_id": chart.place_id})[0]
            return Ended("query", "query" if query.state == "open" else query.state)
        case _:
            return Ended("due", chart.stage)


def _matches(expect: Expectation, ended: Ended) -> bool:
    return (
        ended.outcome == expect.outcome
        and (not expect.stage or ended.stage == expect.stage)
        and (not expect.code or ended.code == expect.code)
        and expect.waits_for.casefold() in ended.waits_for.casefold()
    )
