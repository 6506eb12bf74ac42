"""`chartline chart`: one chart, or one outside message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from workers.commands import letters, patient
from workers.commands.ending import Ended, Exit
from workers.commands.output import PLAIN, Output, iso
from workers.commands.session import acting, open_session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.adapters.store.reads import Trace
    from services.chart.rows import ClaimRow, JournalRow


def trace(
    key: Annotated[
        str,
        Parameter(name="ID", help="The id of a chart, message, dead letter, query or claim."),
    ],
    /,
    *,
    phi: Annotated[bool, Parameter(help="Show patient data too; the view is recorded.")] = False,
    by: Annotated[str, Parameter(help="Who looks; else the account.")] = "",
    out: Output = PLAIN,
) -> int:
    """Say everything that happened to a chart or a message, and where it is now.

    Example: `chartline chart trace c_1jd0k3m9x00a7q2v5w8zrt`

    Exit code: 0 found, 5 not found.

    JSON: `{subject, kind, now: {place, stage, words, outcome}, chart_id, facility, encounter_class,
    payer_id, feed, created_at, updated_at, timeline: [{seq, at, who, what, why, detail}],
    claims: [{claim_id, transaction, sequence, state, payer_id, total, paid, patient, created_at,
    updated_at, submission_id, file}], dead_letters: [as in dlq list, with closed], phi}`.
    `subject` is the chart or the message; `phi` is there only with --phi.
    """
    from services.adapters.store.reads import trace as read  # noqa: PLC0415 - see the package

    with open_session() as session:
        found = read(session.store, key)
        if found is None:
            raise Ended(
                Exit.NOT_FOUND,
                "There is no chart and no message with or behind this id.",
                fix="`chartline dlq show ID` shows a dead letter that is about a file of claims.",
            )
        content = _shape(found, session.clock.now_ms())
        if phi:
            chart = patient.view(session, found.subject, acting(by), "chart trace")
            content["phi"] = patient.shape(chart) if chart else {}
    out.shape(content)
    _print(content, out)
    return Exit.OK


def _shape(found: Trace, now_ms: int) -> dict[str, Any]:
    chart, raw = found.chart, found.raw
    return {
        "subject": found.subject,
        "kind": "chart" if chart else "message",
        "now": {
            "place": chart.place if chart else (raw.state if raw else ""),
            "stage": chart.stage if chart else "intake",
            "words": found.held_by,
            "outcome": chart.outcome if chart else "",
        },
        "chart_id": chart.chart_id if chart else (raw.chart_id if raw else ""),
        "facility": chart.facility if chart else "",
        "encounter_class": chart.encounter_class if chart else "",
        "payer_id": chart.payer_id if chart else "",
        "feed": raw.feed if raw else "",
        "created_at": iso(chart.created_ms if chart else (raw.received_ms if raw else 0)),
        "updated_at": iso(chart.updated_ms if chart else (raw.received_ms if raw else 0)),
        "timeline": [_entry(entry) for entry in found.entries],
        "claims": [_claim(claim, found.files) for claim in found.claims],
        "dead_letters": [
            {**letters.shape(letter, now_ms), "closed": letters.closed(letter)}
            for letter in found.dead_letters
        ],
    }


def _entry(entry: JournalRow) -> dict[str, Any]:
    import orjson  # noqa: PLC0415 - see the package

    return {
        "seq": entry.seq,
        "at": iso(entry.at_ms),
        "who": entry.who,
        "what": entry.what,
        "why": entry.why,
        "detail": orjson.loads(entry.detail),
    }


def _claim(claim: ClaimRow, files: Mapping[str, str]) -> dict[str, Any]:
    return {
        "claim_id": claim.claim_id,
        "transaction": claim.transaction,
        "sequence": claim.sequence,
        "state": claim.state,
        "payer_id": claim.payer_id,
        "total": _money(claim.total_cents),
        "paid": _money(claim.paid_cents),
        "patient": _money(claim.patient_cents),
        "created_at": iso(claim.created_ms),
        "updated_at": iso(claim.updated_ms),
        "submission_id": claim.submission_id,
        "file": files.get(claim.submission_id, ""),
    }


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}" if cents >= 0 else f"-{_money(-cents)}"


def _print(content: dict[str, Any], out: Output) -> None:
    now = content["now"]
    stage = "" if now["outcome"] else f"{now['place']} at {now['stage']}: "
    out.line(f"{content['subject']}: {stage}{now['words']}")
    about = [content[key] for key in ("facility", "encounter_class", "payer_id", "feed")]
    out.line(f"{' · '.join(part for part in about if part)}")
    if content["kind"] == "message" and content["chart_id"]:
        out.line(f"It is part of {content['chart_id']}.")
    for label, value in patient.lines(content["phi"]) if content.get("phi") else ():
        out.line(f"{label}: {value}")
    out.line()
    out.table(
        ("#", "at (UTC)", "who", "what", "why", "detail"),
        [
            (
                entry["seq"],
                str(entry["at"])[:19].replace("T", " "),
                entry["who"],
                entry["what"],
                entry["why"],
                _words(entry["detail"]),
            )
            for entry in content["timeline"]
        ],
    )
    _print_claims(content["claims"], out)
    _print_letters(content["dead_letters"], out)


def _print_claims(claims: list[dict[str, Any]], out: Output) -> None:
    if claims:
        out.line()
    out.table(
        ("claim", "kind", "no", "state", "payer", "total", "paid", "patient", "file"),
        [
            (
                claim["claim_id"],
                claim["transaction"],
                claim["sequence"],
                claim["state"],
                claim["payer_id"],
                claim["total"],
                claim["paid"],
                claim["patient"],
                claim["file"] or "-",
            )
            for claim in claims
        ],
    )


def _print_letters(found: list[dict[str, Any]], out: Output) -> None:
    if found:
        out.line()
    out.table(
        ("dead letter", "state", "reason", "owner", "sentence"),
        [(one["id"], one["state"], one["reason"], one["owner"], one["sentence"]) for one in found],
    )


def _words(detail: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in detail.items())
