"""The tables, as they are after the last migration.

Every table has `org` as its first key column. `run` in a key is the run's number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from gatekeeper.store.columns import (
    episode,
    key,
    metadata,
    number,
    obligation_facts,
    of_run,
    text,
    violation_facts,
)
from gatekeeper.store.instant import Instant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.schema import SchemaItem

HEAD = "0010"
"""The revision this code reads and writes."""

org = Table("org", metadata, key("org"), Column("pinned_at", Instant, nullable=False))

kill_switch = Table(
    "kill_switch", metadata, key("org"), Column("set_at", Instant, nullable=False)
)

lease = Table(
    "lease",
    metadata,
    key("org"),
    text("holder"),
    Column("fence", Integer, nullable=False),
    Column("granted_at", Instant, nullable=False),
    Column("renewed_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("has_file_lock", Boolean, nullable=False),
)

run = Table(
    "run",
    metadata,
    key("org"),
    number("number"),
    Column("id", String, nullable=False),
    text("kind"),
    text("status"),
    Column("as_of", Instant, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("deals", Integer, nullable=False),
    text("pack"),
    text("report"),
    text("logics"),
    Column("fence", Integer, nullable=False),
    text("revision", ""),
    Index(None, "org", "id", unique=True),
)

rule_seen = Table("rule_seen", metadata, key("org"), key("rule_id"), key("logic"))

verdict_count = Table(
    "verdict_count",
    metadata,
    *of_run(),
    key("rule_id"),
    key("stage"),
    key("owner_id"),
    key("outcome"),
    Column("count", Integer, nullable=False),
)

violation = Table(
    "violation",
    metadata,
    key("org"),
    key("pipeline"),
    key("rule_id"),
    key("deal_id"),
    *violation_facts(),
    Column("run", Integer, nullable=False),
    Index(None, "org", "deal_id"),
    Index(None, "org", "released_on"),
)

obligation = Table(
    "obligation",
    metadata,
    key("org"),
    *episode(),
    *obligation_facts(),
    Column("fence", Integer, nullable=False),
    Column("person_id", String),
    Column("created_on", Date),
    text("payload_hash", ""),
    Index(None, "org", "key"),
    Index(None, "org", "state"),
    Index(None, "org", "created_on"),
)

staged_deal = Table(
    "staged_deal",
    metadata,
    *of_run(),
    key("deal_id"),
    text("stage"),
    Column("owner_id", String),
    text("outcomes"),
    Column("dossier", Text),
    Column("looks", Text),
    Column("moving", Text),
)


def _run_violations(name: str) -> Table:
    identity = [key("deal_id"), key("rule_id"), key("pipeline")]
    return Table(name, metadata, *of_run(), *identity, *violation_facts())


def _run_obligations(name: str) -> Table:
    return Table(name, metadata, *of_run(), *episode(), *obligation_facts())


staged_violation = _run_violations("staged_violation")
adopted_violation = _run_violations("adopted_violation")
staged_obligation = _run_obligations("staged_obligation")
adopted_obligation = _run_obligations("adopted_obligation")

undecided = Table("undecided", metadata, *of_run(), key("key"))

change = Table(
    "change",
    metadata,
    *of_run(),
    number("seq"),
    text("action"),
    text("key"),
    text("deal_id"),
    Column("person_id", String),
    Column("turn", Integer, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("fills_empty", Boolean, nullable=False),
    text("withheld", ""),
    text("status"),
    Column("remote_id", String),
    text("code", ""),
    text("message", ""),
    text("payload"),
    Index(None, "org", "run", "key"),
    Index(None, "org", "key"),
)

quarantine = Table(
    "quarantine",
    metadata,
    key("org"),
    key("subject"),
    text("deal_id"),
    text("deal_name"),
    text("cause"),
    text("code"),
    Column("times", Integer, nullable=False),
    text("message"),
    text("logics"),
    Column("is_set", Boolean, nullable=False),
    Column("since", Instant, nullable=False),
)

flag = Table(
    "flag",
    metadata,
    key("org"),
    key("deal_id"),
    text("written"),
    Column("edits", Integer, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    key("org"),
    number("seq"),
    text("entry"),
    text("previous"),
    text("hash"),
)

audit_head = Table(
    "audit_head",
    metadata,
    key("org"),
    Column("seq", Integer, nullable=False),
    text("hash"),
    Column("base_seq", Integer, nullable=False),
    text("base_hash"),
)

slot = Table(
    "slot",
    metadata,
    key("org"),
    key("kind"),
    key("subject"),
    Column("day", Date, primary_key=True),
    text("state"),
    Column("due_at", Instant, nullable=False),
    Column("claimed_at", Instant, nullable=False),
    Column("ended_at", Instant),
    text("note"),
)

crm_schema = Table(
    "crm_schema",
    metadata,
    key("org"),
    Column("read_at", Instant, nullable=False),
    text("payload"),
)

watch = Table(
    "watch", metadata, key("org"), Column("looked_at", Instant, nullable=False)
)


def _watched() -> list[SchemaItem]:
    return [key("org"), key("deal_id"), key("field")]


field_now = Table(
    "field_now",
    metadata,
    *_watched(),
    Column("since", Instant, nullable=False),
    text("value"),
)

field_change = Table(
    "field_change",
    metadata,
    *_watched(),
    Column("at", Instant, primary_key=True),
    Column("after", Instant, nullable=False),
    text("old"),
    text("new"),
)

digest = Table(
    "digest",
    metadata,
    key("org"),
    key("person_id"),
    Column("day", Date, primary_key=True),
    key("audience"),
    text("delivery"),
    Column("made_at", Instant, nullable=False),
    Column("tried", Integer, nullable=False),
    text("content"),
    text("detail"),
    PrimaryKeyConstraint(name="pk_digest_by_kind"),
)

STAGING: Sequence[Table] = (
    staged_deal,
    staged_violation,
    adopted_violation,
    staged_obligation,
    adopted_obligation,
    undecided,
)
"""What may be forgotten of an old run; its changes, counts and report stay."""
