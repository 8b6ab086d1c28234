"""What is kept of one person: which rows, shown to whoever asks for them.

People stand in the rows as their id in the CRM, and by name or address in texts. The
audit chain refers to deals and tasks by key and to nobody. How they are taken out, see
`erasure`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from gatekeeper.core.model import Person
from gatekeeper.errors import SetupError
from gatekeeper.store.codec import (
    dossier_from,
    moving_from,
    tree_from,
    violation_from,
)
from gatekeeper.store.columns import metadata
from gatekeeper.store.field_values import looks_from, value_from
from gatekeeper.store.known import BY_FIELD, TREES, VALUES, Known, roughly
from gatekeeper.store.schema import (
    adopted_violation,
    field_change,
    field_now,
    slot,
    staged_deal,
    staged_violation,
    violation,
)
from gatekeeper.store.schema import audit as audit_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Column, Table
    from sqlalchemy.engine import Connection

    from gatekeeper.store.rows import AnyRow

_REFERENCES = ("person_id", "owner_id")
_PLAIN = ("message", "note", "detail", "waiting", "withheld", "deal_name")
_TEXTS = (*TREES, *VALUES, *BY_FIELD, *_PLAIN)
_VIOLATIONS = (violation, staged_violation, adopted_violation)
_LEAST = 3
"""A word of fewer bytes would be found in every text."""


def known_as(connection: Connection, org: str, who: str) -> Known:
    """Return by which words the rows know a person.

    Args:
        connection: Reads.
        org: Whose rows.
        who: An id of the CRM, a full name, or an address.

    Raises:
        SetupError: It is empty, which would mean everybody of whom something is not
            known.
    """
    asked = who.strip()
    if not asked:
        message = "WHO is empty. Name an id of the CRM, a full name, or an address."
        raise SetupError(message)
    people = set(_people(connection, org))
    alike = {each for each in people if asked.casefold() in map(str.casefold, each)}
    referred = _referred(connection, org)
    ids = {each[0] for each in alike if each[0]} | ({asked} & referred)
    theirs = alike | {each for each in people if each[0] in ids}
    words = ids | {word for each in theirs for word in each}
    if "@" in asked:  # an address in a text is one, whoever's
        words.add(asked)
    addresses = {word.casefold() for word in words if "@" in word}
    ids |= {each for each in referred if each.casefold() in addresses}
    usable = frozenset(word for word in words | ids if _is_telling(word))
    return Known(frozenset(ids) & usable, usable)


def _is_telling(word: str) -> bool:
    """Whether a word is long enough; a name of two Chinese signs is."""
    return len(word.encode()) >= _LEAST


def _referred(connection: Connection, org: str) -> set[str]:
    """Return the ids of all people that rows refer to."""
    return {
        found
        for table in tables()
        for column in references(table)
        for found in connection.execute(
            select(column).where(table.c.org == org).distinct()
        ).scalars()
        if found
    }


def _people(connection: Connection, org: str) -> Iterator[tuple[str, str, str]]:
    """Yield (id, name, address), "" for what a text does not tell."""
    for table, name, people_in in _TELLING:
        told = table.c[name]
        query = select(told).where(table.c.org == org, told.is_not(None)).distinct()
        for text in connection.execute(query).scalars():
            yield from people_in(text)


def _owner(payload: str) -> Iterator[tuple[str, str, str]]:
    found = violation_from(payload)
    yield found.owner_id or "", found.owner_name, ""


def _addressed(text: str) -> Iterator[tuple[str, str, str]]:
    dossier = dossier_from(text)
    for role, address in dossier.addresses.items():
        yield dossier.people.get(role) or "", "", address


def _owner_of_moving(text: str) -> Iterator[tuple[str, str, str]]:
    found = moving_from(text)
    yield found.owner_id or "", found.owner, ""


def _in_value(text: str) -> Iterator[tuple[str, str, str]]:
    value = value_from(text)
    if isinstance(value, Person):
        yield value.id, value.name, ""


def _in_looks(text: str) -> Iterator[tuple[str, str, str]]:
    for seen in filter(None, looks_from(text).values()):
        for value in seen.values:
            yield from _in_value(value)


_TELLING = (
    *((table, "payload", _owner) for table in _VIOLATIONS),
    (staged_deal, "dossier", _addressed),
    (staged_deal, "moving", _owner_of_moving),
    (staged_deal, "looks", _in_looks),
    (field_now, "value", _in_value),
    (field_change, "old", _in_value),
    (field_change, "new", _in_value),
)
"""Columns that tell which names and addresses are whose, and how to read them."""


def export(connection: Connection, org: str, known: Known) -> dict[str, list[object]]:
    """Return every row that knows a person, by table, texts as JSON."""
    found: dict[str, list[object]] = {}
    for table in tables():
        rows: list[object] = [
            _readable(row) for row in rows_of(connection, table, org, known)
        ]
        if rows:
            found[table.name] = rows
    return found


def tables() -> Iterator[Table]:
    """Yield the tables whose rows may know a person."""
    for table in metadata.sorted_tables:
        if table is not audit_table and (references(table) or texts(table)):
            yield table


def references(table: Table) -> list[Column[str]]:
    """Return the columns that hold a person's id, or an address in its place."""
    if table is slot:
        return [slot.c.subject]
    return [table.c[name] for name in _REFERENCES if name in table.c]


def texts(table: Table) -> list[Column[str]]:
    """Return the columns whose texts may name a person."""
    return [table.c[name] for name in _TEXTS if name in table.c]


def rows_of(
    connection: Connection, table: Table, org: str, known: Known
) -> list[AnyRow]:
    """Return the rows that know a person; the database only looks roughly."""
    if not known.words:
        return []
    written = texts(table)
    rough = [
        roughly(column, word) for column in written for word in sorted(known.words)
    ]
    exactly = [column.in_(known.ids) for column in references(table)]
    query = select(table).where(and_(table.c.org == org, or_(*rough, *exactly)))
    return [
        row
        for row in connection.execute(query)
        if refers(table, row, known)
        or any(
            known.told_in(each.name, text)
            for each in written
            if (text := row._mapping[each.name])
        )
    ]


def refers(table: Table, row: AnyRow, known: Known) -> bool:
    """Whether a row holds the id of a person."""
    return any(row._mapping[each.name] in known.ids for each in references(table))


def _readable(row: AnyRow) -> dict[str, object]:
    """Return a row with its JSON texts opened."""
    return {
        name: tree_from(value) if name in TREES and value else value
        for name, value in row._asdict().items()
    }
