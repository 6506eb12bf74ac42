"""Dead letters as the commands show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workers.commands.output import age, iso, moment

if TYPE_CHECKING:
    from services.chart.rows import DeadLetterRow

COLUMNS = ("id", "stage", "reason", "owner", "age", "back", "subject", "sentence")


def shape(letter: DeadLetterRow, now_ms: int) -> dict[str, Any]:
    """`{id, subject, state, stage, reason, sentence, fix, where, owner, returns, first_at,
    last_at, age_s}`; times are ISO 8601 in UTC."""  # noqa: D205, D209 - one sentence
    return {
        "id": letter.dead_letter_id,
        "subject": letter.subject,
        "state": letter.state,
        "stage": letter.stage,
        "reason": letter.code,
        "sentence": letter.sentence,
        "fix": letter.fix,
        "where": letter.location,
        "owner": letter.owner,
        "returns": letter.returns,
        "first_at": iso(letter.first_ms),
        "last_at": iso(letter.last_ms),
        "age_s": max(0, now_ms - letter.first_ms) // 1_000,
    }


def row(letter: DeadLetterRow, now_ms: int) -> tuple[object, ...]:
    """One line of a table under `COLUMNS`."""
    return (
        letter.dead_letter_id,
        letter.stage,
        letter.code,
        letter.owner,
        age(now_ms - letter.first_ms),
        letter.returns,
        letter.subject,
        letter.sentence,
    )


def closed(letter: DeadLetterRow) -> dict[str, Any] | None:
    """`{state, at, by, why}` of a letter that is closed; None while it is open."""
    if letter.state == "open":
        return None
    return {
        "state": letter.state,
        "at": iso(letter.closed_ms),
        "by": letter.closed_by,
        "why": letter.closed_why,
    }


def closed_words(letter: DeadLetterRow) -> str:
    """How a letter was closed, for people."""
    who = letter.closed_by.removeprefix("person:")
    return f"{letter.state} at {moment(letter.closed_ms)} by {who}: {letter.closed_why}"
