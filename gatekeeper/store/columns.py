"""Columns that several tables share, and how keys and indexes are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    Column,
    Date,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    String,
    Text,
)

from gatekeeper.store.instant import Instant

if TYPE_CHECKING:
    from sqlalchemy.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)


def key(name: str) -> Column[str]:
    """Return a text column of the primary key."""
    return Column(name, String, primary_key=True)


def number(name: str) -> Column[int]:
    """Return a number column of the primary key, which we count ourselves."""
    return Column(name, Integer, primary_key=True, autoincrement=False)


def text(name: str, default: str | None = None) -> Column[str]:
    """Return a text column that is never empty."""
    return Column(name, Text, nullable=False, server_default=default)


def of_run() -> list[SchemaItem]:
    """Return the key columns of a row that belongs to one run."""
    return [
        key("org"),
        number("run"),
        ForeignKeyConstraint(["org", "run"], ["run.org", "run.number"]),
    ]


def violation_facts() -> list[SchemaItem]:
    """Return what is kept of a violation beside its identity.

    `urgency` is 0 for critical up to 3 for low, so that ascending is worst first.
    """
    return [
        text("state"),
        text("mode"),
        Column("urgency", Integer, nullable=False),
        Column("first_seen", Instant, nullable=False),
        text("waiting", ""),
        Column("released_on", Date),
        text("payload"),
    ]


def episode() -> list[SchemaItem]:
    """Return the key columns of an episode, but for its org."""
    return [key("deal_id"), key("role"), key("group"), number("episode")]


def obligation_facts() -> list[SchemaItem]:
    """Return what is kept of an episode beside its identity."""
    return [
        text("key"),
        text("state"),
        Column("remote_id", String),
        Column("opened_at", Instant, nullable=False),
        Column("due_on", Date),
        Column("closed_at", Instant),
        Column("raised", Integer, nullable=False),
        Column("version", Integer, nullable=False),
    ]
