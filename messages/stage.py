"""The stages of the path, by themselves: a name costs no pydantic."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """A stage of the line."""

    INTAKE = "intake"
    COMPLETENESS = "completeness"
    CODING = "coding"
    QUERY = "query"
    ASSEMBLY = "assembly"
    SUBMISSION = "submission"
    REMITTANCE = "remittance"
