"""Why an action of a person on a dead letter is not carried out."""

from __future__ import annotations

from services.chart.failures import Owner, Rejected, Transient


class NoSuchDeadLetter(Rejected):
    """Nothing has this id, or the chart with this id has never stopped."""

    code = "worklist.no-such-dead-letter"
    owner = Owner.OPS
    fix = "List the ids with `chartline dlq list`."


class AlreadyClosed(Rejected):
    """The dead letter was closed in another way before."""

    code = "worklist.already-closed"
    owner = Owner.OPS
    fix = "Look at the chart's history with `chartline chart trace ID`."


class NoReason(Rejected):
    """Every change says who and why."""

    code = "worklist.no-reason"
    owner = Owner.OPS
    fix = "Say who acts and give a reason in a few words, without patient data."


class PathNotAllowed(Rejected):
    """This field of a chart is not one that a person may correct here."""

    code = "worklist.path-not-allowed"
    owner = Owner.OPS
    fix = "Correct it where it comes from and have it sent again; the update wakes the chart."


class ValueNotAllowed(Rejected):
    """The value has not the form that the field has."""

    code = "worklist.value-not-allowed"
    owner = Owner.CODER
    fix = "Give a value of the form that the field has."


class NotOverridable(Rejected):
    """The finding stops the chart whatever anybody says."""

    code = "worklist.not-overridable"
    owner = Owner.CODER
    fix = "Correct what the finding is about."


class NothingToCorrect(Rejected):
    """The dead letter holds no chart: an outside message, or a chart that went on."""

    code = "worklist.nothing-to-correct"
    owner = Owner.OPS
    fix = "Resume it without corrections, or have it sent again."


class Busy(Transient):
    """Others changed the chart again and again while this was tried."""

    code = "worklist.busy"
    owner = Owner.OPS
    fix = "Try again."
