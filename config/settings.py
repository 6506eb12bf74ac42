"""Every setting of Chartline, typed, units last. The only reader of the environment.

A setting `store_url` is read from `CHARTLINE_STORE_URL`; a secret may stand in a file that
`CHARTLINE_STORE_URL_FILE` names. `deploy/chartline.env.example` lists them all (by test).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "CHARTLINE_"


class Settings(BaseSettings):
    """One frozen object, read once at boot."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    data_dir: Path = Path("var")
    store_url: str = ""  # "" : SQLite in data_dir; or postgresql://...
    broker_url: str = ""  # "" : in this process; or amqp://...
    log_level: str = "INFO"
    log_json: bool = True

    facilities_file: Path | None = None  # None: the packaged demo facilities
    payers_file: Path | None = None
    documents_file: Path | None = None

    batch_size: int = Field(default=50, ge=1)  # messages in one commit
    lease_ms: int = 120_000  # how long a worker may hold a message
    messages_ahead: int = 2  # broker messages of a stage that may be under way
    gather_ms: int = 10  # how long the outbox lets facts gather
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


def load(**changes: Any) -> Settings:
    """The settings from the environment, with `changes` on top.

    Raises:
        pydantic.ValidationError: a setting has not its type.
        OSError: a `*_FILE` variable names a file that cannot be read.
    """
    return Settings(**{**_secrets_from_files(), **changes})


def _secrets_from_files() -> dict[str, str]:
    """Values of `CHARTLINE_<NAME>_FILE`: the content of the file that each names."""
    found = {}
    for name in Settings.model_fields:
        path = os.environ.get(f"{PREFIX}{name.upper()}_FILE")
        if path and not name.endswith("_file"):
            found[name] = Path(path).read_text(encoding="utf-8").strip()
    return found


def environment_for(settings: Settings) -> dict[str, str]:
    """The environment that gives a child process the same settings."""
    values = settings.model_dump(mode="json", exclude_none=True)
    ours = {f"{PREFIX}{name.upper()}": str(value) for name, value in values.items()}
    return {**os.environ, **ours}
