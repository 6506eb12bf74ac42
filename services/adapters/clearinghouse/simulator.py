"""The built-in clearinghouse: takes 837 files and answers as a clearinghouse and payer would.

Receiving, acknowledging and adjudicating are one transaction of its own SQLite file, so it is as
durable as a real one that said yes, and several processes may use it at once. It also counts what
a payer would count: how many original claims it got for each billing event.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path
from sqlite3 import Connection

from services.adapters.clearinghouse.receiving import Receiver
from services.adapters.clearinghouse.scenarios import DEMO_SCENARIOS, Scenario
from services.adapters.clearinghouse.simulator_tables import (
    Tables,
    next_number,
    number,
    set_number,
    use_up,
)
from services.adapters.clock import SystemClock
from services.chart.ports import Clock, MailboxFile
from services.submission.failures import ClearinghouseOut, ClearinghouseSilent, NameTaken

_ORIGINAL = "1"


@dataclass(frozen=True, slots=True)
class DoubleBilling:
    """A billing event that was billed more than once: its digest and the claims' numbers."""

    event: str
    control_numbers: tuple[str, ...]


class SimulatedClearinghouse:
    """Implements `services.chart.ports.Clearinghouse`.

    Shape: `mailbox` separates lines that share one file; delays are milliseconds, of the
    acknowledgements after receipt and of the payment after the acknowledgements;
    `always_ta1` answers every interchange with a TA1, not only those that ask for it in ISA14.
    """

    def __init__(
        self,
        path: Path,
        *,
        payment_delay_ms: int = 0,
        ack_delay_ms: int = 0,
        clock: Clock | None = None,
        mailbox: str = "simulator",
        scenarios: Sequence[Scenario] = DEMO_SCENARIOS,
        always_ta1: bool = True,
    ) -> None:
        self._tables = Tables(path)
        self._clock = clock or SystemClock()
        self._mailbox = mailbox
        self._receiver = Receiver(
            self._clock, ack_delay_ms, payment_delay_ms, tuple(scenarios), always_ta1
        )

    # -- the port ------------------------------------------------------------------------------

    def send(self, name: str, content: bytes) -> None:
        """Take a file, once; see the port."""
        digest = hashlib.sha256(content).hexdigest()
        self._meet_faults()
        with self._tables.writing() as connection:
            known = connection.execute("SELECT hash FROM files WHERE name = ?", (name,)).fetchone()
            if known is None:
                self._receive(connection, name, digest, content)
            elif known[0] != digest:
                raise NameTaken("The clearinghouse holds other content under this file name.")
            lost = use_up(connection, "lose-reply")
        if lost:
            raise ClearinghouseSilent("The clearinghouse did not answer the upload.")

    def _receive(self, connection: Connection, name: str, digest: str, content: bytes) -> None:
        """Keep the file, its claims and every answer to it."""
        receipt = self._receiver.receive(content, partial(next_number, connection))
        connection.execute(
            "INSERT INTO files VALUES (?, ?, ?, ?)",
            (name, digest, self._mailbox, self._clock.now_ms()),
        )
        connection.executemany(
            "INSERT INTO received VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(name, *astuple(claim)) for claim in receipt.claims],
        )
        connection.executemany(
            "INSERT INTO answers (mailbox, name, due_ms, content) VALUES (?, ?, ?, ?)",
            [
                (self._mailbox, f"{name}.{answer.ending}", answer.due_ms, answer.content)
                for answer in receipt.answers
            ],
        )

    def collect(self, limit: int = 100) -> Sequence[MailboxFile]:
        """The answers that are due, oldest first."""
        self._meet_faults()
        with self._tables.reading() as connection:
            rows = connection.execute(
                "SELECT name, content FROM answers WHERE mailbox = ? AND due_ms <= ?"
                " ORDER BY due_ms, seq LIMIT ?",
                (self._mailbox, self._clock.now_ms(), limit),
            ).fetchall()
        return [MailboxFile(name, content) for name, content in rows]

    def confirm(self, names: Collection[str]) -> None:
        """These answers are stored by the line and may go."""
        if not names:
            return
        with self._tables.writing() as connection:
            connection.executemany(
                "DELETE FROM answers WHERE mailbox = ? AND name = ?",
                [(self._mailbox, name) for name in names],
            )

    def close(self) -> None:
        """Let go of the file."""
        self._tables.close()

    # -- what a payer counts -------------------------------------------------------------------

    def originals(self) -> dict[str, int]:
        """How many original claims came for each billing event, rejected ones left out.

        A billing event is billing NPI, member, dates, facility type and total, as a digest; the
        same claim in two files counts twice.
        """
        return {event: len(numbers) for event, numbers in self._counted().items()}

    def double_billed(self) -> list[DoubleBilling]:
        """The billing events with more than one original claim."""
        return [
            DoubleBilling(event, tuple(numbers))
            for event, numbers in self._counted().items()
            if len(numbers) > 1
        ]

    def _counted(self) -> dict[str, list[str]]:
        with self._tables.reading() as connection:
            rows = connection.execute(
                "SELECT event, control_number FROM received"
                " WHERE frequency = ? AND rejected = 0 ORDER BY rowid",
                (_ORIGINAL,),
            ).fetchall()
        found: dict[str, list[str]] = {}
        for event, control_number in rows:
            found.setdefault(event, []).append(control_number)
        return found

    # -- faults on purpose, shared by every process that uses the file --------------------------

    def outage(self, until_ms: int) -> None:
        """Nobody reaches the clearinghouse before this time; 0 ends the outage."""
        with self._tables.writing() as connection:
            set_number(connection, "outage-until", until_ms)

    def fail_next(self, count: int = 1) -> None:
        """The next calls fail without doing anything."""
        with self._tables.writing() as connection:
            set_number(connection, "fail-next", count)

    def lose_reply(self, count: int = 1) -> None:
        """The next uploads arrive, but the sender is not told."""
        with self._tables.writing() as connection:
            set_number(connection, "lose-reply", count)

    def _meet_faults(self) -> None:
        with self._tables.reading() as connection:
            out = number(connection, "outage-until") > self._clock.now_ms()
            failing = number(connection, "fail-next") > 0
        if out:
            raise ClearinghouseOut("The clearinghouse cannot be reached.")
        if failing:
            with self._tables.writing() as connection:
                failing = use_up(connection, "fail-next")
            if failing:
                raise ClearinghouseSilent("The clearinghouse did not answer.")
