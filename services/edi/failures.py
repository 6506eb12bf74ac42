"""What can be wrong with X12 text as such."""

from __future__ import annotations

from services.chart.failures import Owner, Rejected


class UnreadableX12(Rejected):
    """The bytes are not an X12 interchange, or end inside its first segment."""

    code = "edi.unreadable"
    owner = Owner.OPS
    fix = "Look at the raw bytes; ask the sender for the file again, or discard it."
