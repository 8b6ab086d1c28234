"""What is left alone, what flags we wrote last, and where the audit chain ends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables; the head of each chain is taken from the chain itself."""
    op.create_table(
        "quarantine",
        *(
            sa.Column(name, sa.String(), primary_key=True)
            for name in ("org", "subject")
        ),
        *(_text(name) for name in ("deal_id", "deal_name", "cause", "code")),
        sa.Column("times", sa.Integer(), nullable=False),
        _text("message"),
        _text("logics"),
        sa.Column("is_set", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "flag",
        *(
            sa.Column(name, sa.String(), primary_key=True)
            for name in ("org", "deal_id")
        ),
        _text("written"),
        sa.Column("edits", sa.Integer(), nullable=False),
    )
    op.create_table(
        "audit_head",
        sa.Column("org", sa.String(), primary_key=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        _text("hash"),
        sa.Column("base_seq", sa.Integer(), nullable=False),
        _text("base_hash"),
    )
    op.execute(
        "INSERT INTO audit_head (org, seq, hash, base_seq, base_hash)"
        " SELECT org, seq, hash, 0, '' FROM audit AS last WHERE seq ="
        " (SELECT max(seq) FROM audit WHERE audit.org = last.org)"
    )
    op.create_index(op.f("ix_change_org_key"), "change", ["org", "key"])


def downgrade() -> None:
    """Refuse: a database only goes forward; restore a backup instead."""
    raise NotImplementedError("restore a backup made before the upgrade")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)
