"""A bell that says "a message may be due", so that nobody has to poll within a process."""

from __future__ import annotations

import threading


class Bell:
    """Rung by commits, waited for by takers. A ring between looking and waiting is not missed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._rings = 0
        self._heard = threading.local()

    def ring(self) -> None:
        """Wake everybody who waits."""
        with self._changed:
            self._rings += 1
            self._changed.notify_all()

    def listen(self) -> None:
        """From now on this thread's next `wait` is woken by any ring."""
        self._heard.rings = self._rings

    def wait(self, timeout_s: float) -> bool:
        """Whether it rang since this thread's last `listen` or `wait`, or rings in time."""
        heard = getattr(self._heard, "rings", -1)
        with self._changed:
            rang = self._changed.wait_for(lambda: self._rings != heard, max(0.0, timeout_s))
            self._heard.rings = self._rings
        return rang
