"""`chartline submit`: files go in through the same door as an engine's messages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from workers.commands.ending import Exit
from workers.commands.files import Given, given
from workers.commands.output import PLAIN, Output, iso
from workers.commands.session import Session, open_session

if TYPE_CHECKING:
    from config.settings import Settings

LOOK_S = 0.1


def submit(
    *files: Annotated[
        str, Parameter(help="Files, folders, or - for standard input.", allow_leading_hyphen=True)
    ],
    feed: Annotated[str, Parameter(help="The name of the feed they come from.")] = "cli",
    wait: Annotated[
        bool, Parameter(help="Wait until each is filed and its chart has come to rest.")
    ] = False,
    timeout: Annotated[int, Parameter(help="How many seconds to wait at most.")] = 60,
    out: Output = PLAIN,
) -> int:
    """Hand files to the line. A receipt means that the bytes are durably stored.

    Any format that the line reads: HL7 v2, FHIR, Chartline's JSON, X12 answers. Example:
    `chartline submit --wait visit.hl7`

    Exit code: 0 only when every file is stored and, with --wait, has come to rest in time and
    neither it nor its chart became a dead letter. A duplicate changes nothing, and is 0.

    JSON: `{receipts: [{file, raw_id, received_at, sha256, bytes}], failed: [{file, sentence}],
    line, ends: [{raw_id, state, chart_id, place, stage}]}`. `line` is running, stopped or
    distributed; `ends` is there with --wait.
    """
    found = given(files)
    with open_session(make=True) as session:
        receipts, failed = _store(session, found, feed, out)
        content: dict[str, Any] = {
            "receipts": receipts,
            "failed": failed,
            "line": _line(session.settings),
        }
        well = True
        if wait:
            ids = [receipt["raw_id"] for receipt in receipts]
            content["ends"] = ends = _wait(session, ids, timeout)
            well = _at_rest(ends) and not any(map(_is_dead_letter, ends))
            _print_ends(content["ends"], out)
        elif content["line"] == "stopped" and receipts:
            out.line("No line is running on this store: `chartline up` will take them from here.")
        out.shape(content)
    return Exit.OK if well and not failed else Exit.FAILED


def _store(
    session: Session, found: Iterator[Given], feed: str, out: Output
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Store each file in a commit of its own."""
    from services.chart.failures import Outage  # noqa: PLC0415 - see the package
    from workers.door import Delivery, accept  # noqa: PLC0415

    receipts: list[dict[str, Any]] = []
    failed: list[dict[str, str]] = []
    for one in found:
        if one.trouble:
            failed.append({"file": one.name, "sentence": one.trouble})
            out.aside(f"{one.name}: {one.trouble}; not stored")
            continue
        try:
            delivery = Delivery(one.content, feed=feed)
            receipt = accept(session.store, session.clock, session.ids, [delivery])[0]
        except Outage:
            out.aside(f"{one.name}: not stored; {len(receipts)} files before it are")
            raise
        receipts.append(
            {
                "file": one.name,
                "raw_id": receipt.raw_id,
                "received_at": iso(receipt.received_ms),
                "sha256": receipt.sha256,
                "bytes": len(one.content),
            }
        )
        out.line(f"stored {receipt.raw_id}  {one.name}")
    return receipts, failed


def _line(settings: Settings) -> str:
    from workers.commands.presence import is_running  # noqa: PLC0415

    if settings.is_distributed:
        return "distributed"
    return "running" if is_running(settings.data_dir) else "stopped"


def _wait(session: Session, raw_ids: list[str], timeout_s: int) -> list[dict[str, str]]:
    """Until everything has come to rest; runs the line here when nobody else does."""
    until = time.monotonic() + timeout_s
    with ExitStack() as running:
        if _line(session.settings) == "stopped":
            from workers.boot import open_embedded  # noqa: PLC0415 - loads the stages
            from workers.commands.presence import alone  # noqa: PLC0415

            running.enter_context(alone(session.settings.data_dir))
            running.enter_context(open_embedded(_quiet(session.settings)))
        ends = _ends(session, raw_ids)
        while not _at_rest(ends) and time.monotonic() < until:
            time.sleep(LOOK_S)
            ends = _ends(session, raw_ids)
    return ends


def _quiet(settings: Settings) -> Settings:
    """The same without events that only tell that all goes well: they are not what was asked."""
    from config.logging import LEVELS  # noqa: PLC0415 - see the package

    level = settings.log_level.upper()
    return replace(settings, log_level=max("WARNING", level, key=LEVELS.__getitem__))


def _ends(session: Session, raw_ids: list[str]) -> list[dict[str, str]]:
    """Where each message and its chart are now."""
    from services.chart.rows import ChartRow, RawRow  # noqa: PLC0415

    raws = {raw.raw_id: raw for raw in session.store.select(RawRow, {"raw_id": raw_ids})}
    named = [raw.chart_id for raw in raws.values() if raw.chart_id]
    charts = {c.chart_id: c for c in session.store.select(ChartRow, {"chart_id": named})}
    ends = []
    for raw_id in raw_ids:
        raw = raws[raw_id]
        chart = charts.get(raw.chart_id)
        ends.append(
            {
                "raw_id": raw_id,
                "state": raw.state,
                "chart_id": raw.chart_id,
                "place": chart.place if chart else "",
                "stage": chart.stage if chart else "",
            }
        )
    return ends


def _at_rest(ends: list[dict[str, str]]) -> bool:
    return all(end["state"] != "stored" and end["place"] != "due" for end in ends)


def _is_dead_letter(end: dict[str, str]) -> bool:
    """Whether the message stopped, or was filed in a chart that has; a duplicate did neither."""
    return end["state"] == "stopped" or (end["state"], end["place"]) == ("filed", "dead-letter")


def _print_ends(ends: list[dict[str, str]], out: Output) -> None:
    out.line()
    out.table(
        ("message", "state", "chart", "place", "stage"),
        [tuple(value or "-" for value in end.values()) for end in ends],
    )
