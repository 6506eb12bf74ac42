"""What the parts of the reader share: the bundle, one encounter and what belongs to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.chart.model import Finding, Severity, Status
from services.fhir.bundle import Bundle, Entry


@dataclass(slots=True, eq=False)
class Visit:
    """One Encounter and the resources that name it. Findings never hold a value."""

    bundle: Bundle
    encounter: Entry
    conditions: list[Entry] = field(default_factory=list)
    procedures: list[Entry] = field(default_factory=list)
    documents: list[Entry] = field(default_factory=list)
    charge_items: list[Entry] = field(default_factory=list)
    claims: list[Entry] = field(default_factory=list)
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
        """Note what a person should know; the encounter is filed all the same."""
        self.findings.append(
            Finding(
                rule_id=f"fhir.{rule}",
                status=Status.FAIL,
                severity=severity,
                target=where,
                message=message,
                fix=fix,
            )
        )
