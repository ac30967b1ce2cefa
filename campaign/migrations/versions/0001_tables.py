"""All tables. Those of a ledger from before there were migrations stay as they are."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001_tables"
down_revision = None

DIGEST = sa.String(64)
WORD = sa.String(40)
TEXT = sa.String()
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make what is missing."""
    _make(
        "batches",
        sa.Column("id", sa.Integer, primary_key=True),
        *_columns(campaign=TEXT, sheet=TEXT, sheet_digest=DIGEST, state=WORD, started_at=AT),
        sa.Column("finished_at", AT),
    )
    _make(
        "decisions",
        sa.Column("id", sa.Integer, primary_key=True),
        *_columns(subject=TEXT, decision=TEXT, who=TEXT, why=TEXT, at=AT),
    )
    _index("decisions", "subject")
    _make(
        "releases",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("batch", sa.Integer, sa.ForeignKey("batches.id"), nullable=False),
        *_columns(rendition=DIGEST, publisher=TEXT, account=TEXT, place=TEXT, state=WORD),
        sa.Column("remote_id", TEXT),
        *_columns(note=TEXT, changed_at=AT),
        sa.UniqueConstraint("rendition", "publisher", "account", "place"),
    )
    _make(
        "attempts",
        sa.Column("id", sa.Integer, primary_key=True),
        *_columns(fingerprint=DIGEST, number=sa.Integer(), batch=sa.Integer(), brand=TEXT, row=TEXT),
        *_columns(shot=TEXT, backend=TEXT, vendor=TEXT, place=TEXT, model=TEXT, likeness=DIGEST, day=TEXT),
        *_columns(currency=sa.String(3), estimated=sa.BigInteger(), reserved=sa.BigInteger()),
        sa.Column("actual", sa.BigInteger),
        *_columns(state=WORD),
        sa.Column("provider_id", TEXT),
        *_columns(sha256=DIGEST, note=TEXT, resolution=TEXT, holder=TEXT),
        *_columns(held_until=AT, created_at=AT, changed_at=AT),
        sa.UniqueConstraint("fingerprint", "number"),
        sa.UniqueConstraint("vendor", "place", "provider_id"),
    )
    _index("attempts", "batch")
    _index("attempts", "state")
    _make(
        "attempt_resolutions",
        sa.Column("id", sa.Integer, primary_key=True),
        *_columns(attempt=sa.Integer(), action=WORD, was=WORD),
        sa.Column("provider_id", TEXT),
        *_columns(who=TEXT, why=TEXT, at=AT),
    )
    _index("attempt_resolutions", "attempt")
    _make(
        "budgets",
        sa.Column("scope", WORD, primary_key=True),
        sa.Column("name", TEXT, primary_key=True),
        sa.Column("currency", sa.String(3), primary_key=True),
        *_columns(reserved=sa.BigInteger(), spent=sa.BigInteger()),
    )
    _make(
        "progress",
        sa.Column("batch", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("spot", TEXT, primary_key=True),
        *_columns(row=TEXT, state=TEXT, share=sa.Double(), reason=TEXT),
    )
    _make(
        "progress_runs", sa.Column("batch", sa.Integer, primary_key=True), *_columns(began_at=AT, heard_at=AT)
    )
    _make(
        "leases",
        sa.Column("campaign", TEXT, primary_key=True),
        *_columns(fence=sa.Integer(), machine=TEXT, process=TEXT, who=TEXT),
        *_columns(since=sa.Double(), expires=sa.Double(), batch=sa.Integer(), content=DIGEST),
    )
    _make(
        "stops",
        sa.Column("batch", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("spot", TEXT, primary_key=True),
        *_columns(state=WORD, reason=TEXT),
    )
    _make(
        "notices",
        sa.Column("id", sa.Integer, primary_key=True),
        *_columns(batch=sa.Integer(), event=TEXT, channel=TEXT, state=WORD, note=TEXT, changed_at=AT),
        sa.UniqueConstraint("batch", "event", "channel"),
    )


def _make(table: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(table, *columns, if_not_exists=True)


def _columns(**types: sa.types.TypeEngine[Any]) -> list[sa.Column[Any]]:
    """Columns that always have a value."""
    return [sa.Column(name, kind, nullable=False) for name, kind in types.items()]


def _index(table: str, column: str) -> None:
    op.create_index(f"ix_{table}_{column}", table, [column], if_not_exists=True)
