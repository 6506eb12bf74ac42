"""The tables of the first version.

Written out, so that a later change of the row classes does not change what this revision makes. A
column is a text unless it says `:number` (64 bits) or `:bytes`; the first is the primary key.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    for name, columns, uniques, indexes in TABLES:
        names = columns.split()
        op.create_table(
            name,
            *[_column(column) for column in names],
            sa.PrimaryKeyConstraint(names[0]),
            *[
                sa.UniqueConstraint(*unique.split(), name=_name(name, unique, "key"))
                for unique in uniques
            ],
            sqlite_strict=True,
        )
        for index in indexes:
            op.create_index(_name(name, index, "idx"), name, index.split())


def downgrade() -> None:
    """Drop the tables and all that is in them."""
    for name, *_ in reversed(TABLES):
        op.drop_table(name)


def _column(spec: str) -> sa.Column[Any]:
    name, _, kind = spec.partition(":")
    return sa.Column(name, TYPES[kind], nullable=False)


def _name(table: str, columns: str, suffix: str) -> str:
    return "_".join((table, *columns.split(), suffix))


TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    # Compares byte by byte on both databases.
    "": sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"),
    "number": sa.BigInteger().with_variant(sa.INTEGER(), "sqlite"),
    "bytes": sa.LargeBinary(),
}

# Name, columns, unique constraints, indexes.
TABLES: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "raw",
        (
            "raw_id feed identity content_hash content_type received_ms:number state chart_id "
            "content:bytes"
        ),
        (),
        (
            "identity",
            "state",
        ),
    ),
    (
        "chart",
        (
            "chart_id facility account encounter_class payer_id place place_id stage outcome "
            "version:number journal_seq:number journal_head created_ms:number "
            "updated_ms:number body"
        ),
        ("facility account",),
        ("place stage outcome",),
    ),
    (
        "message",
        (
            "message_id subject stage kind body due_ms:number sends:number attempts:number "
            "errors caused_by trace said_ms:number"
        ),
        (),
        (
            "stage due_ms message_id",
            "subject",
        ),
    ),
    (
        "timer",
        "timer_id subject key kind body due_ms:number why set_ms:number",
        ("key",),
        (
            "due_ms timer_id",
            "subject",
        ),
    ),
    (
        "dead_letter",
        (
            "dead_letter_id subject stage code sentence fix location owner state kind body "
            "attempts returns:number first_ms:number last_ms:number closed_ms:number "
            "closed_by closed_why"
        ),
        (),
        (
            "state",
            "subject",
        ),
    ),
    (
        "query",
        (
            "query_id chart_id template state recipient question answer raised_ms:number "
            "reminded:number expires_ms:number closed_ms:number"
        ),
        (),
        (
            "state",
            "chart_id",
        ),
    ),
    (
        "claim",
        (
            "claim_id chart_id billing_event sequence:number control_number transaction "
            "frequency payer_id total_cents:number state submission_id payer_control_number "
            "paid_cents:number patient_cents:number created_ms:number updated_ms:number body"
        ),
        (
            "control_number",
            "billing_event sequence",
        ),
        (
            "payer_id transaction state",
            "submission_id",
            "chart_id",
        ),
    ),
    (
        "submission",
        (
            "submission_id payer_id transaction file_name interchange_control group_control "
            "claims:number state built_ms:number sent_ms:number content:bytes"
        ),
        ("file_name",),
        ("interchange_control",),
    ),
    (
        "payment",
        (
            "payment_id claim_id raw_id status charged_cents:number paid_cents:number "
            "patient_cents:number adjustments check_number posted_ms:number"
        ),
        (),
        ("claim_id",),
    ),
    (
        "document",
        "document_row_id chart_id document_id version:number text",
        (),
        ("chart_id",),
    ),
    (
        "journal",
        ("journal_id subject seq:number at_ms:number who what why detail previous_hash hash"),
        ("subject seq",),
        (),
    ),
    (
        "counter",
        "name value:number",
        (),
        (),
    ),
    (
        "circuit",
        "name failures:number open_until_ms:number since_ms:number",
        (),
        (),
    ),
)
