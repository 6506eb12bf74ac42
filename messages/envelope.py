"""The base of every fact, and the envelope it travels in."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class Fact(BaseModel):
    """Something that has happened, in the past tense, with ids only.

    `subject` names what the fact is about: a chart, a stored message, a submission. Exactly one
    message that is due may be about a chart at any time (design promise 2).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    registry: ClassVar[dict[str, type[Fact]]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        Fact.registry[cls.__name__] = cls

    @property
    def subject(self) -> str:
        """The id of the one thing this fact moves."""
        raise AssertionError(f"{type(self).__name__} names no subject")


class ChartFact(Fact):
    """A fact about one chart."""

    chart_id: str

    @property
    def subject(self) -> str:
        return self.chart_id


class Message(BaseModel):
    """A fact on its way to a stage.

    Shape: `message_id` is unique for ever and is the seen-mark; `caused_by` is the message whose
    work said this one ("" for what a door or a person started); `at_ms` is UTC milliseconds since
    1970; `trace` is the same for everything one outside message caused.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    message_id: str
    kind: str
    body: dict[str, Any]
    caused_by: str = ""
    at_ms: int
    trace: str = ""

    @property
    def fact(self) -> Fact:
        """The fact inside.

        Raises:
            KeyError: the kind is not one that this version of Chartline knows.
            pydantic.ValidationError: the body has not the shape of its kind.
        """
        return Fact.registry[self.kind].model_validate(self.body)
