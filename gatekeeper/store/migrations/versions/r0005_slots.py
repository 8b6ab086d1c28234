"""Which days of which scheduled jobs are used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "slot",
        *(
            sa.Column(name, sa.String(), primary_key=True)
            for name in ("org", "kind", "subject")
        ),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("note", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    """Refuse: a database only goes forward; restore a backup instead."""
    raise NotImplementedError("restore a backup made before the upgrade")
