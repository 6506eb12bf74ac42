"""Which fields of a stopped chart a person may correct, and how a correction is applied.

The list is data: one row a field. `needs` is the first stage that reads the field, so that a chart
that stopped later goes back to it and nothing that follows from the old value is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from messages.path import Stage
from services.chart.model import Chart
from services.worklist.failures import PathNotAllowed, ValueNotAllowed

NPI = r"\d{10}"
ICD = r"[A-Z0-9]{3,7}"
ANY = r".+"


@dataclass(frozen=True, slots=True)
class Correctable:
    """One field that may be corrected.

    `path` as people write it, with `[]` for any position of a list; `form` what the whole value
    must match; `shown` whether its values may stand in the journal (codes may, patient data not).
    """

    path: str
    form: str
    needs: Stage
    shown: bool = True
    several: bool = False  # a list of values, separated by commas


CORRECTABLE: tuple[Correctable, ...] = (
    Correctable("encounter.encounter_class", ANY, Stage.COMPLETENESS),
    Correctable("encounter.discharge_status", r"\d{2}", Stage.CODING),
    Correctable("encounter.admission_type", r"[1-59]", Stage.ASSEMBLY),
    Correctable("encounter.attending.npi", NPI, Stage.ASSEMBLY),
    Correctable("encounter.rendering.npi", NPI, Stage.ASSEMBLY),
    Correctable("diagnoses[].code", ICD, Stage.CODING),
    Correctable("diagnoses[].poa", r"[YNUW]?", Stage.CODING),
    Correctable("diagnoses[].role", ANY, Stage.CODING),
    Correctable("procedures[].code", ICD, Stage.CODING),
    Correctable("charges[].code", r"[A-Z0-9]{5}", Stage.CODING),
    Correctable("charges[].revenue_code", r"\d{4}", Stage.CODING),
    Correctable("charges[].modifiers", r"[A-Z0-9]{2}", Stage.CODING, several=True),
    Correctable("coverages[].payer_id", r"[A-Za-z0-9]{2,80}", Stage.COMPLETENESS),
    Correctable("coverages[].member_id", r"[A-Za-z0-9-]{2,80}", Stage.COMPLETENESS, shown=False),
    Correctable("coverages[].plan_type", r"[A-Z0-9]{1,2}", Stage.ASSEMBLY),
    Correctable("patient.address.line1", ANY, Stage.COMPLETENESS, shown=False),
    Correctable("patient.address.line2", r".*", Stage.COMPLETENESS, shown=False),
    Correctable("patient.address.city", ANY, Stage.COMPLETENESS, shown=False),
    Correctable("patient.address.state", r"[A-Z]{2}", Stage.COMPLETENESS, shown=False),
    Correctable("patient.address.zip", r"\d{5}(\d{4})?", Stage.COMPLETENESS, shown=False),
    Correctable("patient.address.country", r"[A-Z]{2,3}", Stage.COMPLETENESS, shown=False),
    Correctable("patient.sex", r"[MFU]", Stage.COMPLETENESS, shown=False),
    Correctable("patient.birth_date", r"\d{4}-\d{2}-\d{2}", Stage.COMPLETENESS, shown=False),
)
BY_PATH = {row.path: row for row in CORRECTABLE}
_POSITION = re.compile(r"\[(\d{1,4})\]")
_PART = re.compile(r"([a-z_0-9]+)(?:\[(\d{1,4})\])?")


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person wants: this value at this path."""

    path: str
    value: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """The corrected chart, the stage to go on from, and the changes for the journal."""

    chart: Chart
    needs: Stage
    changes: tuple[dict[str, str], ...]  # path, and from and to where the field may be shown


def parse(text: str) -> Correction:
    """A correction written as PATH=VALUE. Raises: ValueNotAllowed."""
    path, found, value = text.partition("=")
    if not found or not path.strip():
        raise ValueNotAllowed("A correction is written PATH=VALUE.")
    return Correction(path.strip(), value.strip())


def correct(chart: Chart, corrections: Iterable[Correction]) -> Corrected:
    """Apply all corrections, or none.

    Raises:
        PathNotAllowed: a path is not in the list, or names a position that the chart has not.
        ValueNotAllowed: a value has not the form of its field, or the model refuses it.
    """
    content: dict[str, Any] = chart.model_dump(mode="json")
    needs, changes = list[Stage](), []
    for one in corrections:
        row = _row(one.path)
        value = _value(row, one)
        before = _replace(content, one.path, value)
        needs.append(row.needs)
        shown = {"from": _text(before), "to": _text(value)} if row.shown else {}
        changes.append({"path": one.path, **shown})
    try:
        corrected = Chart.model_validate(content)
    except ValidationError as error:
        raise ValueNotAllowed(_sentence(error)) from None
    first = min(needs, key=list(Stage).index, default=Stage.REMITTANCE)
    return Corrected(corrected, first, tuple(changes))


def _row(path: str) -> Correctable:
    row = BY_PATH.get(_POSITION.sub("[]", path))
    if row is None:
        allowed = ", ".join(BY_PATH)
        raise PathNotAllowed(f"This field may not be corrected here. Those that may: {allowed}.")
    return row


def _value(row: Correctable, one: Correction) -> str | list[str]:
    """The value in the form that the model keeps: codes without dots, in upper case."""
    text = one.value
    if row.path.endswith((".code", ".modifiers")):
        text = text.replace(".", "").upper()
    values = [part.strip() for part in text.split(",") if part.strip()] if row.several else [text]
    if not all(re.fullmatch(row.form, value) for value in values):
        raise ValueNotAllowed(f"The value does not have the form of {row.path}.", where=one.path)
    return values if row.several else text


def _replace(content: dict[str, Any], path: str, value: str | list[str]) -> object:
    """Put the value at the path; returns what stood there."""
    *parents, last = path.split(".")
    at: dict[str, Any] = content
    for part in parents:
        match = _PART.fullmatch(part)
        assert match is not None  # noqa: S101 - the path is one of the list
        name, position = match.groups()
        if position is None:
            at[name] = at[name] or {}
            at = at[name]
        elif int(position) < len(at[name]):
            at = at[name][int(position)]
        else:
            raise PathNotAllowed(f"The chart has no {name}[{position}].", where=path)
    before = at.get(last)
    at[last] = value
    return before


def _text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return "" if value is None else str(value)


def _sentence(error: ValidationError) -> str:
    """What the model refuses, without the value."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found) + "."
