"""Why a question cannot be asked or answered, or stops a chart."""

from __future__ import annotations

from collections.abc import Sequence

from services.chart.failures import Owner, Rejected


class NonCompliantQuery(Rejected):
    """The question would lead the provider, or lacks what makes it fair. `faults` lists why."""

    code = "query.non-compliant"
    owner = Owner.CODER
    fix = "Ask the provider in your own words, with the indicators; or mend the template."

    def __init__(self, faults: Sequence[str], *, where: str = "") -> None:
        super().__init__(f"The question is not compliant: {'; '.join(faults)}.", where=where)
        self.faults = tuple(faults)


class NoRecipient(Rejected):
    """Nobody who treats the patient is known by an id."""

    code = "query.no-recipient"
    owner = Owner.REGISTRATION
    fix = "Have the attending practitioner sent with an NPI; the update wakes the chart."


class NotOpen(Rejected):
    """The question has another answer already, or was withdrawn, or has expired."""

    code = "query.not-open"
    owner = Owner.CODER
    fix = "Look at the chart's history; if the question still stands, it is asked again."


class UnknownOption(Rejected):
    """The question does not offer this answer."""

    code = "query.unknown-option"
    owner = Owner.CODER
    fix = "Give one of the options of the question."


class AnswerNeedsText(Rejected):
    """An answer in one's own words has no words."""

    code = "query.answer-needs-text"
    owner = Owner.PROVIDER
    fix = "Say in a few words what the answer is."


class UnsignedAnswer(Rejected):
    """An answer is part of the record only when the one who gives it signs it."""

    code = "query.unsigned-answer"
    owner = Owner.PROVIDER
    fix = "Sign the answer."


class ProviderNoAnswer(Rejected):
    """The question has been open as long as it may be."""

    code = "query.no-answer"
    owner = Owner.PROVIDER
    fix = "Speak to the provider; then resume, and the question is asked again if it still stands."


class AnswerNeedsCoder(Rejected):
    """The provider has answered, and the answer does not settle the question by itself."""

    code = "query.answer-needs-coder"
    owner = Owner.CODER
    fix = "Read the answer, code the chart accordingly, then resume."
