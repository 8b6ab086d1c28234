"""A person may be sent digests of several kinds for one day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

COPIED = "org, person_id, day, delivery, made_at, tried, content, detail"


def upgrade() -> None:
    """Give the key the kind; all that were sent before went to managers."""
    op.create_table(
        "digest_by_kind",
        sa.Column("org", sa.String(), primary_key=True),
        sa.Column("person_id", sa.String(), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("audience", sa.String(), primary_key=True),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
    )
    op.execute(
        f"INSERT INTO digest_by_kind ({COPIED}, audience)"  # noqa: S608  no value is in it
        f" SELECT {COPIED}, 'manager' FROM digest"
    )
    op.drop_table("digest")
    op.rename_table("digest_by_kind", "digest")


def downgrade() -> None:
    """Refuse: a database only goes forward; restore a backup instead."""
    raise NotImplementedError("restore a backup made before the upgrade")
