"""`chartline dlq`, `query`: what people look at and what they decide."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from services.chart.model import Charge, Procedure
from services.chart.places import Place
from services.chart.ports import Changes
from services.chart.rows import QueryRow
from tests.unit.console_world import RAW_TEXT, World, a_coding, for_ops, full

NOT_FOUND, REFUSED = 5, 6


@pytest.fixture
def world(
    sqlite_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    monkeypatch.setenv("CHARTLINE_STORE_URL", sqlite_url)
    monkeypatch.setenv("CHARTLINE_DATA_DIR", str(tmp_path))
    return World(sqlite_url, capsys)


# -- list and show ---------------------------------------------------------------------------


def test_the_list_is_filtered_by_what_is_asked(world: World) -> None:
    full(world)
    world.broken("c_ops", for_ops())

    def subjects(*options: str) -> list[str]:
        found = world.run("dlq", "list", "--json", *options).json["dead_letters"]
        return sorted(letter["subject"] for letter in found)

    assert subjects() == ["c_ops", "c_stopped", "r_unreadable"]
    assert subjects("--owner", "ops") == ["c_ops"]
    assert subjects("--stage", "intake") == ["r_unreadable"]
    assert subjects("--reason", "test.needs-look") == ["c_stopped", "r_unreadable"]
    assert subjects("--older", "2d") == []
    assert subjects("--older", "0s") == ["c_ops", "c_stopped", "r_unreadable"]


def test_the_list_says_how_many_it_does_not_show(world: World) -> None:
    full(world)
    ran = world.run("dlq", "list", "--limit", "1")
    assert "2 open dead letters; 1 more than shown." in ran.out
    assert len(world.run("dlq", "list", "--limit", "1", "--json").json["dead_letters"]) == 1


def test_dead_letters_are_counted_by_reason(world: World) -> None:
    full(world)
    world.broken("c_ops", for_ops())
    groups = world.run("dlq", "list", "--group-by", "reason", "--json").json["groups"]
    counts = [(group["reason"], group["count"]) for group in groups]
    assert counts == [("test.needs-look", 2), ("line.attempts-exhausted", 1)]


@pytest.mark.parametrize("options", [("--group-by", "age"), ("--older", "soon"), ("--older", "d")])
def test_a_question_that_makes_no_sense_is_a_usage_error(
    world: World, options: tuple[str, ...]
) -> None:
    assert world.run("dlq", "list", *options).code == 2


def test_a_dead_letter_says_why_and_what_to_do(world: World) -> None:
    letter = full(world)["letter"]
    ran = world.run("dlq", "show", letter, "--attempts")
    assert ran.code == 0
    assert "The code E119 needs a look." in ran.out
    assert "Correct the code, then resume. (coder)" in ran.out
    assert "where: diagnoses[0]" in ran.out
    assert world.run("dlq", "show", "c_stopped").code == 0, "the chart's id will do"


def test_what_is_not_there_is_not_found(world: World) -> None:
    assert world.run("dlq", "show", "d_nothing").code == NOT_FOUND
    assert world.run("chart", "trace", "c_nothing").code == NOT_FOUND
    assert world.run("query", "answer", "q_no", "--option", "yes", "--by", "dr").code == NOT_FOUND
    assert world.run("dlq", "resume", "d_no", "--reason", "x").code == NOT_FOUND


def test_raw_bytes_need_phi_and_come_back_byte_for_byte(world: World) -> None:
    letter = full(world)["raw_letter"]
    assert world.run("dlq", "show", letter, "--raw").code == REFUSED
    shown = world.run("dlq", "show", letter, "--raw", "--phi", "--json").json["raw"]
    assert base64.b64decode(shown[0]["base64"]).decode() == RAW_TEXT
    assert world.journal("r_unreadable")[-1].what == "message.viewed"


def test_a_coder_and_a_biller_can_work_from_what_is_shown(world: World) -> None:
    """Positions are those that `dlq resume --set` takes."""
    day = date(2026, 5, 4)
    line = Charge(charge_id="1", code="99213", modifiers=("25",), amount=Decimal("96.50"), on=day)
    letter = world.stopped(
        "c_1",
        procedures=(Procedure(code="0FT44ZZ", on=day),),
        charges=(line, Charge(charge_id="2", revenue_code="0120", amount=Decimal(900))),
    )
    shown = world.run("dlq", "show", letter, "--phi", "--by", "ana", "--json").json["phi"]
    assert shown["diagnoses"] == [{"index": 0, "code": "E119", "role": "principal", "poa": ""}]
    assert shown["procedures"] == [{"index": 0, "code": "0FT44ZZ", "date": "2026-05-04"}]
    assert shown["charges"][1] == {
        "index": 1,
        "code": "",
        "modifiers": [],
        "revenue_code": "0120",
        "units": "1",
        "amount": "900",
        "date": None,
    }
    text = world.run("dlq", "show", letter, "--phi", "--by", "ana").out
    assert "diagnoses[0]: E119, principal\n" in text
    assert "procedures[0]: 0FT44ZZ, 2026-05-04\n" in text
    assert "charges[0]: 99213-25, 1 units, 96.50 USD, 2026-05-04\n" in text
    assert "charges[1]: no code, revenue code 0120, 1 units, 900 USD\n" in text
    assert "99213" not in world.run("dlq", "show", letter).out
    views = [entry for entry in world.journal("c_1") if entry.what == "chart.viewed"]
    assert [(entry.who, entry.why) for entry in views] == [("person:ana", "dlq show")] * 2


# -- resume and discard ----------------------------------------------------------------------


def test_resuming_twice_is_resuming_once(world: World) -> None:
    letter = world.stopped("c_1")
    first = world.run("dlq", "resume", letter, "--reason", "looked", "--by", "ana")
    assert first.code == 0
    assert "goes on at coding" in first.out
    row, entries = world.row("c_1"), len(world.journal("c_1"))
    second = world.run("dlq", "resume", letter, "--reason", "again", "--by", "bob")
    assert second.code == 0
    assert "was resumed already at" in second.out
    assert "by ana" in second.out
    assert world.row("c_1") == row
    assert len(world.journal("c_1")) == entries
    closed = world.letter("c_1")
    assert (closed.state, closed.closed_by, closed.closed_why) == (
        "resumed",
        "person:ana",
        "looked",
    )


def test_a_message_that_stopped_goes_on_too(world: World) -> None:
    letter = world.unreadable("r_1")
    result = world.run("dlq", "resume", letter, "--reason", "mended", "--json").json["results"][0]
    assert (result["outcome"], result["changed"], result["stage"]) == ("resumed", True, "intake")
    assert world.run("fsck").code == 0


def test_a_correction_is_applied_before_the_chart_goes_on(world: World) -> None:
    letter = world.stopped("c_1")
    ran = world.run(
        *("dlq", "resume", letter, "--reason", "coder chose", "--by", "ana"),
        *("--set", "diagnoses[0].code=e11.65", "--set", "encounter.discharge_status=01"),
    )
    assert ran.code == 0
    chart = world.body("c_1")
    assert chart.diagnoses[0].code == "E1165"
    assert chart.encounter.discharge_status == "01"
    entry = next(one for one in world.journal("c_1") if one.what == "chart.corrected")
    assert entry.who == "person:ana"
    assert json.loads(entry.detail)["changes"] == [
        {"path": "diagnoses[0].code", "from": "E119", "to": "E1165"},
        {"path": "encounter.discharge_status", "from": "", "to": "01"},
    ]
    assert world.row("c_1").place == Place.DUE


def test_the_journal_of_a_correction_holds_no_patient_data(world: World) -> None:
    letter = world.stopped("c_1")
    ran = world.run(
        *("dlq", "resume", letter, "--reason", "registration called"),
        *("--set", "coverages[0].member_id=NEWCANARY9", "--set", "patient.birth_date=1962-01-01"),
    )
    assert ran.code == 0
    assert world.body("c_1").coverages[0].member_id == "NEWCANARY9"
    assert "NEWCANARY9" not in "".join(entry.detail for entry in world.journal("c_1"))
    assert "1962" not in "".join(entry.detail for entry in world.journal("c_1"))
    assert "NEWCANARY9" not in ran.out


def test_a_correction_that_an_earlier_stage_reads_sends_the_chart_back_to_it(world: World) -> None:
    letter = world.stopped("c_1", stage="assembly", coding=a_coding(overridable=True))
    ran = world.run(
        "dlq", "resume", letter, "--reason", "wrong code", "--set", "diagnoses[0].code=E1165"
    )
    assert "goes on at coding" in ran.out
    assert world.row("c_1").stage == "coding"
    assert world.body("c_1").coding is None, "codes that were assigned before are not kept"
    assert world.letter("c_1").state == "resumed"
    assert world.run("fsck").code == 0


@pytest.mark.parametrize(
    "correction",
    [
        "patient.mrn=1",
        "patient.name.family=X",
        "charges[0].amount=1",
        "account=7",
        "diagnoses[9].code=E1165",
        "diagnoses[0].code=not a code",
        "encounter.encounter_class=spaceship",
        "patient.birth_date=1961-02-31",
        "diagnoses[0].poa",
    ],
)
def test_what_may_not_be_corrected_is_refused_and_nothing_changes(
    world: World, correction: str
) -> None:
    letter = world.stopped("c_1")
    before = (world.row("c_1"), world.letter("c_1"), world.journal("c_1"))
    ran = world.run("dlq", "resume", letter, "--reason", "try", "--set", correction)
    assert ran.code == REFUSED
    assert (world.row("c_1"), world.letter("c_1"), world.journal("c_1")) == before
    assert "spaceship" not in ran.out + ran.err
    assert "02-31" not in ran.out + ran.err


def test_an_override_is_on_the_chart_with_who_and_why(world: World) -> None:
    letter = world.stopped("c_1", coding=a_coding(overridable=True))
    ran = world.run(
        "dlq", "resume", letter, "--reason", "both apply", "--override", "excludes1", "--by", "ana"
    )
    assert ran.code == 0
    override = world.body("c_1").overrides[0]
    assert (override.rule_id, override.by, override.reason) == ("excludes1", "ana", "both apply")
    assert any(entry.what == "chart.overridden" for entry in world.journal("c_1"))


def test_a_finding_that_may_not_be_overridden_is_refused(world: World) -> None:
    letter = world.stopped("c_1", coding=a_coding(overridable=False))
    ran = world.run("dlq", "resume", letter, "--reason", "x", "--override", "excludes1")
    assert ran.code == REFUSED
    assert world.letter("c_1").state == "open"


def test_discarding_twice_is_discarding_once_and_it_cannot_be_resumed(world: World) -> None:
    letter = world.stopped("c_1")
    assert world.run("dlq", "discard", letter, "--reason", "a test patient").code == 0
    assert (world.row("c_1").place, world.row("c_1").outcome) == ("finished", "discarded")
    assert "already" in world.run("dlq", "discard", letter, "--reason", "again").out
    assert world.run("dlq", "resume", letter, "--reason", "no, wait").code == REFUSED


def test_one_that_is_refused_stops_no_other(world: World) -> None:
    good, other = world.stopped("c_1"), world.stopped("c_2")
    ran = world.run("dlq", "resume", good, "d_nothing", other, "--reason", "all", "--json")
    assert ran.code == NOT_FOUND
    outcomes = [result["outcome"] for result in ran.json["results"]]
    assert outcomes == ["resumed", "not-found", "resumed"]


def test_an_action_without_a_reason_is_refused(world: World) -> None:
    letter = world.stopped("c_1")
    assert world.run("dlq", "resume", letter).code == 2
    assert world.run("dlq", "resume", letter, "--reason", " ").code == REFUSED
    assert world.run("dlq", "resume", "--reason", "none named").code == 2
    assert world.letter("c_1").state == "open"


# -- queries ---------------------------------------------------------------------------------


def test_an_open_query_is_listed_and_answered_once(world: World) -> None:
    query_id = world.asked("c_1")
    listed = world.run("query", "list", "--json").json
    assert [one["id"] for one in listed["queries"]] == [query_id]
    option = listed["queries"][0]["options"][0]["id"]
    answer = ("query", "answer", query_id, "--option", option, "--by", "1234567893")
    first = world.run(*answer, "--json")
    assert (first.code, first.json["changed"]) == (0, True)
    second = world.run(*answer, "--json")
    assert (second.code, second.json["changed"]) == (0, False)
    assert world.run("query", "list", "--json").json["total"] == 0
    assert world.run("query", "list", "--state", "answered", "--json").json["total"] == 1


def test_an_answer_that_is_not_offered_is_refused(world: World) -> None:
    query_id = world.asked("c_1")
    ran = world.run("query", "answer", query_id, "--option", "maybe", "--by", "1234567893")
    assert ran.code == REFUSED
    assert "The question offers:" in ran.err
    assert world.run("query", "list", "--state", "lost").code == 2


@pytest.mark.parametrize(
    ("recipient", "shown"), [("1234567893", "1234567893"), ("ZELDA, DR", ""), ("1234567890", "")]
)
def test_whom_a_question_goes_to_is_a_valid_npi_or_shown_with_phi_only(
    world: World, recipient: str, shown: str
) -> None:
    """A sender may put a name where the number belongs."""
    row = world.store.select(QueryRow, {"query_id": world.asked("c_1")})[0]
    world.store.apply(Changes(updates=[(row, replace(row, recipient=recipient))]))
    assert world.run("query", "list", "--json").json["queries"][0]["recipient"] == shown
    listed = world.run("query", "list")
    assert (recipient in listed.out) == bool(shown)
    asked = world.run("query", "list", "--phi", "--by", "ana", "--json").json
    assert asked["queries"][0]["recipient"] == recipient


def test_the_words_of_a_question_are_shown_with_phi_only(world: World) -> None:
    world.asked("c_1")
    assert "text" not in world.run("query", "list", "--json").json["queries"][0]
    shown = world.run("query", "list", "--phi", "--by", "ana", "--json").json["queries"][0]
    assert shown["text"]
    assert shown["indicators"]
    assert world.journal("c_1")[-1].what == "chart.viewed"
