"""The command line, `chartline`. Commands stand in `workers/commands/`, one module a group.

Importing this loads cyclopts and nothing else of weight; a command's module is loaded when it is
called, so that `chartline status` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError, Parameter

HELP = """The line that takes a chart from the integration engine to an accepted, paid claim.

Start with `chartline up`, feed it with `chartline submit FILE...`, look with `chartline status`.

Exit codes: 0 ok, 1 failed, 2 usage, 3 degraded, 4 stopped, 5 not found, 6 refused. Nothing prints
patient data unless --phi is given, which is recorded.
"""
HERE = "workers.commands"
COMMANDS: tuple[tuple[str, str], ...] = (
    ("up", f"{HERE}.line:up"),
    ("work", f"{HERE}.line:work"),
    ("outbox", f"{HERE}.line:outbox"),
    ("timers", f"{HERE}.line:timers"),
    ("rejected", f"{HERE}.line:rejected"),
    ("demo", f"{HERE}.line:demo"),
    ("submit", f"{HERE}.submit:submit"),
    ("inspect", f"{HERE}.inspect:inspect"),
    ("code", f"{HERE}.code:code"),
    ("edits", f"{HERE}.edits:edits"),
    ("status", f"{HERE}.status:status"),
    ("chart trace", f"{HERE}.chart:trace"),
    ("claim file", f"{HERE}.claim:file"),
    ("dlq list", f"{HERE}.dlq:list_letters"),
    ("dlq show", f"{HERE}.dlq:show"),
    ("dlq resume", f"{HERE}.resolve:resume"),
    ("dlq discard", f"{HERE}.resolve:discard"),
    ("query list", f"{HERE}.query:list_queries"),
    ("query answer", f"{HERE}.query:answer"),
    ("fsck", f"{HERE}.fsck:fsck"),
    ("db migrate", f"{HERE}.db:migrate"),
    ("db current", f"{HERE}.db:current"),
    ("doctor", f"{HERE}.doctor:doctor"),
    ("codesets load", f"{HERE}.codesets:load"),
    ("codesets list", f"{HERE}.codesets:list_editions"),
    ("codesets show", f"{HERE}.codesets:show"),
    ("codesets diff", f"{HERE}.codesets:diff"),
)
GROUPS = {
    "chart": "Look at one chart.",
    "claim": "Claims as they were sent.",
    "dlq": "Dead letters: what stopped and needs a person.",
    "query": "Questions to providers.",
    "db": "The store's tables.",
    "codesets": "Code sets by date.",
}


def installed_version() -> str:
    """The version of the installed package; "unknown" in a bare source tree."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - see the module

    try:
        return version("chartline")
    except PackageNotFoundError:
        return "unknown"


def build_app(*, loaded: bool = False) -> App:
    """The tree of commands. Their modules are loaded when called, or now, to list their help.

    Shell completion is a command of cyclopts; it wants to be loaded as a whole, too.
    """
    app = App(
        name="chartline",
        help=HELP,
        version=installed_version,
        exit_on_error=False,
        default_parameter=Parameter(negative="", show_default=False),
    )
    groups = {name: App(name=name, help=words) for name, words in GROUPS.items()}
    for group in groups.values():
        app.command(group)
    for words, where in COMMANDS:
        group_name, _, name = words.rpartition(" ")
        (groups[group_name] if group_name else app).command(where, name=name)
    if loaded:
        app.register_install_completion_command(name="completion", add_to_startup=False)
        for words, _ in COMMANDS:
            group_name, _, name = words.rpartition(" ")
            _ = (groups[group_name] if group_name else app)[name]
    return app


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code and never lets an exception through."""
    tokens = list(sys.argv[1:] if argv is None else argv)
    lists = not tokens or tokens[-1] in {"--help", "-h", *GROUPS} or tokens[0] == "completion"
    try:
        ended = build_app(loaded=lists)(tokens, result_action="return_value")
        sys.stdout.flush()
    except CycloptsError:
        return 2  # cyclopts has said what is wrong
    except BrokenPipeError:
        _forget_stdout()
        return 1
    except KeyboardInterrupt:
        return 130
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else 0
    except Exception as error:  # noqa: BLE001 - people get a sentence, not a traceback
        return _explain(error, as_json="--json" in tokens)
    return ended if isinstance(ended, int) else 0


def _explain(error: Exception, *, as_json: bool) -> int:
    """Say in one sentence what went wrong; when debugging, where, too."""
    from workers.commands.ending import ended  # noqa: PLC0415 - see the module
    from workers.commands.output import Output  # noqa: PLC0415

    end = ended(error)
    out = Output(json=as_json)
    out.shape(end.shape())
    if not as_json:
        mark = f" (error {end.error_id})" if end.error_id else ""
        out.aside(f"chartline: {end.sentence}{mark}")
        if end.fix:
            out.aside(end.fix)
    if end.error_id and _is_debugging():
        from workers.commands.frames import frames  # noqa: PLC0415

        for frame in frames(error):
            out.aside(frame)
    return int(end.exit_code)


def _is_debugging() -> bool:
    from config.settings import load  # noqa: PLC0415

    try:
        return load().log_level.upper() == "DEBUG"
    except (ValueError, OSError):
        return False


def _forget_stdout() -> None:
    """Whoever read us has gone; do not fail once more when Python flushes at its end."""
    import os  # noqa: PLC0415

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
