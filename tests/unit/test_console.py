"""The command line as a whole: exit codes, help, stable JSON, no patient data, no tracebacks."""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.chart.ports import Changes
from services.chart.rows import ChartRow, JournalRow, MessageRow
from tests.unit.console_world import ACCOUNT, MRN, World, full
from workers.commands import output, session
from workers.commands.doctor import Check, examine
from workers.commands.ending import Ended, Exit, ended
from workers.commands.presence import LOCK, alone, is_running
from workers.console import COMMANDS, GROUPS

SHAPES = Path(__file__).parents[1] / "golden" / "cli-shapes.json"
CANARIES = ("CANARY", "Canary", "Zelda", "1961-02-03", MRN, ACCOUNT)


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


def every_look(ids: dict[str, str]) -> Iterator[tuple[str, ...]]:
    """Every command that looks, in every way that shows no patient data."""
    yield ("status",)
    for subject in ("c_due", "c_waiting", "c_stopped", "c_asked", "c_paid", "r_due"):
        yield ("chart", "trace", subject)
    yield ("dlq", "list")
    yield ("dlq", "list", "--group-by", "owner")
    yield ("dlq", "show", ids["letter"], "--attempts")
    yield ("dlq", "show", ids["raw_letter"], "--attempts")
    yield ("query", "list")
    yield ("fsck",)
    yield ("db", "current")
    yield ("doctor",)


def test_no_command_shows_patient_data_unless_asked(world: World) -> None:
    ids = full(world)
    change = ("--reason", "looked", "--set", "coverages[0].member_id=ZCANARY2", "--by", "ana")
    commands = [*every_look(ids), ("dlq", "resume", ids["letter"], *change), *every_look(ids)]
    for command in commands:
        for as_json in ((), ("--json",)):
            ran = world.run(*command, *as_json)
            for canary in CANARIES:
                assert canary not in ran.out + ran.err, (command, canary)


def test_what_a_person_asks_to_see_is_there(world: World) -> None:
    """The guard of the test above: the canaries are in the store."""
    full(world)
    shown = world.run("chart", "trace", "c_due", "--phi").out
    for canary in ("Canaryfamily", "Zelda", "1961-02-03", MRN, ACCOUNT, "XCANARY1"):
        assert canary in shown


# -- shapes ----------------------------------------------------------------------------------


def skeleton(value: Any) -> Any:
    """The shape of JSON: keys and types; a list by its first member."""
    if isinstance(value, dict):
        return {key: skeleton(inner) for key, inner in sorted(value.items())}
    if isinstance(value, list):
        return [skeleton(value[0])] if value else []
    return type(value).__name__


def shapes(world: World, folder: Path) -> dict[str, Any]:
    """The skeleton of what each command prints with --json."""
    ids = full(world)
    (folder / "visit.hl7").write_bytes(
        b"MSH|^~\\&|A|B|||20260504||ADT^A04|1|P|2.5\rPID|1||7||ROE^JO\rPV1|1|O\r"
    )
    message = str(folder / "visit.hl7")
    commands: dict[str, tuple[str, ...]] = {
        "status": ("status",),
        "chart trace": ("chart", "trace", "c_stopped"),
        "chart trace of a claim": ("chart", "trace", "c_paid"),
        "chart trace --phi": ("chart", "trace", "c_stopped", "--phi"),
        "dlq list": ("dlq", "list"),
        "dlq list --group-by": ("dlq", "list", "--group-by", "reason"),
        "dlq show": ("dlq", "show", ids["letter"], "--attempts", "--phi", "--raw"),
        "dlq resume": ("dlq", "resume", ids["letter"], "--reason", "looked"),
        "dlq discard": ("dlq", "discard", ids["raw_letter"], "--reason", "looked"),
        "query list": ("query", "list", "--phi"),
        "fsck": ("fsck",),
        "db current": ("db", "current"),
        "db migrate": ("db", "migrate"),
        "doctor": ("doctor",),
        "inspect": ("inspect", message, "--phi"),
        "submit": ("submit", message),
        "an error": ("chart", "trace", "c_nothing"),
    }
    found = {name: skeleton(world.run(*words, "--json").json) for name, words in commands.items()}
    option = world.run("query", "list", "--json").json["queries"][0]["options"][0]["id"]
    answer = ("query", "answer", ids["query"], "--option", option, "--by", "1234567893", "--json")
    found["query answer"] = skeleton(world.run(*answer).json)
    return found


def test_the_shapes_of_json_are_stable(world: World, tmp_path: Path) -> None:
    """A key that goes or changes its type breaks other people's programs: change it with care."""
    assert shapes(world, tmp_path) == json.loads(SHAPES.read_text("utf-8"))


# -- help and errors -------------------------------------------------------------------------


