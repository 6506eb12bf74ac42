"""The house checks itself: one noun, every house; what is written down is true."""

from __future__ import annotations

import importlib
import pkgutil
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import services
from config.settings import PREFIX, Settings
from messages.path import PATH, STAGE_THAT_TAKES, Stage
from services.chart.failures import Failure, Owner
from workers.broker import queue_of
from workers.console import COMMANDS, main
from workers.embedded import INNER, OUTER, RUN_ON

ROOT = Path(__file__).resolve().parents[2]
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.split()


def tracked(suffix: str) -> list[Path]:
    return [ROOT / name for name in TRACKED if name.endswith(suffix) and (ROOT / name).exists()]


def all_failures() -> list[type[Failure]]:
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if "migrations" not in module.name:
            importlib.import_module(module.name)
    found: list[type[Failure]] = []
    pending: list[type[Failure]] = [Failure]
    while pending:
        failure = pending.pop()
        pending += failure.__subclasses__()
        if failure.__dict__.get("code") and failure.__module__.startswith("services."):
            found.append(failure)
    return found


@pytest.mark.parametrize("stage", Stage)
def test_a_stage_has_the_same_noun_in_every_house(stage: Stage) -> None:
    assert (ROOT / "messages" / f"{stage}.py").is_file()
    assert (ROOT / "services" / stage / "__init__.py").is_file()
    assert callable(importlib.import_module(f"workers.{stage}").step)
    assert queue_of(stage).startswith(f"{stage}.")
    procfile = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    assert f"{stage}: chartline work {stage}" in procfile


@pytest.mark.parametrize("stage", Stage)
def test_a_stage_worker_says_what_it_takes_and_is_thin(stage: Stage) -> None:
    source = (ROOT / "workers" / f"{stage}.py").read_text(encoding="utf-8")
    assert source.startswith(f'"""{stage.capitalize()}: takes ')
    assert len(source.splitlines()) <= 200


def test_the_path_is_complete_and_in_order() -> None:
    assert tuple(step.stage for step in PATH) == tuple(Stage)
    taken = [fact.__name__ for step in PATH for fact in step.takes]
    assert len(taken) == len(set(taken)), "a fact is taken by one stage only"
    assert set(Stage) == INNER | OUTER
    assert set(STAGE_THAT_TAKES) >= RUN_ON
    assert "BatchBuilt" not in RUN_ON, "a file must be durable before it is sent"


def test_failure_codes_are_unique_and_every_failure_helps() -> None:
    failures = all_failures()
    counted = Counter(failure.code for failure in failures)
    assert [code for code, number in counted.items() if number > 1] == []
    for failure in failures:
        assert re.fullmatch(r"[a-z]+\.[a-z0-9-]+", failure.code), failure
        assert isinstance(failure.owner, Owner)
        assert failure.fix, f"{failure.code} suggests no fix"


def test_every_failure_code_is_in_the_catalogue_and_no_other() -> None:
    text = (ROOT / "deploy" / "reasons.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([a-z]+\.[a-z0-9-]+)` \|", text, flags=re.MULTILINE))
    assert listed == {failure.code for failure in all_failures()}


def test_every_setting_is_in_the_example_environment() -> None:
    text = (ROOT / "deploy" / "chartline.env.example").read_text(encoding="utf-8")
    listed = set(re.findall(rf"^#?({PREFIX}[A-Z0-9_]+)=", text, flags=re.MULTILINE))
    assert listed == {f"{PREFIX}{name.upper()}" for name in Settings.__dataclass_fields__}


@pytest.mark.parametrize("page", tracked(".md"), ids=lambda path: path.name)
def test_links_in_a_page_exist(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("words", [words for words, _ in COMMANDS])
def test_every_command_can_be_found(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In the README, or in the help of its group; a command without a group in that of all."""
    group, _, name = words.rpartition(" ")
    assert main([*group.split(), "--help"]) == 0
    listed = re.findall(r"^│ ([a-z]+) +[A-Z]", capsys.readouterr().out, flags=re.MULTILINE)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert name in listed or re.search(rf"\b{words}\b", readme), f"{words} is nowhere to be found"


def test_importing_does_nothing() -> None:
    """Boot, runtime and stages can be imported without a broker, a store or a folder."""
    code = "import workers.boot, workers.distributed, threading; print(threading.active_count())"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "1"


def test_no_file_names_an_index_or_a_machine() -> None:
    index = re.compile("py" + r"pi\.org|python" + r"hosted\.org|registry\.np" + "m")
    for suffix in (".py", ".md", ".txt", ".toml", ".yaml", ".yml", "Makefile", "run"):
        for path in tracked(suffix):
            assert not index.search(path.read_text(encoding="utf-8")), path


def test_nothing_is_patched() -> None:
    for path in tracked(".py"):
        if path != Path(__file__):
            assert "mock.patch" not in path.read_text(encoding="utf-8"), path
