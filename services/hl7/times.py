"""HL7 dates and times (TS, DTM, DT), to the precision that was sent.

A time without an offset takes the offset of MSH-7, else UTC, so that the day and hour on a claim
are those that the sender wrote.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import Enum

_SHAPE = re.compile(
    r"([0-9]{4})([0-9]{2})?([0-9]{2})?([0-9]{2})?([0-9]{2})?([0-9]{2})?(?:\.[0-9]{1,6})?"
    r"([+-][0-9]{4})?"
)
_HOURS_OF_ZONE = slice(1, 3)
_MINUTES_OF_ZONE = slice(3, 5)
_MINUTES_A_DAY = 24 * 60


class Precision(Enum):
    """How much of a time was sent."""

    NONE = 0  # nothing, or nothing that is a time
    PART = 1  # a year, or a year and month
    DAY = 2
    TIME = 3


def precision(text: str) -> Precision:
    """How much of a time the text gives."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        return Precision.NONE
    if match[4]:
        return Precision.TIME
    return Precision.DAY if match[3] else Precision.PART


def day(text: str) -> date | None:
    """The date; None when the text is not at least a whole, real date."""
    match = _SHAPE.fullmatch(text)
    if match is None or match[3] is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def instant(text: str, zone: tzinfo = UTC) -> datetime | None:
    """The instant, timezone-aware; midnight when no hour was sent; None when not a whole date."""
    match = _SHAPE.fullmatch(text)
    if match is None or match[3] is None:
        return None
    year, month, of_month, hour, minute, second, offset = match.groups()
    place = _zone(offset) if offset else zone
    if place is None:
        return None
    try:
        return datetime(
            int(year),
            int(month),
            int(of_month),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            tzinfo=place,
        )
    except ValueError:
        return None


def zone_of(text: str) -> tzinfo:
    """The offset that a time carries, else UTC."""
    match = _SHAPE.fullmatch(text)
    return (_zone(match[7]) if match and match[7] else None) or UTC


def _zone(offset: str) -> tzinfo | None:
    minutes = int(offset[_HOURS_OF_ZONE]) * 60 + int(offset[_MINUTES_OF_ZONE])
    if minutes >= _MINUTES_A_DAY:
        return None
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
