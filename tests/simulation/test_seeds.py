"""The line under 2,000 seeds of crashes, drops, doubles, reorders, outages and clock jumps."""

from __future__ import annotations

import pytest

from tests.simulation.play import SEEDS, play

PER_TEST = 25


@pytest.mark.parametrize("first", range(0, SEEDS, PER_TEST))
def test_nothing_is_lost_and_nothing_is_done_twice(first: int) -> None:
    for seed in range(first, first + PER_TEST):
        found = play(seed)
        assert not found, f"{found}; replay with: python -m tests.simulation.play {seed}"
