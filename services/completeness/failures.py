"""Why completeness stops a chart."""

from __future__ import annotations

from services.chart.failures import Owner, Rejected


class UnknownEncounterClass(Rejected):
    """Nobody can say which documents and which claim such a chart needs."""

    code = "completeness.unknown-encounter-class"
    owner = Owner.REGISTRATION
    fix = "Have registration send the patient class again, then resume."


class MissingDemographics(Rejected):
    """The patient's data lack what a claim must carry."""

    code = "completeness.missing-demographics"
    owner = Owner.REGISTRATION
    fix = "Have registration complete the patient's data; the update wakes the chart."


class MissingCoverage(Rejected):
    """There is no primary coverage, or it names no payer or no member."""

    code = "completeness.missing-coverage"
    owner = Owner.REGISTRATION
    fix = "Have registration enter the primary coverage; the update wakes the chart."


class NotDischarged(Rejected):
    """The stay has not ended, for longer than a stay may last without a person looking."""

    code = "completeness.not-discharged"
    owner = Owner.REGISTRATION
    fix = "Check whether the patient has left; have the discharge sent."


class MissingDocument(Rejected):
    """A required document did not arrive in time."""

    code = "completeness.missing-document"
    owner = Owner.PROVIDER
    fix = "Ask the practitioner to write and sign the document."


class UnsignedDocument(Rejected):
    """A required document is there, and nobody signed it in time."""

    code = "completeness.unsigned-document"
    owner = Owner.PROVIDER
    fix = "Ask the author to sign the document."


class MissingCharges(Rejected):
    """No charge was posted in time."""

    code = "completeness.missing-charges"
    owner = Owner.BILLER
    fix = "Ask the department to post its charges; they wake the chart."
