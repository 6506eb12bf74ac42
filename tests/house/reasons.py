"""Writes `deploy/reasons.md`, the catalogue of reason codes: `python -m tests.house.reasons`."""

from __future__ import annotations

from tests.house.test_house import ROOT, all_failures

HEAD = """# Reasons

Every reason for which a chart or a message stops, as `chartline dlq list` shows it. Codes are
stable: never renamed, never used again. Written by `python -m tests.house.reasons`; a test
compares it with the code.

| code | kind | who can fix it | what to do |
| --- | --- | --- | --- |
"""


def kind_of(failure: type) -> str:
    """The kind that decides what follows."""
    names = [base.__name__ for base in failure.__mro__]
    order = ("Outage", "Transient", "Rejected", "Defect")
    return next((name.lower() for name in order if name in names), "failure")


def catalogue() -> str:
    """The page."""
    rows = [
        f"| `{failure.code}` | {kind_of(failure)} | {failure.owner} | {failure.fix} |"
        for failure in sorted(all_failures(), key=lambda failure: failure.code)
    ]
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    (ROOT / "deploy" / "reasons.md").write_text(catalogue(), encoding="utf-8")
