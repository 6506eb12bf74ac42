"""Why intake stops a message. The bytes are kept, and nothing of the message is on a chart."""

from __future__ import annotations

from services.chart.failures import Owner, Rejected


class UnreadableHl7(Rejected):
    """The bytes begin like HL7 v2 and cannot be filed."""

    code = "intake.unreadable-hl7"
    owner = Owner.OPS
    fix = "Nothing was filed. Ask the sender to send it again, whole; then discard this one."


class UnreadableFhir(Rejected):
    """The JSON is FHIR and no R4 bundle that can be filed."""

    code = "intake.unreadable-fhir"
    owner = Owner.OPS
    fix = "Nothing was filed. Have the sender correct the bundle and send it again; then discard."


class UnreadableJson(Rejected):
    """The bytes are no JSON, or no chart of schema chartline.chart/1."""

    code = "intake.unreadable-json"
    owner = Owner.OPS
    fix = "Nothing was filed. Have the sender correct the path that is named; then discard."


class UnsupportedFormat(Rejected):
    """The bytes are in a format that intake does not read."""

    code = "intake.unsupported-format"
    owner = Owner.OPS
    fix = "Send HL7 v2, a FHIR R4 bundle in JSON, or chartline.chart/1; then discard this one."


class NoControlId(Rejected):
    """Without a control id a resend could not be told from a new message."""

    code = "intake.no-control-id"
    owner = Owner.OPS
    fix = "Have the interface fill the control id (MSH-10, message_id); then discard this one."


class NoAccount(Rejected):
    """Nobody can say which encounter the message is about."""

    code = "intake.no-account"
    owner = Owner.REGISTRATION
    fix = "Have the message sent again with the account number (PID-18 or PV1-19); then discard."


class ControlIdConflict(Rejected):
    """One sender used one control id for two different messages."""

    code = "intake.control-id-conflict"
    owner = Owner.OPS
    fix = "Compare both messages. If both are meant, have the second sent with its own control id."


class TestMessage(Rejected):
    """The sender marked the message as not production. It must never be billed."""

    __test__ = False  # no test case, whatever its name

    code = "intake.test-message"
    owner = Owner.OPS
    fix = "Discard it. If it was meant as production, have it sent again with MSH-11 P."


class PatientConflict(Rejected):
    """The message names another patient than the chart of its account."""

    code = "intake.patient-conflict"
    owner = Owner.REGISTRATION
    fix = "Find out whose account it is. Discard a wrong message; never file it on this chart."


class CreditWithoutCharge(Rejected):
    """A credit takes back a charge that is not on the chart."""

    code = "intake.credit-without-charge"
    owner = Owner.BILLER
    fix = "If the charge comes later, resume then. If it never will, discard the credit."
