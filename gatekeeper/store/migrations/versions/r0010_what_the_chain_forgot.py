"""What is gone from the start of each audit chain is said by a row of it.

Before, only the head told of it, and whoever changed the head could cut the start off
unseen. Whether that happened before this script cannot be told any more: it notes what
is gone as it finds it.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

audit = sa.table(
    "audit",
    *(sa.column(name) for name in ("org", "seq", "entry", "previous", "hash")),
)
head = sa.table(
    "audit_head",
    *(sa.column(name) for name in ("org", "seq", "hash", "base_seq", "base_hash")),
)


def upgrade() -> None:
    """Append the row to each chain whose start is gone."""
    connection = op.get_bind()
    now = connection.execute(sa.select(sa.func.current_timestamp())).scalar_one()
    at = now.replace(tzinfo=now.tzinfo or UTC).astimezone(UTC)  # SQLite names no zone
    for row in connection.execute(sa.select(head).where(head.c.base_seq > 0)).all():
        said = {
            "at": at.isoformat(),
            "event": "forgot",
            "head": row.base_hash,
            "rows": row.base_seq,
        }
        entry = json.dumps(said, separators=(",", ":"))
        seq = row.seq + 1
        seal = _digest("\n".join([row.org, str(seq), row.hash, entry]))
        values = {"org": row.org, "seq": seq, "entry": entry}
        connection.execute(
            audit.insert().values(**values, previous=row.hash, hash=seal)
        )
        mine = head.c.org == row.org
        connection.execute(head.update().where(mine).values(seq=seq, hash=seal))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def downgrade() -> None:
    """Refuse: a database only goes forward; restore a backup instead."""
    raise NotImplementedError("restore a backup made before the upgrade")
