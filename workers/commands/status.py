"""`chartline status`: the line on one screen, with an exit code for monitoring."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from workers.commands.ending import Ended, Exit
from workers.commands.output import PLAIN, Output, age, iso, moment
from workers.commands.session import Session, open_session

if TYPE_CHECKING:
    from services.adapters.store.reads import LineState, StageState
    from services.chart.rows import CircuitRow

OLD_MS = 15 * 60_000
NOT_FOR_CHART_PEOPLE = frozenset({"ops", "developer"})


def status(
    *,
    stage: Annotated[str, Parameter(help="Only this stage, such as coding.")] = "",
    out: Output = PLAIN,
) -> int:
    """Say how the line is doing.

    Example: `chartline status --json | jq .verdict`

    Exit code: 0 flowing, 3 degraded (a dead letter for ops or developers, a message older than
    15 minutes, or an outside service that is out), 4 stopped (the store does not answer).

    JSON: `{verdict, sentence, at, line, stages: [{stage, due, oldest_age_s, waiting,
    dead_letters}], places, outcomes, claims, submissions, messages, queries_open,
    dead_letters: {by_reason, by_owner}, circuits: [{name, out_since, tries_again}]}`; when the
    store does not answer only verdict and sentence and error. `line` is running, stopped or
    distributed; the maps hold counts by name; times are ISO 8601 in UTC.
    """
    try:
        with open_session() as session:
            return _report(session, stage, out)
    except Exception as error:  # noqa: BLE001 - a status must say that it could not look
        return _stopped(error, out)


def _report(session: Session, stage: str, out: Output) -> int:
    from services.adapters.store.reads import line_state  # noqa: PLC0415 - see the package
    from services.chart.rows import CircuitRow  # noqa: PLC0415

    now = session.clock.now_ms()
    state = line_state(session.store, now)
    known = [one.stage for one in state.stages]
    if stage and stage not in known:
        raise Ended(Exit.USAGE, f"There is no such stage. The stages: {', '.join(known)}.")
    stages = [one for one in state.stages if stage in {"", one.stage}]
    circuits = [c for c in session.store.select(CircuitRow, {}) if c.open_until_ms > now]
    faults = degradations(state, stages, circuits)
    content = {
        "verdict": "degraded" if faults else "flowing",
        "sentence": sentence(state, faults),
        "at": iso(now),
        "line": _line(session),
        "stages": [_stage(one) for one in stages],
        "places": state.places,
        "outcomes": state.outcomes,
        "claims": state.claims,
        "submissions": state.submissions,
        "messages": state.raws,
        "queries_open": state.queries_open,
        "dead_letters": {"by_reason": state.dead_letters, "by_owner": state.owners},
        "circuits": [
            {"name": c.name, "out_since": iso(c.since_ms), "tries_again": iso(c.open_until_ms)}
            for c in circuits
        ],
    }
    out.shape(content)
    _print(content, stages, circuits, out)
    return Exit.DEGRADED if faults else Exit.OK


def degradations(
    state: LineState, stages: list[StageState], circuits: list[CircuitRow]
) -> list[str]:
    """What is not as it should be, as pieces of a sentence; nothing: all flows."""
    found = []
    stuck = sum(n for owner, n in state.owners.items() if owner in NOT_FOR_CHART_PEOPLE)
    if stuck:
        found.append(f"{stuck} dead letters are for ops or developers")
    found += [
        f"{one.stage} has a message that is {age(one.oldest_age_ms)} old"
        for one in stages
        if one.oldest_age_ms > OLD_MS
    ]
    found += [f"{circuit.name} does not answer" for circuit in circuits]
    return found


def sentence(state: LineState, faults: list[str]) -> str:
    """The line in one sentence."""
    if faults:
        return f"Degraded: {'; '.join(faults)}."
    letters = sum(state.dead_letters.values())
    people = f"{letters} dead letters and {state.queries_open} queries wait for people"
    return f"Flowing: {state.busy} messages due; {people}."


def _line(session: Session) -> str:
    from workers.commands.presence import is_running  # noqa: PLC0415

    if session.settings.is_distributed:
        return "distributed"
    return "running" if is_running(session.settings.data_dir) else "stopped"


def _stage(one: StageState) -> dict[str, Any]:
    shape = asdict(one)
    shape["stage"] = str(one.stage)
    shape["oldest_age_s"] = shape.pop("oldest_age_ms") // 1_000
    return shape


def _print(
    content: dict[str, Any], stages: list[StageState], circuits: list[CircuitRow], out: Output
) -> None:
    out.line(content["sentence"])
    if content["line"] == "stopped":
        out.line("No line is running on this store: start it with `chartline up`.")
    out.line()
    out.table(
        ("stage", "due", "oldest", "waiting", "dead letters"),
        [
            (
                str(one.stage),
                one.due,
                age(one.oldest_age_ms) if one.due else "-",
                one.waiting,
                one.dead_letters,
            )
            for one in stages
        ],
    )
    out.line()
    letters = content["dead_letters"]
    for title, counts in (
        ("charts", content["places"]),
        ("finished", content["outcomes"]),
        ("claims", content["claims"]),
        ("files", content["submissions"]),
        ("messages", content["messages"]),
        ("dead letters by reason", letters["by_reason"]),
        ("dead letters by owner", letters["by_owner"]),
    ):
        if counts:
            listed = ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))
            out.line(f"{title}: {listed}")
    if content["queries_open"]:
        out.line(f"queries open: {content['queries_open']}")
    for circuit in circuits:
        again = moment(circuit.open_until_ms)
        out.line(f"out: {circuit.name} since {moment(circuit.since_ms)}; tried again at {again}")


def _stopped(error: Exception, out: Output) -> int:
    from workers.commands.ending import ended  # noqa: PLC0415

    end = ended(error)
    if end.exit_code is not Exit.STOPPED:
        raise end from error
    text = f"Stopped: {end.sentence}"
    out.shape({"verdict": "stopped", "sentence": text, **end.shape()})
    out.line(text)
    out.line(end.fix)
    return Exit.STOPPED
