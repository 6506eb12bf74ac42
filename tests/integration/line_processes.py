"""Real processes of the distributed line: fed, watched, and looked at when they have ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from signal import SIGTERM

from config.settings import Settings
from config.wiring import open_store
from services.adapters.clearinghouse.simulator import SimulatedClearinghouse
from services.adapters.clock import SystemClock, SystemIds
from services.adapters.store.fsck import Fault, fsck
from services.chart.failures import Outage
from services.chart.ports import Store
from services.chart.rows import ChartRow
from workers.demo.load import charts
from workers.door import Delivery, accept

DRAIN_S = 10.0


def until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for it; say what did not come true."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not come true in {seconds:.0f} s"
        time.sleep(0.1)


def settings_for(folder: Path, store_url: str, broker_url: str) -> Settings:
    """Settings under which answers come soon."""
    return Settings(
        data_dir=folder,
        store_url=store_url,
        broker_url=broker_url,
        log_level="WARNING",
        mailbox_poll_ms=200,
        batch_window_ms=200,
        lease_ms=10_000,
        outage_wait_ms=500,
    )


def hears_sigterm(pid: int) -> bool:
    """Whether the process has put a handler of its own on SIGTERM."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return False
    caught = next((line for line in lines if line.startswith("SigCgt")), "SigCgt: 0")
    return bool(int(caught.split()[1], 16) >> (SIGTERM - 1) & 1)


@dataclass
class Hospital:
    """The engine's side of the line and the payer's: sends charts, counts what became of them."""

    settings: Settings
    sent: int = 0

    def __post_init__(self) -> None:
        self.store: Store = open_store(self.settings)
        self._charts = charts(None, seed=1)

    def send(self, count: int) -> None:
        """The messages of so many charts, all of which get paid."""
        for messages in islice(self._charts, count):
            deliveries = [Delivery(one.content, one.content_type, one.feed) for one in messages]
            accept(self.store, SystemClock(), SystemIds(), deliveries)
        self.sent += count

    def paid(self) -> int:
        """Charts that have been paid, as far as the store answers."""
        try:
            return sum(self.store.count(ChartRow, {"outcome": "paid"}).values())
        except Outage:
            return 0

    def until_all_paid(self, seconds: float, is_well: Callable[[], bool], log: Path) -> None:
        """Wait until every chart that was sent is paid, for as long as all is well."""

        def are_paid() -> bool:
            assert is_well(), log.read_text()[-4_000:]
            return self.paid() == self.sent

        until(are_paid, seconds, f"{self.sent} charts paid")

    def faults(self) -> tuple[Fault, ...]:
        """What fsck finds, on connections of its own."""
        with closing(open_store(self.settings)) as store:
            return fsck(store).faults

    def originals(self) -> dict[str, int]:
        """Original claims by billing event, as the payer counts them."""
        path = self.settings.data_dir / "clearinghouse.sqlite"
        return SimulatedClearinghouse(path).originals()

    def close(self) -> None:
        self.store.close()
