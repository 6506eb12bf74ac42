"""The three kinds of failure; the kind alone decides what the runtime does.

`Transient`: try again, bounded. `Rejected`: a person must look; the chart becomes a dead letter.
`Defect`: a developer must look. Each leaf has a stable public code `<stage>.<words>`, unique by
test and never renamed. Sentences are for people; no code branches on them. A sentence may name
codes, segments, fields and lines; never a name, an address, an identifier or chart text.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Owner(StrEnum):
    """Who can fix it."""

    CODER = "coder"
    PROVIDER = "provider"
    BILLER = "biller"
    REGISTRATION = "registration"
    OPS = "ops"
    DEVELOPER = "developer"


class Failure(Exception):
    """The root of all failures that a stage may raise.

    Class attributes: `code` stable reason code; `owner` who can fix it; `fix` what that person can
    do. The instance's `sentence` says in one plain sentence what is wrong; `where` says where
    (segment, field and line, or a path in the chart).
    """

    code: ClassVar[str] = ""
    owner: ClassVar[Owner] = Owner.OPS
    fix: ClassVar[str] = ""

    def __init__(self, sentence: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.where = where
        self.suggested_fix = fix or type(self).fix


class Transient(Failure):
    """The outside did not answer; nothing is wrong with the chart. Try again, bounded."""


class Outage(Transient):
    """A whole service is out. The chart waits for it; no attempt is used up."""

    code = "line.outage"
    fix = "Nothing to do for this chart: it goes on by itself when the service answers again."


class Rejected(Failure):
    """The chart cannot go on and a person must look."""


class Defect(Failure):
    """Chartline itself is wrong and a developer must look."""

    owner = Owner.DEVELOPER


class UnexpectedError(Defect):
    """An exception that nobody translated."""

    code = "line.unexpected-error"
    fix = "Send the reason code and the chart id to the developers; resume after the upgrade."


class AttemptsExhausted(Rejected):
    """A transient failure that did not go away in the attempts allowed."""

    code = "line.attempts-exhausted"
    owner = Owner.OPS
    fix = "Check the service that is named in the attempts; then resume."


class Poison(Rejected):
    """A message whose delivery has ended its worker again and again."""

    code = "engine.poison"
    owner = Owner.OPS
    fix = "Look at the raw bytes; resume when the cause is mended, or discard."


class UnknownFact(Rejected):
    """A message of a kind or shape that this version does not know."""

    code = "engine.unknown-fact"
    owner = Owner.OPS
    fix = "An older or newer worker said this; upgrade the workers, then resume."
