"""What can go wrong between a finished claim and the payer's acceptance."""

from __future__ import annotations

from services.chart.failures import Outage, Owner, Rejected, Transient


class ClearinghouseSilent(Transient):
    """The clearinghouse did not answer; whether it has the file is not known."""

    code = "submission.no-answer"
    fix = "Nothing to do: the same file is sent again under the same name, which is harmless."


class ClearinghouseOut(Outage):
    """The clearinghouse cannot be reached at all, or its circuit is open."""

    code = "submission.clearinghouse-out"
    fix = "Nothing to do: the files go by themselves when the clearinghouse answers again."


class FileRefused(Rejected):
    """The clearinghouse does not take the file as such."""

    code = "submission.file-refused"
    owner = Owner.OPS
    fix = "Look at the file in the trace of the submission; ask the clearinghouse; then resume."


class NameTaken(Rejected):
    """The clearinghouse holds another file under this name."""

    code = "submission.name-taken"
    owner = Owner.OPS
    fix = "Two lines share one mailbox, or a number series was set back; find out before resuming."


class UnknownPayer(Rejected):
    """No profile says how claims reach this payer."""

    code = "submission.unknown-payer"
    owner = Owner.OPS
    fix = "Add the payer to the payer profiles; then resume."


class RejectedByTa1(Rejected):
    """The interchange that carried the claim was refused."""

    code = "submission.rejected-ta1"
    owner = Owner.OPS
    fix = (
        "Correct the envelope settings of the payer profile; then resume: a new original is built."
    )


class RejectedBy999(Rejected):
    """The file that carried the claim was refused for its syntax."""

    code = "submission.rejected-999"
    owner = Owner.BILLER
    fix = "Correct what the sentence names; then resume: the claim is built again as an original."


class RejectedBy277(Rejected):
    """The clearinghouse or the payer refused the claim before adjudication."""

    code = "submission.rejected-277ca"
    owner = Owner.BILLER
    fix = (
        "Correct what the status codes name; then resume: the claim is built again as an original."
    )


class NoAcknowledgement(Rejected):
    """Nobody has said what became of the claim. It is never sent again by itself."""

    code = "submission.no-acknowledgement"
    owner = Owner.BILLER
    fix = (
        "Ask the clearinghouse about the file. When the acknowledgement arrives the chart goes on "
        "by itself; resume to wait for it once more."
    )


class UnreadableAck(Rejected):
    """What was fetched is no acknowledgement that can be read."""

    code = "submission.unreadable-ack"
    owner = Owner.OPS
    fix = "Look at the raw bytes; ask the clearinghouse for the file again, or discard it."


class UnknownClaim(Rejected):
    """The acknowledgement is about nothing that was sent from here."""

    code = "submission.unknown-claim"
    owner = Owner.OPS
    fix = "Find out whose file it is and tell the clearinghouse; then discard it."
