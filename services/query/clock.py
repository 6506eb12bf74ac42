"""When a provider is reminded of an open question."""

from __future__ import annotations

from services.chart.rows import QueryRow
from services.query.answering import read_question


def next_reminder_ms(row: QueryRow, now_ms: int) -> int | None:
    """When to remind next, in UTC milliseconds; None when the question expires before that.

    Reminders keep the rhythm that began when the question was raised. Those that were due while
    nothing ran are not made up for.
    """
    every = read_question(row).remind_ms
    passed = max(0, now_ms - row.raised_ms) // every
    due = row.raised_ms + (passed + 1) * every
    return due if due < row.expires_ms else None
