"""What assembly gives."""

from __future__ import annotations

from messages.envelope import ChartFact


class ClaimAssembled(ChartFact):
    """A complete claim exists, with its control number, and may be sent."""

    claim_id: str
