"""Editing a list of codes without a note: every rule, the MS-DRG, the APCs and the HCCs.

Same request and same tables give the same answer, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

from services.chart.model import EncounterClass, Finding, Severity, Status
from services.codesets import hcc, opps
from services.codesets.edit_tables import NO_TABLES, EditTables
from services.codesets.inpatient import Grouping
from services.codesets.library import CodeSets
from services.coding import rules_mce
from services.coding.case import Case
from services.coding.drg import group
from services.coding.edits_case import by_day, lines_of
from services.coding.edits_chart import open_edit_case
from services.coding.edits_order import Order
from services.coding.edits_request import EditRequest, read_request
from services.coding.rule import Rule, Said
from services.coding.rules import judge
from services.coding.rules_clinical import age_of
from services.coding.rules_tables import setting_of

PATHS = (("diagnoses", "dx"), ("charges", "lines"), ("procedures", "px"))
ENCOUNTER = {"encounter": "$", "diagnoses": "dx", "charges": "lines", "procedures": "px"}
Answer = dict[str, Any]


class ClaimEdits:
    """The edits over one set of code sets and tables. Safe for several threads."""

    def __init__(
        self, codesets: CodeSets, tables: EditTables = NO_TABLES, load_hcc: hcc.Load | None = None
    ) -> None:
        self._codesets = codesets
        self._tables = tables
        self._load_hcc = load_hcc or hcc.load_package
        self._order = Order(tables)

    def answer(self, content: object, *, passes: bool = False) -> Answer:
        """The answer to a request as parsed JSON.

        `passes`: also a finding for each rule that was asked and has nothing to say.

        Raises:
            BadRequest: the request is not of the documented shape; it names the JSON path.
        """
        return self.edit(read_request(content), passes=passes)

    def edit(self, request: EditRequest, *, passes: bool = False) -> Answer:
        """`{findings, drg, apc, hcc}`: what the rules say, and what it groups to."""
        case = open_edit_case(request, self._codesets)
        rules = self._order.every(case) if passes else self._order.concerning(case)
        rules += _total_rule(request)
        grouping: Grouping | None = None
        if case.inpatient:
            grouping, of_drg = group(case)
            rules += of_drg
        risk, of_risk = self._risk(case)
        rules += of_risk
        findings = [one.finding for one in judge(case, rules)]
        if passes:
            findings += _passes(rules, findings)
        admitting = len(request.dx) if request.admitting else None
        return {
            "findings": [self._shape(one, case, admitting) for one in findings],
            "drg": _drg(case, grouping),
            "apc": list(self._apcs(case)),
            "hcc": [{"hcc": one, "model": risk.model} for one in risk.categories] if risk else [],
        }

    def _risk(self, case: Case) -> tuple[hcc.RiskScore | None, tuple[Rule, ...]]:
        """CMS-HCC is Medicare's: it is asked for Medicare only."""
        age = age_of(case)
        medicare = any(one.plan_type in rules_mce.MEDICARE for one in case.chart.coverages)
        if not medicare or age is None:
            return None, ()
        codes = [one.code for one in case.claimed if one.formed]
        score = hcc.risk(codes, age, case.chart.patient.sex, self._load_hcc)
        return score, (NO_RISK,) if score is None else ()

    def _apcs(self, case: Case) -> Iterator[Answer]:
        """The lines of a hospital outpatient; without Addendum B there is no answer."""
        if case.inpatient or case.chart.encounter.encounter_class is EncounterClass.CLINIC:
            return
        for day, lines in by_day(case):
            table = self._tables.opps_on(day)
            if table is None:
                why = f"No OPPS Addendum B here covers {day}."
                yield from (_apc(line.index, line.code, why) for line in lines)
                continue
            for one in opps.pay(table, lines):
                shape = _apc(one.line.index, one.line.code, one.why)
                if one.row is not None:
                    shape |= {
                        "status": _status(one.paid),
                        "paid": str(one.paid),
                        "status_indicator": one.row.status_indicator,
                        "apc": one.row.apc,
                        "weight": _number(one.row.weight),
                        "payment": _number(one.row.payment),
                    }
                yield {**shape, "edition": table.edition.name}

    def _shape(self, finding: Finding, case: Case, admitting: int | None) -> Answer:
        return {
            "rule_id": finding.rule_id,
            "status": finding.status.value,
            "severity": finding.severity.value,
            "target": _path(finding.target, admitting),
            "message": _words(finding.message, admitting),
            "fix": finding.fix,
            "edition": self._edition(finding, case),
            "overridable": finding.overridable,
        }

    def _edition(self, finding: Finding, case: Case) -> str:
        """The edition of the table that the rule asked."""
        kind, on = finding.rule_id, case.on
        if on is None:
            return ""
        if kind.startswith(("R-MCE", "R-IOCE-02", "R-IOCE-03", "R-ICD-08-FIRST")):
            return self._codesets.editor.name
        if kind.startswith("R-DRG"):
            return self._codesets.grouper.edition(on) or ""
        if not kind.startswith(("R-NCCI", "R-MUE", "R-AOC", "R-IOCE", "R-CPT-02", "R-MOD-50")):
            return finding.edition
        table = self._table(kind, case, on)
        return table.edition.name if table is not None else ""

    def _table(self, kind: str, case: Case, day: date) -> Any:
        on = lines[0].on if (lines := lines_of(case)) else day
        if kind.startswith("R-NCCI"):
            return self._tables.ncci_on(setting_of(case), on)
        if kind.startswith("R-MUE"):
            return self._tables.mue_on(setting_of(case), on)
        asked = {
            "R-AOC-01": self._tables.add_ons_on,
            "R-CPT-02": self._tables.procedures_on,
            "R-MOD-50": self._tables.mpfs_on,
        }
        return asked.get(kind, self._tables.opps_on)(on)


