"""An edition: one release of one code set, and the days it is good for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Edition:
    """One release of one code set.

    `effective` and `end` are the first and the last day, both included. `name` is what an assigned
    code records; it is unique over all systems and never renamed.
    """

    system: str
    name: str
    effective: date
    end: date
    source: str
    licence: str

    def covers(self, on: date) -> bool:
        """Whether this edition is the one to look up on that day."""
        return self.effective <= on <= self.end
