"""The servers of a test run: what was confirmed survives a kill, and nothing is left behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pika
import psycopg
import pytest

from tests.servers import PostgresServer, RabbitServer, drop_database, new_database, new_vhost
from tests.servers.process import is_alive, wait_until

pytestmark = pytest.mark.servers

QUORUM = {"x-queue-type": "quorum"}
# RabbitMQ confirms the declaration of a quorum queue before its own directory of such queues is
# on the disk. Killed within that second, it comes back with a queue that never answers.
SETTLED_S = 2
LASTING = pika.BasicProperties(delivery_mode=2)


def listens(url: str) -> bool:
    """Whether somebody answers at the address's port."""
    try:
        socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), 1).close()
    except OSError:
        return False
    return True


def test_a_postgres_that_was_killed_has_its_rows_after_the_restart() -> None:
    with PostgresServer() as server:
        url = new_database(server.url)
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
        pid = server.pid
        server.kill()
        assert not is_alive(pid)
        assert not listens(url)
        server.restart()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (1,)
        drop_database(url)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)
    assert not listens(url)
    assert not server._folder.exists()


def test_a_rabbit_that_was_killed_has_its_confirmed_messages_after_the_restart() -> None:
    with RabbitServer() as server:
        url = new_vhost(server.folder)
        parameters = pika.URLParameters(url)
        before = pika.BlockingConnection(parameters)
        channel = before.channel()
        channel.confirm_delivery()
        channel.queue_declare("q", durable=True, arguments=QUORUM)
        channel.basic_publish("", "q", b"kept", LASTING)
        time.sleep(SETTLED_S)
        pid = server.pid
        server.kill()
        assert not is_alive(pid)
        with contextlib.suppress(pika.exceptions.AMQPError):
            before.close()
        server.restart()
        connection = pika.BlockingConnection(parameters)
        received: list[bytes] = []

        def took() -> bool:
            _, _, body = connection.channel().basic_get("q", auto_ack=True)
            received.extend([body] if body else [])
            return bool(received)

        wait_until(took, 30, "the message after the restart")
        assert received == [b"kept"]
        connection.close()
        assert urlsplit(server.new_vhost()).path != urlsplit(url).path
    assert not listens(url)
    assert not server.folder.exists()


def started(*command: str) -> tuple[subprocess.Popen[str], list[str]]:
    """The wrapper around a command that says where the servers are; and what it said."""
    program = (
        "import os, sys; e = os.environ;"
        "print(e['TEST_POSTGRES_URL'], e['TEST_RABBIT_URL'], e['TEST_RABBIT_FOLDER'], flush=True);"
    )
    run = [sys.executable, "-m", "tests.servers", "run", "--"]
    wrapper = subprocess.Popen(
        [*run, sys.executable, "-c", program + "; ".join(command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert wrapper.stdout is not None
    return wrapper, wrapper.stdout.readline().split()


def test_the_wrapper_has_the_exit_status_of_its_command_and_leaves_nothing() -> None:
    wrapper, (*urls, folder) = started("sys.exit(7)")
    wrapper.communicate(timeout=60)
    assert wrapper.returncode == 7
    assert len(urls) == 2
    assert not any(listens(url) for url in urls)
    assert not Path(folder).exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_server_outlives_its_wrapper(number: signal.Signals) -> None:
    wrapper, (*urls, folder) = started("import time", "time.sleep(60)")
    with psycopg.connect(urls[0]) as connection:
        (data,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    if number == signal.SIGINT:  # a terminal sends it to the command as well
        os.killpg(wrapper.pid, number)
    else:
        wrapper.send_signal(number)
    wrapper.wait(90)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(wrapper.pid, signal.SIGKILL)  # the command, of which the killed took no care
    wrapper.communicate()
    wait_until(lambda: not any(listens(url) for url in urls), 30, "the end of the servers")
    left = [path for path in (Path(folder), Path(data).parent) if path.exists()]
    assert not left or number == signal.SIGKILL
    for path in left:
        shutil.rmtree(path)
