"""Whether an embedded line runs on a store: a lock on a file beside it, freed by the system.

Only one line may run on an embedded store, for at its start it takes back what a dead one held.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.adapters.private import make_folder
from workers.commands.ending import Ended, Exit

LOCK = "line.lock"


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """This process runs the line on the store of this folder.

    Raises:
        Ended: another process runs it.
    """
    make_folder(data_dir)
    with (data_dir / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Ended(
                Exit.REFUSED,
                "A line is already running on this store.",
                code="line.already-running",
                fix="`chartline status` shows it; or set CHARTLINE_DATA_DIR to another folder.",
            ) from None
        yield


def is_running(data_dir: Path) -> bool:
    """Whether a process runs the line on the store of this folder."""
    try:
        with (data_dir / LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
