"""Every process of the Procfile ends on SIGTERM and outlasts its servers, whatever is down."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.chaos.processes import Processes, procfile
from tests.integration.line_processes import DRAIN_S, Hospital, hears_sigterm, settings_for, until
from tests.servers import PostgresServer, RabbitServer
from tests.servers.postgres import new_database
from tests.servers.process import descendants
from workers.boot import CUT_OFF

pytestmark = pytest.mark.servers

BOOT_S = 60.0


def are_up(processes: Processes) -> bool:
    """Whether every process has begun its loop's boot: from now on SIGTERM is a request."""
    return all(hears_sigterm(process.pid) for process in processes.running.values())


def ended(processes: Processes) -> dict[str, int]:
    """Those that have ended, with their exit codes."""
    polled = {name: process.poll() for name, process in processes.running.items()}
    return {name: code for name, code in polled.items() if code is not None}


def until_all_paid(hospital: Hospital, processes: Processes, seconds: float = 60.0) -> None:
    """Wait until every chart is paid; a process that ends by itself is the news."""
    hospital.until_all_paid(seconds, lambda: ended(processes) == {}, processes.log)


def assert_all_drain(processes: Processes) -> None:
    """SIGTERM to all of them; each ends in time and by itself."""
    codes = processes.stop(DRAIN_S)
    assert codes == dict.fromkeys(procfile(), 0), processes.log.read_text()[-4_000:]


@contextmanager
def processes_of(hospital: Hospital, folder: Path) -> Iterator[Processes]:
    """Every process of the Procfile, started; none outlives the test."""
    processes = Processes(hospital.settings, procfile(), folder / "processes.log")
    processes.start()
    try:
        yield processes
    finally:
        processes.stop(1.0)


@pytest.fixture
def hospital(tmp_path: Path, postgres_url: str, rabbit_url: str) -> Iterator[Hospital]:
    made = Hospital(settings_for(tmp_path / "var", postgres_url, rabbit_url))
    yield made
    made.close()


def test_each_process_ends_on_sigterm_while_it_starts(hospital: Hospital, tmp_path: Path) -> None:
    with processes_of(hospital, tmp_path) as processes:
        until(lambda: are_up(processes), BOOT_S, "a handler of SIGTERM in every process")
        assert_all_drain(processes)


def test_each_process_ends_on_sigterm_when_there_is_nothing_to_do(
    hospital: Hospital, tmp_path: Path
) -> None:
    hospital.send(2)
    with processes_of(hospital, tmp_path) as processes:
        until_all_paid(hospital, processes)
        assert_all_drain(processes)
    assert hospital.faults() == ()


@pytest.fixture
def servers() -> Iterator[tuple[PostgresServer, RabbitServer]]:
    """Servers that may be killed."""
    with ExitStack() as stack:
        yield stack.enter_context(PostgresServer()), stack.enter_context(RabbitServer())


@pytest.fixture
def fragile(
    servers: tuple[PostgresServer, RabbitServer], postgres_template: str, tmp_path: Path
) -> Iterator[Hospital]:
    """A line on servers that may be killed."""
    from services.adapters.store import migrate

    postgres, rabbit = servers
    url = new_database(postgres.url)
    migrate.upgrade(url)
    made = Hospital(settings_for(tmp_path / "var", url, rabbit.url))
    yield made
    made.close()


def test_each_process_ends_on_sigterm_while_a_server_is_down(
    fragile: Hospital, servers: tuple[PostgresServer, RabbitServer], tmp_path: Path
) -> None:
    postgres, rabbit = servers
    for server in (rabbit, postgres):
        fragile.send(2)
        with processes_of(fragile, tmp_path) as processes:
            until_all_paid(fragile, processes)
            fragile.send(4)
            server.kill()
            time.sleep(2.0)
            assert ended(processes) == {}
            assert_all_drain(processes)
        server.restart()
        assert fragile.faults() == ()


def test_each_process_ends_on_sigterm_while_the_servers_are_silent(
    fragile: Hospital, servers: tuple[PostgresServer, RabbitServer], tmp_path: Path
) -> None:
    """A server that does not answer and is not gone: a paused machine, a network that drops all."""
    fragile.send(2)
    pids = [pid for server in servers for pid in (server.pid, *descendants(server.pid))]
    with processes_of(fragile, tmp_path) as processes:
        until_all_paid(fragile, processes)
        fragile.send(4)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            time.sleep(1.0)
            codes = processes.stop(DRAIN_S)
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)
    assert codes.keys() == procfile().keys()
    assert set(codes.values()) <= {0, CUT_OFF}
    with processes_of(fragile, tmp_path) as processes:
        until_all_paid(fragile, processes)
        assert_all_drain(processes)
    assert fragile.faults() == ()


def test_a_process_that_starts_while_the_servers_are_down_works_when_they_are_up(
    fragile: Hospital, servers: tuple[PostgresServer, RabbitServer], tmp_path: Path
) -> None:
    fragile.send(6)
    for server in servers:
        server.kill()
    with processes_of(fragile, tmp_path) as processes:
        until(lambda: are_up(processes), BOOT_S, "a handler of SIGTERM in every process")
        time.sleep(5.0)
        assert ended(processes) == {}, processes.log.read_text()[-4_000:]
        for server in servers:
            server.restart()
        until_all_paid(fragile, processes, 90)
        assert_all_drain(processes)
    assert fragile.faults() == ()
    assert sorted(fragile.originals().values()) == [1] * fragile.sent


def test_each_process_ends_on_sigterm_when_the_servers_were_never_up(
    fragile: Hospital, servers: tuple[PostgresServer, RabbitServer], tmp_path: Path
) -> None:
    for server in servers:
        server.kill()
    with processes_of(fragile, tmp_path) as processes:
        until(lambda: are_up(processes), BOOT_S, "a handler of SIGTERM in every process")
        time.sleep(3.0)
        assert_all_drain(processes)
