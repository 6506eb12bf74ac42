"""How a command ends: its exit code, and one sentence for whatever went wrong."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of every command; `status` and `doctor` fit Nagios-style checks."""

    OK = 0
    FAILED = 1
    USAGE = 2
    DEGRADED = 3
    STOPPED = 4
    NOT_FOUND = 5
    REFUSED = 6


class Ended(Exception):
    """The command ends here. `sentence` and `fix` are for people and hold no patient data."""

    def __init__(self, exit_code: Exit, sentence: str, *, code: str = "", fix: str = "") -> None:
        super().__init__(sentence)
        self.exit_code = exit_code
        self.sentence = sentence
        self.code = code
        self.fix = fix
        self.error_id = ""

    def shape(self) -> dict[str, object]:
        """`{"error": {"code", "sentence", "fix", "error_id", "exit"}}`."""
        return {
            "error": {
                "code": self.code,
                "sentence": self.sentence,
                "fix": self.fix,
                "error_id": self.error_id,
                "exit": int(self.exit_code),
            }
        }


NOT_FOUND = frozenset({"worklist.no-such-dead-letter"})


def ended(error: Exception) -> Ended:
    """Any exception as the end of a command. A foreign text may hold patient data: none is kept."""
    if isinstance(error, Ended):
        return error
    from services.chart.failures import Failure  # noqa: PLC0415 - only when something failed

    if isinstance(error, Failure):
        return _of_failure(error)
    return _unforeseen(error)


def _of_failure(failure: Exception) -> Ended:
    from services.adapters.store.failures import StoreRefused  # noqa: PLC0415
    from services.chart.failures import Defect, Failure, Outage, Rejected  # noqa: PLC0415

    assert isinstance(failure, Failure)  # noqa: S101 - the caller has looked
    code, sentence, fix = type(failure).code, failure.sentence, failure.suggested_fix
    if isinstance(failure, Outage):
        return Ended(Exit.STOPPED, sentence, code=code, fix="Start the store, then try again.")
    if isinstance(failure, StoreRefused):
        return Ended(Exit.STOPPED, sentence, code=code, fix=fix)
    if code in NOT_FOUND:
        return Ended(Exit.NOT_FOUND, sentence, code=code, fix=fix)
    if isinstance(failure, Rejected):
        where = f" ({failure.where})" if failure.where else ""
        return Ended(Exit.REFUSED, f"{sentence}{where}", code=code, fix=fix)
    if isinstance(failure, Defect):
        return _unforeseen(failure)
    return Ended(Exit.FAILED, sentence, code=code, fix=fix)


def _unforeseen(error: Exception) -> Ended:
    from services.adapters.clock import SystemIds  # noqa: PLC0415
    from workers.runtime import translated  # noqa: PLC0415

    failure = translated(error)
    where = f" at {failure.where}" if failure.where else ""
    found = Ended(
        Exit.FAILED,
        f"{failure.sentence.rstrip('.')}{where}.",
        code=type(failure).code,
        fix="Run it again with CHARTLINE_LOG_LEVEL=DEBUG and send the error id and the trace.",
    )
    found.error_id = SystemIds().new("e")
    return found