@pytest.mark.parametrize("words", [words for words, _ in COMMANDS])
def test_every_command_explains_itself(world: World, words: str) -> None:
    ran = world.run(*words.split(), "--help")
    assert ran.code == 0
    assert f"Usage: chartline {words}" in ran.out


def test_the_help_names_every_command_and_what_it_does(world: World) -> None:
    ran = world.run("--help")
    assert ran.code == 0
    for words, _ in COMMANDS:
        assert words.partition(" ")[0] in ran.out
    assert "Prove that nothing is lost" in ran.out
    for group in GROUPS:
        assert "Usage" in world.run(group).out


def test_what_does_not_exist_is_a_usage_error(world: World) -> None:
    assert world.run("frobnicate").code == 2
    assert world.run("dlq", "frobnicate").code == 2
    assert world.run("status", "--frobnicate").code == 2


@pytest.mark.parametrize("command", [("status",), ("fsck",), ("dlq", "list"), ("query", "list")])
def test_a_store_that_is_down_is_one_sentence(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CHARTLINE_STORE_URL", "postgresql://ana:s3cret@127.0.0.1:1/none")
    ran = world.run(*command)
    assert ran.code == 4
    assert "Traceback" not in ran.out + ran.err
    assert "s3cret" not in ran.out + ran.err
    assert world.run(*command, "--json").json["error"]["exit"] == 4


def test_a_store_without_tables_names_the_fix(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHARTLINE_STORE_URL", f"sqlite:///{tmp_path / 'new.sqlite'}")
    assert world.run("db", "current").code == 4
    assert world.run("db", "migrate", "--json").json["applied"]
    assert world.run("db", "migrate", "--json").json["applied"] == []
    assert world.run("db", "current").code == 0


def test_an_unknown_store_is_a_usage_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARTLINE_STORE_URL", "mysql://somewhere")
    assert world.run("status").code == 2
    assert world.run("db", "migrate").code == 2


def test_an_unforeseen_error_has_an_id_and_none_of_its_own_words(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = KeyError("CANARYNAME, ZELDA")

    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(session, "open_store", fails)
    ran = world.run("fsck")
    assert ran.code == 1
    assert "failed with KeyError" in ran.err
    assert "(error e_" in ran.err
    assert "CANARY" not in ran.out + ran.err
    assert "Traceback" not in ran.err
    assert "/session.py:" not in ran.err


def test_debugging_says_where_an_error_came_from_and_none_of_its_words(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        try:
            int("CANARYNAME, ZELDA")
        except ValueError as error:
            error.add_note("CANARYNOTE")
            raise KeyError("CANARYNAME, ZELDA") from error

    monkeypatch.setattr(session, "open_store", fails)
    monkeypatch.setenv("CHARTLINE_LOG_LEVEL", "DEBUG")
    for as_json in ((), ("--json",)):
        ran = world.run("fsck", *as_json)
        assert "CANARY" not in ran.out + ran.err
        lines = ran.err.splitlines()
        assert any(re.fullmatch(r"  .*test_console\.py:\d+ .*fails", line) for line in lines)
        assert any("commands/session.py:" in line for line in lines)
        assert lines[-1] == "KeyError"
        assert lines[lines.index("which led to") - 1] == "ValueError"


def test_every_end_has_its_exit_code() -> None:
    from services.chart.failures import Outage, UnknownFact
    from services.worklist.failures import Busy, NoSuchDeadLetter, PathNotAllowed

    codes = {
        Outage: Exit.STOPPED,
        NoSuchDeadLetter: Exit.NOT_FOUND,
        PathNotAllowed: Exit.REFUSED,
        UnknownFact: Exit.REFUSED,
        Busy: Exit.FAILED,
    }
    assert {kind: ended(kind("x.")).exit_code for kind in codes} == codes
    assert ended(ValueError("x")).exit_code is Exit.FAILED


# -- fsck and doctor -------------------------------------------------------------------------


def test_fsck_is_clean_and_names_every_fault(world: World) -> None:
    full(world)
    assert world.run("fsck").code == 0
    message = world.store.select(MessageRow, {"subject": "c_due"})[0]
    world.store.apply(Changes(deletes=[message]))
    ran = world.run("fsck", "--json")
    assert ran.code == 1
    assert [fault["subject"] for fault in ran.json["faults"]] == ["c_due"]
    assert "is lost" in world.run("fsck").out


def test_the_doctor_finds_nothing_that_stops_a_healthy_line(world: World) -> None:
    checks = {check["name"]: check for check in world.run("doctor", "--json").json["checks"]}
    assert {"python", "store", "broker", "clock", "disk"} <= checks.keys()
    assert {"facilities", "payers", "documents"} <= checks.keys()
    assert [check for check in checks.values() if check["state"] == "stopped"] == []


def test_the_doctor_names_a_broken_rule_file_and_a_broker_that_is_down(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "payers.yaml").write_text("payers: [{payer_id: X}]")
    monkeypatch.setenv("CHARTLINE_PAYERS_FILE", str(tmp_path / "payers.yaml"))
    monkeypatch.setenv("CHARTLINE_DOCUMENTS_FILE", str(tmp_path / "none.yaml"))
    monkeypatch.setenv("CHARTLINE_BROKER_URL", "amqp://ana:s3cret@127.0.0.1:1")
    ran = world.run("doctor", "--json")
    assert ran.code == 4
    stopped = {check["name"] for check in ran.json["checks"] if check["state"] == "stopped"}
    assert stopped == {"payers", "documents", "broker"}
    assert "s3cret" not in ran.out + ran.err


def test_the_doctor_says_when_no_edition_covers_today(world: World) -> None:
    for check in examine(session.load_settings()):
        if check.name == "codes ICD-10-CM":
            assert "covers 2026-04-01 to 2026-09-30" in check.sentence
            assert (check.state == "degraded") == (
                "none covers a service of today" in check.sentence
            )
            return
    pytest.fail("nothing is said of ICD-10-CM")


def test_the_doctor_sees_a_clock_that_has_gone_back(world: World) -> None:
    world.chart("c_1")
    entry = world.journal("c_1")[0]
    later = JournalRow("zz/000001", "zz", 1, entry.at_ms + 3_600_000, "x", "x", "", "{}", "", "h")
    world.store.apply(Changes(inserts=[later]))
    clock = next(one for one in examine(session.load_settings()) if one.name == "clock")
    assert clock.state == "degraded"
    assert isinstance(clock, Check)


# -- one line on one store -------------------------------------------------------------------


def test_a_second_line_on_a_store_is_refused(world: World, tmp_path: Path) -> None:
    assert not is_running(tmp_path)
    with alone(tmp_path):
        assert is_running(tmp_path)
        ran = world.run("up")
        assert ran.code == 6
        assert "already running" in ran.err
        assert world.run("status", "--json").json["line"] == "running"
    assert not is_running(tmp_path)


def test_a_line_that_was_killed_leaves_no_lock(tmp_path: Path) -> None:
    lock = (tmp_path / LOCK).open("a")
    fcntl.flock(lock, fcntl.LOCK_EX)
    assert is_running(tmp_path)
    lock.close()  # what the system does for a process that is killed
    assert not is_running(tmp_path)


def test_up_with_a_broker_points_to_the_procfile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHARTLINE_BROKER_URL", "amqp://localhost")
    ran = world.run("up")
    assert ran.code == 2
    assert "honcho start" in ran.err


@pytest.mark.parametrize("command", [("work", "coding"), ("outbox",), ("timers",), ("rejected",)])
def test_the_distributed_processes_need_a_broker(world: World, command: tuple[str, ...]) -> None:
    ran = world.run(*command)
    assert ran.code == 2
    assert "CHARTLINE_BROKER_URL" in ran.err


def test_a_worker_knows_its_stages(world: World) -> None:
    assert world.run("work").code == 2
    assert "intake, completeness" in world.run("work", "billing").err


# -- words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "seconds"), [("45s", 45), ("30m", 1_800), ("12h", 43_200), ("2d", 172_800)]
)
def test_a_time_is_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert output.seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "d", "2", "2 d", "-1d", "2w", "²d"])
def test_anything_else_is_no_time(text: str) -> None:
    with pytest.raises(Ended):
        output.seconds_of(text)


def test_an_age_has_one_unit() -> None:
    ages = [output.age(s * 1_000) for s in (0, 59, 60, 3_599, 3_600, 86_400, -5)]
    assert ages == ["0s", "59s", "1m", "59m", "1h", "1d", "0s"]


def test_a_piped_table_is_one_line_a_row() -> None:
    text = output.plain(("id", "count"), [("a", 1), ("a\nlonger", 20)])
    assert text == "id        count\na             1\na longer     20\n"


def test_a_terminal_gets_a_table_that_wraps(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    output.Output(no_color=True).table(("id", "count"), [("[bold]a", 1), ("b", 20)])
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines == ["id       count", "[bold]a      1", "b           20"]


def test_a_server_is_named_without_its_password(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHARTLINE_STORE_URL", "postgresql://ana:s3@cret@db/line?password=x")
    assert session.place_of_store(session.load_settings()) == "postgresql://db/line"


def test_who_acts_is_the_account_unless_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "osuser")
    assert session.acting("") == "osuser"
    assert session.acting("ana") == "ana"


def test_versions_count_so_that_a_view_is_no_lost_update(world: World) -> None:
    world.chart("c_1")
    before = world.store.select(ChartRow, {"chart_id": "c_1"})[0].version
    world.run("chart", "trace", "c_1", "--phi")
    assert world.store.select(ChartRow, {"chart_id": "c_1"})[0].version == before + 1
