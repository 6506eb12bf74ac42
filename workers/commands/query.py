"""`chartline query`: questions to providers, and their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from workers.commands import patient
from workers.commands.ending import Ended, Exit
from workers.commands.output import PLAIN, Output, age, iso
from workers.commands.session import acting, open_session

if TYPE_CHECKING:
    from services.chart.rows import QueryRow

STATES = ("open", "answered", "expired", "withdrawn")


def list_queries(
    *,
    state: Annotated[str, Parameter(help="open, answered, expired or withdrawn.")] = "open",
    limit: Annotated[int, Parameter(help="How many to show at most.")] = 50,
    phi: Annotated[
        bool, Parameter(help="Show the question's words and grounds; the view is recorded.")
    ] = False,
    by: Annotated[str, Parameter(help="Who looks; else the account.")] = "",
    out: Output = PLAIN,
) -> int:
    """List questions to providers, the oldest first, with the answers that each offers.

    Example: `chartline query list`, then `chartline query answer ID --option yes --by WHO`

    JSON: `{total, queries: [{id, chart_id, state, template, title, recipient, raised_at, age_s,
    reminded, expires_at, options: [{id, text}], answer, text, indicators}]}`. `answer` is the
    option that was chosen or null; `text` and `indicators` are there with --phi only. Without it,
    a recipient who is not named by a valid NPI is "".
    """
    from services.chart.rows import QueryRow  # noqa: PLC0415 - see the package

    if state not in STATES:
        raise Ended(Exit.USAGE, f"A query is {', '.join(STATES[:-1])} or {STATES[-1]}.")
    with open_session() as session:
        now = session.clock.now_ms()
        found = session.store.select(QueryRow, {"state": state}, order_by="raised_ms")
        shown = found[: max(limit, 0)]
        if phi:
            for chart_id in dict.fromkeys(row.chart_id for row in shown):
                patient.view(session, chart_id, acting(by), "query list")
    content = [_shape(row, now, phi=phi) for row in shown]
    out.shape({"total": len(found), "queries": content})
    out.table(
        ("id", "chart", "to", "age", "reminded", "question", "options"),
        [
            (
                one["id"],
                one["chart_id"],
                one["recipient"] or "-",
                age(one["age_s"] * 1_000),
                one["reminded"],
                one.get("text") or one["title"],
                " ".join(option["id"] for option in one["options"]),
            )
            for one in content
        ],
    )
    more = len(found) - len(shown)
    out.line(f"{len(found)} {state} queries" + (f"; {more} more than shown." if more else "."))
    return Exit.OK


def _shape(row: QueryRow, now_ms: int, *, phi: bool) -> dict[str, Any]:
    from services.edi.npi import is_npi  # noqa: PLC0415
    from services.query.answering import read_answer, read_question  # noqa: PLC0415

    question, answer = read_question(row), read_answer(row)
    shape: dict[str, Any] = {
        "id": row.query_id,
        "chart_id": row.chart_id,
        "state": row.state,
        "template": row.template,
        "title": question.title,
        "recipient": row.recipient if phi or is_npi(row.recipient) else "",
        "raised_at": iso(row.raised_ms),
        "age_s": max(0, now_ms - row.raised_ms) // 1_000,
        "reminded": row.reminded,
        "expires_at": iso(row.expires_ms),
        "options": [{"id": option.id, "text": option.text} for option in question.options],
        "answer": answer.option if answer else None,
    }
    if phi:
        shape["text"] = question.text
        shape["indicators"] = [one.model_dump(mode="json") for one in question.indicators]
    return shape


def answer(
    query_id: Annotated[str, Parameter(name="ID", help="The query's id.")],
    /,
    *,
    option: Annotated[str, Parameter(help="The id of the option that is chosen.")],
    by: Annotated[str, Parameter(help="The provider who answers and signs.")],
    text: Annotated[str, Parameter(help="The provider's own words.")] = "",
    out: Output = PLAIN,
) -> int:
    """Record a provider's answer; the chart has it and goes on. Twice is once.

    Example: `chartline query answer q_1jd0k3m9x00a7q2v5w8zrt --option yes --by 1234567893`

    Exit code: 0 recorded or recorded before, 5 not found, 6 refused (another answer is there, no
    such option, no words where they are needed).

    JSON: `{id, chart_id, option, changed, settled}`; `settled` says whether the answer settles the
    question by itself, else a coder reads it.
    """
    from services.query.answering import record_answer  # noqa: PLC0415 - see the package

    with open_session() as session:
        try:
            recorded = session.carry_out(
                by, lambda desk: record_answer(desk, query_id, option, text, by=by)
            )
        except LookupError:
            raise Ended(Exit.NOT_FOUND, "There is no query with this id.") from None
    out.shape(
        {
            "id": query_id,
            "chart_id": recorded.chart_id,
            "option": option,
            "changed": recorded.changed,
            "settled": recorded.settled,
        }
    )
    if not recorded.changed:
        out.line(f"{query_id}: this answer was recorded before; unchanged.")
    elif recorded.settled:
        out.line(f"{query_id}: recorded; {recorded.chart_id} goes on.")
    else:
        out.line(f"{query_id}: recorded; a coder reads it before {recorded.chart_id} goes on.")
    return Exit.OK
