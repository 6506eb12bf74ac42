"""`chartline chart trace`: everything that happened to a chart or a message."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from services.chart.ports import Changes
from services.chart.rows import ClaimRow, SubmissionRow
from tests.fakes.rows import a_row
from tests.unit.console_world import World, full

NOT_FOUND = 5


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


def test_a_trace_tells_what_happened_and_where_the_chart_is(world: World) -> None:
    full(world)
    content = world.run("chart", "trace", "c_waiting", "--json").json
    assert content["now"] == {
        "place": "waiting",
        "stage": "completeness",
        "words": "waiting for: a signature",
        "outcome": "",
    }
    assert [entry["what"] for entry in content["timeline"]] == ["ChartReceived", "chart.waits"]
    assert "waiting for: a signature" in world.run("chart", "trace", "c_waiting").out


def test_a_trace_has_the_claims_and_their_money(world: World) -> None:
    full(world)
    claim = world.run("chart", "trace", "c_paid", "--json").json["claims"][0]
    assert (claim["state"], claim["total"], claim["paid"]) == ("paid", "123.45", "-0.05")
    assert "123.45" in world.run("chart", "trace", "c_paid").out


def test_a_message_can_be_traced_to_its_chart(world: World) -> None:
    full(world)
    content = world.run("chart", "trace", "r_due", "--json").json
    assert (content["kind"], content["chart_id"]) == ("message", "c_due")


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("letter", "c_stopped"),
        ("raw_letter", "r_unreadable"),
        ("query", "c_asked"),
        ("claim", "c_paid"),
    ],
)
def test_what_a_chart_or_message_left_behind_leads_to_its_trace(
    world: World, name: str, subject: str
) -> None:
    key = {**full(world), "claim": "cl_1"}[name]
    assert world.run("chart", "trace", key, "--json").json["subject"] == subject
    assert world.run("chart", "trace", f"{key}x").code == NOT_FOUND


def test_a_view_by_another_id_is_recorded_with_the_chart(world: World) -> None:
    letter = world.stopped("c_1")
    assert world.run("chart", "trace", letter, "--phi", "--by", "ana", "--json").json["phi"]["mrn"]
    assert world.journal("c_1")[-1].what == "chart.viewed"
    assert world.journal(letter) == []


def test_a_finished_chart_says_so_once(world: World) -> None:
    world.finished("c_1")
    assert world.run("chart", "trace", "c_1").out.startswith("c_1: finished: paid\n")


def test_a_claim_names_the_file_that_it_went_in(world: World) -> None:
    full(world)
    assert world.run("chart", "trace", "c_paid", "--json").json["claims"][0]["file"] == ""
    claim = world.store.select(ClaimRow, {"claim_id": "cl_1"})[0]
    row = a_row(SubmissionRow, "s_1", file_name="s_1.837p")
    changed = (claim, replace(claim, submission_id="s_1"))
    world.store.apply(Changes(inserts=[row], updates=[changed]))
    traced = world.run("chart", "trace", "c_paid", "--json").json["claims"][0]
    assert (traced["submission_id"], traced["file"]) == ("s_1", "s_1.837p")
    assert "s_1.837p" in world.run("chart", "trace", "c_paid").out


def test_patient_data_is_shown_only_when_asked_for_and_the_view_is_recorded(world: World) -> None:
    full(world)
    before = len(world.journal("c_due"))
    ran = world.run("chart", "trace", "c_due", "--phi", "--by", "ana", "--json")
    assert ran.json["phi"]["name"] == "Canaryfamily, Zelda"
    entry = world.journal("c_due")[-1]
    assert (entry.what, entry.who, entry.why) == ("chart.viewed", "person:ana", "chart trace")
    assert len(world.journal("c_due")) == before + 1
    assert world.run("fsck").code == 0
