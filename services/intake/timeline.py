"""The sources of a chart in time: which event came before which, and which may overwrite.

The order in which messages arrive is not the order in which things happened, so every question
here is answered from event times. An event without a time counts as the latest.
"""

from __future__ import annotations

from datetime import datetime

from services.chart.model import ChartUpdate, Source

REGISTRATION = ("ADT", "BAR", "FHIR", "chartline")
_BRINGS_DOCUMENTS = ("MDM", "ORU", "FHIR", "chartline")
_CANCELS = frozenset({"ADT^A11"})
_OPENS = frozenset({"ADT^A01", "ADT^A04", "ADT^A05"})
_CANCELS_DISCHARGE = frozenset({"ADT^A13"})
_CANCEL_MARK = "!cancelled"
_DISCHARGE_MARK = "!discharge-cancelled"


def event_of(update: ChartUpdate) -> str:
    """The event as the sources keep it: with a mark when a bundle or our JSON cancels."""
    if update.cancels_encounter and update.event not in _CANCELS:
        return update.event + _CANCEL_MARK
    if update.cancels_discharge and update.event not in _CANCELS_DISCHARGE:
        return update.event + _DISCHARGE_MARK
    return update.event


def is_registration(event: str) -> bool:
    """Whether the event comes from those who are the authority for patient and encounter."""
    return event.startswith(REGISTRATION)


class Timeline:
    """The sources of one chart, the one being merged among them."""

    __slots__ = ("_times", "sources")

    def __init__(self, sources: tuple[Source, ...]) -> None:
        self.sources = sources
        self._times = {source.raw_id: source.event_at for source in sources}

    def leads(self, update: ChartUpdate) -> bool:
        """Whether the update may overwrite fields of patient, encounter and coverage.

        It may when it is the latest of its authority: of registration when it comes from there,
        else of all sources, and then only while registration has not spoken.
        """
        registered = [one for one in self.sources if is_registration(one.event)]
        if registered and not is_registration(update.event):
            return False
        rivals = registered or self.sources
        return not any(_later(one.event_at, update.event_at) for one in rivals)

    def is_before(self, update: ChartUpdate, raw_id: str) -> bool:
        """Whether the update's event came before that of another source."""
        return _later(self._times.get(raw_id), update.event_at)

    def is_cancelled(self) -> bool:
        """Whether a cancel stands: no later event has opened the encounter again."""
        openings = [one for one in self.sources if _opens(one)]
        return any(
            not any(_later(other.event_at, one.event_at) for other in openings)
            for one in self.sources
            if one.event in _CANCELS or one.event.endswith(_CANCEL_MARK)
        )

    def is_latest_document(self, update: ChartUpdate) -> bool:
        """Whether no other message that may bring documents has a later event."""
        rivals = (one for one in self.sources if one.event.startswith(_BRINGS_DOCUMENTS))
        return not any(_later(one.event_at, update.event_at) for one in rivals)

    def clears_discharge(self, update: ChartUpdate) -> bool:
        """Whether a cancelled discharge clears what is there: no later A03 has come already."""
        return not any(
            one.event == "ADT^A03" and _later(one.event_at, update.event_at) for one in self.sources
        )

    def discharge_was_cancelled_after(self, update: ChartUpdate) -> bool:
        """Whether the update's discharge is one that was taken back.

        After a cancelled discharge only a later event of registration may state one again.
        """
        return any(
            not is_registration(update.event) or _later(one.event_at, update.event_at)
            for one in self.sources
            if one.event in _CANCELS_DISCHARGE or one.event.endswith(_DISCHARGE_MARK)
        )


def _opens(source: Source) -> bool:
    if source.event in _OPENS:
        return True
    whole = source.event.startswith(("FHIR", "chartline"))
    return whole and not source.event.endswith((_CANCEL_MARK, _DISCHARGE_MARK))


def _later(one: datetime | None, other: datetime | None) -> bool:
    """Whether the first is known to be after the second; an unknown time is after nothing known.

    An update without a time counts as the latest, so nothing is later than it.
    """
    return one is not None and other is not None and one > other
