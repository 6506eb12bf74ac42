"""The document matrix: what its text may say, and how it tells what is wrong."""

from __future__ import annotations

from contextlib import suppress

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chart.model import EncounterClass
from services.completeness.loading import MatrixError, load
from services.completeness.matrix import Asks
from tests.unit.completeness_charts import MATRIX_TEXT, the_matrix

TEXT = MATRIX_TEXT.read_text("utf-8")


def line_of(words: str) -> int:
    return TEXT[: TEXT.index(words)].count("\n") + 1


def test_the_bundled_matrix_loads_and_names_its_edition() -> None:
    assert the_matrix().name == "chartline-documents 1 (2026.1)"


def test_every_rule_has_a_source_a_fix_and_a_way_to_end() -> None:
    for rule in the_matrix().rules:
        assert rule.source
        assert rule.fix.endswith(".")
        assert rule.deadline_hours > 0 or not rule.waits


def test_a_chart_of_unknown_class_is_asked_only_what_holds_for_all() -> None:
    assert all(rule.asks is not Asks.DOCUMENT for rule in the_matrix().by_class[None])
    for encounter_class in EncounterClass:
        asked = {rule.asks for rule in the_matrix().by_class[encounter_class]}
        assert {Asks.DOCUMENT, Asks.DEMOGRAPHICS, Asks.COVERAGE, Asks.CHARGES} <= asked


@pytest.mark.parametrize(
    ("was", "is_now", "path", "words"),
    [
        ("any_of: [emergency-note]", "any_of: [emergency-notes]", "any_of[0]", "Input should be"),
        ("classes: [surgery]", "classes: [surgical]", "classes[0]", "Input should be"),
        ("deadline_hours: 48", "deadline_hours: -1", "deadline_hours", "greater than"),
        ("deadline_hours: 48", "deadline_ours: 48", "deadline_ours", "Extra inputs"),
        ("counts_from: admission", "counts_from: birth", "counts_from", "Input should be"),
        ("fields: [payer-id, member-id]", "fields: [payer]", "fields[0]", "Input should be"),
    ],
)
def test_a_wrong_value_is_named_by_line_and_path(
    was: str, is_now: str, path: str, words: str
) -> None:
    with pytest.raises(MatrixError) as caught:
        load(TEXT.replace(was, is_now, 1))
    said = str(caught.value)
    assert f"line {line_of(was)}: rules[" in said
    assert path in said
    assert words in said


@pytest.mark.parametrize(
    ("was", "is_now", "words"),
    [
        ("any_of: [emergency-note]", "", "any_of belongs to rules that ask for a document"),
        ("asks: charges", "asks: charges\n    any_of: [result]", "any_of belongs"),
        ("fields: [payer-id, member-id]", "fields: [sex]", "may be: member-id, payer-id"),
        ("fields: [payer-id, member-id]", "", "may be: member-id, payer-id"),
        ("asks: charges", "asks: charges\n    fields: [sex]", "may be: none"),
        ("    deadline_hours: 1440\n", "", "needs deadline_hours"),
        ("counts_from: admission", "counts_from: discharge", "cannot count from its discharge"),
        ("unless: opened", "unless: closed", "no such condition: closed"),
        ("- id: charges", "- id: coverage", "the same id twice: coverage"),
        ("- id: opened", "- id: operated", "the same id twice: operated"),
        ("classes: [emergency]", "classes: [clinic]", "no rule asks for a document of class emerg"),
        ("edition: ", "edition: ''\nformerly: ", "formerly"),
    ],
)
def test_rules_that_do_not_hang_together_are_refused(was: str, is_now: str, words: str) -> None:
    assert was in TEXT
    with pytest.raises(MatrixError, match=words):
        load(TEXT.replace(was, is_now, 1))


def test_text_that_is_not_yaml_is_named_by_line() -> None:
    with pytest.raises(MatrixError, match=r"^line 4: "):
        load("id: a\nrules:\n  - {id: b\n  c: [\n")


@pytest.mark.parametrize("text", ["", "a plain sentence", "- 1\n- 2\n", "rules: []\n", "\x00"])
def test_text_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(MatrixError, match="line 1"):
        load(text)


@settings(deadline=None)
@given(at=st.integers(0, len(TEXT)), insert=st.text(max_size=3))
def test_no_slip_of_the_pen_gives_anything_but_a_matrix_or_its_error(at: int, insert: str) -> None:
    with suppress(MatrixError):
        assert load(TEXT[:at] + insert + TEXT[at + 2 :]).rules


def test_a_date_that_does_not_exist_is_no_traceback() -> None:
    with pytest.raises(MatrixError, match="line 1: month"):
        load(TEXT.replace('edition: "2026.1"', "edition: 2026-99-01"))


def test_the_file_lists_no_rule_twice_under_one_key() -> None:
    tree = yaml.compose(TEXT)
    assert tree is not None
    keys = [key.value for key, _ in tree.value]
    assert len(keys) == len(set(keys))
