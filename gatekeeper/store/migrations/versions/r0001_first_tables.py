"""The first tables: runs, what stands, what is staged, the ledger, the audit chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from datetime import datetime

T = TypeVar("T")

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    _create_audit()
    _create_lease()
    _create_obligation()
    _create_org()
    _create_rule_seen()
    _create_run()
    _create_violation()
    _create_adopted_obligation()
    _create_adopted_violation()
    _create_change()
    _create_staged_deal()
    _create_staged_obligation()
    _create_staged_violation()
    _create_verdict_count()


def downgrade() -> None:
    """Refuse: a database only goes forward; restore a backup instead."""
    raise NotImplementedError("restore a backup made before the upgrade")


def _create_audit() -> None:
    op.create_table(
        "audit",
        _key("org"),
        _key_number("seq"),
        _text("entry"),
        _text("previous"),
        _text("hash"),
    )


def _create_lease() -> None:
    op.create_table(
        "lease",
        _key("org"),
        _text("holder"),
        _number("fence"),
        _moment("granted_at"),
        _moment("renewed_at"),
        _moment("expires_at"),
        _yes_no("has_file_lock"),
    )


def _create_obligation() -> None:
    op.create_table(
        "obligation",
        _key("org"),
        *_episode(),
        _number("fence"),
        _maybe("person_id", sa.String()),
        _maybe("created_on", sa.Date()),
        _text("payload_hash", ""),
    )
    op.create_index("ix_obligation_org_created_on", "obligation", ["org", "created_on"])
    op.create_index("ix_obligation_org_key", "obligation", ["org", "key"])
    op.create_index("ix_obligation_org_state", "obligation", ["org", "state"])


def _create_org() -> None:
    op.create_table(
        "org",
        _key("org"),
        _moment("pinned_at"),
    )
    op.create_table(
        "kill_switch",
        _key("org"),
        _moment("set_at"),
    )
    op.create_table(
        "crm_schema",
        _key("org"),
        _moment("read_at"),
        _text("payload"),
    )


def _create_rule_seen() -> None:
    op.create_table(
        "rule_seen",
        _key("org"),
        _key("rule_id"),
        _key("logic"),
    )


def _create_run() -> None:
    op.create_table(
        "run",
        _key("org"),
        _key_number("number"),
        sa.Column("id", sa.String(), nullable=False),
        _text("kind"),
        _text("status"),
        _moment("as_of"),
        _moment("started_at"),
        _maybe("finished_at", sa.DateTime(timezone=True)),
        _number("deals"),
        _text("pack"),
        _text("report"),
        _text("logics"),
        _number("fence"),
    )
    op.create_index("ix_run_org_id", "run", ["org", "id"], unique=True)


def _create_violation() -> None:
    op.create_table(
        "violation",
        _key("org"),
        _key("pipeline"),
        _key("rule_id"),
        _key("deal_id"),
        *_violation_facts(),
        _number("run"),
    )
    op.create_index("ix_violation_org_deal_id", "violation", ["org", "deal_id"])
    op.create_index("ix_violation_org_released_on", "violation", ["org", "released_on"])


def _create_adopted_obligation() -> None:
    op.create_table(
        "adopted_obligation",
        *_of_run(),
        *_episode(),
    )


def _create_adopted_violation() -> None:
    op.create_table(
        "adopted_violation",
        *_of_run(),
        _key("deal_id"),
        _key("rule_id"),
        _key("pipeline"),
        *_violation_facts(),
    )


def _create_change() -> None:
    op.create_table(
        "change",
        *_of_run(),
        _key_number("seq"),
        _text("action"),
        _text("key"),
        _text("deal_id"),
        _maybe("person_id", sa.String()),
        _number("turn"),
        _number("urgency"),
        _yes_no("fills_empty"),
        _text("withheld", ""),
        _text("status"),
        _maybe("remote_id", sa.String()),
        _text("code", ""),
        _text("message", ""),
        _text("payload"),
    )
    op.create_index("ix_change_org_run_key", "change", ["org", "run", "key"])


def _create_staged_deal() -> None:
    op.create_table(
        "staged_deal",
        *_of_run(),
        _key("deal_id"),
        _text("stage"),
        _maybe("owner_id", sa.String()),
        _text("outcomes"),
        _maybe("dossier", sa.Text()),
    )
    op.create_table(
        "undecided",
        *_of_run(),
        _key("key"),
    )


def _create_staged_obligation() -> None:
    op.create_table(
        "staged_obligation",
        *_of_run(),
        *_episode(),
    )


def _create_staged_violation() -> None:
    op.create_table(
        "staged_violation",
        *_of_run(),
        _key("deal_id"),
        _key("rule_id"),
        _key("pipeline"),
        *_violation_facts(),
    )


def _create_verdict_count() -> None:
    op.create_table(
        "verdict_count",
        *_of_run(),
        _key("rule_id"),
        _key("stage"),
        _key("owner_id"),
        _key("outcome"),
        _number("count"),
    )


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), primary_key=True)


def _key_number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), primary_key=True, autoincrement=False)


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _yes_no(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _moment(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _maybe(name: str, kind: sa.types.TypeEngine[T]) -> sa.Column[T]:
    return sa.Column(name, kind, nullable=True)


def _of_run() -> list[sa.schema.SchemaItem]:
    return [
        _key("org"),
        _key_number("run"),
        sa.ForeignKeyConstraint(["org", "run"], ["run.org", "run.number"]),
    ]


def _violation_facts() -> list[sa.schema.SchemaItem]:
    return [
        _text("state"),
        _text("mode"),
        _number("urgency"),
        _moment("first_seen"),
        _text("waiting", ""),
        _maybe("released_on", sa.Date()),
        _text("payload"),
    ]


def _episode() -> list[sa.schema.SchemaItem]:
    return [
        _key("deal_id"),
        _key("role"),
        _key("group"),
        _key_number("episode"),
        _text("key"),
        _text("state"),
        _maybe("remote_id", sa.String()),
        _moment("opened_at"),
        _maybe("due_on", sa.Date()),
        _maybe("closed_at", sa.DateTime(timezone=True)),
        _number("raised"),
        _number("version"),
    ]
