"""Canaries: charts whose every identifying value can be recognised wherever it turns up.

`PATIENT_DATA` names the columns in which the store keeps patient data on purpose; `spilled` finds
canaries in any other column of any row, in whatever state the row ever was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from io import StringIO
from typing import Any

import pytest

from services.chart.model import Address, Name, Patient
from services.chart.ports import Changes, Store
from services.chart.rows import Row
from tests.journey.whole_line import WholeLine
from workers.demo.facts import ChartFacts

FAMILY, GIVEN, MIDDLE = "Zqfamily", "Zqgiven", "Zqmiddle"
BORN = date(1962, 11, 28)
WORDS = (
    FAMILY,
    GIVEN,
    MIDDLE,
    "Zqparent",
    "Zqstreet",
    "Zqtown",
    "ZQMRNUMBER",
    "ZQMEMBER",
    "ZQACCOUNT",
    "Zqtitle",
    "Zqnote",
    "6145559377",  # phone
    "6144449377",  # the phone as the conflict of the demo writes it
    "1962-11-28",
    "19621128",
    "11/28/1962",
)
PATIENT_DATA = frozenset(
    {
        ("RawRow", "content"),
        ("ChartRow", "body"),
        ("DocumentRow", "text"),
        ("ClaimRow", "body"),
        ("SubmissionRow", "content"),
        ("QueryRow", "question"),
        ("QueryRow", "answer"),
    }
)
# What the sender calls a message, an encounter, a document; commands show it with --phi only.
KEYS = frozenset(
    {
        ("RawRow", "identity"),
        ("ChartRow", "account"),
        ("ClaimRow", "billing_event"),
        ("DocumentRow", "document_row_id"),
        ("DocumentRow", "document_id"),
    }
)
# In these any digits stand sooner or later.
DIGESTS = frozenset(
    {
        ("RawRow", "content_hash"),
        ("ChartRow", "journal_head"),
        ("JournalRow", "hash"),
        ("JournalRow", "previous_hash"),
    }
)


def with_canaries(facts: ChartFacts, number: int) -> ChartFacts:
    """The same encounter of somebody whose data is all canaries; `number` makes it distinct."""
    account = f"ZQACCOUNT{number:05d}"
    patient = _patient(facts.patient, FAMILY, f"ZQMRNUMBER{number}")
    return replace(
        facts,
        account=account,
        patient=patient,
        coverages=tuple(
            one.model_copy(
                update={
                    "member_id": f"ZQMEMBER{number:05d}01",
                    "subscriber": one.subscriber and _patient(one.subscriber, "Zqparent", ""),
                }
            )
            for one in facts.coverages
        ),
        documents=tuple(
            one.model_copy(
                update={
                    "head": one.head.model_copy(
                        update={
                            "title": f"Zqtitle {one.head.title}",
                            "document_id": f"{account}-{n}",
                        }
                    ),
                    "text": f"Zqnote begins. {one.text} Zqnote ends.",
                }
            )
            for n, one in enumerate(facts.documents)
        ),
    )


def _patient(known: Patient, family: str, mrn: str) -> Patient:
    return known.model_copy(
        update={
            "mrn": mrn,
            "name": Name(family=family, given=GIVEN, middle=MIDDLE),
            "birth_date": BORN,
            "phone": "6145559377",
            "address": Address(line1="77 Zqstreet", city="Zqtown", state="OH", zip="609990001"),
        }
    )


def canaries_in(text: str, words: Iterable[str] = WORDS) -> list[str]:
    """The canaries that stand in a text."""
    small = text.casefold()
    return [word for word in words if word.casefold() in small]


class Watched:
    """A store that remembers every row that was ever written to it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.written: list[Row] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def apply(self, changes: Changes) -> None:
        self._store.apply(changes)
        self.written += [*changes.inserts, *(after for _, after in changes.updates)]


def columns(rows: Iterable[Row]) -> Iterator[tuple[tuple[str, str], str]]:
    """Every column of every row: its name and what stands in it, as text."""
    for row in rows:
        for column in fields(row):
            value = getattr(row, column.name)
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
            yield (type(row).__name__, column.name), text


def spilled(
    rows: Iterable[Row], words: Iterable[str] = WORDS, allowed: frozenset[tuple[str, str]] = KEYS
) -> set[tuple[str, str, str]]:
    """Where a canary stands that should not: table, column, canary."""
    words = tuple(words)
    return {
        (*name, word)
        for name, text in columns(rows)
        if name not in PATIENT_DATA | DIGESTS | allowed
        for word in canaries_in(text, words)
    }


@dataclass
class Watching:
    """A line at the log level DEBUG, every row that is written to its store, and its log."""

    line: WholeLine
    store: Watched
    logs: StringIO
    caplog: pytest.LogCaptureFixture  # what libraries log

    @property
    def logged(self) -> str:
        """Everything that anybody logged."""
        return self.logs.getvalue() + self.caplog.text
