"""The tables, as they are after the last migration.

Every table has `org` as its first key column. `run` in a key is the run's number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from gatekeeper.store.instant import Instant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.schema import SchemaItem

HEAD = "0003"
"""The revision this code reads and writes."""


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


def _key(name: str) -> Column[str]:
    return Column(name, String, primary_key=True)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, primary_key=True, autoincrement=False)


def _text(name: str, default: str | None = None) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default)


def _of_run() -> list[SchemaItem]:
    """Return the key columns of a row that belongs to one run."""
    return [
        _key("org"),
        _number("run"),
        ForeignKeyConstraint(["org", "run"], ["run.org", "run.number"]),
    ]


def _violation_facts() -> list[SchemaItem]:
    """Return what is kept of a violation beside its identity.

    `urgency` is 0 for critical up to 3 for low, so that ascending is worst first.
    """
    return [
        _text("state"),
        _text("mode"),
        Column("urgency", Integer, nullable=False),
        Column("first_seen", Instant, nullable=False),
        _text("waiting", ""),
        Column("released_on", Date),
        _text("payload"),
    ]


def _episode() -> list[SchemaItem]:
    return [_key("deal_id"), _key("role"), _key("group"), _number("episode")]


def _obligation_facts() -> list[SchemaItem]:
    return [
        _text("key"),
        _text("state"),
        Column("remote_id", String),
        Column("opened_at", Instant, nullable=False),
        Column("due_on", Date),
        Column("closed_at", Instant),
        Column("raised", Integer, nullable=False),
        Column("version", Integer, nullable=False),
    ]


org = Table("org", metadata, _key("org"), Column("pinned_at", Instant, nullable=False))

kill_switch = Table(
    "kill_switch", metadata, _key("org"), Column("set_at", Instant, nullable=False)
)

lease = Table(
    "lease",
    metadata,
    _key("org"),
    _text("holder"),
    Column("fence", Integer, nullable=False),
    Column("granted_at", Instant, nullable=False),
    Column("renewed_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("has_file_lock", Boolean, nullable=False),
)

run = Table(
    "run",
    metadata,
    _key("org"),
    _number("number"),
    Column("id", String, nullable=False),
    _text("kind"),
    _text("status"),
    Column("as_of", Instant, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("deals", Integer, nullable=False),
    _text("pack"),
    _text("report"),
    _text("logics"),
    Column("fence", Integer, nullable=False),
    _text("revision", ""),
    Index(None, "org", "id", unique=True),
)

rule_seen = Table("rule_seen", metadata, _key("org"), _key("rule_id"), _key("logic"))

verdict_count = Table(
    "verdict_count",
    metadata,
    *_of_run(),
    _key("rule_id"),
    _key("stage"),
    _key("owner_id"),
    _key("outcome"),
    Column("count", Integer, nullable=False),
)

violation = Table(
    "violation",
    metadata,
    _key("org"),
    _key("pipeline"),
    _key("rule_id"),
    _key("deal_id"),
    *_violation_facts(),
    Column("run", Integer, nullable=False),
    Index(None, "org", "deal_id"),
    Index(None, "org", "released_on"),
)

obligation = Table(
    "obligation",
    metadata,
    _key("org"),
    *_episode(),
    *_obligation_facts(),
    Column("fence", Integer, nullable=False),
    Column("person_id", String),
    Column("created_on", Date),
    _text("payload_hash", ""),
    Index(None, "org", "key"),
    Index(None, "org", "state"),
    Index(None, "org", "created_on"),
)

staged_deal = Table(
    "staged_deal",
    metadata,
    *_of_run(),
    _key("deal_id"),
    _text("stage"),
    Column("owner_id", String),
    _text("outcomes"),
    Column("dossier", Text),
    Column("looks", Text),
)


def _run_violations(name: str) -> Table:
    identity = [_key("deal_id"), _key("rule_id"), _key("pipeline")]
    return Table(name, metadata, *_of_run(), *identity, *_violation_facts())


def _run_obligations(name: str) -> Table:
    return Table(name, metadata, *_of_run(), *_episode(), *_obligation_facts())


staged_violation = _run_violations("staged_violation")
adopted_violation = _run_violations("adopted_violation")
staged_obligation = _run_obligations("staged_obligation")
adopted_obligation = _run_obligations("adopted_obligation")

undecided = Table("undecided", metadata, *_of_run(), _key("key"))

change = Table(
    "change",
    metadata,
    *_of_run(),
    _number("seq"),
    _text("action"),
    _text("key"),
    _text("deal_id"),
    Column("person_id", String),
    Column("turn", Integer, nullable=False),
    Column("urgency", Integer, nullable=False),
    Column("fills_empty", Boolean, nullable=False),
    _text("withheld", ""),
    _text("status"),
    Column("remote_id", String),
    _text("code", ""),
    _text("message", ""),
    _text("payload"),
    Index(None, "org", "run", "key"),
)

audit = Table(
    "audit",
    metadata,
    _key("org"),
    _number("seq"),
    _text("entry"),
    _text("previous"),
    _text("hash"),
)

crm_schema = Table(
    "crm_schema",
    metadata,
    _key("org"),
    Column("read_at", Instant, nullable=False),
    _text("payload"),
)

watch = Table(
    "watch", metadata, _key("org"), Column("looked_at", Instant, nullable=False)
)


def _watched() -> list[SchemaItem]:
    return [_key("org"), _key("deal_id"), _key("field")]


field_now = Table(
    "field_now",
    metadata,
    *_watched(),
    Column("since", Instant, nullable=False),
    _text("value"),
)

field_change = Table(
    "field_change",
    metadata,
    *_watched(),
    Column("at", Instant, primary_key=True),
    Column("after", Instant, nullable=False),
    _text("old"),
    _text("new"),
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
