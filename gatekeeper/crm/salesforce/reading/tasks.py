"""Our own tasks as they stand in Salesforce, recognised by key and marker.

A task whose key does not recompute from this org came with a copied sandbox: it is
foreign and never seen here.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from gatekeeper.core.model import OwnTask, TaskPart, short_hash
from gatekeeper.crm import marker
from gatekeeper.crm.salesforce.names import KEY_FIELD, REF_FIELD
from gatekeeper.crm.salesforce.reading.translate import to_date, to_moment
from gatekeeper.crm.salesforce.wire.paging import Ordered, by_lists
from gatekeeper.crm.salesforce.wire.soql import AllOf, Compare, Select, StartsWith

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.crm.reader import WireRow
    from gatekeeper.crm.salesforce.wire.client import Client

KEY_PREFIX = "gk1-"
_FIELDS = (
    *("Id", KEY_FIELD, REF_FIELD, "WhatId", "OwnerId", "Subject", "Description"),
    *("ActivityDate", "IsClosed", "IsDeleted", "CreatedDate"),
)


def open_tasks(client: Client, org: str) -> Iterator[list[OwnTask]]:
    """Stream our open tasks, page by page."""
    where = AllOf(
        (
            StartsWith(KEY_FIELD, KEY_PREFIX),
            Compare("IsClosed", "=", value=False),
        )
    )
    for page in Ordered(client, Select(_FIELDS, "Task", where, ("Id",)), "Id"):
        yield [task for row in page if (task := own_task(row, org)) is not None]


def tasks_by_key(client: Client, org: str, keys: Sequence[str]) -> dict[str, OwnTask]:
    """Read tasks by key: closed, archived and deleted ones too.

    Of several with one key (possible only where it is not unique) the one that
    lives counts, then the oldest id.
    """
    found: dict[str, OwnTask] = {}
    select = Select(_FIELDS, "Task", None, (KEY_FIELD, "Id"))
    wanted = list(dict.fromkeys(keys))
    for row in by_lists(client, select, KEY_FIELD, wanted, include_deleted=True):
        task = own_task(row, org)
        if task is None:
            continue
        known = found.get(task.key)
        if known is None or (known.is_deleted and not task.is_deleted):
            found[task.key] = task
    return found


def own_task(row: WireRow, org: str) -> OwnTask | None:
    """Return the task of a row, or None where it belongs to another org."""
    key, known = str(row[KEY_FIELD]), marker.decode(_text(row[REF_FIELD]) or None)
    if known is not None and key != marker.key_of(known, org):
        return None
    body, rule_ids = marker.split_rules(_text(row["Description"]))
    due, created = to_date(row["ActivityDate"]), to_moment(row["CreatedDate"])
    owner, what = _text(row["OwnerId"]), _text(row["WhatId"])
    return OwnTask(
        remote_id=str(row["Id"]),
        key=key,
        deal_id=known.id.deal_id if known else what or None,
        id=known.id if known else None,
        episode=known.episode if known else 0,
        run_number=known.run_number if known else 0,
        sealed=known.sealed if known else False,
        is_closed=row["IsClosed"] is True,
        is_deleted=row["IsDeleted"] is True,
        created_at=created if isinstance(created, datetime) else _LONG_AGO,
        written=known.hashes if known else {},
        actual={
            TaskPart.OWNER: short_hash(owner),
            TaskPart.DUE: short_hash(_text(row["ActivityDate"])),
            TaskPart.SUBJECT: short_hash(_text(row["Subject"])),
            TaskPart.BODY: short_hash(body),
        },
        rule_ids=rule_ids,
        due_on=due if isinstance(due, date) else None,
        owner_id=owner or None,
        is_moved=known is not None and known.id.deal_id != what,
    )


_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def _text(wire: object) -> str:
    return wire if isinstance(wire, str) else ""
