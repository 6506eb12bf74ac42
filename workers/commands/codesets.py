"""`chartline codesets`: load editions of code sets, list them, look codes up, compare editions."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from workers.commands.ending import Ended, Exit
from workers.commands.files import given
from workers.commands.output import PLAIN, Output
from workers.commands.session import load_settings

if TYPE_CHECKING:
    from services.codesets.edition import Edition
    from services.codesets.loading.load import Load
    from services.codesets.shelf import Shelf
    from services.codesets.shelf_file import Loaded

FOLDER = "codesets"
MOST_SHOWN = 40  # differences of a kind, for people; --json has all of them

When = Annotated[str, Parameter(help="The day, such as 2026-05-04; today when left out.")]


def load(
    layout: Annotated[str, Parameter(help="The layout, such as icd10cm-order or hcpcs.")],
    *files: Annotated[str, Parameter(help="All files of one release.", allow_leading_hyphen=True)],
    effective: Annotated[str, Parameter(help="The edition's first day.")],
    end: Annotated[str, Parameter(help="The edition's last day.")],
    name: Annotated[str, Parameter(help="Its name, which assigned codes record.")] = "",
    source: Annotated[str, Parameter(help="Where the files are from.")] = "",
    licence: Annotated[str, Parameter(help="Under which licence you hold them.")] = "",
    replace: Annotated[bool, Parameter(help="Take the place of the edition of this name.")] = False,
    out: Output = PLAIN,
) -> int:
    """Load the files of one release as one edition: whole, or not at all.

    Layouts: icd10cm-order, icd10cm-tabular, icd10cm-index, icd10cm-eindex, icd10cm-neoplasm,
    icd10cm-drug, icd10pcs-order, icd9cm-dx, icd9cm-px, hcpcs, cpt, modifiers, ncci-practitioner,
    ncci-outpatient, mue-practitioner, mue-outpatient, add-ons, mpfs, opps, ms-drg, poa-exempt,
    pos, revenue, carc, rarc. Loading the same files again changes nothing. Example:
    `chartline codesets load icd10cm-order icd10cm_order_2027.txt --effective 2026-10-01
    --end 2027-09-30`

    Exit code: 0 loaded or there already, 6 a file is malformed (the sentence names line and
    column) or another edition has the name.

    JSON: `{changed, replaced, remarks, edition: {system, name, effective, end, source, licence,
    loaded_at, rows, format}}`.
    """
    from services.adapters.clock import SystemClock  # noqa: PLC0415 - see the package
    from services.codesets.edition import Edition  # noqa: PLC0415
    from services.codesets.loading.formats import format_named  # noqa: PLC0415
    from services.codesets.loading.load import load as load_files  # noqa: PLC0415

    wanted = format_named(layout)
    sources = _sources(files)
    edition = Edition(
        system=str(wanted.system),
        name=" ".join(name.split()) or f"{wanted.system} {_day(effective)}",
        effective=_day(effective),
        end=_day(end),
        source=source or ", ".join(one.name for one in sources),
        licence=licence or wanted.licence,
    )
    if edition.end < edition.effective:
        raise Ended(Exit.USAGE, "The last day is before the first one.")
    try:
        done = load_files(
            _shelf(),
            wanted,
            sources,
            edition,
            SystemClock().now().isoformat(timespec="seconds"),
            replacing=replace,
            progress=lambda file, rows: out.aside(f"{file}: {rows} rows"),
        )
    except OSError as error:
        sentence = f"The edition cannot be written ({type(error).__name__})."
        raise Ended(Exit.STOPPED, sentence, fix="Look at CHARTLINE_DATA_DIR.") from None
    _say_load(done, out)
    return Exit.OK


def list_editions(*, date: When = "", out: Output = PLAIN) -> int:
    """List every edition, and the systems that have none for the day.

    Exit code: 0, or 3 when a system's newest edition has ended or a file is damaged.

    JSON: `{editions: [{system, name, effective, end, source, licence, loaded_at, rows, format}],
    stale: [{system, edition, ended}], damaged: [file]}`; what comes with Chartline's packages has
    null for `loaded_at`, `rows` and `format`.
    """
    shelf, on = _shelf(), _day_or_today(date)
    shipped = [_shape_of(edition) for edition in _shipped(shelf)]
    shapes = [*shipped, *(_shape(one) for one in shelf.loaded)]
    shapes.sort(key=lambda one: (one["system"], one["effective"], one["name"]))
    stale = list(_stale(shapes, on))
    out.shape({"editions": shapes, "stale": stale, "damaged": shelf.damaged})
    columns = ("system", "name", "effective", "end", "rows", "loaded_at", "licence", "source")
    out.table(
        columns, [tuple("-" if one[at] is None else one[at] for at in columns) for one in shapes]
    )
    for one in stale:
        out.line(f"{one['system']}: no edition for {on}; {one['edition']} ended {one['ended']}.")
    for file in shelf.damaged:
        out.line(f"{file} is damaged: load it again with --replace.")
    return Exit.DEGRADED if stale or shelf.damaged else Exit.OK


def show(
    code: str,
    *,
    date: When = "",
    system: Annotated[str, Parameter(help="Look in this system only.")] = "",
    out: Output = PLAIN,
) -> int:
    """Show what every set says of a code on a day.

    A dot in the code does not matter. The halves of an NCCI pair are parted by a slash.

    Exit code: 0 found, 5 not found; systems without an edition for the day are named.

    JSON: `{code, date, found: [{system, edition, row}], no_data: [system]}`; the fields of `row`
    are those of its set.
    """
    from workers.commands.codesets_look import look_up  # noqa: PLC0415 - see the package

    on = _day_or_today(date)
    found, no_data = look_up(_shelf(), code, on, system)
    if not found:
        where = f" No edition for that day: {', '.join(no_data)}." if no_data else ""
        raise Ended(
            Exit.NOT_FOUND,
            f"No edition for {on} holds this code.{where}",
            code="codesets.no-edition" if no_data else "codesets.no-such-code",
            fix="`chartline codesets list` shows the editions and their days.",
        )
    out.shape({"code": code, "date": on, "found": found, "no_data": no_data})
    rows = [
        (one["system"], one["edition"], column, _cell(value))
        for one in found
        for column, value in one["row"].items()
        if value not in (None, "", {})
    ]
    out.table(("system", "edition", "field", "value"), rows)
    for name in no_data:
        out.line(f"{name}: no edition for {on}.")
    return Exit.OK


def diff(
    system: str,
    edition_a: str,
    edition_b: str,
    *,
    out: Output = PLAIN,
) -> int:
    """Say what edition B changes against edition A: added, ended and changed codes.

    Exit code: 0, whether they differ or not; 5 when there is no such edition.

    JSON: `{system, from, to, counts: {added, ended, changed}, added: [code], ended: [code],
    changed: [{code, columns}]}`.
    """
    from services.codesets.shelf_diff import differences  # noqa: PLC0415 - see the package

    shelf = _shelf()
    old, new = (shelf.opened(_named(shelf, system, name)) for name in (edition_a, edition_b))
    shape: dict[str, Any] = {"added": [], "ended": [], "changed": []}
    for one in differences(old, new):
        changed = {"code": one.key, "columns": one.columns}
        shape[one.what].append(changed if one.what == "changed" else one.key)
    counts = {what: len(found) for what, found in shape.items()}
    out.shape({"system": system, "from": edition_a, "to": edition_b, "counts": counts, **shape})
    for what, found in shape.items():
        out.line(f"{what}: {len(found)}")
        for one in found[:MOST_SHOWN]:
            is_code = isinstance(one, str)
            out.line(f"  {one}" if is_code else f"  {one['code']}: {', '.join(one['columns'])}")
        if len(found) > MOST_SHOWN:
            out.line(f"  and {len(found) - MOST_SHOWN} more; --json has all of them")
    return Exit.OK


def _shelf() -> Shelf:
    from services.codesets.shelf import Shelf  # noqa: PLC0415 - see the package

    return Shelf(load_settings().data_dir / FOLDER)


def _sources(files: tuple[str, ...]) -> list[Any]:
    from services.codesets.loading.cells import SourceFile  # noqa: PLC0415 - see the package

    sources = []
    for one in given(files):
        if one.trouble:
            raise Ended(Exit.FAILED, f"{one.name}: {one.trouble}.", code="file.unreadable")
        sources.append(SourceFile(Path(one.name).name, one.content))
    return sources


def _say_load(done: Load, out: Output) -> None:
    edition, rows = done.loaded.edition, done.loaded.rows
    out.shape(
        {
            "changed": done.changed,
            "replaced": done.replaced,
            "remarks": done.remarks,
            "edition": _shape(done.loaded),
        }
    )
    what = "loaded" if done.changed else "was there already"
    out.line(f"{edition.name} {what}: {rows} rows, {edition.effective} to {edition.end}.")
    for remark in done.remarks:
        out.line(remark)


def _shape(loaded: Loaded) -> dict[str, Any]:
    more = {"loaded_at": loaded.loaded_at, "rows": loaded.rows, "format": loaded.format}
    return {**_shape_of(loaded.edition), **more}


def _shape_of(edition: Edition) -> dict[str, Any]:
    return {
        "system": str(edition.system),
        "name": edition.name,
        "effective": edition.effective,
        "end": edition.end,
        "source": edition.source,
        "licence": edition.licence,
        "loaded_at": None,
        "rows": None,
        "format": None,
    }


def _shipped(shelf: Shelf) -> tuple[Edition, ...]:
    from services.codesets.library import open_codesets  # noqa: PLC0415 - see the package

    loaded = {one.edition.name for one in shelf.loaded}
    with open_codesets(shelf.folder) as sets:
        return tuple(one for one in sets.editions() if one.name not in loaded)


def _stale(shapes: list[dict[str, Any]], on: date) -> list[dict[str, Any]]:
    newest: dict[str, dict[str, Any]] = {}
    for one in shapes:
        held = newest.get(one["system"])
        if held is None or held["end"] < one["end"]:
            newest[one["system"]] = one
    return [
        {"system": system, "edition": one["name"], "ended": one["end"]}
        for system, one in newest.items()
        if one["end"] < on
    ]


def _named(shelf: Shelf, system: str, name: str) -> Loaded:
    found = shelf.named(system, name)
    if found is None:
        raise Ended(
            Exit.NOT_FOUND,
            f"There is no loaded edition of this system and name: {system}, {name}.",
            code="codesets.no-such-edition",
            fix="`chartline codesets list` shows the editions.",
        )
    return found


def _day_or_today(text: str) -> date:
    from services.adapters.clock import SystemClock  # noqa: PLC0415 - see the package

    return _day(text) if text else SystemClock().now().date()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Ended(Exit.USAGE, "A day is written as 2026-05-04.") from None


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {text}" for name, text in value.items())
    return str(value)
