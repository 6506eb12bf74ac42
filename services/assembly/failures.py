"""Why assembly builds no claim."""

from __future__ import annotations

from services.chart.failures import Owner, Rejected


class IncompleteClaim(Rejected):
    """The chart lacks what the claim must say. The sentence names all of it."""

    code = "assembly.incomplete-claim"
    owner = Owner.BILLER
    fix = "Complete the named fields of the chart, then resume: the claim is built anew."


class UnknownPayer(Rejected):
    """The primary coverage names a payer that has no profile."""

    code = "assembly.unknown-payer"
    owner = Owner.BILLER
    fix = (
        "Add the payer to the payers file, or have registration correct the coverage; then resume."
    )


class TransactionNotTaken(Rejected):
    """The payer does not take the transaction that this encounter needs."""

    code = "assembly.transaction-not-taken"
    owner = Owner.BILLER
    fix = "Correct the payer's transactions in the payers file, or bill this payer by other means."


class UnknownFacility(Rejected):
    """The facility of the chart has no profile, or none for this class of encounter."""

    code = "assembly.unknown-facility"
    owner = Owner.OPS
    fix = "Add the facility to the facilities file with what is named, then resume."


class UnsupportedCodeSet(Rejected):
    """The encounter ended before ICD-10, or its codes are ICD-9."""

    code = "assembly.icd-9-encounter"
    owner = Owner.CODER
    fix = "Bill encounters before 2015-10-01 by hand; Chartline builds ICD-10 claims only."


class TooManyDiagnoses(Rejected):
    """More diagnoses than the form has room for."""

    code = "assembly.too-many-diagnoses"
    owner = Owner.CODER
    fix = "Have a coder choose the diagnoses that the claim reports, then resume."


class TooManyLines(Rejected):
    """More service lines than one claim has room for."""

    code = "assembly.too-many-lines"
    owner = Owner.BILLER
    fix = "Split the charges over several claims by hand."


class GuideViolation(Rejected):
    """The claim as X12 breaks its implementation guide."""

    code = "assembly.guide-violation"
    owner = Owner.BILLER
    fix = "Correct the named element in the chart or the profile, then resume."


class AlreadyBilled(Rejected):
    """A claim for this billing event exists and was not rejected."""

    code = "assembly.already-billed"
    owner = Owner.BILLER
    fix = "Look at the claim that exists; change it by a replacement, never by a second original."
