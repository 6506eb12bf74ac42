"""A clearinghouse in memory: answers as the simulator does, and breaks when it is told to.

`hook` is called with "before" and "after" around each of its effects, and with "before" when
somebody looks into the mailbox; it may raise whatever a test wants to happen there: a crash, an
outage, a lost reply.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence

from services.adapters.clearinghouse.receiving import Received, Receiver
from services.adapters.clearinghouse.scenarios import DEMO_SCENARIOS, Scenario
from services.chart.ports import Clock, MailboxFile
from services.submission.failures import ClearinghouseOut, ClearinghouseSilent, NameTaken
from tests.fakes.clock import FakeClock


def _nothing(_: str) -> None:
    """The hook that lets everything pass."""


class FakeClearinghouse:
    """Implements `services.chart.ports.Clearinghouse`."""

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        payment_delay_ms: int = 0,
        scenarios: Sequence[Scenario] = DEMO_SCENARIOS,
    ) -> None:
        self.clock = clock or FakeClock()
        self.hook: Callable[[str], None] = _nothing
        self.files: dict[str, bytes] = {}
        self.uploads = 0
        self.received: list[Received] = []
        self._receiver = Receiver(self.clock, 0, payment_delay_ms, tuple(scenarios))
        self._answers: dict[str, tuple[int, bytes]] = {}
        self._numbers: Counter[str] = Counter()
        self._outage_until_ms = 0
        self._fail = 0
        self._lose = 0

    def send(self, name: str, content: bytes) -> None:
        self._meet_faults()
        self.uploads += 1
        if name not in self.files:
            receipt = self._receiver.receive(content, self._number)
            self.files[name] = content
            self.received += receipt.claims
            for answer in receipt.answers:
                self._answers[f"{name}.{answer.ending}"] = (answer.due_ms, answer.content)
        elif self.files[name] != content:
            raise NameTaken("The clearinghouse holds other content under this file name.")
        self.hook("after")
        if self._lose:
            self._lose -= 1
            raise ClearinghouseSilent("The clearinghouse did not answer the upload.")

    def collect(self, limit: int = 100) -> Sequence[MailboxFile]:
        self._meet_faults()
        now_ms = self.clock.now_ms()
        due = [
            (due_ms, at, name, content)
            for at, (name, (due_ms, content)) in enumerate(self._answers.items())
            if due_ms <= now_ms
        ]
        return [MailboxFile(name, content) for _, _, name, content in sorted(due)[:limit]]

    def confirm(self, names: Collection[str]) -> None:
        self._meet_faults()
        for name in names:
            self._answers.pop(name, None)
        self.hook("after")

    def outage(self, until_ms: int) -> None:
        self._outage_until_ms = until_ms

    def fail_next(self, count: int = 1) -> None:
        self._fail = count

    def lose_reply(self, count: int = 1) -> None:
        self._lose = count

    def originals(self) -> dict[str, int]:
        """As `SimulatedClearinghouse.originals`."""
        counted = [one for one in self.received if one.frequency == "1" and not one.rejected]
        return dict(Counter(one.event for one in counted))

    def double_billed(self) -> list[str]:
        """The events with more than one original."""
        return [event for event, count in self.originals().items() if count > 1]

    def _number(self, series: str, count: int) -> int:
        self._numbers[series] += count
        return self._numbers[series] - count + 1

    def _meet_faults(self) -> None:
        self.hook("before")
        if self._outage_until_ms > self.clock.now_ms():
            raise ClearinghouseOut("The clearinghouse cannot be reached.")
        if self._fail:
            self._fail -= 1
            raise ClearinghouseSilent("The clearinghouse did not answer.")
