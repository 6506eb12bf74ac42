"""What a command prints: tables for people, JSON for programs.

A terminal gets coloured tables that wrap (rich); a pipe gets aligned columns, one line a row, so
that other programs can read them and nothing has to be loaded.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from cyclopts import Parameter

UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (0, "s"))


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Output:
    """How to print."""

    json: Annotated[bool, Parameter(help="Print JSON instead of tables; its shape is stable.")] = (
        False
    )
    no_color: Annotated[bool, Parameter(help="Print without colours.")] = False

    def shape(self, content: Mapping[str, Any]) -> None:
        """Print JSON, when it was asked for; else nothing."""
        if self.json:
            import orjson  # noqa: PLC0415 - loaded only when it is used

            options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE
            sys.stdout.write(orjson.dumps(content, option=options, default=str).decode())

    def line(self, text: str = "") -> None:
        """Print a line for people."""
        if not self.json:
            sys.stdout.write(f"{text}\n")

    def aside(self, text: str) -> None:
        """A remark on standard error, which is not part of the result."""
        sys.stderr.write(f"{text}\n")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Print a table for people. Numbers stand on the right."""
        if self.json or not rows:
            return
        if sys.stdout.isatty():
            self._rich(columns, rows)
        else:
            sys.stdout.write(plain(columns, rows))

    def _rich(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        from rich.console import Console  # noqa: PLC0415 - takes 60 ms
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        table = Table(box=None, pad_edge=False, header_style="" if self.no_color else "bold")
        for column, cell in zip(columns, rows[0], strict=True):
            table.add_column(column, justify="right" if isinstance(cell, int) else "left")
        for row in rows:
            table.add_row(*(Text(str(cell)) for cell in row))
        Console(no_color=self.no_color or None, highlight=False).print(table)


PLAIN = Output()


def plain(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Aligned columns without colours, one line a row."""
    lines = [list(columns)] + [[" ".join(str(cell).split()) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    right = [isinstance(cell, int) for cell in rows[0]]
    return "".join(
        "  ".join(
            cell.rjust(width) if at_right else cell.ljust(width)
            for cell, width, at_right in zip(line, widths, right, strict=True)
        ).rstrip()
        + "\n"
        for line in lines
    )


def iso(at_ms: int) -> str | None:
    """An instant as ISO 8601 in UTC; None for 0, which means never."""
    if not at_ms:
        return None
    at = datetime.fromtimestamp(at_ms / 1_000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(at_ms: int) -> str:
    """An instant for people: to the second, in UTC."""
    return (iso(at_ms) or "-")[:19].replace("T", " ")


def age(ms: int) -> str:
    """How long, in one unit: 40s, 3m, 5h, 2d."""
    seconds = max(0, ms) // 1_000
    size, unit = next(one for one in UNITS if seconds >= one[0])
    return f"{seconds // max(size, 1)}{unit}"


def seconds_of(text: str) -> int:
    """The seconds in `45s`, `30m`, `12h` or `2d`.

    Raises:
        Ended: it is written in another way.
    """
    from workers.commands.ending import Ended, Exit  # noqa: PLC0415

    sizes = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
    number, unit = text[:-1], text[-1:]
    if unit not in sizes or not number.isascii() or not number.isdigit():
        raise Ended(Exit.USAGE, "A time is written as a number and s, m, h or d, such as 2d.")
    return int(number) * sizes[unit]
