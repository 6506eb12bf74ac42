"""What the parts of the reader share: the message, its event, and the findings so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo

from services.chart.model import Finding, Severity, Status
from services.hl7.message import Message, Segment
from services.hl7.times import Precision, day, instant, precision


@dataclass(slots=True)
class Scope:
    """One message being read. Findings never hold a value from the message."""

    message: Message
    event: str
    zone: tzinfo = UTC
    findings: list[Finding] = field(default_factory=list)

    def remark(
        self,
        rule: str,
        where: str,
        message: str,
        *,
        fix: str = "",
        severity: Severity = Severity.WARNING,
    ) -> None:
        """Note what a person should know; the message is filed all the same."""
        self.findings.append(
            Finding(
                rule_id=f"hl7.{rule}",
                status=Status.FAIL,
                severity=severity,
                target=where,
                message=message,
                fix=fix,
            )
        )

    def day(self, segment: Segment, field: int, what: str) -> date | None:
        """A whole date, or None with a remark."""
        text = segment.get(field)
        if not text:
            return None
        found = day(text)
        if found is None:
            self._not_whole(segment, field, what, text)
        return found

    def instant(self, segment: Segment, field: int, what: str) -> datetime | None:
        """An instant, or None with a remark; a remark as well when only the day was sent."""
        text = segment.get(field)
        if not text:
            return None
        found = instant(text, self.zone)
        if found is None:
            self._not_whole(segment, field, what, text)
        elif precision(text) is Precision.DAY:
            self.remark(
                "no-time-of-day",
                segment.where(field),
                f"{what} has a date but no time of day; it is kept as midnight.",
                severity=Severity.INFO,
            )
        return found

    def _not_whole(self, segment: Segment, field: int, what: str, text: str) -> None:
        partial = precision(text) is Precision.PART
        self.remark(
            "date-not-whole" if partial else "not-a-date",
            segment.where(field),
            f"{what} is {'only part of a date' if partial else 'not a real date'} and is left out.",
            fix="Ask registration for the whole date.",
        )
