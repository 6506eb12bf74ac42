"""The three renderings of the same facts read back to the same facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from services.chart.model import (
    Chart,
    ChartUpdate,
    DiagnosisRole,
    EncounterClass,
    Reading,
)
from services.intake.failures import UnreadableHl7
from services.intake.merging import merge
from services.intake.reading import read
from workers.demo import fhir_writer, hl7_writer, json_writer
from workers.demo.facts import ChartFacts
from workers.demo.outgoing import OutgoingMessage
from workers.demo.scenarios import SCENARIOS, Scenario
from workers.demo.wrong import GOOD

VALID = tuple(one for one in SCENARIOS if one.name in GOOD)
BY_NAME = {one.name: one for one in SCENARIOS}
Writer = Callable[[ChartFacts], Sequence[OutgoingMessage]]
WRITERS: dict[str, Writer] = {
    "hl7": hl7_writer.messages_of,
    "fhir": fhir_writer.messages_of,
    "json": json_writer.messages_of,
}


def named(scenario: Scenario) -> str:
    return scenario.name


def readings(messages: Sequence[OutgoingMessage]) -> list[Reading]:
    return [found for one in messages for found in read(one.content, one.content_type)]


def understood(messages: Sequence[OutgoingMessage]) -> dict[str, Any]:
    """The chart after all messages, as intake merges them."""
    chart: Chart | None = None
    texts: dict[str, str] = {}
    for number, found in enumerate(readings(messages)):
        assert found.update is not None
        merged = merge(chart, found.update, chart_id="c1", raw_id=f"r{number}", texts=texts)
        chart = merged.chart
        texts |= {one.head.document_id: one.text for one in merged.documents}
    assert chart is not None
    return {
        "patient": chart.patient,
        "encounter": chart.encounter,
        "coverages": chart.coverages,
        "diagnoses": without_evidence(chart.diagnoses),
        "procedures": without_evidence(chart.procedures),
        "charges": without_evidence(chart.charges),
        "account": (chart.facility, chart.account),
        "documents": {one.document_id: (one, texts[one.document_id]) for one in chart.documents},
    }


def known_to(facts: ChartFacts) -> dict[str, Any]:
    """The same, as the sender knows it; intake puts why the patient came before what was found."""
    finals = (DiagnosisRole.PRINCIPAL, DiagnosisRole.SECONDARY)
    return {
        "patient": facts.patient,
        "encounter": facts.encounter,
        "coverages": facts.coverages,
        "diagnoses": tuple(sorted(facts.diagnoses, key=lambda one: one.role in finals)),
        "procedures": facts.procedures,
        "charges": facts.charges,
        "account": (facts.facility, facts.account),
        "documents": {one.head.document_id: (one.head, one.text) for one in facts.documents},
    }


def without_evidence(rows: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(one.model_copy(update={"where": ""}) for one in rows)


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("scenario", VALID, ids=named)
def test_every_format_reads_back_to_the_same_facts(scenario: Scenario, form: str) -> None:
    facts = scenario.facts()
    found, wanted = understood(WRITERS[form](facts)), known_to(facts)
    for field, value in wanted.items():
        assert found[field] == value, field


@pytest.mark.parametrize("scenario", VALID, ids=named)
def test_no_reader_has_a_doubt_about_a_valid_chart(scenario: Scenario) -> None:
    for write in WRITERS.values():
        for found in readings(write(scenario.facts())):
            assert [one.rule_id for one in found.findings if one.severity != "info"] == []


def test_every_message_of_a_chart_has_a_control_id_of_its_own() -> None:
    for scenario in VALID:
        found = readings(scenario.messages())
        assert all(one.control_id for one in found)
        assert len({one.control_id for one in found}) == len(found)


def test_messages_of_a_chart_come_in_the_order_of_their_events() -> None:
    for scenario in VALID:
        times = [one.update.event_at for one in readings(scenario.messages()) if one.update]
        assert times == sorted(times, key=str)


def test_all_events_that_the_demo_promises_are_sent() -> None:
    events = {
        found.event
        for one in SCENARIOS
        if one.name != "message-cut-off"
        for found in readings(one.messages())
    }
    assert events >= {"ADT^A01", "ADT^A03", "ADT^A04", "ADT^A08", "ADT^A11"}
    assert events >= {"MDM^T02", "DFT^P03", "ORU^R01"}
    assert len(events) >= 10, "and a FHIR bundle and a native chart"


def test_the_message_that_was_cut_off_is_unreadable() -> None:
    with pytest.raises(UnreadableHl7):
        readings(BY_NAME["message-cut-off"].messages())


def test_the_test_message_says_so() -> None:
    (found,) = readings(BY_NAME["message-for-testing"].messages())
    assert found.processing_id == "T"


def test_the_id_used_twice_is_on_two_messages_of_other_content() -> None:
    first, second, *_ = BY_NAME["message-id-used-twice"].messages()
    assert first.content != second.content
    one, other = readings([first, second])
    assert (one.control_id, one.event) == (other.control_id, other.event)


def test_the_cancelled_encounter_is_taken_back_by_its_last_message() -> None:
    *_, last = readings(BY_NAME["encounter-cancelled"].messages())
    assert isinstance(last.update, ChartUpdate)
    assert last.update.cancels_encounter


def test_a_surgery_names_its_surgeon_in_every_format() -> None:
    for scenario in VALID:
        if scenario.case.kind is EncounterClass.SURGERY:
            for write in WRITERS.values():
                encounter = understood(write(scenario.facts()))["encounter"]
                assert encounter.operating is not None
                assert encounter.operating == scenario.facts().encounter.operating
