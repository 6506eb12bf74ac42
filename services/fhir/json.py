"""Reading values out of JSON that may have any shape: never an exception, never a wrong type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

Resource = dict[str, Any]

_NOTHING: Resource = {}
_WHOLE_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T.*)?", re.DOTALL)
_DAY = 10  # characters of a date
_MOST = 10**10  # more is no amount and no quantity of one charge


def obj(value: Any) -> Resource:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else _NOTHING


def objects(value: Any) -> list[Resource]:
    """The objects of a list; a single object counts as a list of one."""
    if isinstance(value, list):
        return [one for one in value if isinstance(one, dict)]
    return [value] if isinstance(value, dict) else []


def text(value: Any) -> str:
    """The string without blanks around it, or ""."""
    return value.strip() if isinstance(value, str) else ""


def strings(value: Any) -> list[str]:
    """The strings of a list that are not empty."""
    return [one for one in map(text, value) if one] if isinstance(value, list) else []


def whole(value: Any) -> int:
    """A positive whole number, or 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def number(value: Any) -> Decimal | None:
    """A number of a reasonable size, exactly as it was written."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    found = Decimal(repr(value))
    return found if found.is_finite() and abs(found) < _MOST else None


def codings(concept: Any) -> Iterator[tuple[str, str]]:
    """System and code of every coding of a CodeableConcept (or of a Coding by itself)."""
    concept = obj(concept)
    found = objects(concept.get("coding")) if "coding" in concept else [concept]
    for one in found:
        code = text(one.get("code"))
        if code:
            yield text(one.get("system")), code


def first_code(concept: Any) -> str:
    """The first code of a concept, or ""."""
    return next((code for _, code in codings(concept)), "")


def day(value: Any) -> date | None:
    """A whole date, as the sender wrote it."""
    written = text(value)
    if not _WHOLE_DATE.fullmatch(written):
        return None
    try:
        return date.fromisoformat(written[:_DAY])
    except ValueError:
        return None


def instant(value: Any) -> datetime | None:
    """An instant, timezone-aware (UTC when no zone was sent); None when not a whole date."""
    written = text(value)
    if not _WHOLE_DATE.fullmatch(written):
        return None
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
