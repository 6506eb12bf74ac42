"""Chartline's own JSON, schema `chartline.chart/1`.

    {"schema": "chartline.chart/1", "sender": "...", "message_id": "...", "event": "...",
     "processing_id": "P", "chart": {...}}

`chart` has the fields of `services.chart.model.ChartUpdate`; its `event` may be left out. What is
refused is named by its path in the JSON, never by its value.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.chart.model import (
    Charge,
    ChartUpdate,
    Diagnosis,
    DocumentText,
    Encounter,
    Procedure,
    Reading,
)
from services.intake.detection import FormatKind
from services.intake.failures import UnreadableJson

SCHEMA = "chartline.chart/1"
EVENT = "chartline.chart"
EVENT_FORM = r"[A-Za-z0-9^._-]{1,40}"  # it goes into the journal, so it may not be free text
NEW_LINE = b"\n"
_SHOWN = 5  # paths that one sentence names
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MOST = Decimal(10) ** 10  # more is no amount and no quantity of one charge


class NativeMessage(BaseModel):
    """One message as the sender writes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_name: Literal["chartline.chart/1"] = Field(alias="schema")
    sender: str = Field(min_length=1, max_length=200)
    message_id: str = Field(max_length=200)
    event: str = Field(default=EVENT, pattern=f"^{EVENT_FORM}$")
    processing_id: str = Field(default="P", max_length=3)
    chart: ChartUpdate


def read_native(content: bytes) -> Reading:
    """What the message says.

    Raises:
        UnreadableJson: it is not JSON, or a path has not the shape of the schema.
    """
    raw = _parsed(content)
    chart = raw.get("chart")
    if isinstance(chart, dict) and "event" not in chart:
        raw = {**raw, "chart": {**chart, "event": raw.get("event", EVENT)}}
    try:
        message = NativeMessage.model_validate(raw)
    except ValidationError as error:
        raise _refused(error) from None
    if not re.fullmatch(EVENT_FORM, message.chart.event):
        raise UnreadableJson(
            "The event is a word: at most 40 letters, digits, and any of ^ . _ -.",
            where="chart.event",
        )
    return Reading(
        format=FormatKind.CHARTLINE_JSON,
        sender=message.sender,
        control_id=message.message_id,
        event=message.event,
        processing_id=message.processing_id,
        update=_tidied(message.chart),
    )


def _parsed(content: bytes) -> dict[str, Any]:
    nul = content.find(b"\\u0000")
    if nul >= 0:
        where = f"line {content.count(NEW_LINE, 0, nul) + 1}"
        raise UnreadableJson("The JSON holds a NUL character (\\u0000) in a text.", where=where)
    try:
        raw = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UnreadableJson("The message is not valid JSON in UTF-8.", where=where) from None
    if not isinstance(raw, dict):
        raise UnreadableJson("The message is not a JSON object.", where="line 1")
    return raw


def _refused(error: ValidationError) -> UnreadableJson:
    errors = error.errors(include_input=False, include_url=False, include_context=False)
    named = [f"{path_of(one['loc'])} ({_words(one['type'])})" for one in errors[:_SHOWN]]
    more = f" and {len(errors) - _SHOWN} more" if len(errors) > _SHOWN else ""
    return UnreadableJson(
        f"The message has not the shape of {SCHEMA}: {'; '.join(named)}{more}.",
        where=path_of(errors[0]["loc"]),
    )


def path_of(location: tuple[int | str, ...]) -> str:
    """A place in the JSON as people write it: chart.charges[2].amount.

    A name that cannot be one of the schema's stays unsaid: it may be data in the wrong place.
    """
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
            continue
        name = step if _FIELD_NAME.fullmatch(step) else "(an unknown name)"
        path += f".{name}" if path else name
    return path


def _words(kind: str) -> str:
    """What is wrong, from the validator's own name for it: "missing", "decimal parsing"."""
    return kind.replace("_", " ")


# -- form, never content ----------------------------------------------------------------------


def _tidied(update: ChartUpdate) -> ChartUpdate:
    """Instants with a zone (UTC when none is given), codes plain, evidence named by us alone."""
    return update.model_copy(
        update={
            "event_at": _aware(update.event_at),
            "encounter": _encounter(update.encounter),
            "diagnoses": _each(update.diagnoses, _diagnosis),
            "procedures": _each(update.procedures, _procedure),
            "documents": tuple(_document(one) for one in update.documents),
            "charges": tuple(_charge(one, n) for n, one in enumerate(update.charges)),
        }
    )


def _each(found: tuple[Any, ...] | None, tidy: Any) -> tuple[Any, ...] | None:
    return None if found is None else tuple(tidy(one, n) for n, one in enumerate(found))


def _aware(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


def _plain(code: str) -> str:
    return code.replace(".", "").replace(" ", "").upper()


def _encounter(found: Encounter | None) -> Encounter | None:
    if found is None:
        return None
    times = {
        "admitted_at": _aware(found.admitted_at),
        "discharged_at": _aware(found.discharged_at),
    }
    return found.model_copy(update=times)


def _diagnosis(found: Diagnosis, number: int) -> Diagnosis:
    where = f"chart.diagnoses[{number}]"
    return found.model_copy(update={"code": _plain(found.code), "where": where})


def _procedure(found: Procedure, number: int) -> Procedure:
    where = f"chart.procedures[{number}]"
    return found.model_copy(update={"code": _plain(found.code), "where": where})


def _charge(found: Charge, number: int) -> Charge:
    path = f"chart.charges[{number}]"
    if not (0 <= found.amount < _MOST and 0 < found.units < _MOST):
        raise UnreadableJson(
            "The amount of a charge must not be negative and its quantity must be positive "
            "(both below 10,000,000,000); use credits to take a charge back.",
            where=path,
        )
    return found.model_copy(
        update={
            "code": _plain(found.code),
            "diagnosis_codes": tuple(_plain(code) for code in found.diagnosis_codes),
            "where": path,
        }
    )


def _document(found: DocumentText) -> DocumentText:
    head = found.head.model_copy(update={"at": _aware(found.head.at)})
    return found.model_copy(update={"head": head})
