"""`chartline dlq resume` and `discard`: what a person decides about dead letters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from workers.commands.ending import Ended, Exit, ended
from workers.commands.output import PLAIN, Output, iso, moment
from workers.commands.session import Session, acting, open_session

if TYPE_CHECKING:
    from services.worklist.resolving import Desk, Resolved

Id = Annotated[
    str,
    Parameter(name="ID", help="Ids of dead letters, or of the charts or messages that stopped."),
]
Why = Annotated[str, Parameter(help="Why, in a few words; no patient data. It is journalled.")]
Who = Annotated[str, Parameter(help="Who acts; else the account that runs this.")]


def resume(
    *ids: Id,
    reason: Why,
    by: Who = "",
    set_: Annotated[
        tuple[str, ...],
        Parameter(name="--set", help="PATH=VALUE: correct a field of the chart before."),
    ] = (),
    override: Annotated[
        tuple[str, ...], Parameter(help="The id of a rule whose finding may not stop the chart.")
    ] = (),
    out: Output = PLAIN,
) -> int:
    """Let charts go on at the stage that stopped, with corrections if need be. Twice is once.

    Example: `chartline dlq resume d_1jd0k3m9x00a7q2v5w8zrt --reason "coder chose"
    --set 'diagnoses[0].code=E1165' --set encounter.discharge_status=01`

    A correction that an earlier stage reads sends the chart back to that stage. Exit code: 0 done
    or done before, 5 not found, 6 refused (closed in another way, a field that may not be
    corrected, a finding that may not be overridden); the highest when there are several ids.

    JSON: `{results: [{id, subject, outcome, changed, stage, at, by, why, corrected, sentence,
    code}]}`; outcome is resumed, not-found or refused.
    """
    from services.worklist.corrections import parse  # noqa: PLC0415 - see the package
    from services.worklist.resolving import Resolution  # noqa: PLC0415
    from services.worklist.resolving import resume as resume_  # noqa: PLC0415

    corrections = tuple(parse(text) for text in set_)
    resolution = Resolution(acting(by), reason, corrections, override)
    return _each(ids, acting(by), lambda desk, key: resume_(desk, key, resolution), out)


def discard(*ids: Id, reason: Why, by: Who = "", out: Output = PLAIN) -> int:
    """Decide that charts or messages go no further. Nothing is deleted; twice is once.

    Example: `chartline dlq discard d_1jd0k3m9x00a7q2v5w8zrt --reason "test message"`

    Exit code: 0 done or done before, 5 not found, 6 refused (it was resumed).

    JSON: as `dlq resume`, with outcome discarded.
    """
    from services.worklist.resolving import discard as discard_  # noqa: PLC0415 - see the package

    who = acting(by)
    return _each(ids, who, lambda desk, key: discard_(desk, key, by=who, reason=reason), out)


def _each(keys: tuple[str, ...], by: str, act: Callable[[Desk, str], Resolved], out: Output) -> int:
    """Do it to each, in a commit of its own; one that is refused stops no other."""
    if not keys:
        raise Ended(Exit.USAGE, "Name one or more dead letters.")
    results, worst = [], Exit.OK
    with open_session() as session:
        for key in keys:
            try:
                result = _result(key, _one(session, by, act, key))
            except Exception as error:
                end = ended(error)
                if end.exit_code not in {Exit.NOT_FOUND, Exit.REFUSED}:
                    raise
                worst = max(worst, end.exit_code)
                result = _refused(key, end)
            results.append(result)
            out.line(result["sentence"])
    out.shape({"results": results})
    return worst


def _one(session: Session, by: str, act: Callable[[Desk, str], Resolved], key: str) -> Resolved:
    return session.carry_out(by, lambda desk: act(desk, key))


def _result(key: str, done: Resolved) -> dict[str, Any]:
    at, by = iso(done.at_ms), done.by.removeprefix("person:")
    if not done.changed:
        sentence = f"{key}: was {done.state} already at {moment(done.at_ms)} by {by}; unchanged."
    elif done.state == "resumed":
        sentence = f"{key}: resumed; {done.subject} goes on at {done.stage}."
    else:
        sentence = f"{key}: discarded; {done.subject} goes no further."
    return {
        "id": done.dead_letter_id,
        "subject": done.subject,
        "outcome": done.state,
        "changed": done.changed,
        "stage": str(done.stage),
        "at": at,
        "by": by,
        "why": done.why,
        "corrected": list(done.paths),
        "sentence": sentence,
        "code": "",
    }


def _refused(key: str, end: Ended) -> dict[str, Any]:
    outcome = "not-found" if end.exit_code is Exit.NOT_FOUND else "refused"
    empty = dict.fromkeys(("subject", "stage", "by", "why"), "")
    return {
        "id": key,
        **empty,
        "outcome": outcome,
        "changed": False,
        "at": None,
        "corrected": [],
        "sentence": f"{key}: {end.sentence} {end.fix}",
        "code": end.code,
    }
