"""The reader of notes over the real tabular, opened once a test process; and short ways to ask."""

from __future__ import annotations

from functools import cache

from services.coding.notes.model import NoteCoding, Setting
from services.coding.notes.reading import Reader, Visit
from services.coding.notes.term_cache import open_matcher
from tests.unit.codesets_fixture import KEPT, the_tabular


@cache
def the_reader() -> Reader:
    """The reader for April 2026."""
    return Reader(the_tabular(), open_matcher(KEPT, the_tabular()))


def coding_of(note: str, setting: str = "outpatient") -> NoteCoding:
    """What reading the note gives."""
    return the_reader().read(note, Visit(Setting(setting)))


def codes_of(note: str, setting: str = "outpatient") -> list[str]:
    """The codes of the note in order, without dots."""
    return [one.code for one in coding_of(note, setting).codes]
