"""The demo: every synthetic chart through the whole embedded line, with progress and a table.

The charts go in through the same door code as in production. Exit 0 only if every chart is
claimed, waiting or dead-lettered as its builder says it should be, and every file that was sent
passes its implementation guide.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from config.settings import Settings
from services.adapters import private
from services.adapters.store.fsck import every, fsck
from services.adapters.store.reads import LineState, line_state
from services.chart.ports import Store
from services.chart.rows import ClaimRow, SubmissionRow
from services.edi.guide import check
from workers.boot import open_embedded
from workers.demo.judge import Judged, judge_all
from workers.demo.scenarios import SCENARIOS, Scenario
from workers.door import Delivery, accept
from workers.embedded import EmbeddedLine

PATIENCE_S = 50.0
OPEN_CLAIMS = frozenset({"queued", "sent"})


@dataclass(frozen=True, slots=True)
class Result:
    """What the demo found."""

    judged: tuple[Judged, ...]
    messages: int  # that were sent in; a chart may come in several
    state: LineState
    files: tuple[Path, ...]
    files_that_pass: int
    claims: dict[str, int]
    faults: int
    seconds: float

    @property
    def is_right(self) -> bool:
        """Whether everything ended as it should."""
        everything = all(judged.is_right for judged in self.judged)
        return everything and self.files_that_pass == len(self.files) > 0 and not self.faults


def run(settings: Settings, *, keep: bool = False, as_json: bool = False) -> int:
    """Play the demo in `<data_dir>/demo`; returns the exit code.

    The folder is emptied first unless `keep` is set.
    """
    folder = settings.data_dir / "demo"
    if folder.exists() and not keep:
        shutil.rmtree(folder)
    ours = replace(
        settings,
        data_dir=folder,
        store_url="",
        broker_url="",
        log_level="CRITICAL",
        mailbox_poll_ms=200,
        batch_window_ms=500,
        idle_wait_ms=50,
    )
    _share_codesets(settings.data_dir / "codesets", folder / "codesets")
    console = Console(file=sys.stderr if as_json else sys.stdout)
    result = _play(ours, console)
    if as_json:
        sys.stdout.write(orjson.dumps(_as_json(result), option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        _print(console, result, folder)
    return 0 if result.is_right else 1


def _share_codesets(whole: Path, ours: Path) -> None:
    """The compiled code sets are the same for every line on this machine: made once."""
    private.make_folder(whole)
    private.make_folder(ours.parent)
    if not ours.exists():
        ours.symlink_to(whole.resolve(), target_is_directory=True)


def _play(settings: Settings, console: Console) -> Result:
    began = time.perf_counter()
    console.print(
        f"Sending {len(SCENARIOS)} synthetic charts to the line in {settings.data_dir} ..."
    )
    with open_embedded(settings) as line:
        store = line.runtime.backend
        raws_of = _send(line, SCENARIOS)
        judged = _watch(line, raws_of, console)
        state = line_state(store, line.runtime.clock.now_ms())
        line.stop(settings.drain_ms / 1_000)
        files = _write_files(store, settings.data_dir / "claims")
        passing = sum(not check(path.read_bytes()) for path in files)
        claims = Counter(claim.state for claim in every(store, ClaimRow))
        faults = len(fsck(store).faults)
    return Result(
        judged=tuple(judged),
        messages=sum(map(len, raws_of.values())),
        state=state,
        files=tuple(files),
        files_that_pass=passing,
        claims=dict(claims),
        faults=faults,
        seconds=time.perf_counter() - began,
    )


def _send(line: EmbeddedLine, scenarios: tuple[Scenario, ...]) -> dict[str, list[str]]:
    """Every message through the door, in the order that its sender has."""
    runtime = line.runtime
    raws_of = {}
    for scenario in scenarios:
        deliveries = [
            Delivery(message.content, message.content_type, message.feed)
            for message in scenario.messages()
        ]
        receipts = accept(runtime.backend, runtime.clock, runtime.ids, deliveries)
        raws_of[scenario.name] = [receipt.raw_id for receipt in receipts]
    return raws_of


def _watch(line: EmbeddedLine, raws_of: dict[str, list[str]], console: Console) -> list[Judged]:
    """Show progress until every chart is where it should be, or patience ends."""
    columns = (
        TextColumn("{task.description:>12}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    store = line.runtime.backend
    deadline = time.monotonic() + PATIENCE_S
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("charts", total=len(SCENARIOS))
        while True:
            judged = judge_all(store, SCENARIOS, raws_of)
            right = sum(one.is_right for one in judged)
            progress.update(bar, completed=right)
            quiet = line_state(store, line.runtime.clock.now_ms()).busy == 0
            if (right == len(judged) and quiet) or time.monotonic() > deadline:
                return judged
            time.sleep(0.2)


def _write_files(store: Store, folder: Path) -> list[Path]:
    """The files that were sent, as files that a person can look at."""
    paths = []
    for submission in every(store, SubmissionRow):
        path = folder / submission.file_name
        private.write(path, submission.content)
        paths.append(path)
    return paths


def _print(console: Console, result: Result, folder: Path) -> None:
    """The table at the end."""
    claims = result.claims
    sent = sum(number for state, number in claims.items() if state != "queued")
    accepted = sum(claims.get(state, 0) for state in ("accepted", "paid", "denied"))
    table = Table(title="What became of the charts", show_header=False, min_width=64)
    table.add_row("charts", str(len(result.judged)))
    table.add_row("messages", str(result.messages))
    table.add_row("claims sent", str(sent))
    table.add_row("  accepted by the payer", str(accepted))
    table.add_row("  paid and posted", str(claims.get("paid", 0)))
    table.add_row("  denied", str(claims.get("denied", 0)))
    table.add_row("  rejected", str(claims.get("rejected", 0)))
    table.add_row("  not yet answered", str(sum(claims.get(s, 0) for s in OPEN_CLAIMS)))
    waiting = sum(stage.waiting for stage in result.state.stages)
    table.add_row("charts that wait for something", str(waiting))
    table.add_row("queries open", str(result.state.queries_open))
    table.add_row("dead letters", str(sum(result.state.dead_letters.values())))
    for code, number in sorted(result.state.dead_letters.items()):
        table.add_row(f"  {code}", str(number))
    files = f"{result.files_that_pass} of {len(result.files)} pass pyx12"
    table.add_row("claim files", files)
    table.add_row("promises broken (fsck)", str(result.faults))
    console.print(table)
    _print_surprises(console, result)
    home = f"CHARTLINE_DATA_DIR={folder}"
    console.print(f"The 837 files lie in {folder / 'claims'}.")
    console.print("Look around; the workbench for the browser comes with a later release:")
    console.print(f"  {home} .venv/bin/chartline dlq list", highlight=False, soft_wrap=True)
    console.print(f"  {home} .venv/bin/chartline status", highlight=False, soft_wrap=True)
    console.print(f"Took {result.seconds:.1f} s.")


def _print_surprises(console: Console, result: Result) -> None:
    wrong = [one for one in result.judged if not one.is_right]
    if not wrong:
        console.print("Every chart ended where its builder says it should.", style="green")
        return
    table = Table(title=f"{len(wrong)} charts did not end where they should")
    for heading in ("chart", "should be", "is"):
        table.add_column(heading)
    for one in wrong:
        expect = one.scenario.expect
        should = f"{expect.outcome} {expect.stage} {expect.code or expect.message_code}"
        table.add_row(one.scenario.name, should, str(one.ended))
    console.print(table, style="red")


def _as_json(result: Result) -> dict[str, object]:
    """The documented shape of `chartline demo --json`."""
    return {
        "right": result.is_right,
        "seconds": round(result.seconds, 1),
        "charts": [
            {
                "name": one.scenario.name,
                "expected": one.scenario.expect.outcome,
                "outcome": one.ended.outcome,
                "stage": one.ended.stage,
                "code": one.ended.code,
                "right": one.is_right,
            }
            for one in result.judged
        ],
        "claims": result.claims,
        "dead_letters": result.state.dead_letters,
        "queries_open": result.state.queries_open,
        "files": [str(path) for path in result.files],
        "files_that_pass": result.files_that_pass,
        "fsck_faults": result.faults,
    }
