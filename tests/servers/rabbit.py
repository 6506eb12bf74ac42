"""A RabbitMQ of our own: one node with its own epmd, in a temporary folder on free ports."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.servers.process import Process, ServerError, free_port, wait_until

# The script itself: Debian's wrapper in /usr/sbin changes the user.
SCRIPTS = Path("/usr/lib/rabbitmq/bin")
USER = "guest"
VHOST_TRIES = 6
STATE = "node.json"


def scripts() -> Path | None:
    """Where `rabbitmq-server` and `rabbitmqctl` are; None: not installed."""
    if (SCRIPTS / "rabbitmq-server").exists():
        return SCRIPTS
    on_path = shutil.which("rabbitmq-server")
    return Path(on_path).resolve().parent if on_path else None


class RabbitServer:
    """A context manager. `management`: with the management and Prometheus plugins as well."""

    def __init__(self, *, management: bool = False) -> None:
        self.port = free_port()
        self.management_port = free_port() if management else 0
        self.prometheus_port = free_port() if management else 0
        self.folder = Path(tempfile.mkdtemp(prefix="chartline-rabbit-"))
        self._epmd_port = free_port()
        self._dist_port = free_port()
        self._scripts = scripts()
        self._epmd: Process | None = None
        self._node: Process | None = None

    @property
    def url(self) -> str:
        """The address of the default virtual host."""
        return f"amqp://{USER}:{USER}@127.0.0.1:{self.port}/%2F"

    @property
    def pid(self) -> int:
        """The node's Erlang machine."""
        assert self._node is not None
        return self._node.pid

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def kill(self) -> None:
        """`kill -9` to the node and its children."""
        if self._node is not None:
            self._node.kill()

    def start(self, *, wait: bool = True) -> None:
        """Start epmd and the node.

        Raises:
            ServerError: RabbitMQ is not installed or does not answer.
        """
        self._prepare()
        self._start_node(wait=wait)

    def restart(self, *, wait: bool = True) -> None:
        """Start again over the same queues, after `kill` or not."""
        if self._node is not None:
            self._node.end(signal.SIGTERM, 15)
        self._start_node(wait=wait)

    def wait(self) -> None:
        """Wait until the node answers.

        Raises:
            ServerError: it ended, or does not answer.
        """
        node = self._node
        assert node is not None
        wait_until(lambda: node.ended or self.answers(), 90, "an answer of RabbitMQ")
        if node.ended:
            raise ServerError("RabbitMQ ended while it started")

    def stop(self) -> None:
        """End it and remove its folder. Nothing is to be kept, so it need not end politely."""
        for process in (self._node, self._epmd):
            if process is not None:
                process.kill()
        self._node = self._epmd = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_vhost(self) -> str:
        """A new virtual host; returns its address."""
        return new_vhost(self.folder)

    def _prepare(self) -> None:
        if self._scripts is None or shutil.which("epmd") is None:
            raise ServerError("RabbitMQ is missing: python -m tests.servers install")
        settings = ["loopback_users = none", "log.file = false", "log.console.level = warning"]
        if self.management_port:
            settings += [
                "management.tcp.ip = 127.0.0.1",
                f"management.tcp.port = {self.management_port}",
                "prometheus.tcp.ip = 127.0.0.1",
                f"prometheus.tcp.port = {self.prometheus_port}",
            ]
        plugins = "rabbitmq_management,rabbitmq_prometheus" if self.management_port else ""
        (self.folder / "rabbitmq.conf").write_text("\n".join(settings) + "\n")
        (self.folder / "plugins").write_text(f"[{plugins}].\n")
        state = {"environment": self._environment(), "scripts": str(self._scripts)}
        (self.folder / STATE).write_text(json.dumps({**state, "url": self.url}))
        self._epmd = Process(
            ["epmd", "-address", "127.0.0.1", "-port", str(self._epmd_port)],
            log=self.folder / "epmd.log",
            environment=self._environment(),
        )

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.defpath + ":/usr/sbin:/sbin",
            "LANG": "C.UTF-8",
            "HOME": str(self.folder),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "RABBITMQ_NODENAME": f"chartline{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "no-such-file"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ("-kernel inet_dist_use_interface {127,0,0,1}"),
            # The script becomes the Erlang machine, so its process is the one we know.
            "RUNNING_UNDER_SYSTEMD": "1",
        }

    def _start_node(self, *, wait: bool) -> None:
        assert self._scripts is not None
        self._node = Process(
            [str(self._scripts / "rabbitmq-server")],
            log=self.folder / "node.log",
            environment=self._environment(),
        )
        if wait:
            self.wait()

    def answers(self) -> bool:
        """Whether the node speaks AMQP: an open port alone is not enough."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return connection.recv(1) == b"\x01"
        except OSError:
            return False


def new_vhost(folder: Path) -> str:
    """A new virtual host on the node whose folder this is; returns its address.

    Two test processes that ask at once can be refused for a moment, so it asks again.
    """
    state = json.loads((folder / STATE).read_text())
    for attempt in range(VHOST_TRIES):
        name = f"t_{secrets.token_hex(8)}"
        try:
            _evaluate(state, _add_vhost(name))
        except ServerError:
            if attempt == VHOST_TRIES - 1:
                raise
            time.sleep(0.5 * (attempt + 1))
        else:
            break
    return str(state["url"]).rpartition("/")[0] + "/" + name


def _add_vhost(name: str) -> str:
    return (
        f'rabbit_vhost:add(<<"{name}">>, <<"test">>), rabbit_auth_backend_internal:'
        f'set_permissions(<<"{USER}">>, <<"{name}">>, <<".*">>, <<".*">>, <<".*">>, <<"test">>).'
    )


def _evaluate(state: dict[str, Any], erlang: str) -> None:
    """Run Erlang on the node: by `erl_call` in milliseconds, else by `rabbitmqctl`.

    Raises:
        ServerError: the node did not do it.
    """
    environment: dict[str, str] = state["environment"]
    if shutil.which("erl_call"):
        cookie = (Path(environment["HOME"]) / ".erlang.cookie").read_text()
        command = ["erl_call", "-sname", environment["RABBITMQ_NODENAME"], "-c", cookie, "-e"]
        erlang += "\n"
    else:
        command = [f"{state['scripts']}/rabbitmqctl", "eval", erlang]
    done = subprocess.run(
        command, input=erlang.encode(), env=environment, check=False, capture_output=True
    )
    if done.returncode or b"error" in done.stdout:
        raise ServerError(f"RabbitMQ refused: {done.stdout.decode()} {done.stderr.decode()}")
