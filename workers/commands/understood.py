"""What `inspect` found out about one file: facts without patient data, findings, and the rest."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

STOPPING = frozenset({"error", "critical"})


@dataclass(frozen=True, slots=True)
class Found:
    """One finding. `severity` is critical, error, warning or info; `where` segment, field, line."""

    severity: str
    where: str
    message: str
    code: str = ""
    fix: str = ""


@dataclass(slots=True)
class Understood:
    """One file. `summary` holds no patient data; `patient` does and is shown with --phi only."""

    format: str
    summary: list[tuple[str, str]] = field(default_factory=list)
    findings: list[Found] = field(default_factory=list)
    patient: list[tuple[str, str]] = field(default_factory=list)

    def say(self, label: str, value: object) -> None:
        """One more thing that was understood."""
        self.summary.append((label, str(value)))

    def wrong(self, where: str, message: str, code: str = "", fix: str = "") -> None:
        """One more thing that is wrong with the file."""
        self.findings.append(Found("error", where, message, code, fix))

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong with the file; warnings do not count."""
        return not any(one.severity in STOPPING for one in self.findings)

    def shape(self, *, phi: bool) -> dict[str, Any]:
        """`{format, ok, summary: [{label, value}], findings: [{severity, where, message, code,
        fix}], phi: [{label, value}]}`."""  # noqa: D205, D209 - one sentence
        shape: dict[str, Any] = {
            "format": self.format,
            "ok": self.ok,
            "summary": [{"label": label, "value": value} for label, value in self.summary],
            "findings": [asdict(one) for one in self.findings],
        }
        if phi:
            shape["phi"] = [{"label": label, "value": value} for label, value in self.patient]
        return shape
