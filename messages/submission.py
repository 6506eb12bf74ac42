"""What submission takes and gives."""

from __future__ import annotations

from messages.envelope import ChartFact, Fact


class BatchDue(Fact):
    """The sending window of a payer has come: send what is queued (a timer)."""

    payer_id: str
    transaction: str

    @property
    def subject(self) -> str:
        return f"batch:{self.payer_id}:{self.transaction}"


class BatchBuilt(Fact):
    """A submission file is fixed, byte for byte, and has its control numbers."""

    submission_id: str

    @property
    def subject(self) -> str:
        return self.submission_id


class MailboxDue(Fact):
    """Time to fetch what the clearinghouse has for us (a timer that renews itself)."""

    mailbox: str

    @property
    def subject(self) -> str:
        return f"mailbox:{self.mailbox}"


class AckReceived(Fact):
    """A TA1, 999 or 277CA was fetched and stored."""

    raw_id: str

    @property
    def subject(self) -> str:
        return self.raw_id


class AckOverdue(ChartFact):
    """No acknowledgement came in the payer's window (a timer). Never a reason to send again."""

    claim_id: str


class ClaimAccepted(ChartFact):
    """The payer took the claim into adjudication (277CA category A2, or A1 of the payer itself)."""

    claim_id: str


class ClaimRejected(ChartFact):
    """The claim never entered adjudication (999 R, 277CA A3/A6/A7/A8): fix, send as original."""

    claim_id: str
