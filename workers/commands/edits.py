"""`chartline edits`: every rule over a list of codes that has no note. Stores nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from workers.commands.ending import Ended, Exit
from workers.commands.files import Given, given
from workers.commands.output import PLAIN, Output

if TYPE_CHECKING:
    from services.coding.edits import ClaimEdits

FOLDER = "codesets"  # in the data folder, where `codesets load` puts its editions


def edits(
    file: Annotated[
        str, Parameter(help="A JSON file, or - for standard input.", allow_leading_hyphen=True)
    ],
    /,
    *,
    passes: Annotated[bool, Parameter(help="Also list the rules that found nothing.")] = False,
    out: Output = PLAIN,
) -> int:
    """Check a list of codes: rules, NCCI, MUE, vaccines, MS-DRG, APC. Prints JSON.

    Example: `chartline edits claim.json`

    The request: `{"setting": "inpatient|outpatient|ed|surgery|clinic", "payer":
    "medicare|medicaid|commercial", "date": "2026-05-02", "age": 65, "sex": "F|M|U",
    "discharge_status": "01", "dx": [{"code": "E11.22", "poa": "Y"}], "px": ["0SRC0J9"], "lines":
    [{"code": "99213", "modifiers": ["25"], "units": 1, "date": "2026-05-02"}]}`. Only "setting" is
    needed; codes stand with or without dots, the first of "dx" is principal or first-listed. A
    stay's date is the discharge. Also known: "admitting", "overrides" (rule ids), "total", and in a
    line "charge" (of the whole line), "revenue_code" and "dx" (places, counted from 1). "clinic"
    asks the practitioner's NCCI and MUE tables, the other settings those of the hospital.

    The answer: `{findings: [{rule_id, status, severity, target, message, fix, edition,
    overridable}], drg, apc, hcc}`. A status is fail, pass (with --passes), bypassed, or no_data: no
    table covers the day, which is not a pass. A severity is error, warning or info. drg: `{code,
    status, description, mdc, outcome, edition}`, null unless inpatient. apc: `[{target, code,
    status, paid, status_indicator, apc, weight, payment, why, edition}]`. hcc: `[{hcc, model}]`.
    Tables come from `chartline codesets load`.

    Exit code: 0 answered, whatever the findings say; 5 no such file; 6 the request is refused,
    with the JSON path of the field that is wrong.
    """
    (one,) = given((file,))
    content = _parsed(one)
    from services.coding.edits_request import BadRequest  # noqa: PLC0415 - see the package

    with _open() as claim_edits:
        try:
            answer = claim_edits.answer(content, passes=passes)
        except BadRequest as error:
            fix = "Correct the field; `chartline edits --help` says the shape."
            raise Ended(Exit.REFUSED, str(error), code="edits.bad-request", fix=fix) from None
    Output(json=True, no_color=out.no_color).shape(answer)
    return Exit.OK


def _parsed(one: Given) -> Any:
    import orjson  # noqa: PLC0415 - see the package

    if one.trouble:
        raise Ended(Exit.NOT_FOUND, f"The file cannot be read: {one.trouble}.")
    try:
        return orjson.loads(one.content)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Ended(
            Exit.REFUSED, f"$ is not JSON: it breaks off at {where}.", code="edits.bad-request"
        ) from None


@contextmanager
def _open() -> Iterator[ClaimEdits]:
    """The rules over the code sets and the loaded tables of this installation."""
    from services.codesets.engine_msdrg import MsdrgEngine  # noqa: PLC0415 - see the package
    from services.codesets.icd10cm import APRIL_2026, open_april_2026  # noqa: PLC0415
    from services.codesets.library import CodeSets, Shelved  # noqa: PLC0415
    from services.codesets.shelf import Shelf  # noqa: PLC0415
    from services.codesets.shelf_tables import edit_tables  # noqa: PLC0415
    from services.codesets.shelf_tabular import shelved_tabulars  # noqa: PLC0415
    from services.coding.edits import ClaimEdits  # noqa: PLC0415
    from workers.commands.session import load_settings  # noqa: PLC0415

    shelf = Shelf(load_settings().data_dir / FOLDER)
    shipped = Shelved(APRIL_2026, lambda: open_april_2026(shelf.folder))
    engine = MsdrgEngine()
    with CodeSets((*shelved_tabulars(shelf), shipped), engine, engine) as codesets:
        yield ClaimEdits(codesets, edit_tables(shelf))
