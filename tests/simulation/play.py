"""Play one seed, or a range of them: `python -m tests.simulation.play 17` or `... 0-2000`."""

from __future__ import annotations

import sys
import time
from collections import Counter
from functools import cache
from typing import Any

from config.settings import Settings
from config.wiring import Line, build_line
from messages.path import Stage
from tests.fakes.clearinghouse import FakeClearinghouse
from tests.simulation.world import World
from workers.demo.load import charts

SEEDS = 2_000


@cache
def _line() -> Line:
    """The real line; only its clearinghouse is exchanged for each seed."""
    return build_line(Settings(guide_check=False, batch_window_ms=1_000), tuple(Stage))


def world_of(seed: int, payer: FakeClearinghouse | None = None, **parts: Any) -> World:
    """The world of a seed: one to three charts, embedded or with a broker.

    `payer` and `parts` (see `World`) stand in the place of Chartline's own.
    """
    line = _line().with_clearinghouses({"simulator": payer or FakeClearinghouse()})
    return World(
        seed=seed,
        line=line,
        charts=list(charts(1 + seed % 3, seed)),
        embedded=seed % 2 == 0,
        **parts,
    )


def play(seed: int, happened: Counter[str] | None = None) -> list[str]:
    """Play a seed; returns every promise that did not hold."""
    world = world_of(seed)
    world.run()
    if happened is not None:
        happened.update(world.happened)
    return world.faults_found()


def main(argument: str) -> int:
    """Play the seeds and print what happened and what did not hold."""
    first, _, last = argument.partition("-")
    seeds = range(int(first), int(last or first) + (0 if last else 1))
    happened: Counter[str] = Counter()
    began, wrong = time.perf_counter(), 0
    for seed in seeds:
        found: list[Any] = play(seed, happened)
        wrong += bool(found)
        for fault in found:
            print(f"seed {seed}: {fault}")
    took = time.perf_counter() - began
    print(f"{len(seeds)} seeds in {took:.1f} s, {wrong} with faults found; faults injected:")
    for what, number in sorted(happened.items()):
        print(f"  {number:6d}  {what}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else f"0-{SEEDS}"))
