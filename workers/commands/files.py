"""The files that a command is given: names, folders, or `-` for standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workers.commands.ending import Ended, Exit

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Given:
    """One file: its bytes, or why there are none."""

    name: str
    content: bytes
    trouble: str = ""


def given(names: Sequence[str]) -> Iterator[Given]:
    """Every file, read one after the other; a folder gives its files in order of their names.

    Raises:
        Ended: there is no name, or one is an option that does not exist.
    """
    if not names:
        raise Ended(Exit.USAGE, "Name one or more files, or - for standard input.")
    for name in names:
        if name.startswith("-") and name != STDIN:
            raise Ended(Exit.USAGE, f"There is no option {name}; write ./{name} for a file.")
    return _read_all(names)


def _read_all(names: Sequence[str]) -> Iterator[Given]:
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
