"""Rows of what is left alone, and of the flags we wrote last.

Counted in the transactions of the intents and receipts they follow from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from gatekeeper.core.model import Action
from gatekeeper.core.quarantine import (
    Cause,
    Quarantine,
    Written,
    after_receipt,
    subject_of,
    untouched,
)
from gatekeeper.store import audit
from gatekeeper.store.codec import scalars_from, text_of, texts_from
from gatekeeper.store.database import database_now
from gatekeeper.store.schema import flag, quarantine
from gatekeeper.store.statements import chunks, insert_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from sqlalchemy import Table
    from sqlalchemy.engine import Connection

    from gatekeeper.core.model import Receipt
    from gatekeeper.ports import StagedChange
    from gatekeeper.store.rows import AnyRow


def listed(connection: Connection, org: str) -> list[Quarantine]:
    """Return what is left alone, the latest last."""
    query = select(quarantine).where(quarantine.c.org == org, quarantine.c.is_set)
    rows = connection.execute(query.order_by(quarantine.c.since, quarantine.c.subject))
    return [_of(row) for row in rows]


def set_aside(connection: Connection, org: str, entries: Sequence[Quarantine]) -> None:
    """Leave subjects alone from now on, and note each in the audit chain."""
    _replace(connection, org, {each.subject: each for each in entries})


def release(connection: Connection, org: str, name: str) -> list[str]:
    """Free a subject, or all subjects of a deal; their counts begin anew.

    Returns:
        The subjects that were left alone and are free now.
    """
    free = [
        each.subject
        for each in listed(connection, org)
        if name in (each.subject, each.deal_id)
    ]
    _forget(connection, org, free)
    return free


def release_outdated(
    connection: Connection, org: str, logics: Mapping[str, str]
) -> None:
    """Free what was undone for rules that have another logic now."""
    found = listed(connection, org)
    _forget(
        connection, org, [each.subject for each in found if each.is_outdated(logics)]
    )


def count_receipts(
    connection: Connection,
    org: str,
    staged: Sequence[StagedChange],
    receipts: Sequence[Receipt],
    aside: AbstractSet[str] = frozenset(),
) -> None:
    """Count refusals, and end wars of edits.

    Args:
        connection: Open for writing.
        org: Whose writes.
        staged: What was sent.
        receipts: What became of each.
        aside: What was left alone for these writes: free where nothing was written.
    """
    subjects = {subject_of(each.change) for each in staged}
    known = _known(connection, org, subjects)
    after: dict[str, Quarantine | None] = {}
    for each, receipt in zip(staged, receipts, strict=True):
        subject = subject_of(each.change)
        counted = after_receipt(known.get(subject), each.change, receipt)
        if counted != known.get(subject):
            after[subject] = counted
    flags = [
        (each, receipt)
        for each, receipt in zip(staged, receipts, strict=True)
        if each.change.action is Action.FLAG
    ]
    written = _written(connection, org, [each.change.deal_id for each, _ in flags])
    for each, receipt in flags:
        change = each.change
        now = written.get(change.deal_id, Written()).after(change, receipt)
        written[change.deal_id] = now
        war = now.war(change)
        if war is not None and not war.is_told_by(known.get(war.subject)):
            after[war.subject] = war
    _write(connection, org, written)
    _replace(connection, org, after)
    spared = untouched([each.change for each in staged], receipts)
    _forget(connection, org, sorted(spared & aside))


def begin_flags(
    connection: Connection, org: str, staged: Sequence[StagedChange]
) -> None:
    """Note which flags are being written, and who changed them since."""
    changes = [each.change for each in staged if each.change.action is Action.FLAG]
    known = _written(connection, org, [each.deal_id for each in changes])
    _write(
        connection,
        org,
        {
            each.deal_id: known.get(each.deal_id, Written()).before(each)
            for each in changes
        },
    )


def _known(
    connection: Connection, org: str, subjects: Iterable[str]
) -> dict[str, Quarantine]:
    found: dict[str, Quarantine] = {}
    for chunk in chunks(sorted(subjects)):
        query = select(quarantine).where(
            quarantine.c.org == org, quarantine.c.subject.in_(chunk)
        )
        found |= {row.subject: _of(row) for row in connection.execute(query)}
    return found


def _of(row: AnyRow) -> Quarantine:
    return Quarantine(
        row.subject,
        row.deal_id,
        row.deal_name,
        Cause(row.cause),
        row.code,
        row.times,
        row.message,
        texts_from(row.logics),
        row.since,
    )


def _replace(
    connection: Connection, org: str, entries: Mapping[str, Quarantine | None]
) -> None:
    if not entries:
        return
    audit.lock(connection, org)  # as receipts do, first: two would wait for each other
    now = database_now(connection)
    _delete(connection, quarantine, org, "subject", entries)
    kept = [each for each in entries.values() if each is not None]
    rows = [
        {
            "org": org,
            "subject": each.subject,
            "deal_id": each.deal_id,
            "deal_name": each.deal_name,
            "cause": each.cause.value,
            "code": each.code,
            "times": each.count,
            "message": each.message,
            "logics": text_of(each.logics),
            "is_set": each.is_set,
            "since": now,
        }
        for each in kept
    ]
    insert_rows(connection, quarantine, rows)
    audit.append(
        connection,
        org,
        [
            {
                "event": "quarantined",
                "subject": each.subject,
                "cause": each.cause.value,
                "code": each.code,
            }
            for each in kept
            if each.is_set
        ],
    )


def _forget(connection: Connection, org: str, subjects: Sequence[str]) -> None:
    if not subjects:
        return
    audit.lock(connection, org)  # as in `_replace`
    known = _known(connection, org, subjects)
    edited = [each for each in known.values() if each.cause is Cause.EDITED]
    _delete(connection, flag, org, "deal_id", [each.deal_id for each in edited])
    _delete(connection, quarantine, org, "subject", subjects)
    entries = [{"event": "released", "subject": each} for each in subjects]
    audit.append(connection, org, entries)


def _delete(
    connection: Connection, table: Table, org: str, column: str, names: Iterable[str]
) -> None:
    for chunk in chunks(names):
        chosen = (table.c.org == org) & table.c[column].in_(chunk)
        connection.execute(delete(table).where(chosen))


def _written(
    connection: Connection, org: str, deals: Sequence[str]
) -> dict[str, Written]:
    found: dict[str, Written] = {}
    for chunk in chunks(deals):
        query = select(flag).where(flag.c.org == org, flag.c.deal_id.in_(chunk))
        for row in connection.execute(query):
            found[row.deal_id] = Written(scalars_from(row.written), row.edits)
    return found


def _write(connection: Connection, org: str, written: Mapping[str, Written]) -> None:
    _delete(connection, flag, org, "deal_id", written)
    rows = [
        {
            "org": org,
            "deal_id": deal_id,
            "written": text_of(each.values),
            "edits": each.edits,
        }
        for deal_id, each in written.items()
    ]
    insert_rows(connection, flag, rows)
