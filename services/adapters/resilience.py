"""One retry for one outside call: seconds, jittered, and only for what may pass by itself.

Minutes belong to the runtime and days to timers in the store. An outage is not retried here:
the circuit and the runtime wait for its end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TypeVar

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from services.chart.failures import Outage, Transient
from services.chart.ports import Clearinghouse, MailboxFile

T = TypeVar("T")


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, Transient) and not isinstance(error, Outage)


class Retry:
    """Calls until it succeeds, at most so many times; the last failure is raised as it is."""

    def __init__(
        self,
        attempts: int = 3,
        wait_s: float = 0.1,
        wait_s_max: float = 2.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._attempts = attempts
        self._wait = wait_random_exponential(multiplier=wait_s, max=wait_s_max)
        self._sleep = sleep

    def __call__(self, outside: Callable[[], T]) -> T:
        """The answer of `outside`.

        Raises:
            Transient: every attempt failed; an outage at the first.
            Rejected, Defect: at once, as they come.
        """
        retrying = Retrying(
            retry=retry_if_exception(_may_pass),
            stop=stop_after_attempt(self._attempts),
            wait=self._wait,
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(outside)


class ResilientClearinghouse:
    """A clearinghouse whose calls are each retried for a few seconds."""

    def __init__(self, inner: Clearinghouse, retry: Retry | None = None) -> None:
        self._inner = inner
        self._retry = retry or Retry()

    def send(self, name: str, content: bytes) -> None:
        """See the port; the same name and content again are harmless, so a retry is."""
        self._retry(partial(self._inner.send, name, content))

    def collect(self, limit: int = 100) -> Sequence[MailboxFile]:
        """See the port."""
        return self._retry(partial(self._inner.collect, limit))

    def confirm(self, names: Collection[str]) -> None:
        """See the port."""
        self._retry(partial(self._inner.confirm, names))
