"""What digests tell of deals that may close soon."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column; runs made before tell of no such deals."""
    op.add_column("staged_deal", sa.Column("moving", sa.Text()))


def downgrade() -> None:
    """Refuse: a database only goes forward; restore a backup instead."""
    raise NotImplementedError("restore a backup made before the upgrade")
