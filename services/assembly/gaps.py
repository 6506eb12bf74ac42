"""What a claim lacks, collected so that one refusal names all of it."""

from __future__ import annotations

from services.assembly.failures import IncompleteClaim
from services.edi.writer import fold


class Gaps:
    """What is missing or cannot stand, by the chart's field that mends it."""

    def __init__(self) -> None:
        self._found: list[tuple[str, str]] = []

    def add(self, path: str, words: str) -> None:
        """Note one gap: `path` is the field of the chart, `words` say what is wrong with it."""
        self._found.append((path, words))

    def unless(self, holds: object, path: str, words: str) -> None:
        """Note a gap unless something holds."""
        if not holds:
            self.add(path, words)

    def text(self, text: str, path: str, words: str) -> str:
        """The text; a gap when nothing of it can be written in X12."""
        self.unless(fold(text), path, words)
        return text

    def refuse(self) -> None:
        """Nothing when there is no gap.

        Raises:
            IncompleteClaim: there are gaps; it names each with its field.
        """
        if not self._found:
            return
        named = "; ".join(f"{words} ({path})" for path, words in self._found)
        where = ", ".join(dict.fromkeys(path for path, _ in self._found))
        raise IncompleteClaim(f"The claim cannot be built: {named}.", where=where)
