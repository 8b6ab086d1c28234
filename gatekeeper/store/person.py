"""What is kept of one person: shown to whoever asks for it, and taken out.

People stand in the rows as their id in the CRM, and by name or address in texts. The
audit chain refers to deals and tasks by key and to nobody, so it stays as it is and
stays valid; that somebody was erased is a row of its own, without saying who.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select, update

from gatekeeper.errors import SetupError
from gatekeeper.store import audit
from gatekeeper.store.codec import dossier_from, tree_from, violation_from
from gatekeeper.store.columns import metadata
from gatekeeper.store.known import NOBODY, TREES, VALUES, Known, roughly
from gatekeeper.store.schema import audit as audit_table
from gatekeeper.store.schema import (
    digest,
    slot,
    staged_deal,
    verdict_count,
    violation,
)
from gatekeeper.store.statements import insert_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Column, ColumnElement, Table
    from sqlalchemy.engine import Connection

    from gatekeeper.store.rows import AnyRow

_REFERENCES = ("person_id", "owner_id")
_OF_ONE_PERSON = (digest, slot)
"""Tables whose rows are of one person alone: they go with the person."""
_TEXTS = (*TREES, *VALUES, "looks", "message", "note", "detail")
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
    ids = {owner_id for owner_id, _, _ in alike} | ({asked} & referred)
    words = ids | {word for each in people if each[0] in ids for word in each}
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
        for table in _tables()
        for column in _references(table)
        for found in connection.execute(
            select(column).where(table.c.org == org).distinct()
        ).scalars()
        if found
    }


def _people(connection: Connection, org: str) -> Iterator[tuple[str, str, str]]:
    """Yield (id, name, address), "" for what a row does not tell."""
    query = select(violation.c.payload).where(violation.c.org == org)
    for payload in connection.execute(query).scalars():
        found = violation_from(payload)
        yield found.owner_id or "", found.owner_name, ""
    told = select(staged_deal.c.dossier).where(
        staged_deal.c.org == org, staged_deal.c.dossier.is_not(None)
    )
    for text in connection.execute(told).scalars():
        dossier = dossier_from(text)
        for role, address in dossier.addresses.items():
            yield dossier.people.get(role) or "", "", address


def export(connection: Connection, org: str, known: Known) -> dict[str, list[object]]:
    """Return every row that knows a person, by table, texts as JSON."""
    found: dict[str, list[object]] = {}
    for table in _tables():
        rows: list[object] = [
            _readable(row) for row in _rows(connection, table, org, known)
        ]
        if rows:
            found[table.name] = rows
    return found


def erase(connection: Connection, org: str, known: Known) -> dict[str, int]:
    """Put nobody in the place of a person, in every row; note that it was done.

    Returns:
        Table to number of rows that were changed.
    """
    changed = {}
    for table in _tables():
        rows = _rows(connection, table, org, known)
        if not rows:
            continue
        changed[table.name] = len(rows)
        if table is verdict_count:
            _merge_counts(connection, rows)
            continue
        for row in rows:
            chosen = [column == row._mapping[column.name] for column in _key(table)]
            if table in _OF_ONE_PERSON and _refers(table, row, known):
                connection.execute(table.delete().where(*chosen))
                continue
            values = _erased(table, row, known)
            connection.execute(update(table).where(*chosen).values(values))
    rows_changed = sum(changed.values())
    if rows_changed:
        _empty_letters(connection, org)
        audit.append(connection, org, [{"event": "erased", "rows": rows_changed}])
    return changed


def _empty_letters(connection: Connection, org: str) -> None:
    """Forget the letters that may leave once more: who is named in them is encoded."""
    of_org = digest.c.org == org
    connection.execute(update(digest).where(of_org).values(content=""))


def _tables() -> Iterator[Table]:
    for table in metadata.sorted_tables:
        if table is not audit_table and (_references(table) or _texts(table)):
            yield table


def _references(table: Table) -> list[Column[str]]:
    if table is slot:
        return [slot.c.subject]
    return [table.c[name] for name in _REFERENCES if name in table.c]


def _texts(table: Table) -> list[Column[str]]:
    return [table.c[name] for name in _TEXTS if name in table.c]


def _key(table: Table) -> Sequence[ColumnElement[object]]:
    return list(table.primary_key.columns)


def _rows(connection: Connection, table: Table, org: str, known: Known) -> list[AnyRow]:
    """Return the rows that know a person; the database only looks roughly."""
    if not known.words:
        return []
    texts = _texts(table)
    rough = [roughly(column, word) for column in texts for word in sorted(known.words)]
    exactly = [column.in_(known.ids) for column in _references(table)]
    query = select(table).where(and_(table.c.org == org, or_(*rough, *exactly)))
    return [
        row
        for row in connection.execute(query)
        if _refers(table, row, known)
        or any(
            known.told_in(each.name, text)
            for each in texts
            if (text := row._mapping[each.name])
        )
    ]


def _refers(table: Table, row: AnyRow, known: Known) -> bool:
    return any(row._mapping[each.name] in known.ids for each in _references(table))


def _erased(table: Table, row: AnyRow, known: Known) -> dict[str, object]:
    values: dict[str, object] = {}
    for column in _references(table):
        if row._mapping[column.name] in known.ids:
            values[column.name] = NOBODY
    for column in _texts(table):
        text = row._mapping[column.name]
        if text:
            values[column.name] = known.left_out(column.name, text)
    return values


def _merge_counts(connection: Connection, rows: Sequence[AnyRow]) -> None:
    """Count what was one person's as nobody's, beside others that were erased."""
    keys = [column for column in _key(verdict_count) if column.name != "owner_id"]
    for row in rows:
        place = {column.name: row._mapping[column.name] for column in keys}
        mine = [verdict_count.c[name] == value for name, value in place.items()]
        of_person = and_(*mine, verdict_count.c.owner_id == row.owner_id)
        connection.execute(verdict_count.delete().where(of_person))
        of_nobody = and_(*mine, verdict_count.c.owner_id == NOBODY)
        number = row._mapping["count"]
        added = update(verdict_count).where(of_nobody)
        grown = added.values(count=verdict_count.c.count + number)
        if not connection.execute(grown).rowcount:
            whole = {**place, "owner_id": NOBODY, "count": number}
            insert_rows(connection, verdict_count, [whole])


def _readable(row: AnyRow) -> dict[str, object]:
    """Return a row with its JSON texts opened."""
    return {
        name: tree_from(value) if name in TREES and value else value
        for name, value in row._asdict().items()
    }
