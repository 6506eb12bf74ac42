"""`chartline db`: the store's tables."""

from __future__ import annotations

from workers.commands.ending import Ended, Exit
from workers.commands.output import PLAIN, Output
from workers.commands.session import load_settings, place_of_store


def migrate(*, out: Output = PLAIN) -> int:
    """Make the store's tables, or bring them to this version. Safe to run again, and at once.

    Example: `CHARTLINE_STORE_URL=postgresql://... chartline db migrate`

    JSON: `{store, applied, current}`: the revisions that were applied, in order.
    """
    from services.adapters.store import migrate as tables  # noqa: PLC0415 - see the package

    settings = load_settings()
    url = _known(settings.store)
    try:
        applied = tables.upgrade(url)
    except OSError as error:
        raise Ended(
            Exit.STOPPED,
            f"The store cannot be made ({type(error).__name__}).",
            fix="Look at the path and the permissions of CHARTLINE_DATA_DIR.",
        ) from None
    current_ = tables.current(url)
    out.shape({"store": place_of_store(settings), "applied": applied, "current": current_})
    done = f"applied {', '.join(applied)}" if applied else "nothing to do"
    out.line(f"{place_of_store(settings)}: {done}; the tables are at {current_}.")
    return Exit.OK


def current(*, out: Output = PLAIN) -> int:
    """Say which revision the store's tables have.

    Exit code: 0 when it is this version's, 3 when it is older or newer, 4 when there is none.

    JSON: `{store, current, head}`.
    """
    from services.adapters.store import migrate as tables  # noqa: PLC0415 - see the package

    settings = load_settings()
    found, head = tables.current(_known(settings.store)), tables.head()
    out.shape({"store": place_of_store(settings), "current": found, "head": head})
    if not found:
        out.line("The store has no tables yet: run `chartline db migrate`.")
        return Exit.STOPPED
    if found != head:
        out.line(f"The tables are at {found}, this version needs {head}.")
        out.line("Run `chartline db migrate`; if they are newer, upgrade Chartline.")
        return Exit.DEGRADED
    out.line(f"The tables are at {found}, as this version needs.")
    return Exit.OK


def _known(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise Ended(Exit.USAGE, "CHARTLINE_STORE_URL must begin with sqlite:/// or postgresql://.")
    return url
