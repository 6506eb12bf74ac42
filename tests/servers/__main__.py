"""`python -m tests.servers install` and `python -m tests.servers run -- COMMAND`.

`run` starts PostgreSQL and RabbitMQ side by side, says where they are in `TEST_POSTGRES_URL`,
`TEST_RABBIT_URL` and `TEST_RABBIT_FOLDER`, runs the command and stops them, also after a Ctrl-C or
a SIGTERM. Its exit status is the command's. When a server is missing and cannot be installed, the
command runs with `TEST_SERVERS_MISSING` set, so that pytest leaves out the tests marked `servers`
and says so; with `CI` set that is a failure.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from types import FrameType

from tests.servers import PostgresServer, RabbitServer, ServerError, ensure_installed

MISSING = 3
USAGE = "usage: python -m tests.servers install | run -- COMMAND [ARGUMENT...]"


def main(arguments: list[str]) -> int:
    """Returns the exit status."""
    match arguments:
        case ["install"]:
            return _say(ensure_installed())
        case ["run", "--", *command] if command:
            return _run(command)
        case _:
            return _say([USAGE])


def _say(troubles: list[str]) -> int:
    for trouble in troubles:
        sys.stderr.write(trouble + "\n")
    return MISSING if troubles else 0


def _run(command: list[str]) -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    environment = dict(os.environ)  # noqa: TID251 - the command inherits it
    troubles = ensure_installed()
    with ExitStack() as stack:
        if not troubles:
            try:
                environment |= _start(stack)
            except ServerError as error:
                troubles = [str(error)]
        if troubles:
            _say(troubles)
            if environment.get("CI"):
                return MISSING
            environment["TEST_SERVERS_MISSING"] = "; ".join(troubles)
        return _wait_for(command, environment)


def _start(stack: ExitStack) -> dict[str, str]:
    postgres, rabbit = PostgresServer(), RabbitServer()
    stack.callback(postgres.stop)
    stack.callback(rabbit.stop)
    rabbit.start(wait=False)  # it takes four seconds, PostgreSQL half of one
    postgres.initialize()
    postgres.start()
    rabbit.wait()
    return {
        "TEST_POSTGRES_URL": postgres.url,
        "TEST_RABBIT_URL": rabbit.url,
        "TEST_RABBIT_FOLDER": str(rabbit.folder),
    }


def _wait_for(command: list[str], environment: dict[str, str]) -> int:
    """The command gets a Ctrl-C from the terminal itself; it is given time to end."""
    with subprocess.Popen(command, env=environment) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            with contextlib.suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
                return process.wait(30)
            process.kill()
            return 130
        except SystemExit:
            process.terminate()
            raise


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
