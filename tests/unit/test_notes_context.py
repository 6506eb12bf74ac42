"""What is said about a mention, measured on sentences of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.coding.notes.context import Says, read_cues, said_of
from services.coding.notes.text import split_words

SENTENCES = Path(__file__).parents[1] / "golden" / "notes" / "context.txt"
LEAST_F1 = 0.95
EXAMPLES = [
    tuple(line.split("\t"))
    for line in SENTENCES.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def said(marked: str) -> set[str]:
    """What is said about the mention in brackets."""
    start, end = marked.index("["), marked.index("]") - 1
    words = split_words(marked.replace("[", "").replace("]", ""))
    inside = [at for at, word in enumerate(words) if start <= word.start and word.end <= end]
    return {cue.says.value for cue in said_of(read_cues(words), inside[0], inside[-1])}


def f1_of(kind: str) -> float:
    right = sum(kind == wanted and kind in said(text) for wanted, text in EXAMPLES)
    expected = sum(kind == wanted for wanted, _ in EXAMPLES)
    found = sum(kind in said(text) for _, text in EXAMPLES)
    return 2 * right / (expected + found)


def test_there_are_enough_sentences() -> None:
    assert len(EXAMPLES) >= 120


@pytest.mark.parametrize("kind", list(Says))
def test_each_kind_of_context_is_found_where_it_is_and_only_there(kind: Says) -> None:
    assert f1_of(kind) >= LEAST_F1


def test_an_affirmed_mention_is_free_of_every_context() -> None:
    wrong = [text for kind, text in EXAMPLES if kind == "affirmed" and said(text)]
    assert len(wrong) <= 0.05 * len(EXAMPLES), wrong


def test_a_cue_ends_where_the_sentence_turns() -> None:
    assert said("No fever, but [cough].") == set()
    assert said("No [fever], but cough.") == {"negated"}


def test_two_cues_can_speak_about_one_mention() -> None:
    assert said("No family history of [colon cancer].") >= {"negated", "family"}
