"""Advice on the line: it is written down and stops no chart."""

from __future__ import annotations

import pytest

from services.chart.model import Severity, Status
from services.codesets.edit_tables import NO_TABLES
from services.coding import rules_outpatient, rules_tables, rules_vaccines
from services.coding.edits_order import LETTERS, OF_CODES, OF_LINES, OF_STAYS
from services.coding.rules import ADVICE, ONLY_IN_EDITS, RULES
from tests.unit.coding_charts import a_stay_of, a_visit, an_override, coded

OF_TABLES = (*rules_tables.rules(NO_TABLES), *rules_outpatient.rules(NO_TABLES))
OF_EDITS = (*OF_CODES, *OF_LINES, *OF_STAYS, *rules_vaccines.RULES, *OF_TABLES)


@pytest.mark.parametrize(
    ("codes", "rule_id"),
    [
        (("J18.9", "R05.9"), "R-ICD-11"),
        (("D63.1", "N18.4"), "R-ICD-08"),
        (("E11.9", "E11.22", "N18.4"), "R-ICD-18"),
        (("S01.01XA", "Y92.009", "W19.XXXA"), "R-ICD-13-ORDER"),
        (("Z00.00", "Z3A.20"), "R-ICD-10-WEEKS"),
    ],
)
def test_advice_is_written_down_and_stops_nothing(codes: tuple[str, ...], rule_id: str) -> None:
    chart = a_visit(*codes)
    found = {one.rule_id: one for one in coded(chart).coding.findings}
    assert found[rule_id].severity is Severity.WARNING
    assert found[rule_id].status is Status.FAIL
    overridden = chart.model_copy(update={"overrides": (an_override(rule_id),)})
    found = {one.rule_id: one for one in coded(overridden).coding.findings}
    assert found[rule_id].status is Status.BYPASSED


def test_some_advice_is_for_lists_of_codes_only() -> None:
    on_the_line = {rule.rule_id for rule in RULES}
    assert {rule.rule_id for rule in ADVICE} - on_the_line == ONLY_IN_EDITS
    findings = coded(a_stay_of("I50.20", "I10")).coding.findings
    assert "R-ICD-16" not in {one.rule_id for one in findings}


def test_every_rule_of_the_edits_has_an_id_of_its_own_a_title_and_a_source() -> None:
    ids = [rule.rule_id for rule in OF_EDITS]
    assert len(ids) == len(set(ids))
    assert all(rule.title and rule.source for rule in OF_EDITS)
    assert set(LETTERS) <= set(ids)
