"""A clearinghouse in memory: answers as the simulator does, and breaks when it is told to.

`hook` is called with the name of each step ("send.before", "send.after", "collect", "confirm")
and may raise whatever a test wants to happen there: a crash, an outage, a lost reply.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence

from services.adapters.clearinghouse.receiving import Received, Receiver
from services.adapters.clearinghouse.scenarios import DEMO_SCENARIOS, Scenario
from services.chart.ports import Clock, MailboxFile
from services.submission.failures import ClearinghouseOut, ClearinghouseSilent, NameTaken


def _nothing(_: str) -> None:
    """The hook that lets everything pass."""


class FakeClearinghouse:
    """Implements `services.chart.ports.Clearinghouse`."""

    def __init__(
        self,
        clock: Clock,
        *,
        remit_delay_ms: int = 0,
        scenarios: Sequence[Scenario] = DEMO_SCENARIOS,
    ) -> None:
        self.clock = clock
        self.hook: Callable[[str], None] = _nothing
        self.files: dict[str, bytes] = {}
        self.uploads = 0
        self.received: list[Received] = []
        self._receiver = Receiver(clock, 0, remit_delay_ms, tuple(scenarios))
        self._answers: dict[str, tuple[int, bytes]] = {}
        self._numbers: Counter[str] = Counter()
        self._outage_until_ms = 0
        self._fail = 0
        self._lose = 0

    def send(self, name: str, content: bytes) -> None:
        self._meet_faults("send.before")
        self.uploads += 1
        if name not in self.files:
            receipt = self._receiver.receive(content, self._number)
            self.files[name] = content
            self.received += receipt.claims
            for answer in receipt.answers:
                self._answers[f"{name}.{answer.ending}"] = (answer.due_ms, answer.content)
        elif self.files[name] != content:
            raise NameTaken("The clearinghouse holds other content under this file name.")
        self.hook("send.after")
        if self._lose:
            self._lose -= 1
            raise ClearinghouseSilent("The clearinghouse did not answer the upload.")

    def collect(self, limit: int = 100) -> Sequence[MailboxFile]:
        self._meet_faults("collect")
        now_ms = self.clock.now_ms()
        due = [
            (due_ms, at, name, content)
            for at, (name, (due_ms, content)) in enumerate(self._answers.items())
            if due_ms <= now_ms
        ]
        return [MailboxFile(name, content) for _, _, name, content in sorted(due)[:limit]]

    def confirm(self, names: Collection[str]) -> None:
        self._meet_faults("confirm")
        for name in names:
            self._answers.pop(name, None)

    def outage(self, until_ms: int) -> None:
        self._outage_until_ms = until_ms

    def fail_next(self, count: int = 1) -> None:
        self._fail = count

    def lose_reply(self, count: int = 1) -> None:
        self._lose = count

    def originals(self) -> dict[str, int]:
        """As `Simulator.originals`."""
        counted = [one for one in self.received if one.frequency == "1" and not one.rejected]
        return dict(Counter(one.event for one in counted))

    def _number(self, series: str, count: int) -> int:
        self._numbers[series] += count
        return self._numbers[series] - count + 1

    def _meet_faults(self, step: str) -> None:
        self.hook(step)
        if self._outage_until_ms > self.clock.now_ms():
            raise ClearinghouseOut("The clearinghouse cannot be reached.")
        if self._fail:
            self._fail -= 1
            raise ClearinghouseSilent("The clearinghouse did not answer.")
