"""How coding stops. The most severe stands first in `GRAVITY`."""

from __future__ import annotations

from services.chart.failures import Owner, Rejected


class CodingFailure(Rejected):
    """The chart's codes cannot be accepted as they are; a coder must look."""

    owner = Owner.CODER
    fix = "Correct the codes of the chart, then resume."


class NoCodes(CodingFailure):
    """The chart came without a diagnosis."""

    code = "coding.no-codes"
    fix = "Code the chart from its documents, then resume."


class NoEdition(CodingFailure):
    """No table here covers the date, so nothing can be checked (design promise 4)."""

    code = "coding.no-edition"
    fix = "Load the edition of that date and resume, or accept the codes by name and reason."


class WrongSystem(CodingFailure):
    """A code of a system that does not hold on the date or in this place."""

    code = "coding.wrong-system"
    fix = "Code it in the system of that date, then resume."


class UnknownCode(CodingFailure):
    """Not a code at all on the date."""

    code = "coding.unknown-code"
    fix = "Replace it by a valid code, then resume."


class NotBillable(CodingFailure):
    """A header: it needs more characters."""

    code = "coding.not-billable"
    fix = "Choose one of the codes below it that the documents support, then resume."


class SeventhCharacter(CodingFailure):
    """The 7th character is missing, undefined or in the wrong place."""

    code = "coding.seventh-character"
    fix = "Choose the 7th character for this encounter, then resume."


class NoPrincipal(CodingFailure):
    """None or several diagnoses are first-listed."""

    code = "coding.no-principal"
    fix = "Mark the one principal or first-listed diagnosis, then resume."


class FirstListed(CodingFailure):
    """The first-listed diagnosis may not stand first."""

    code = "coding.first-listed"
    fix = "Put the condition that the encounter was for first, then resume."


class DuplicateCode(CodingFailure):
    """A diagnosis is listed twice."""

    code = "coding.duplicate-code"
    fix = "Remove the second one, then resume."


class ExcludedTogether(CodingFailure):
    """Two codes that an Excludes1 note keeps apart."""

    code = "coding.excludes1"
    fix = "Remove one of the two, or override when the conditions are unrelated (I.A.12.a)."


class MceEdit(CodingFailure):
    """The Medicare Code Editor refuses the stay."""

    code = "coding.mce-edit"
    fix = "Correct what the edit names, then resume."


class PoaMissing(CodingFailure):
    """An inpatient diagnosis that is not exempt has no POA indicator."""

    code = "coding.poa-missing"
    fix = "Give Y, N, U or W from the documents, then resume."


class BadModifier(CodingFailure):
    """A modifier that is none, too many of them, or one twice."""

    code = "coding.modifier"
    fix = "Correct the modifiers of the charge, then resume."


class Ungroupable(CodingFailure):
    """No MS-DRG can be given."""

    code = "coding.ungroupable"
    fix = "Correct the principal diagnosis or what is missing of the stay, then resume."


class DrgDisagreement(CodingFailure):
    """Two groupers give different MS-DRGs."""

    code = "coding.drg-disagreement"
    fix = "Check the MS-DRG by hand; override to bill the first grouper's."


class NeedsReview(CodingFailure):
    """A rule that only a person can decide has fired."""

    code = "coding.needs-review"
    fix = "Review what the rule names; correct it or override with a reason."


GRAVITY: tuple[type[CodingFailure], ...] = (
    NoCodes,
    WrongSystem,
    UnknownCode,
    NotBillable,
    SeventhCharacter,
    NoEdition,
    NoPrincipal,
    FirstListed,
    DuplicateCode,
    ExcludedTogether,
    PoaMissing,
    MceEdit,
    BadModifier,
    Ungroupable,
    DrgDisagreement,
    NeedsReview,
)
