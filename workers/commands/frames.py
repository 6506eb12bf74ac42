"""Where an error came from, without a word of what it says: its text may hold patient data."""

from __future__ import annotations

import traceback
from collections.abc import Iterator


def frames(error: BaseException) -> Iterator[str]:
    """Each frame as `file:line function`, the error's type after it; what caused it comes first."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from frames(cause)
        yield "which led to"
    for frame, line in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        yield f"  {code.co_filename}:{line} {code.co_qualname}"
    yield f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
