"""What only `--phi` shows, and the record that it was shown (design promise 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from services.chart.model import Chart, Name
    from workers.commands.session import Session


def view(session: Session, subject: str, by: str, what: str) -> Chart | None:
    """The chart's content; the view is in the journal before it is given. None: no such chart.

    Raises:
        Outage: the view could not be recorded, so nothing is shown.
    """
    from services.adapters.store.work import UnitOfWork  # noqa: PLC0415 - see the package
    from services.chart.rows import ChartRow  # noqa: PLC0415

    def look(work: UnitOfWork) -> Chart | None:
        work.note(subject, "chart.viewed" if subject.startswith("c_") else "message.viewed", what)
        found = work.find(ChartRow, chart_id=subject)
        return work.chart(subject) if found else None

    return session.carry_out(by, look)


def shape(chart: Chart) -> dict[str, Any]:
    """`{account, mrn, name, birth_date, sex, coverages: [{rank, payer_id, payer_name, member_id}],
    documents: [{document_id, kind, status, title}], diagnoses: [{index, code, role, poa}],
    procedures: [{index, code, date}], charges: [{index, code, modifiers, revenue_code, units,
    amount, date}]}`; index counts from 0, as `dlq resume --set` does."""  # noqa: D205, D209
    patient = chart.patient
    return {
        "account": chart.account,
        "mrn": patient.mrn,
        "name": _name(patient.name),
        "birth_date": patient.birth_date.isoformat() if patient.birth_date else None,
        "sex": patient.sex,
        "coverages": [
            {
                "rank": one.rank,
                "payer_id": one.payer_id,
                "payer_name": one.payer_name,
                "member_id": one.member_id,
            }
            for one in chart.coverages
        ],
        "documents": [
            {
                "document_id": one.document_id,
                "kind": str(one.kind),
                "status": str(one.status),
                "title": one.title,
            }
            for one in chart.documents
        ],
        **_codes(chart),
    }


def _codes(chart: Chart) -> dict[str, list[dict[str, Any]]]:
    """What a coder and a biller work from."""
    return {
        "diagnoses": [
            {"index": n, "code": one.code, "role": str(one.role), "poa": str(one.poa or "")}
            for n, one in enumerate(chart.diagnoses)
        ],
        "procedures": [
            {"index": n, "code": one.code, "date": _day(one.on)}
            for n, one in enumerate(chart.procedures)
        ],
        "charges": [
            {
                "index": n,
                "code": one.code,
                "modifiers": list(one.modifiers),
                "revenue_code": one.revenue_code,
                "units": str(one.units),
                "amount": str(one.amount),
                "date": _day(one.on),
            }
            for n, one in enumerate(chart.charges)
        ],
    }


def _day(on: date | None) -> str | None:
    return on.isoformat() if on else None


def lines(content: dict[str, Any]) -> list[tuple[str, str]]:
    """Label and value of each line for people."""
    found = [
        ("patient", content["name"]),
        ("born", content["birth_date"] or "-"),
        ("sex", content["sex"] or "-"),
        ("mrn", content["mrn"]),
        ("account", content["account"]),
    ]
    found += [
        (f"coverage {one['rank']}", f"{one['payer_name'] or one['payer_id']} {one['member_id']}")
        for one in content["coverages"]
    ]
    found += [
        (one["kind"], f"{one['status']}: {one['title'] or one['document_id']}")
        for one in content["documents"]
    ]
    return found + [
        (f"{name}[{one['index']}]", _words(one))
        for name in ("diagnoses", "procedures", "charges")
        for one in content[name]
    ]


def _words(one: dict[str, Any]) -> str:
    """A code and what is known of it; what is not known is left out."""
    parts = [
        "-".join([one["code"] or "no code", *one.get("modifiers", ())]),
        one.get("role"),
        one.get("poa") and f"POA {one['poa']}",
        one.get("revenue_code") and f"revenue code {one['revenue_code']}",
        one.get("units") and f"{one['units']} units",
        one.get("amount") and f"{one['amount']} USD",
        one.get("date"),
    ]
    return ", ".join(part for part in parts if part)


def _name(name: Name | None) -> str:
    if name is None:
        return ""
    given = " ".join(part for part in (name.given, name.middle) if part)
    return f"{name.family}, {given}".rstrip(", ")
