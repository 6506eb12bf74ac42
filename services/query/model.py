"""The nouns of a query: what is asked, on what grounds, what may be answered, what was answered."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field, ValidationInfo, model_validator

from services.chart.model import CodeSystem, DiagnosisRole, DocumentKind, Frozen, Poa
from services.query import lint
from services.query.failures import NonCompliantQuery

BLANK = "{diagnosis}"  # in a template's text: the diagnosis in question
STORED = {"stored": True}  # validation context: it was compliant when it was asked


class Purpose(StrEnum):
    """What a question is for. Yes and no will do only for what the record already documents."""

    PRESENT_ON_ADMISSION = "present-on-admission"
    CONFIRM_DOCUMENTED = "confirm-documented"
    CAUSE_AND_EFFECT = "cause-and-effect"
    NEW_DIAGNOSIS = "new-diagnosis"


class IndicatorKind(StrEnum):
    """Where an indicator comes from."""

    DIAGNOSIS = "diagnosis"  # a coded statement of the sender
    ENCOUNTER = "encounter"
    DOCUMENT = "document"


class Option(Frozen):
    """One answer that may be given."""

    id: str = Field(min_length=1)
    text: str = Field(min_length=1)
    clinical: bool
    poa: Poa | None = None  # what it settles; None: a coder looks


class Indicator(Frozen):
    """A fact of the record that makes the question a fair one, with its source and its date."""

    kind: IndicatorKind
    on: date | None
    where: str  # message and position, or a path in the chart
    document_id: str = ""
    document_kind: DocumentKind | None = None
    code: str = ""
    quote: str = Field(default="", repr=False)
    supports: tuple[str, ...] = ()  # option ids; empty: all of them alike


class About(Frozen):
    """The diagnosis that the question is about, so that it is found again in a changed chart."""

    index: int
    code: str
    system: CodeSystem
    role: DiagnosisRole
    where: str
    description: str  # the words that stand in the question for it


class Question(Frozen):
    """What a provider is asked.

    Making one that breaks a rule of compliance raises `NonCompliantQuery` with every fault. One
    that is read back from the store (validation context `STORED`) is taken as it was asked.
    """

    template: str
    version: int
    purpose: Purpose
    title: str
    text: str
    about: About
    indicators: tuple[Indicator, ...]
    options: tuple[Option, ...]
    remind_ms: int = Field(gt=0)  # between reminders

    @model_validator(mode="after")
    def _is_compliant(self, info: ValidationInfo) -> Self:
        if info.context == STORED:
            return self
        own_words = self.text.replace(self.about.description, "")
        names = (self.about.code, self.about.description)
        faults = (
            *lint.words(self.title, own_words, self.options, names),
            *lint.choices(self.options, confirms=self.purpose is not Purpose.NEW_DIAGNOSIS),
            *lint.grounds(self.indicators, self.options),
        )
        if faults:
            raise NonCompliantQuery(faults)
        return self


class Template(Frozen):
    """The fixed part of a question. Making one that breaks a rule raises `NonCompliantQuery`."""

    id: str = Field(min_length=1)
    version: int = Field(ge=1)
    purpose: Purpose
    source: str = Field(min_length=1)
    title: str
    text: str
    remind_days: int = Field(gt=0)
    expire_days: int = Field(gt=0)
    options: tuple[Option, ...]

    @model_validator(mode="after")
    def _is_compliant(self) -> Self:
        faults = (
            *lint.words(self.title, self.text, self.options, ()),
            *lint.choices(self.options, confirms=self.purpose is not Purpose.NEW_DIAGNOSIS),
        )
        if faults:
            raise NonCompliantQuery(faults, where=self.id)
        if self.text.count(BLANK) != 1 or set("{}") & set(self.text.replace(BLANK, "")):
            raise ValueError(f"the text has {BLANK} once, and no other blank")
        return self


class Answer(Frozen):
    """What was answered. `by` is the account or id of the one who answers."""

    option: str
    text: str = Field(default="", repr=False)
    by: str
    at_ms: int
    signed: bool
