from __future__ import annotations

import pytest

from services.adapters.resilience import ResilientClearinghouse, Retry
from services.chart.failures import Rejected, Transient
from services.submission.circuit import Circuit, CircuitRule, CircuitState, closed
from services.submission.failures import ClearinghouseOut, ClearinghouseSilent, NameTaken
from tests.fakes.claim_files import a_file
from tests.fakes.clearinghouse import FakeClearinghouse
from tests.fakes.clock import FakeClock

RULE = CircuitRule(threshold=3, retry_ms=100, open_ms=1_000, open_ms_max=4_000)
NOW = 1_000_000


def after_failures(count: int, at_ms: int = NOW) -> Circuit:
    circuit = Circuit(closed("x"), RULE)
    for _ in range(count):
        circuit = Circuit(circuit.failed(at_ms), RULE)
    return circuit


def test_a_new_circuit_is_closed() -> None:
    assert Circuit(closed("x"), RULE).state(NOW) is CircuitState.CLOSED


def test_it_opens_at_the_threshold_and_not_before() -> None:
    assert after_failures(2).state(NOW) is CircuitState.CLOSED
    assert after_failures(3).state(NOW) is CircuitState.OPEN


def test_it_is_half_open_when_its_time_is_over() -> None:
    circuit = after_failures(3)

    assert circuit.state(NOW + 999) is CircuitState.OPEN
    assert circuit.state(NOW + 1_000) is CircuitState.HALF_OPEN


def test_a_failure_while_half_open_opens_it_for_longer() -> None:
    later = NOW + 1_000
    circuit = Circuit(after_failures(3).failed(later), RULE)

    assert circuit.state(later + 1_999) is CircuitState.OPEN
    assert circuit.state(later + 2_000) is CircuitState.HALF_OPEN


def test_it_never_stays_open_longer_than_the_rule_allows() -> None:
    circuit = after_failures(200)

    assert circuit.row.open_until_ms == NOW + 4_000


def test_one_success_closes_it() -> None:
    circuit = Circuit(after_failures(7).succeeded(), RULE)

    assert circuit.state(NOW) is CircuitState.CLOSED
    assert circuit.row == closed("x")


def test_it_remembers_since_when_nobody_answers() -> None:
    first = after_failures(1)

    assert Circuit(first.failed(NOW + 50), RULE).failed(NOW + 90).since_ms == NOW


def test_the_next_try_comes_when_it_may() -> None:
    assert after_failures(1).retry_at_ms(NOW) == NOW + 100
    assert after_failures(3).retry_at_ms(NOW) == NOW + 1_000


# -- the retry of one call ---------------------------------------------------------------------


def a_retry(attempts: int = 3) -> tuple[Retry, list[float]]:
    slept: list[float] = []
    return Retry(attempts=attempts, wait_s=0.5, wait_s_max=2.0, sleep=slept.append), slept


def test_a_call_that_fails_once_is_made_again() -> None:
    payer = FakeClearinghouse(FakeClock())
    retry, slept = a_retry()
    payer.fail_next(1)

    ResilientClearinghouse(payer, retry).send("a", a_file())

    assert list(payer.files) == ["a"]
    assert len(slept) == 1
    assert 0 <= slept[0] <= 2.0


def test_a_reply_that_was_lost_does_not_send_a_second_original() -> None:
    payer = FakeClearinghouse(FakeClock())
    payer.lose_reply(1)

    ResilientClearinghouse(payer, a_retry()[0]).send("a", a_file())

    assert payer.uploads == 2
    assert list(payer.originals().values()) == [1]


def test_the_last_failure_comes_out_as_it_is() -> None:
    payer = FakeClearinghouse(FakeClock())
    payer.fail_next(9)

    with pytest.raises(ClearinghouseSilent):
        ResilientClearinghouse(payer, a_retry()[0]).collect()

    assert payer._fail == 6


def test_an_outage_is_not_retried() -> None:
    clock = FakeClock()
    payer = FakeClearinghouse(clock)
    payer.outage(clock.now_ms() + 1)
    retry, slept = a_retry()

    with pytest.raises(ClearinghouseOut):
        ResilientClearinghouse(payer, retry).confirm(["x"])

    assert slept == []


def test_a_refusal_is_not_retried() -> None:
    payer = FakeClearinghouse(FakeClock())
    retry, slept = a_retry()
    resilient = ResilientClearinghouse(payer, retry)
    resilient.send("a", a_file())

    with pytest.raises(NameTaken):
        resilient.send("a", a_file(control=2))

    assert slept == []


def test_the_failures_of_a_clearinghouse_are_of_the_right_kind() -> None:
    assert issubclass(ClearinghouseOut, Transient)
    assert issubclass(NameTaken, Rejected)
