"""Chartline's own JSON: what is taken, and that a refusal names the path and never the value."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.chart.model import Reading
from services.intake.failures import UnreadableJson
from services.intake.native import path_of, read_native
from tests.unit.intake_messages import native

CHARGE = {"charge_id": "C1", "code": "80053", "amount": "96.00", "diagnosis_codes": ["i50.23"]}


def read(**changes: Any) -> Reading:
    return read_native(native(**changes))


def refused(content: bytes) -> UnreadableJson:
    with pytest.raises(UnreadableJson) as caught:
        read_native(content)
    return caught.value


def test_a_chart_is_taken_as_it_is() -> None:
    reading = read()
    assert (reading.sender, reading.control_id) == ("HUB", "N1")
    assert (reading.event, reading.processing_id) == ("chartline.chart", "P")
    assert reading.update is not None
    assert reading.update.event == "chartline.chart"
    assert reading.update.account == "A100"


def test_the_event_of_the_message_is_that_of_the_chart_unless_it_has_its_own() -> None:
    assert read(event="chartline.coded").update.event == "chartline.coded"  # type: ignore[union-attr]
    own = read(event="chartline.coded", chart__event="chartline.other").update
    assert own is not None
    assert own.event == "chartline.other"


def test_an_event_may_be_written_as_hl7_writes_it() -> None:
    assert read(event="ADT^A04_x-1").event == "ADT^A04_x-1"


def test_where_a_code_stands_is_said_by_us_and_not_by_the_sender() -> None:
    """It is shown with a dead letter, so it may not be free text."""
    update = read(
        chart__diagnoses=[{"code": "I5023", "where": "ADA SMITH"}],
        chart__procedures=[{"code": "0QS604Z", "where": "ADA SMITH"}],
        chart__charges=[{**CHARGE, "where": "ADA SMITH"}],
    ).update
    assert update is not None
    assert "SMITH" not in update.model_dump_json()


def test_form_is_repaired_and_content_is_not() -> None:
    reading = read(
        chart__event_at="2026-05-08T08:00:00",
        chart__encounter={"admitted_at": "2026-05-04T14:05:00"},
        chart__diagnoses=[{"code": "i50.23"}],
        chart__procedures=[{"code": "0qs604z"}],
        chart__charges=[CHARGE],
        chart__documents=[
            {
                "head": {
                    "document_id": "D1",
                    "kind": "other",
                    "status": "signed",
                    "at": "2026-05-04T14:05:00",
                },
                "text": "x",
            }
        ],
    )
    update = reading.update
    assert update is not None
    assert update.event_at == datetime(2026, 5, 8, 8, tzinfo=UTC)
    assert update.encounter is not None
    assert update.encounter.admitted_at == datetime(2026, 5, 4, 14, 5, tzinfo=UTC)
    assert update.documents[0].head.at == datetime(2026, 5, 4, 14, 5, tzinfo=UTC)
    assert [(one.code, one.where) for one in update.diagnoses or ()] == [
        ("I5023", "chart.diagnoses[0]")
    ]
    assert [one.code for one in update.procedures or ()] == ["0QS604Z"]
    assert update.charges[0].diagnosis_codes == ("I5023",)
    assert update.charges[0].where == "chart.charges[0]"


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"schema": "chartline.chart/2"}, "schema"),
        ({"message_id": 7}, "message_id"),
        ({"sender": ""}, "sender"),
        ({"event": ""}, "event"),
        ({"event": "ADA SMITH"}, "event"),
        ({"event": "chartline.coded\n"}, "event"),
        ({"event": "X" * 41}, "event"),
        ({"chart__event": "ADA SMITH"}, "chart.event"),
        ({"chart__event": "chartline.coded\n"}, "chart.event"),
        ({"chart": "x"}, "chart"),
        ({"chart__facility": None}, "chart.facility"),
        ({"chart__patient": {"mrn": "M1", "birth_date": "SMITH"}}, "chart.patient.birth_date"),
        ({"chart__patient": {"name": {"family": "X"}}}, "chart.patient.mrn"),
        ({"chart__charges": [{**CHARGE, "amount": "SMITH"}]}, "chart.charges[0].amount"),
        ({"chart__charges": [{**CHARGE, "amount": -1}]}, "chart.charges[0]"),
        ({"chart__charges": [{**CHARGE, "units": 0}]}, "chart.charges[0]"),
        ({"chart__charges": [{**CHARGE, "amount": "1e300"}]}, "chart.charges[0]"),
        ({"chart__charges": [{**CHARGE, "amount": "NaN"}]}, "chart.charges[0].amount"),
        ({"chart__Ada Storyfield": 1}, "chart.(an unknown name)"),
        ({"surprise": "SMITH"}, "surprise"),
    ],
)
def test_a_refusal_names_the_path_and_never_the_value(changes: dict[str, Any], where: str) -> None:
    error = refused(native(**changes))
    assert error.where == where
    assert "SMITH" not in error.sentence
    assert "Storyfield" not in error.sentence + error.where


def test_many_faults_are_counted() -> None:
    error = refused(native(chart__charges=[{}] * 9))
    assert "chart.charges[0].charge_id (missing)" in error.sentence
    assert "more" in error.sentence


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"schema": "chartline.chart/1"', "not valid JSON"),
        (b'["chartline.chart/1"]', "not a JSON object"),
        (b'{"schema": "\\u0000"}', "NUL"),
        (b'{"schema": "\\ud800"}', "not valid JSON"),
        (b'{"schema": "\xff"}', "not valid JSON"),
    ],
)
def test_what_is_no_json_is_refused(content: bytes, words: str) -> None:
    assert words in refused(content).sentence


def test_a_path_is_written_as_people_write_it() -> None:
    assert path_of(("chart", "charges", 2, "amount")) == "chart.charges[2].amount"
