"""The files that a command is given: names, folders, or `-` for standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Given:
    """One file: its bytes, or why there are none."""

    name: str
    content: bytes
    trouble: str = ""


def given(names: Iterable[str]) -> Iterator[Given]:
    """Every file, read one after the other; a folder gives its files in order of their names."""
    for name in names:
        if name == STDIN:
            yield _not_empty(Given(name, sys.stdin.buffer.read()))
            continue
        path = Path(name)
        if not path.is_dir():
            yield _read(path)
            continue
        for inner in sorted(path.rglob("*")):
            hidden = any(part.startswith(".") for part in inner.relative_to(path).parts)
            if inner.is_file() and not hidden:
                yield _read(inner)


def _read(path: Path) -> Given:
    try:
        return _not_empty(Given(str(path), path.read_bytes()))
    except OSError as error:
        return Given(str(path), b"", error.strerror or type(error).__name__)


def _not_empty(one: Given) -> Given:
    return one if one.content else Given(one.name, b"", "The file is empty")
