"""The processes: `up` runs the whole line, the others are what the Procfile starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from workers.commands.ending import Ended, Exit
from workers.commands.output import PLAIN, Output
from workers.commands.session import load_settings, place_of_store

if TYPE_CHECKING:
    from config.settings import Settings


def up(*, out: Output = PLAIN) -> int:
    """Run the whole line here until SIGTERM or Ctrl-C; then end what was begun and stop.

    Makes the store when there is none, and brings its tables to this version. Example:
    `chartline up` in one terminal, `chartline submit visit.hl7` in another.

    JSON, one line when it runs: `{state, store}`.
    """
    settings = load_settings()
    if settings.is_distributed:
        raise Ended(
            Exit.USAGE,
            "CHARTLINE_BROKER_URL is set, so the line runs as several processes.",
            fix="Start them with `honcho start`, which reads the Procfile.",
        )
    from workers.boot import open_embedded, stop_on_signals  # noqa: PLC0415 - loads the stages
    from workers.commands.presence import alone  # noqa: PLC0415

    with alone(settings.data_dir):
        stop = stop_on_signals()
        out.aside(f"Starting the line on {place_of_store(settings)} ...")
        with open_embedded(settings) as line:
            _say_where(settings, out)
            stop.wait()
            out.line("Stopping: ending what was begun.")
    out.line(f"Stopped. {sum(line.tally.values())} messages were handled; nothing is lost.")
    return Exit.OK


def _say_where(settings: Settings, out: Output) -> None:
    import sys  # noqa: PLC0415

    store = place_of_store(settings)
    out.shape({"state": "running", "store": store})
    out.line(f"The line is running. Its store is {store}.")
    out.line("Feed it:  chartline submit FILE...")
    out.line("Look:     chartline status        chartline dlq list        chartline query list")
    out.line("Stop it:  Ctrl-C")
    sys.stdout.flush()


def _distributed() -> Settings:
    settings = load_settings()
    if not settings.is_distributed:
        raise Ended(
            Exit.USAGE,
            "This process belongs to the distributed line, and no broker is set.",
            fix="Set CHARTLINE_BROKER_URL and CHARTLINE_STORE_URL; or run `chartline up`.",
        )
    return settings


def work(*stages: Annotated[str, Parameter(help="The stages, such as intake coding.")]) -> int:
    """Run a stage worker of the distributed line until SIGTERM, then drain.

    Example: `chartline work completeness coding`
    """
    from messages.path import Stage  # noqa: PLC0415 - see the package

    unknown = set(stages) - set(Stage)
    if unknown or not stages:
        raise Ended(Exit.USAGE, f"Name one or more stages: {', '.join(Stage)}.")
    settings = _distributed()
    from workers import distributed  # noqa: PLC0415 - loads dramatiq

    distributed.work(settings, stages)
    return Exit.OK


def outbox() -> int:
    """Relay what is due from the store to the broker, until SIGTERM. Several may run at once."""
    settings = _distributed()
    from workers import distributed  # noqa: PLC0415 - loads dramatiq

    distributed.outbox(settings)
    return Exit.OK


def timers() -> int:
    """Fire the timers of the distributed line, until SIGTERM. Several may run at once."""
    settings = _distributed()
    from workers import distributed  # noqa: PLC0415 - loads dramatiq

    distributed.timers(settings)
    return Exit.OK


def rejected() -> int:
    """Turn what the broker gave up on into dead letters, until SIGTERM."""
    settings = _distributed()
    from workers import distributed  # noqa: PLC0415 - loads dramatiq

    distributed.rejected(settings)
    return Exit.OK


def demo(
    *,
    keep: Annotated[bool, Parameter(help="Keep the store and the files of the run.")] = False,
    out: Output = PLAIN,
) -> int:
    """Run the whole line over the bundled synthetic charts and say how each ended.

    Example: `chartline demo --keep`

    Exit code: 0 only when every chart is claimed, waiting or stopped as it should be.
    """
    settings = load_settings()
    from workers.demo.run import run  # noqa: PLC0415 - loads the stages

    return int(run(settings, keep=keep, as_json=out.json))
