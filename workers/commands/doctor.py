"""`chartline doctor`: everything the line needs, each with its fix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from workers.commands.ending import Ended, Exit, ended
from workers.commands.output import PLAIN, Output
from workers.commands.session import is_absent, load_settings, open_store, place_of_store

if TYPE_CHECKING:
    from config.settings import Settings

OLDEST_PYTHON = (3, 11)
BROKER_WAIT_S = 5
SANE_YEARS = (2025, 2100)
LEAST_FREE_BYTES = 1 << 30
OK, DEGRADED, STOPPED = "ok", "degraded", "stopped"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `state` is ok, degraded or stopped."""

    name: str
    state: str
    sentence: str
    fix: str = ""


def doctor(*, out: Output = PLAIN) -> int:
    """Check everything the line needs, and name the fix of what is missing.

    Example: `chartline doctor --json | jq '.checks[] | select(.state != "ok")'`

    Exit code: 0 all is well, 3 something is degraded, 4 something stops the line.

    JSON: `{state, checks: [{name, state, sentence, fix}]}`; state is ok, degraded or stopped.
    """
    checks = list(examine(load_settings()))
    states = {check.state for check in checks}
    worst = next((state for state in (STOPPED, DEGRADED) if state in states), OK)
    out.shape({"state": worst, "checks": [asdict(check) for check in checks]})
    out.table(("check", "state", "what"), [(c.name, c.state, c.sentence) for c in checks])
    for check in checks:
        if check.fix and check.state != OK:
            out.line(f"{check.name}: {check.fix}")
    return {OK: Exit.OK, DEGRADED: Exit.DEGRADED, STOPPED: Exit.STOPPED}[worst]


def examine(settings: Settings) -> Iterator[Check]:
    """Every check, in the order in which one would look."""
    yield _python()
    yield _store(settings)
    yield _broker(settings)
    yield _clock(settings)
    yield from _codesets(settings)
    yield _disk(settings)
    yield from _rules(settings)


def _python() -> Check:
    import sys  # noqa: PLC0415

    have = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return Check("python", STOPPED, f"Python {have} is too old.", "Install Python 3.11.")
    return Check("python", OK, f"Python {have}.")


def _store(settings: Settings) -> Check:
    from services.adapters.store import migrate  # noqa: PLC0415 - see the package
    from services.adapters.store.failures import NoTables  # noqa: PLC0415

    where = place_of_store(settings)
    if is_absent(settings):
        fix = "`chartline up` or `chartline db migrate` makes it."
        return Check("store", DEGRADED, f"There is no store at {where} yet.", fix)
    try:
        found = migrate.current(settings.store)
        if not found:
            return Check("store", STOPPED, f"{where}: {NoTables().sentence}", NoTables.fix)
        if found != migrate.head():
            words = f"The tables of {where} are at {found}, not {migrate.head()}."
            return Check("store", STOPPED, words, "Run `chartline db migrate`.")
        open_store(settings, make=False).close()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is wrong
        end = ended(error)
        fix = "Start the store, and look at CHARTLINE_STORE_URL."
        return Check("store", STOPPED, f"{where}: {end.sentence}", end.fix or fix)
    return Check("store", OK, f"{where} answers; its tables are at {found}.")


def _broker(settings: Settings) -> Check:
    if not settings.is_distributed:
        return Check("broker", OK, "None is needed: the line runs in one process.")
    import pika  # noqa: PLC0415 - only when a broker is set
    from pika.exceptions import AMQPError  # noqa: PLC0415

    try:
        parameters = pika.URLParameters(settings.broker_url)
        parameters.socket_timeout = parameters.stack_timeout = BROKER_WAIT_S
        parameters.blocked_connection_timeout = BROKER_WAIT_S
        pika.BlockingConnection(parameters).close()
    except (AMQPError, OSError, ValueError) as error:
        words = f"The broker does not answer ({type(error).__name__})."
        return Check("broker", STOPPED, words, "Start RabbitMQ; look at CHARTLINE_BROKER_URL.")
    return Check("broker", OK, "The broker answers.")


def _clock(settings: Settings) -> Check:
    from services.adapters.clock import SystemClock  # noqa: PLC0415
    from services.chart.rows import JournalRow  # noqa: PLC0415

    now = SystemClock().now()
    first, last = SANE_YEARS
    if not first <= now.year <= last:
        return Check("clock", STOPPED, f"The clock says {now:%Y}.", "Set the machine's clock.")
    ahead = 0
    if not is_absent(settings):
        try:
            with closing(open_store(settings, make=False)) as store:
                latest = store.select(JournalRow, {}, order_by="-journal_id", limit=1)
            ahead = max((row.at_ms for row in latest), default=0) - SystemClock().now_ms()
        except Exception:  # noqa: BLE001 - that the store does not answer is said elsewhere
            ahead = 0
    if ahead > 60_000:  # noqa: PLR2004 - one minute
        words = f"The clock is {ahead // 1_000} s behind the last entry of the journal."
        return Check("clock", DEGRADED, words, "Let the machine's clock follow a time server.")
    return Check("clock", OK, f"{now:%Y-%m-%d %H:%M} UTC.")


def _codesets(settings: Settings) -> Iterator[Check]:
    from config.wiring import load_codesets  # noqa: PLC0415
    from services.adapters.clock import SystemClock  # noqa: PLC0415

    today = SystemClock().now().date()
    with load_codesets(settings) as sets:
        by_system: dict[str, list[str]] = {}
        covered = set()
        for edition in sets.editions():
            days = f"{edition.effective} to {edition.end}"
            by_system.setdefault(edition.system, []).append(f"{edition.name} covers {days}")
            if edition.covers(today):
                covered.add(edition.system)
    for system, editions in by_system.items():
        words = "; ".join(editions)
        if system in covered:
            yield Check(f"codes {system}", OK, f"{words}.")
        else:
            yield Check(
                f"codes {system}",
                DEGRADED,
                f"{words}; none covers a service of today, {today}.",
                "Load it with `chartline codesets load`; until then such charts go to a coder.",
            )


def _disk(settings: Settings) -> Check:
    import shutil  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    folder: Path = settings.data_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    words = f"{free / (1 << 30):.1f} GiB are free for the data."
    if free < LEAST_FREE_BYTES:
        return Check("disk", DEGRADED, words, "Make room, or move CHARTLINE_DATA_DIR.")
    return Check("disk", OK, words)


def _rules(settings: Settings) -> Iterator[Check]:
    from config import wiring  # noqa: PLC0415 - see the package

    loads: tuple[tuple[str, Callable[[Settings], object], str], ...] = (
        ("facilities", wiring.load_facilities, "CHARTLINE_FACILITIES_FILE"),
        ("payers", wiring.load_payers, "CHARTLINE_PAYERS_FILE"),
        ("documents", wiring.load_matrix, "CHARTLINE_DOCUMENTS_FILE"),
    )
    for name, load, setting in loads:
        try:
            load(settings)
        except (ValueError, OSError) as error:
            words = error.strerror or "" if isinstance(error, OSError) else str(error)
            yield Check(name, STOPPED, f"{words}.", f"Correct the file that {setting} names.")
        except Ended as end:
            yield Check(name, STOPPED, end.sentence, end.fix)
        else:
            yield Check(name, OK, "The file can be read.")
