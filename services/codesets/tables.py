"""What a tabular list says, as plain tables: the shape between a loader and the compiled form."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.codesets.notes import CodeRange


@dataclass(slots=True)
class Tables:
    """What the tabular says, as plain tables; codes without dots.

    `blocks`: category → sections and chapter above it, nearest first. `excludes`: node → ranges.
    """

    leaves: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    blocks: dict[str, list[str]] = field(default_factory=dict)
    sevenths: dict[str, dict[str, str]] = field(default_factory=dict)
    excludes: dict[str, list[CodeRange]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
