"""`chartline code`: the codes of one plain-text note, with evidence. Stores nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from workers.commands.ending import Ended, Exit
from workers.commands.files import Given, given
from workers.commands.output import PLAIN, Output

if TYPE_CHECKING:
    from services.coding.notes.model import Evidence, NoteCode, NoteCoding, NoteFinding
    from services.coding.notes.reading import Reader, Visit

OLDEST = 124  # years; as the MCE has it
Where = Literal["inpatient", "outpatient", "ed"]
Payer = Literal["medicare", "medicaid", "commercial"]
Sex = Literal["F", "M"]


def code(
    file: Annotated[
        str,
        Parameter(help="The note, plain text; - for standard input.", allow_leading_hyphen=True),
    ] = "",
    *,
    batch: Annotated[str, Parameter(help="A folder of notes, instead of one file.")] = "",
    setting: Annotated[Where, Parameter(help="Where the patient was.")] = "outpatient",
    payer: Annotated[Payer, Parameter(help="Who pays; no rule of note coding asks yet.")] = (
        "commercial"
    ),
    date: Annotated[
        date | None, Parameter(help="Discharge or service date. Default: the newest edition's.")
    ] = None,
    age: Annotated[int | None, Parameter(help="Age in years.")] = None,
    sex: Annotated[Sex | None, Parameter(help="F or M.")] = None,
    out: Output = PLAIN,
) -> int:
    """Code a note: ICD-10-CM codes with evidence, status and confidence, and findings.

    Confidence is a rule of thumb until it is calibrated: what the term's source and the section
    are worth. `accepted` is 0.9 or more, `preselected` 0.5 or more, else `suggested`; what the
    note calls uncertain is never accepted. Procedures are not read. Example:
    `chartline code note.txt --setting inpatient --date 2026-05-02 --json`

    The evidence of --json holds words of the note; the table holds none.

    Exit code: 0 coded, 1 a file cannot be read, or no edition covers the date.

    JSON: `{file, edition, setting, payer, date, codes: [{system, code, title, role, status,
    confidence, evidence: [{start, end, text, section, against}], rules}], findings: [{rule_id,
    status, severity, target, message, fix, edition}]}`; with --batch `{files: [...]}` of those.
    """
    files = list(_files(file, batch))
    if age is not None and not 0 <= age <= OLDEST:
        raise Ended(Exit.USAGE, f"An age is from 0 to {OLDEST} years.")
    visit = _visit(setting, age, sex)
    reader = _reader(date)
    shapes = []
    for one in files:
        facts = {"setting": setting, "payer": payer, "date": date.isoformat() if date else None}
        shape = {"file": one.name, **facts, **_code(one, reader, visit)}
        shapes.append(shape)
        _print(shape, out)
    out.shape({"files": shapes} if batch else shapes[0])
    good = all(finding["status"] != "no_data" for one in shapes for finding in one["findings"])
    return Exit.OK if good else Exit.FAILED


def _files(file: str, batch: str) -> list[Given]:
    if bool(file) == bool(batch):
        raise Ended(Exit.USAGE, "Name one note, or - for standard input, or --batch with a folder.")
    found = list(given([batch or file]))
    if not found:
        raise Ended(Exit.NOT_FOUND, "There is no note in the folder.")
    if file and len(found) > 1:
        raise Ended(Exit.USAGE, "That is a folder; use --batch for it.")
    return found


def _visit(setting: Where, age: int | None, sex: Sex | None) -> Visit:
    from services.coding.notes.model import Setting  # noqa: PLC0415 - see the package
    from services.coding.notes.reading import Visit  # noqa: PLC0415

    return Visit(Setting(setting), age, sex or "")


def _reader(on: date | None) -> Reader | None:
    """The reader for the date; None when no edition covers it."""
    from services.chart.model import CodeSystem  # noqa: PLC0415 - see the package
    from services.codesets.library import open_codesets  # noqa: PLC0415 - see the package
    from services.coding.notes.reading import Reader  # noqa: PLC0415
    from services.coding.notes.term_cache import open_matcher  # noqa: PLC0415
    from workers.commands.session import load_settings  # noqa: PLC0415

    folder = load_settings().data_dir / "codesets"
    with open_codesets(folder) as codesets:
        newest = max(one.end for one in codesets.editions() if one.system == CodeSystem.ICD10CM)
        tabular = codesets.tabular_on(on or newest)
        return Reader(tabular, open_matcher(folder, tabular)) if tabular else None


def _code(one: Given, reader: Reader | None, visit: Visit) -> dict[str, Any]:
    """What coding one file gives, as JSON."""
    if one.trouble:
        return _nothing("file.unreadable", f"{one.trouble}.", "Give a readable text file.")
    if reader is None:
        words = "No ICD-10-CM edition here covers the date."
        return _nothing("codesets.no-edition", words, "Load the edition of that date.")
    try:
        note = one.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        words = "The note is not UTF-8 text."
        return _nothing("file.unreadable", words, "Save it as UTF-8 text.")
    coding = reader.read(note, visit)
    return {
        "edition": coding.edition,
        "codes": [_code_shape(each, note, reader) for each in coding.codes],
        "findings": [_finding_shape(each, coding) for each in coding.findings],
    }


def _nothing(rule_id: str, message: str, fix: str) -> dict[str, Any]:
    finding = {
        "rule_id": rule_id,
        "status": "no_data",
        "severity": "error",
        "target": "",
        "message": message,
        "fix": fix,
        "edition": "",
    }
    return {"edition": "", "codes": [], "findings": [finding]}


def _code_shape(one: NoteCode, note: str, reader: Reader) -> dict[str, Any]:
    from services.coding.notes.model import dotted  # noqa: PLC0415 - see the package

    return {
        "system": reader.tabular.edition.system,
        "code": dotted(one.code),
        "title": reader.tabular.title(one.code),
        "role": one.role,
        "status": one.status,
        "confidence": one.confidence,
        "evidence": [_evidence_shape(each, note) for each in one.evidence],
        "rules": list(one.rules),
    }


def _evidence_shape(one: Evidence, note: str) -> dict[str, Any]:
    return {
        "start": one.start,
        "end": one.end,
        "text": note[one.start : one.end],
        "section": one.section,
        "against": list(one.against),
    }


def _finding_shape(one: NoteFinding, coding: NoteCoding) -> dict[str, Any]:
    from services.coding.notes.model import dotted  # noqa: PLC0415 - see the package

    return {
        "rule_id": one.rule_id,
        "status": "fail" if one.severity == "warning" else "pass",
        "severity": one.severity,
        "target": dotted(one.target),
        "message": one.message,
        "fix": "",
        "edition": coding.edition,
    }


def _print(shape: dict[str, Any], out: Output) -> None:
    out.line(f"{shape['file']}: {len(shape['codes'])} codes ({shape['edition'] or 'no edition'})")
    out.table(
        ("code", "role", "status", "confidence", "at", "title"),
        [
            (
                one["code"],
                one["role"],
                one["status"],
                f"{one['confidence']:.2f}",
                ", ".join(f"{each['start']}-{each['end']}" for each in one["evidence"]),
                one["title"],
            )
            for one in shape["codes"]
        ],
    )
    for finding in shape["findings"]:
        out.line(f"  {finding['severity']}: {finding['message']} [{finding['rule_id']}]")
