"""The README is true: its commands are run as they stand, and print what it says they print.

A comment before a block says how: `<!-- run -->`, `<!-- run, exit 3 -->`, `<!-- run later -->` (it
takes a few seconds until it is so) and `<!-- run in the background -->`. A `text` block after it
holds lines of the output, in their order; `...` stands for anything.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(
    r"<!-- run(?P<how>[^>]*) -->\n```sh\n(?P<commands>.*?)```\n(?:```text\n(?P<prints>.*?)```\n)?",
    re.DOTALL,
)
PATIENCE_S = 15.0
QUICK = {"CHARTLINE_MAILBOX_POLL_MS": "100", "CHARTLINE_BATCH_WINDOW_MS": "100"}


@dataclass(frozen=True)
class Block:
    """Commands of the README, how they are run and what they print."""

    how: str
    commands: str
    prints: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        said = re.search(r"exit (\d+)", self.how)
        return int(said[1]) if said else 0


BLOCKS = [
    Block(one["how"].strip(" ,"), one["commands"], tuple((one["prints"] or "").splitlines()))
    for one in BLOCK.finditer(README)
]
VARIABLES = sorted(set(re.findall(r"^([A-Z]+)=", README, flags=re.MULTILINE)))


def as_pattern(line: str) -> re.Pattern[str]:
    """A line of the README as what the output must have; any blanks are as good as any others."""
    words = [re.escape(word).replace(r"\.\.\.", ".*") for word in line.split()]
    return re.compile(r"\s+".join(words).replace(r"\s+.*\s+", r"\s.*\s"))


def lacking(block: Block, output: str) -> str:
    """The first line that the block should have printed and did not; "" for none."""
    lines = iter(output.splitlines())
    for wanted in block.prints:
        pattern = as_pattern(wanted)
        if not any(pattern.search(line) for line in lines):
            return wanted
    return ""


class Clone:
    """A folder that looks like a fresh clone after its set-up, and a shell in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("Makefile", "deploy", "pyproject.toml"):
            (folder / name).symlink_to(ROOT / name)
        program = folder / ".venv" / "bin" / "chartline"
        program.parent.mkdir(parents=True)
        program.write_text(
            f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m workers.console "$@"\n'
        )
        program.chmod(0o755)
        (folder / ".venv" / ".run").touch()  # what `make` looks at: the set-up is done
        ours = {**os.environ, **QUICK}  # noqa: TID251 - a child process needs the whole of it
        self.environment = {k: v for k, v in ours.items() if k in QUICK or "CHARTLINE" not in k}

    def script(self, block: Block) -> list[str]:
        """The block, in a shell that remembers functions and variables of those before it."""
        keep = f"{{ declare -f; declare -p {' '.join(VARIABLES)} || :; }} > .state 2> /dev/null"
        before = f"[ ! -e .state ] || . ./.state; trap '{keep}' EXIT; set -eo pipefail"
        return ["bash", "-c", f"{before}\n{block.commands}"]

    def run(self, block: Block) -> tuple[int, str]:
        """Exit code and output."""
        done = subprocess.run(
            self.script(block),
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
            timeout=60,
        )
        return done.returncode, done.stdout

    def start(self, block: Block, output: Path) -> subprocess.Popen[bytes]:
        """The block in the background; what it prints goes to a file."""
        with output.open("wb") as out:
            return subprocess.Popen(
                self.script(block),
                cwd=self.folder,
                env=self.environment,
                stdout=out,
                stderr=subprocess.DEVNULL,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def until_so(block: Block, clone: Clone) -> tuple[int, str]:
    """Run it again until it prints what it should, or patience ends."""
    until = time.monotonic() + PATIENCE_S
    while True:
        code, output = clone.run(block)
        if not lacking(block, output) or time.monotonic() > until:
            return code, output
        time.sleep(0.2)


def play(clone: Clone, background: list[subprocess.Popen[bytes]]) -> Iterator[str]:
    """Every block in its order; yields what is not as the README says."""
    for block in BLOCKS:
        if "background" in block.how:
            log = clone.folder / "background.txt"
            background.append(clone.start(block, log))
            until = time.monotonic() + PATIENCE_S
            while lacking(block, log.read_text()) and time.monotonic() < until:
                time.sleep(0.05)
            code, output = 0, log.read_text()
        else:
            later = block.how == "later"
            code, output = until_so(block, clone) if later else clone.run(block)
        line = lacking(block, output)
        if code != block.exit_code or line:
            yield f"{block.commands}\nexit code {code}; not printed: {line!r}\n{output}"


def ended(processes: list[subprocess.Popen[bytes]], log: Path) -> bool:
    """Whether the background stops when it is told to, and says so."""
    for process in processes:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(PATIENCE_S)
    until = time.monotonic() + PATIENCE_S
    while processes and time.monotonic() < until:
        if "nothing is lost" in log.read_text():
            return True
        time.sleep(0.05)
    return False


def test_the_commands_of_the_readme_do_what_it_says(clone: Clone) -> None:
    background: list[subprocess.Popen[bytes]] = []
    try:
        wrong = list(play(clone, background))
    finally:
        drained = ended(background, clone.folder / "background.txt")
    assert wrong == [], "\n\n".join(wrong)
    assert drained
    assert len(BLOCKS) > 10
    assert clone.folder.joinpath("visit.json").exists()


def test_every_command_that_the_readme_leaves_out_is_told_apart() -> None:
    """A block without a comment is not run; there may be no more of them than are known here."""
    fenced = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    left_out = [text for text in fenced if text not in {block.commands for block in BLOCKS}]
    assert [re.findall(r"^\w+ \w+", text, flags=re.MULTILINE)[-1] for text in left_out] == [
        "honcho start"
    ]


def test_the_readme_shows_what_it_checks() -> None:
    """Otherwise a line that is never printed could stand in it."""
    block = Block("", "", ("a  ...b", "c d"))
    assert lacking(block, "x a then b\nc    d e") == ""
    assert lacking(block, "c d\na b") == "c d"
    assert lacking(block, "a B\nc d") == "a  ...b"
