"""The lexicon's files: tab-separated lines, `#` begins a remark."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent / "lexicon"


def rows(name: str, columns: int) -> Iterator[tuple[str, ...]]:
    """The lines of one file, filled up with empty fields to the number of columns."""
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            fields = [field.strip() for field in line.split("\t")]
            yield tuple((fields + [""] * columns)[:columns])


def fingerprint() -> str:
    """A hash over all files: another lexicon is another fingerprint."""
    whole = sha256()
    for path in sorted(FOLDER.glob("*.txt")):
        whole.update(path.name.encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()
