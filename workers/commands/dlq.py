"""`chartline dlq`: dead letters, what stopped and needs a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from workers.commands import letters, patient
from workers.commands.ending import Ended, Exit
from workers.commands.output import PLAIN, Output, age, iso, moment, seconds_of
from workers.commands.session import Session, acting, open_session

if TYPE_CHECKING:
    from services.chart.rows import DeadLetterRow

GROUPED: dict[str, Callable[[DeadLetterRow], str]] = {
    "reason": lambda letter: letter.code,
    "stage": lambda letter: letter.stage,
    "owner": lambda letter: letter.owner,
}
Who = Annotated[str, Parameter(help="Who acts; else the account that runs this.")]


def list_letters(
    *,
    stage: Annotated[str, Parameter(help="Only of this stage.")] = "",
    reason: Annotated[str, Parameter(help="Only with this reason code.")] = "",
    owner: Annotated[str, Parameter(help="Only for this owner, such as coder.")] = "",
    older: Annotated[str, Parameter(help="Only older than this, such as 2d or 12h.")] = "",
    group_by: Annotated[str, Parameter(help="Count by reason, stage or owner.")] = "",
    limit: Annotated[int, Parameter(help="How many to show at most.")] = 50,
    out: Output = PLAIN,
) -> int:
    """List the open dead letters, the oldest first.

    Example: `chartline dlq list --group-by reason`, then `chartline dlq list --reason R`

    JSON: `{total, dead_letters: [{id, subject, state, stage, reason, sentence, fix, where, owner,
    returns, first_at, last_at, age_s}]}`; with --group-by `{total, groups: [{NAME, count,
    oldest_at, oldest_age_s}]}` where NAME is what they are grouped by.
    """
    from services.chart.rows import DeadLetterRow  # noqa: PLC0415 - see the package

    if group_by and group_by not in GROUPED:
        raise Ended(Exit.USAGE, f"Group by one of: {', '.join(GROUPED)}.")
    asked = {"stage": stage, "code": reason, "owner": owner}
    where = {"state": "open", **{name: value for name, value in asked.items() if value}}
    with open_session() as session:
        now = session.clock.now_ms()
        latest = now - seconds_of(older) * 1_000 if older else now
        found = session.store.select(DeadLetterRow, where, order_by="first_ms")
    found = [letter for letter in found if letter.first_ms <= latest]
    if group_by:
        _print_groups(found, group_by, now, out)
        return Exit.OK
    shown = found[: max(limit, 0)]
    content = [letters.shape(letter, now) for letter in shown]
    out.shape({"total": len(found), "dead_letters": content})
    out.table(letters.COLUMNS, [letters.row(letter, now) for letter in shown])
    more = len(found) - len(shown)
    out.line(f"{len(found)} open dead letters" + (f"; {more} more than shown." if more else "."))
    return Exit.OK


def _print_groups(found: list[DeadLetterRow], by: str, now: int, out: Output) -> None:
    groups: dict[str, list[DeadLetterRow]] = {}
    for letter in found:
        groups.setdefault(GROUPED[by](letter), []).append(letter)
    counted = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    content = [
        {
            by: name,
            "count": len(members),
            "oldest_at": iso(members[0].first_ms),
            "oldest_age_s": max(0, now - members[0].first_ms) // 1_000,
        }
        for name, members in counted
    ]
    out.shape({"total": len(found), "groups": content})
    out.table(
        (by, "count", "oldest"),
        [(name, len(members), age(now - members[0].first_ms)) for name, members in counted],
    )
    out.line(f"{len(found)} open dead letters.")


def show(
    key: Annotated[str, Parameter(name="ID", help="The dead letter's id, or what stopped.")],
    /,
    *,
    attempts: Annotated[bool, Parameter(help="List every attempt with its error.")] = False,
    raw: Annotated[bool, Parameter(help="Show the outside messages too; needs --phi.")] = False,
    phi: Annotated[bool, Parameter(help="Show patient data too; the view is recorded.")] = False,
    by: Who = "",
    out: Output = PLAIN,
) -> int:
    """Say why a chart or a message stopped, who can fix it and how.

    Example: `chartline dlq show d_1jd0k3m9x00a7q2v5w8zrt --attempts`

    Exit code: 0 found, 5 not found, 6 when --raw is asked for without --phi.

    JSON: a dead letter as in `dlq list`, and `closed: {state, at, by, why}` or null, `attempts:
    [{at, kind, code, sentence}]` with --attempts, `phi` with --phi, `raw: [{raw_id, feed,
    received_at, base64}]` with --raw.
    """
    if raw and not phi:
        raise Ended(Exit.REFUSED, "An outside message holds patient data: ask with --phi as well.")
    with open_session() as session:
        letter = _letter(session, key)
        content = letters.shape(letter, session.clock.now_ms())
        content["closed"] = letters.closed(letter)
        if attempts:
            content["attempts"] = _attempts(letter)
        if phi:
            chart = patient.view(session, letter.subject, acting(by), "dlq show")
            content["phi"] = patient.shape(chart) if chart else {}
        if raw:
            content["raw"] = _raws(session, letter.subject)
    out.shape(content)
    _print_letter(content, letter, out)
    return Exit.OK


def _letter(session: Session, key: str) -> DeadLetterRow:
    """Raises: NoSuchDeadLetter."""
    from services.adapters.store.work import UnitOfWork  # noqa: PLC0415 - see the package
    from services.worklist.resolving import letter_of  # noqa: PLC0415

    return letter_of(UnitOfWork(session.store, session.clock, session.ids), key)


def _attempts(letter: DeadLetterRow) -> list[dict[str, Any]]:
    from services.adapters.store.reads import attempts_of  # noqa: PLC0415

    found: list[dict[str, Any]] = []
    for attempt in attempts_of(letter):
        at_ms = attempt.pop("at_ms", 0)
        found.append({"at": iso(at_ms if isinstance(at_ms, int) else 0), **attempt})
    return found


def _raws(session: Session, subject: str) -> list[dict[str, Any]]:
    """The outside messages of a chart, or the one that stopped."""
    from base64 import b64encode  # noqa: PLC0415

    from services.chart.rows import RawRow  # noqa: PLC0415

    column = "chart_id" if subject.startswith("c_") else "raw_id"
    return [
        {
            "raw_id": raw.raw_id,
            "feed": raw.feed,
            "received_at": iso(raw.received_ms),
            "base64": b64encode(raw.content).decode(),
        }
        for raw in session.store.select(RawRow, {column: subject}, order_by="received_ms")
    ]


def _print_letter(content: dict[str, Any], letter: DeadLetterRow, out: Output) -> None:
    from base64 import b64decode  # noqa: PLC0415

    out.line(f"{content['id']}: {content['sentence']}")
    out.line(f"what to do: {content['fix']} ({content['owner']})")
    for label, value in (
        ("reason", content["reason"]),
        ("where", content["where"]),
        ("stage", content["stage"]),
        ("about", content["subject"]),
        ("first", moment(letter.first_ms)),
        ("last", moment(letter.last_ms)),
        ("came back", f"{content['returns']} times" if content["returns"] else ""),
        ("closed", letters.closed_words(letter) if content["closed"] else ""),
    ):
        if value:
            out.line(f"{label}: {value}")
    for label, value in patient.lines(content["phi"]) if content.get("phi") else ():
        out.line(f"{label}: {value}")
    out.table(
        ("at (UTC)", "kind", "code", "sentence"),
        [
            (str(one["at"])[:19].replace("T", " "), one["kind"], one["code"], one["sentence"])
            for one in content.get("attempts", ())
        ],
    )
    for one in content.get("raw", ()):
        out.line(f"\n--- {one['raw_id']} from {one['feed']} at {one['received_at']}")
        out.line(b64decode(one["base64"]).decode("utf-8", "backslashreplace").replace("\r", "\n"))
    if not content["closed"]:
        out.line(f"Go on:  chartline dlq resume {content['id']} --reason WHY")