def _no_risk(_: Case) -> Iterator[Said]:
    message = f"The CMS-HCCs are not known: {hcc.PACKAGE} gave no answer here."
    yield Said("diagnoses", message, status=Status.NO_DATA)


NO_RISK = Rule("R-HCC-01", "Risk adjustment", hcc.MODEL, Severity.INFO, _no_risk)


def _total_rule(request: EditRequest) -> tuple[Rule, ...]:
    if request.total is None:
        return ()
    check = partial(_adds_up, request)
    return (Rule("R-TOT-01", "Total", "X12 837 CLM02 = sum of SV1/SV2", Severity.ERROR, check),)


def _adds_up(request: EditRequest, _: Case) -> Iterator[Said]:
    """A line's charge is the total of the line already; units do not multiply it again."""
    charges = [line.charge for line in request.lines if line.charge is not None]
    if len(charges) < len(request.lines):
        yield Said("total", "Not every line has a charge to add up.", status=Status.NO_DATA)
    elif sum(charges) != request.total:
        message = f"The lines add up to {sum(charges)}, the total says {request.total}."
        yield Said("total", message, "Correct the total or the charges of the lines.")


def _passes(rules: Sequence[Rule], findings: Sequence[Finding]) -> list[Finding]:
    spoken = {one.rule_id for one in findings}
    return [
        Finding(
            rule_id=rule.rule_id,
            status=Status.PASS,
            severity=Severity.INFO,
            target="encounter",
            message=f"{rule.title}: nothing to say.",
            overridable=rule.overridable,
        )
        for rule in rules
        if rule.rule_id not in spoken
    ]


def _drg(case: Case, grouping: Grouping | None) -> Answer | None:
    if not case.inpatient:
        return None
    if grouping is None:
        return {"code": None, "status": Status.NO_DATA.value, "description": "", "mdc": ""}
    return {
        "code": grouping.drg,
        "status": Status.PASS.value if grouping.outcome == "OK" else Status.FAIL.value,
        "description": grouping.description,
        "mdc": grouping.mdc,
        "outcome": grouping.outcome,
        "edition": grouping.engine,
    }


def _apc(index: int, code: str, why: str) -> Answer:
    return {
        "target": f"lines[{index}]",
        "code": code,
        "status": Status.NO_DATA.value,
        "paid": str(opps.Paid.UNKNOWN),
        "status_indicator": "",
        "apc": "",
        "weight": None,
        "payment": None,
        "why": why,
        "edition": "",
    }


def _status(paid: opps.Paid) -> str:
    return Status.NO_DATA.value if paid is opps.Paid.UNKNOWN else Status.PASS.value


def _number(value: object) -> str | None:
    return None if value is None else str(value)


def _path(target: str, admitting: int | None) -> str:
    return ENCOUNTER.get(target) or _words(target, admitting)


def _words(text: str, admitting: int | None) -> str:
    """The chart's paths as the request's."""
    if admitting is not None:
        text = text.replace(f"diagnoses[{admitting}]", "admitting")
    for ours, theirs in PATHS:
        text = text.replace(f"{ours}[", f"{theirs}[")
    return text
