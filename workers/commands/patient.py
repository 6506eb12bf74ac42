"""What only `--phi` shows, and the record that it was shown (design promise 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    documents: [{document_id, kind, status, title}]}`."""  # noqa: D205, D209 - one sentence
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
    }


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
    return found


def _name(name: Name | None) -> str:
    if name is None:
        return ""
    given = " ".join(part for part in (name.given, name.middle) if part)
    return f"{name.family}, {given}".rstrip(", ")
