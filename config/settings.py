"""Every setting of Chartline, typed, units last. The only reader of the environment.

A setting `store_url` is read from `CHARTLINE_STORE_URL`; a secret may stand in a file that
`CHARTLINE_STORE_URL_FILE` names. `deploy/chartline.env.example` lists them all (by test).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

PREFIX = "CHARTLINE_"


@dataclass(frozen=True, slots=True)
class Settings:
    """One frozen object, read once at boot.

    A plain dataclass: loading pydantic would take half of the time that `chartline status` has.
    """

    data_dir: Path = Path("var")
    store_url: str = ""  # "" : SQLite in data_dir; or postgresql://...
    broker_url: str = ""  # "" : in this process; or amqp://...
    log_level: str = "INFO"
    log_json: bool = True

    facilities_file: Path | None = None  # None: the packaged demo facilities
    payers_file: Path | None = None
    documents_file: Path | None = None

    batch_size: int = 100  # messages in one commit
    lease_ms: int = 120_000  # how long a worker may hold a message
    messages_ahead: int = 2  # leases of a stage that may be under way in the broker
    gather_ms: int = 60  # how long the outbox lets facts gather when many come
    idle_wait_ms: int = 250
    drain_ms: int = 8_000  # how long a process may take to end what it has begun
    worker_threads: int = 1
    store_pool_size: int = 4

    mailbox_poll_ms: int = 2_000
    submitter_id: str = "CHARTLINE"
    batch_window_ms: int = -1  # -1: as each payer's profile says
    guide_check: bool = True
    second_grouper: bool = False
    simulator_payment_delay_ms: int = 0

    retry_attempts: int = 6
    retry_first_wait_ms: int = 1_000
    retry_most_wait_ms: int = 120_000
    outage_wait_ms: int = 5_000

    @property
    def store(self) -> str:
        """The store's address, with the default filled in."""
        return self.store_url or f"sqlite:///{self.data_dir / 'chartline.sqlite'}"

    @property
    def is_distributed(self) -> bool:
        """Whether a real broker carries the messages."""
        return bool(self.broker_url)


class WrongSettingError(ValueError):
    """A variable has not its type. The message names it and never repeats its value."""


WORDS = {"1": True, "true": True, "yes": True, "on": True}
WORDS |= {"0": False, "false": False, "no": False, "off": False}
READ: dict[str, Callable[[str], object]] = {
    "str": str,
    "int": int,
    "bool": lambda text: WORDS[text.lower()],
    "Path": Path,
    "Path | None": Path,
}


def load(**changes: Any) -> Settings:
    """The settings from the environment, with `changes` on top.

    Raises:
        WrongSettingError: a setting has not its type.
        OSError: a `*_FILE` variable names a file that cannot be read.
    """
    settings = Settings(**{**dict(_from_environment()), **changes})
    if settings.batch_size < 1:
        raise WrongSettingError(f"{PREFIX}BATCH_SIZE: must be at least 1")
    return settings


def _from_environment() -> Iterator[tuple[str, object]]:
    """Name and value of every setting that a variable gives, itself or by `_FILE`."""
    for setting in fields(Settings):
        variable = f"{PREFIX}{setting.name.upper()}"
        text = os.environ.get(variable)
        path = os.environ.get(f"{variable}_FILE")
        if path and not setting.name.endswith("_file"):
            text = Path(path).read_text(encoding="utf-8").strip()
        if text is None:
            continue
        kind = str(setting.type)
        try:
            yield setting.name, READ[kind](text)
        except (ValueError, KeyError):
            raise WrongSettingError(f"{variable}: is not of type {kind}") from None


def environment_for(settings: Settings) -> dict[str, str]:
    """The environment that gives a child process the same settings."""
    values = {name: value for name, value in asdict(settings).items() if value is not None}
    ours = {f"{PREFIX}{name.upper()}": str(value) for name, value in values.items()}
    return {**os.environ, **ours}
