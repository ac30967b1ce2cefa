"""What waits for its moment of publishing, and the sheets that were taken from watched folders."""

import sqlalchemy as sa
from alembic import op

revision = "0002_scheduled_and_inbox"
down_revision = "0001_tables"


def upgrade() -> None:
    op.create_table(
        "scheduled",
        sa.Column("campaign", sa.String, primary_key=True),
        sa.Column("spot", sa.String, primary_key=True),
        sa.Column("batch", sa.Integer, nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("due", sa.Double, nullable=False),
    )
    op.create_table(
        "inbox",
        sa.Column("address", sa.String, primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("taken_at", sa.Double, nullable=False),
        sa.Column("note", sa.String, nullable=False),
    )
