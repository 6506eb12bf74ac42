"""Files and folders that hold patient data: for their owner only, from their first moment."""

from __future__ import annotations

import os
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700


def make_folder(folder: Path) -> None:
    """Make the folder and those above it that are missing; one that is there stays as it is.

    Raises:
        OSError: it cannot be made.
    """
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=FOLDER_MODE, exist_ok=True)


def make_file(path: Path) -> None:
    """Make an empty file in a folder of ours; one that is there stays as it is. Raises: OSError."""
    make_folder(path.parent)
    path.touch(mode=FILE_MODE)


def write(path: Path, content: bytes) -> None:
    """Write the whole file, in place of what is there. Raises: OSError."""
    make_folder(path.parent)
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, FILE_MODE)
    with os.fdopen(opened, "wb") as file:
        os.fchmod(opened, FILE_MODE)
        file.write(content)
