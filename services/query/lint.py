"""What makes a question to a provider non-compliant (AHIMA and ACDIS, practice brief of 2022).

Each function returns the faults it finds, as sentences that hold nothing of the chart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Protocol

OTHER = "other"
UNABLE = "unable-to-determine"
YES_NO = frozenset({"yes", "no"})
FEWEST_CLINICAL = 2

# Money and quality: no question may hint at what an answer is worth. Words in capitals are
# abbreviations and are looked for in capitals only ("cc" is also a volume).
MONEY_WORDS = re.compile(
    r"\$|(?i:\b(?:reimburs\w*|payments?|payers?|revenue|profit\w*|financial\w*|dollars?|money"
    r"|(?:ms-?|apr-?)?drgs?|severity|relative weight|case[- ]mix|risk[- ]adjust\w*"
    r"|quality (?:scores?|measures?|metrics?|ratings?)|star ratings?)\b)"
    r"|\b(?:CC|MCC|HCC|SOI|ROM|RAF|CMI)s?\b"
)
LEADING_WORDS = re.compile(
    r"(?i)\bplease (?:document|add|change|confirm|agree)\b|\b(?:don't|do not) you (?:agree|think)\b"
    r"|\bwould you agree\b|\byou (?:should|must|need to)\b"
)
CODE = re.compile(r"\b[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4}|[0-9A-Z]{1,4})?\b")
# Diagnoses that queries are most often about; a title that holds one suggests it.
DIAGNOSIS_WORDS = re.compile(
    r"(?i)\b(?:sepsis|septic|pneumonia|malnutrition|encephalopathy|heart failure|chf|respiratory"
    r" failure|kidney (?:injury|failure|disease)|aki|ckd|an[a]?emia|ulcer|obesity|diabetes"
    r"|infarction|stroke|embolism|thrombosis|hypertension|delirium|cancer|fracture|shock)\b"
)


class Choice(Protocol):
    """An option, as far as it is checked."""

    @property
    def id(self) -> str:
        """The option's id."""

    @property
    def text(self) -> str:
        """The option's words."""

    @property
    def clinical(self) -> bool:
        """Whether it says something about the patient."""


class Ground(Protocol):
    """An indicator, as far as it is checked."""

    @property
    def on(self) -> date | None:
        """The date of its source."""

    @property
    def where(self) -> str:
        """Its source."""

    @property
    def supports(self) -> tuple[str, ...]:
        """The options it supports; none named: all."""


def words(title: str, text: str, options: Sequence[Choice], names: Sequence[str]) -> Iterator[str]:
    """Words that may not stand in a question. `names`: the diagnosis that it is about."""
    places = [("title", title), ("text", text)]
    places += [(f"option {option.id}", option.text) for option in options]
    for place, said in places:
        if MONEY_WORDS.search(said):
            yield f"the {place} speaks of money, severity or quality scores"
        if LEADING_WORDS.search(said):
            yield f"the {place} leads to an answer"
    named = any(name and name.casefold() in title.casefold() for name in names)
    offered = any(
        option.clinical and option.id not in YES_NO and option.text.casefold() in title.casefold()
        for option in options
    )
    if named or offered or CODE.search(title) or DIAGNOSIS_WORDS.search(title):
        yield "the title names a diagnosis"
    if not title.strip() or not text.strip():
        yield "it has no title or no text"


def choices(options: Sequence[Choice], *, confirms: bool) -> Iterator[str]:
    """Options that must be there. `confirms`: it asks about what the record already documents."""
    ids = [option.id for option in options]
    if len(ids) != len(set(ids)):
        yield "an option stands twice"
    for needed in (OTHER, UNABLE):
        if needed not in ids:
            yield f"the option {needed} is missing"
    if sum(option.clinical for option in options) < FEWEST_CLINICAL:
        yield "there is only one clinical option, or none"
    if any(option.clinical and option.id in {OTHER, UNABLE} for option in options):
        yield "other and unable-to-determine are not clinical options"
    if not confirms and YES_NO.intersection(ids):
        yield "a new diagnosis may not be asked for with yes or no"


def grounds(indicators: Sequence[Ground], options: Sequence[Choice]) -> Iterator[str]:
    """Indicators that must be there, each with its source and its date."""
    if not indicators:
        yield "no clinical indicator is given"
        return
    if any(indicator.on is None or not indicator.where for indicator in indicators):
        yield "an indicator has no source or no date"
    for option in options:
        supported = any(not one.supports or option.id in one.supports for one in indicators)
        if option.clinical and not supported:
            yield f"nothing supports the option {option.id}"
