"""What `edits` is asked: a list of codes without a note, read and checked field by field.

The request is plain JSON; a field that is missing, unknown or of the wrong kind is refused with its
path, for a misspelt field that is passed over would pass what it was to check.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from services.chart.model import EncounterClass, Poa

SETTINGS = {
    "inpatient": EncounterClass.INPATIENT,
    "outpatient": EncounterClass.OUTPATIENT,
    "ed": EncounterClass.EMERGENCY,
    "emergency": EncounterClass.EMERGENCY,
    "surgery": EncounterClass.SURGERY,
    "clinic": EncounterClass.CLINIC,
    "office": EncounterClass.CLINIC,
}
PAYERS = ("medicare", "medicaid", "commercial")
SEXES = ("F", "M", "U")
POAS = ("Y", "N", "U", "W")
EXEMPT = ("", "1")  # 5010 leaves it out, 4010 wrote 1
OLDEST = 150
MOST = 1000  # codes or lines of one request
MOST_UNITS = 1_000_000
CODE = re.compile(r"[0-9A-Za-z.]{1,12}")
FIELDS = frozenset(
    {"setting", "payer", "date", "age", "sex", "discharge_status", "dx", "px", "lines"}
    | {"admitting", "overrides", "total"}
)
LINE_FIELDS = frozenset({"code", "modifiers", "units", "date", "charge", "revenue_code", "dx"})


class BadRequest(ValueError):
    """The request is not of the documented shape. `path` is a JSON path; no value is repeated."""

    def __init__(self, path: str, words: str) -> None:
        super().__init__(f"{path} {words}.")
        self.path = path


@dataclass(frozen=True, slots=True)
class AskedDiagnosis:
    """A diagnosis of the request. `poa` None: not said."""

    code: str
    poa: Poa | None = None


@dataclass(frozen=True, slots=True)
class AskedLine:
    """A line of the request. `charge` is the total of the line; `dx` are places from 1."""

    code: str
    modifiers: tuple[str, ...] = ()
    units: Decimal = Decimal(1)
    on: date | None = None
    charge: Decimal | None = None
    revenue_code: str = ""
    dx: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class EditRequest:
    """A list of codes to edit."""

    setting: EncounterClass
    payer: str = ""
    on: date | None = None
    age: int | None = None
    sex: str = ""
    discharge_status: str = ""
    dx: tuple[AskedDiagnosis, ...] = ()
    px: tuple[str, ...] = ()
    lines: tuple[AskedLine, ...] = ()
    admitting: str = ""
    overrides: tuple[str, ...] = ()
    total: Decimal | None = None


def read_request(content: object) -> EditRequest:
    """The request that parsed JSON holds.

    Raises:
        BadRequest: with the JSON path of the first field that is wrong.
    """
    fields = _object(content, "$", FIELDS)
    if "setting" not in fields:
        raise _wrong("$.setting", "is missing")
    return EditRequest(
        setting=SETTINGS[_one_of(fields["setting"], "$.setting", tuple(SETTINGS))],
        payer=_one_of(fields.get("payer") or "", "$.payer", ("", *PAYERS)),
        on=_date(fields.get("date"), "$.date"),
        age=_age(fields.get("age")),
        sex=_one_of(fields.get("sex") or "", "$.sex", ("", *SEXES)),
        discharge_status=_status(fields.get("discharge_status")),
        dx=tuple(_diagnosis(one, path) for one, path in _each(fields.get("dx"), "$.dx")),
        px=tuple(_procedure(one, path) for one, path in _each(fields.get("px"), "$.px")),
        lines=tuple(_line(one, path) for one, path in _each(fields.get("lines"), "$.lines")),
        admitting=_code(fields["admitting"], "$.admitting") if fields.get("admitting") else "",
        overrides=tuple(
            _text(one, path) for one, path in _each(fields.get("overrides"), "$.overrides")
        ),
        total=_amount(fields.get("total"), "$.total"),
    )


def _wrong(path: str, words: str) -> BadRequest:
    return BadRequest(path, words)


def _object(content: object, path: str, known: frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(content, dict):
        raise _wrong(path, "is not an object")
    for name in content:
        if name not in known:
            shown = name if isinstance(name, str) and name.isidentifier() else "a field"
            raise _wrong(f"{path}.{shown[:40]}", "is not a field that is known here")
    return content


def _each(content: object, path: str) -> list[tuple[object, str]]:
    if content is None:
        return []
    if not isinstance(content, list):
        raise _wrong(path, "is not a list")
    if len(content) > MOST:
        raise _wrong(path, f"has more than {MOST} entries")
    return [(one, f"{path}[{index}]") for index, one in enumerate(content)]


def _text(content: object, path: str) -> str:
    if not isinstance(content, str):
        raise _wrong(path, "is not a text")
    return content.strip()


def _one_of(content: object, path: str, allowed: tuple[str, ...]) -> str:
    text = _text(content, path)
    for one in allowed:
        if text.lower() == one.lower():
            return one
    raise _wrong(path, f"is none of {', '.join(one for one in allowed if one)}")


def _code(content: object, path: str) -> str:
    text = _text(content, path)
    if not CODE.fullmatch(text):
        raise _wrong(path, "is not written like a code")
    return text.upper()


def _date(content: object, path: str) -> date | None:
    if content is None:
        return None
    try:
        return date.fromisoformat(_text(content, path))
    except ValueError:
        raise _wrong(path, "is not a date such as 2026-05-02") from None


def _age(content: object) -> int | None:
    if content is None:
        return None
    if isinstance(content, bool) or not isinstance(content, int) or not 0 <= content <= OLDEST:
        raise _wrong("$.age", f"is not a whole number of years from 0 to {OLDEST}")
    return content


def _status(content: object) -> str:
    if content is None or content == "":
        return ""
    text = str(content) if isinstance(content, int) and not isinstance(content, bool) else content
    text = _text(text, "$.discharge_status")
    if not (text.isascii() and text.isdecimal() and len(text) <= len("20")):
        raise _wrong("$.discharge_status", "is not a patient status of two digits")
    return text.zfill(2)


def _diagnosis(content: object, path: str) -> AskedDiagnosis:
    if isinstance(content, str):
        return AskedDiagnosis(_code(content, path))
    fields = _object(content, path, frozenset({"code", "poa"}))
    if "code" not in fields:
        raise _wrong(f"{path}.code", "is missing")
    said = fields.get("poa")
    code = _code(fields["code"], f"{path}.code")
    if said is None:
        return AskedDiagnosis(code)
    if said in EXEMPT:
        return AskedDiagnosis(code, Poa.EXEMPT)
    return AskedDiagnosis(code, Poa(_one_of(said, f"{path}.poa", POAS)))


def _procedure(content: object, path: str) -> str:
    if isinstance(content, str):
        return _code(content, path)
    fields = _object(content, path, frozenset({"code", "date"}))
    if "code" not in fields:
        raise _wrong(f"{path}.code", "is missing")
    return _code(fields["code"], f"{path}.code")


def _line(content: object, path: str) -> AskedLine:
    if isinstance(content, str):
        return AskedLine(_code(content, path))
    fields = _object(content, path, LINE_FIELDS)
    if "code" not in fields:
        raise _wrong(f"{path}.code", "is missing")
    modifiers = _each(fields.get("modifiers"), f"{path}.modifiers")
    return AskedLine(
        code=_code(fields["code"], f"{path}.code"),
        modifiers=tuple(_code(one, where) for one, where in modifiers),
        units=_units(fields.get("units", 1), f"{path}.units"),
        on=_date(fields.get("date"), f"{path}.date"),
        charge=_amount(fields.get("charge"), f"{path}.charge"),
        revenue_code=_code(fields["revenue_code"], f"{path}.revenue_code")
        if fields.get("revenue_code")
        else "",
        dx=tuple(_place(one, where) for one, where in _each(fields.get("dx"), f"{path}.dx")),
    )


def _units(content: object, path: str) -> Decimal:
    units = _number(content, path)
    if units is None or abs(units) > MOST_UNITS or units != units.to_integral_value():
        raise _wrong(path, "is not a whole number of units")
    return units


def _place(content: object, path: str) -> int:
    if isinstance(content, bool) or not isinstance(content, int) or not 1 <= content <= MOST:
        raise _wrong(path, "is not the place of a diagnosis, counted from 1")
    return content


def _amount(content: object, path: str) -> Decimal | None:
    amount = _number(content, path)
    if amount is not None and abs(amount) >= Decimal(10**12):
        raise _wrong(path, "is not an amount")
    return amount


def _number(content: object, path: str) -> Decimal | None:
    if content is None:
        return None
    if type(content) is int:
        return Decimal(content)
    if isinstance(content, bool) or not isinstance(content, int | float | str):
        raise _wrong(path, "is not a number")
    try:
        number = Decimal(str(content))
    except InvalidOperation:
        raise _wrong(path, "is not a number") from None
    if not number.is_finite():
        raise _wrong(path, "is not a number")
    return number
