"""The git revision of the rules that a run judged by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; what earlier runs judged by is not known."""
    column = sa.Column("revision", sa.Text(), nullable=False, server_default="")
    op.add_column("run", column)


def downgrade() -> None:
    """Refuse: a database only goes forward; restore a backup instead."""
    raise NotImplementedError("restore a backup made before the upgrade")
