"""The real clock and the real source of ids."""

from __future__ import annotations

import itertools
import secrets
import time
from datetime import UTC, datetime

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """Now, timezone-aware."""
        return datetime.now(UTC)

    def now_ms(self) -> int:
        """Now, in milliseconds since 1970."""
        return time.time_ns() // 1_000_000


def encode(number: int, length: int) -> str:
    """`number` in Crockford base 32, `length` characters, most significant first."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


class SystemIds:
    """Ids that sort by time: 9 characters of milliseconds, 3 of a counter, 10 random."""

    def __init__(self) -> None:
        self._counter = itertools.count(secrets.randbelow(32**2))

    def new(self, prefix: str) -> str:
        """A new id such as `c_1jd0k3m9x00a7q2v5w8zrt`."""
        ms = time.time_ns() // 1_000_000
        tail = encode(secrets.randbits(50), 10)
        return f"{prefix}_{encode(ms, 9)}{encode(next(self._counter) % 32**3, 3)}{tail}"
