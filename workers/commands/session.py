"""What a command stands on: the settings, the store, and who is acting."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from workers.commands.ending import Ended, Exit

if TYPE_CHECKING:
    from config.settings import Settings
    from services.adapters.store.work import UnitOfWork
    from services.chart.ports import Clock, Ids, Store

T = TypeVar("T")
SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Session:
    """The store as one command has it."""

    settings: Settings
    store: Store
    clock: Clock
    ids: Ids

    def carry_out(self, by: str, act: Callable[[UnitOfWork], T]) -> T:
        """Do something to the store in one commit, signed by a person.

        Raises:
            Busy, Outage: as `services.worklist.resolving.carry_out`.
        """
        from services.adapters.store.work import UnitOfWork  # noqa: PLC0415 - only for changes
        from services.worklist.resolving import carry_out  # noqa: PLC0415

        return carry_out(lambda: UnitOfWork(self.store, self.clock, self.ids), f"person:{by}", act)


def load_settings() -> Settings:
    """The settings. Raises: Ended when one of them is not what it should be."""
    from config.settings import PREFIX, load  # noqa: PLC0415 - see the package

    try:
        return load()
    except ValueError as error:
        errors = getattr(error, "errors", None)  # pydantic's; its own text repeats the value
        found = errors() if callable(errors) else []
        names = [f"{PREFIX}{str(one['loc'][0]).upper()}: {one['msg']}" for one in found]
        raise Ended(Exit.USAGE, f"A setting is wrong. {'; '.join(names) or error}.") from None
    except OSError:
        raise Ended(Exit.USAGE, "A file that a CHARTLINE_*_FILE names is missing.") from None


@contextmanager
def open_session(*, make: bool = False) -> Iterator[Session]:
    """The store, open. With `make`, an embedded store that does not exist is made.

    Raises:
        Ended: there is no store, or its address is wrong.
        Outage: the store does not answer.
    """
    from services.adapters.clock import SystemClock, SystemIds  # noqa: PLC0415 - see the package

    settings = load_settings()
    store = open_store(settings, make=make)
    try:
        yield Session(settings, store, SystemClock(), SystemIds())
    finally:
        store.close()


def open_store(settings: Settings, *, make: bool) -> Store:
    """The store that the settings name. Raises: Ended, Outage."""
    from config.wiring import open_store as wired  # noqa: PLC0415 - see the package

    if not make and is_absent(settings):
        raise Ended(
            Exit.STOPPED,
            "There is no store yet.",
            code="store.absent",
            fix="`chartline up` makes it and runs the line; `chartline db migrate` only makes it.",
        )
    try:
        return wired(settings)
    except ValueError as error:
        raise Ended(Exit.USAGE, f"{error}.") from None
    except OSError as error:
        raise Ended(
            Exit.STOPPED,
            f"The store cannot be opened ({type(error).__name__}).",
            code="store.unreachable",
            fix="Look at the path and the permissions of CHARTLINE_DATA_DIR.",
        ) from None


def is_absent(settings: Settings) -> bool:
    """Whether the store is a file that does not exist."""
    from pathlib import Path  # noqa: PLC0415

    url = settings.store
    return url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).exists()


def place_of_store(settings: Settings) -> str:
    """Where the store is, for people; a server's address without its password."""
    url = settings.store
    if url.startswith(SQLITE):
        return url.removeprefix(SQLITE)
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"


def acting(by: str) -> str:
    """Who acts: the given name, else the account that runs the command."""
    try:
        return by.strip() or getpass.getuser()
    except (KeyError, OSError):
        raise Ended(Exit.USAGE, "Say who acts with --by WHO.") from None
