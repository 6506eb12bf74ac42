"""Debian's packages of the servers, when they are missing and this is root."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.servers import postgres, rabbit

DO_NOT_START = "#!/bin/sh\nexit 101\n"  # what Debian asks before it starts a system service
POLICY = Path("/usr/sbin/policy-rc.d")


@dataclass(frozen=True, slots=True)
class Server:
    """A server, its Debian package and how to see that it is there."""

    name: str
    package: str
    installed: Callable[[], bool]


SERVERS = (
    Server("PostgreSQL", "postgresql", lambda: postgres.binaries() is not None),
    Server(
        "RabbitMQ",
        "rabbitmq-server",
        lambda: rabbit.scripts() is not None and shutil.which("epmd") is not None,
    ),
)


def ensure_installed() -> list[str]:
    """Install what is missing; returns one sentence for each thing that could not be done."""
    missing = [server for server in SERVERS if not server.installed()]
    if not missing:
        return []
    packages = " ".join(server.package for server in missing)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        why = "only root may install" if shutil.which("apt-get") else "there is no apt-get"
        return [f"{server.name} is missing and {why}: install {packages}" for server in missing]
    trouble = _install([server.package for server in missing])
    return [
        f"{server.name} is missing and could not be installed ({trouble}): install {packages}"
        for server in missing
        if not server.installed()
    ]


def _install(packages: list[str]) -> str:
    """Run apt-get so that no system service is started; returns the last line of its trouble."""
    made = not POLICY.exists()
    if made:
        POLICY.write_text(DO_NOT_START)
        POLICY.chmod(0o755)
    try:
        trouble = ""
        for command in (["update", "-q"], ["install", "-qy", "--no-install-recommends", *packages]):
            trouble = _apt_get(command) or trouble
        return trouble
    finally:
        if made:
            POLICY.unlink(missing_ok=True)


def _apt_get(arguments: list[str]) -> str:
    path = f"{os.defpath}:/usr/sbin:/sbin"
    environment = {**os.environ, "PATH": path, "DEBIAN_FRONTEND": "noninteractive"}  # noqa: TID251 - a proxy may be named there
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            ["apt-get", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
        output.seek(0)
        lines = output.read().strip().splitlines()
    return "" if done.returncode == 0 else (lines[-1] if lines else "apt-get failed")
