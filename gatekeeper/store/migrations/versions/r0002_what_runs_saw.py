"""What runs saw of the stage and of watched fields, and when they looked last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from datetime import datetime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables, empty: what is watched is known from the next run on."""
    op.create_table("watch", _key("org"), _moment("looked_at"))
    op.create_table("field_now", *_watched(), _moment("since"), _text("value"))
    op.create_table(
        "field_change",
        *_watched(),
        sa.Column("at", sa.DateTime(timezone=True), primary_key=True),
        _moment("after"),
        _text("old"),
        _text("new"),
    )
    op.add_column("staged_deal", sa.Column("looks", sa.Text(), nullable=True))


def downgrade() -> None:
    """Refuse: a database only goes forward; restore a backup instead."""
    raise NotImplementedError("restore a backup made before the upgrade")


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), primary_key=True)


def _watched() -> list[sa.Column[str]]:
    return [_key("org"), _key("deal_id"), _key("field")]


def _moment(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)
