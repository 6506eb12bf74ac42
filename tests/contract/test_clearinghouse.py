"""One suite for the port `Clearinghouse`: on the fake and on the simulator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from services.adapters.clearinghouse.simulator import SimulatedClearinghouse
from services.adapters.resilience import ResilientClearinghouse, Retry
from services.chart.failures import Outage, Rejected, Transient
from services.chart.ports import Clearinghouse
from services.edi import guide
from services.edi.reader import transaction_kind
from tests.fakes.claim_files import AClaim, a_file
from tests.fakes.clearinghouse import FakeClearinghouse
from tests.fakes.clock import FakeClock

DELAY_MS = 60_000


class Faulty(Clearinghouse, Protocol):
    def outage(self, until_ms: int) -> None: ...
    def fail_next(self, count: int = 1) -> None: ...
    def lose_reply(self, count: int = 1) -> None: ...
    def originals(self) -> dict[str, int]: ...


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["fake", "simulator"])
def payer(request: pytest.FixtureRequest, clock: FakeClock, tmp_path: Path) -> Iterator[Faulty]:
    if request.param == "fake":
        yield FakeClearinghouse(clock, payment_delay_ms=DELAY_MS)
        return
    real = SimulatedClearinghouse(tmp_path / "payer.sqlite", clock=clock, payment_delay_ms=DELAY_MS)
    yield real
    real.close()


@pytest.fixture(params=["bare", "resilient"])
def port(request: pytest.FixtureRequest, payer: Faulty) -> Clearinghouse:
    if request.param == "bare":
        return payer
    return ResilientClearinghouse(payer, Retry(attempts=1, sleep=lambda _: None))


def names(port: Clearinghouse) -> list[str]:
    return [file.name for file in port.collect()]


def kinds(port: Clearinghouse) -> list[str]:
    return [transaction_kind(file.content) for file in port.collect()]


def test_a_new_mailbox_is_empty(port: Clearinghouse) -> None:
    assert list(port.collect()) == []


def test_a_file_is_answered_with_ta1_999_and_277ca_in_this_order(port: Clearinghouse) -> None:
    port.send("a.837p", a_file())

    assert kinds(port) == ["TA1", "999", "277CA"]


def test_the_835_comes_when_it_is_due(port: Clearinghouse, clock: FakeClock) -> None:
    port.send("a.837p", a_file())
    clock.ms += DELAY_MS - 1
    assert "835" not in kinds(port)

    clock.ms += 1

    assert kinds(port)[-1] == "835"


def test_the_same_name_and_content_again_is_a_success_that_changes_nothing(
    port: Clearinghouse, payer: Faulty
) -> None:
    port.send("a.837p", a_file())
    before = names(port)

    port.send("a.837p", a_file())

    assert names(port) == before
    assert list(payer.originals().values()) == [1]


def test_the_same_name_with_other_content_is_refused(port: Clearinghouse) -> None:
    port.send("a.837p", a_file())

    with pytest.raises(Rejected):
        port.send("a.837p", a_file(AClaim("OTHER")))


def test_what_is_no_interchange_is_refused_and_leaves_nothing(port: Clearinghouse) -> None:
    with pytest.raises(Rejected):
        port.send("a.txt", b"hello")

    assert names(port) == []
    port.send("a.txt", a_file())


def test_files_stay_until_they_are_confirmed(port: Clearinghouse) -> None:
    port.send("a.837p", a_file())
    first = names(port)
    assert names(port) == first

    port.confirm(first[:1])

    assert names(port) == first[1:]


def test_confirming_twice_or_an_unknown_name_is_a_success(port: Clearinghouse) -> None:
    port.send("a.837p", a_file())
    found = names(port)

    port.confirm(found)
    port.confirm([*found, "nobody-knows-this"])
    port.confirm([])

    assert names(port) == []


def test_a_limit_gives_the_oldest(port: Clearinghouse) -> None:
    port.send("a.837p", a_file())
    port.send("b.837p", a_file(AClaim("B1"), control=2))

    assert [file.name for file in port.collect(2)] == names(port)[:2]
    assert names(port)[0].startswith("a.")


def test_an_answer_has_the_same_bytes_each_time(port: Clearinghouse) -> None:
    port.send("a.837p", a_file())

    assert [f.content for f in port.collect()] == [f.content for f in port.collect()]


def test_an_outage_is_an_outage_for_every_call_until_it_ends(
    port: Clearinghouse, payer: Faulty, clock: FakeClock
) -> None:
    payer.outage(clock.now_ms() + 1_000)
    with pytest.raises(Outage):
        port.send("a.837p", a_file())
    with pytest.raises(Outage):
        port.collect()

    clock.ms += 1_000

    port.send("a.837p", a_file())
    assert len(names(port)) == 3


def test_a_call_that_fails_has_done_nothing(port: Clearinghouse, payer: Faulty) -> None:
    payer.fail_next(1)

    with pytest.raises(Transient):
        port.send("a.837p", a_file())

    assert names(port) == []


def test_a_lost_reply_has_done_everything(port: Clearinghouse, payer: Faulty) -> None:
    payer.lose_reply(1)

    with pytest.raises(Transient):
        port.send("a.837p", a_file())

    assert len(names(port)) == 3
    port.send("a.837p", a_file())
    assert len(names(port)) == 3


def test_every_answer_passes_its_guide(port: Clearinghouse, clock: FakeClock) -> None:
    port.send(
        "a.837p", a_file(AClaim("A1"), AClaim("A2", member="XR7"), AClaim("A3", npi="1234567893"))
    )
    port.send("b.837p", a_file(AClaim("B1", member="XN8"), control=2))
    port.send("c.837i", a_file(AClaim("C1"), control=3, institutional=True))
    clock.ms += DELAY_MS

    for file in port.collect():
        if transaction_kind(file.content) != "TA1":  # the guide check knows groups only
            assert guide.check(file.content) == (), file.name
