"""The ports of the inpatient engines: the Medicare Code Editor and the MS-DRG grouper.

Both look at a `Stay`: what an inpatient claim says to them, and nothing that names the patient.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

DEAD = 20  # NUBC patient status: expired
OK = "OK"
UNGROUPABLE = "999"


@dataclass(frozen=True, slots=True)
class StayDiagnosis:
    """A diagnosis code without dot, and its POA: Y, N, U, W, or empty (exempt or not said)."""

    code: str
    poa: str = ""


@dataclass(frozen=True, slots=True)
class Stay:
    """An inpatient stay as editor and grouper see it.

    `age` is in whole years at admission; `sex` is M, F or U; `discharge_status` is the NUBC patient
    status as a number; `procedures` are ICD-10-PCS codes, the principal one first.
    """

    discharged: date
    age: int
    sex: str
    discharge_status: int
    principal: StayDiagnosis
    secondary: tuple[StayDiagnosis, ...] = ()
    admitting: str = ""
    procedures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeEdit:
    """An edit that fired. `codes` are the codes that cause it, where one alone does so."""

    name: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grouping:
    """What a grouper says of a stay. `outcome` is "OK" or the engine's reason for `drg` 999."""

    drg: str
    description: str
    mdc: str
    outcome: str
    engine: str


class EngineError(Exception):
    """The engine gave no answer at all. The text names no code and no patient."""


class MedicareCodeEditor(Protocol):
    """Edits a stay as the Medicare Code Editor does, by discharge date."""

    @property
    def name(self) -> str:
        """Name and version of the engine, for the record of a finding."""

    def covers(self, on: date) -> bool:
        """Whether the editor's tables hold for a discharge on that day."""

    def edits(self, stay: Stay) -> tuple[CodeEdit, ...]:
        """The edits that fire, in a stable order. Raises: EngineError."""

    def knows(self, code: str, on: date) -> bool:
        """Whether the diagnosis code is valid on that day. Raises: EngineError."""

    def close(self) -> None:
        """Let go of the tables. It opens again when asked again."""


class Grouper(Protocol):
    """Groups a stay to an MS-DRG, by discharge date."""

    def edition(self, on: date) -> str | None:
        """Name and version of the grouper for a discharge on that day; None: it has none."""

    def group(self, stay: Stay) -> Grouping:
        """The MS-DRG after HAC logic. Raises: EngineError, also outside its editions."""

    def close(self) -> None:
        """Let go of the tables. It opens again when asked again."""
