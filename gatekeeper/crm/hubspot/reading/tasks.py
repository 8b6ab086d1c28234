"""Our own tasks as they stand in HubSpot, recognised by key and marker.

A task whose key does not recompute from this portal came with a copied account: it is
foreign and never seen here. One that hangs on no deal is not finished: the association
after its creation did not come about, so the same create is sent again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gatekeeper.core.model import OwnTask, TaskPart, short_hash
from gatekeeper.crm import marker
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.links import read_links
from gatekeeper.crm.hubspot.reading.records import properties_of
from gatekeeper.crm.hubspot.reading.translate import to_moment
from gatekeeper.crm.hubspot.wire.client import MOST_FOUND, Wanted
from gatekeeper.crm.hubspot.writing.body import as_text
from gatekeeper.ports import NO_IDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gatekeeper.crm.hubspot.due import DueTimes
    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.hubspot.wire.envelope import Record
    from gatekeeper.crm.reader import WireRow

DONE = "COMPLETED"
KEYS_PER_SEARCH = 60
"""A search may have 3,000 characters; a key has 30."""
_READ = (
    *(names.ID, names.KEY_PROPERTY, names.REF_PROPERTY, names.OWNER),
    *("hs_task_subject", "hs_task_body", "hs_timestamp", "hs_task_status"),
    "hs_createdate",
)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tasks:
    """Reads our tasks.

    Attributes:
        dues: The day that a moment stands for.
        is_unique: HubSpot finds a task by its key; else a search has to.
    """

    client: Client
    org: str
    dues: DueTimes
    is_unique: bool

    def open(self) -> Iterator[list[OwnTask]]:
        """Stream our open tasks, page by page.

        A search only names candidates: each is read before it counts. A task so young
        that the index does not have it yet is found by its key, or by its deal's word.
        """
        last = "0"
        while True:
            page = self.client.found(names.TASKS, _search(last))
            ids = [str(record["id"]) for record in page.rows]
            found = self._looked_at(self._read(ids, Wanted(_READ)))
            yield [task for task in found if _is_open(task)]
            if len(ids) < MOST_FOUND:
                return
            last = max(ids, key=int)

    def by_key(
        self,
        keys: Sequence[str],
        ids: Mapping[str, str] = NO_IDS,
        *,
        looks: bool = True,
    ) -> dict[str, OwnTask]:
        """Read tasks by key: closed and archived ones too.

        Args:
            keys: Of the tasks.
            ids: Key to the id a task is said to have.
            looks: Tell which open ones hang on no deal.
        """
        wanted = list(dict.fromkeys(keys))
        if self.is_unique:
            found = _by_key(self._wherever(wanted, names.KEY_PROPERTY))
        else:
            found = self._without_index(wanted, ids)
            found |= self._by_search([key for key in wanted if key not in found])
        if not looks:
            return found
        return {task.key: task for task in self._looked_at(found.values())}

    def of_deals(self, deals: Sequence[str]) -> dict[str, OwnTask]:
        """Read our tasks on some deals by key, without any index."""
        links = read_links(self.client, names.DEALS, names.TASKS, deals)
        ids = list(dict.fromkeys(id_ for each in links.values() for id_ in each))
        return _by_key(self._read(ids, Wanted(_READ)))

    def _wherever(self, wanted: Sequence[str], by: str = "") -> list[OwnTask]:
        """Read tasks, and those that are not there among the archived ones."""
        alive = self._read(wanted, Wanted(_READ, by=by))
        found = {task.key if by else task.remote_id for task in alive}
        missing = [each for each in wanted if each not in found]
        return alive + self._read(missing, Wanted(_READ, by=by, archived=True))

    def _without_index(
        self, keys: Sequence[str], ids: Mapping[str, str]
    ) -> dict[str, OwnTask]:
        """Read the tasks whose id somebody said, as far as they have their key."""
        told = {ids[key] for key in keys if key in ids}
        found = self._wherever(sorted(told))
        return _by_key(task for task in found if ids.get(task.key) == task.remote_id)

    def _by_search(self, keys: Sequence[str]) -> dict[str, OwnTask]:
        found: list[OwnTask] = []
        for start in range(0, len(keys), KEYS_PER_SEARCH):
            chunk = list(keys[start : start + KEYS_PER_SEARCH])
            page = self.client.found(names.TASKS, _among(chunk))
            ids = [str(record["id"]) for record in page.rows]
            found += self._read(ids, Wanted(_READ))
        return _by_key(found)

    def _read(self, ids: Sequence[str], wanted: Wanted) -> list[OwnTask]:
        records = self.client.records(names.TASKS, ids, wanted)
        made = (own_task(record, self.org, self.dues) for record in records)
        return [task for task in made if task is not None]

    def _looked_at(self, tasks: Iterable[OwnTask]) -> list[OwnTask]:
        """Say of open tasks whether they hang on a deal."""
        known = list(tasks)
        ids = [task.remote_id for task in known if _is_open(task)]
        links = read_links(self.client, names.TASKS, names.DEALS, ids) if ids else {}
        return [
            task if links.get(task.remote_id, task) else replace(task, is_loose=True)
            for task in known
        ]


def _is_open(task: OwnTask) -> bool:
    return not (task.is_closed or task.is_deleted)


def own_task(record: Record, org: str, dues: DueTimes) -> OwnTask | None:
    """Return the task of a record, or None where it belongs to another portal."""
    row = properties_of(record)
    key, known = (
        _text(row, names.KEY_PROPERTY),
        marker.decode(_text(row, names.REF_PROPERTY) or None),
    )
    if not key or (known is not None and key != marker.key_of(known, org)):
        return None
    body, rule_ids = marker.split_rules(as_text(_text(row, "hs_task_body")))
    created = to_moment(row.get("hs_createdate") or record.get("createdAt"))
    owner = _text(row, names.OWNER)
    due = dues.day(row.get("hs_timestamp"), owner)
    return OwnTask(
        remote_id=str(record["id"]),
        key=key,
        deal_id=known.id.deal_id if known else None,
        id=known.id if known else None,
        episode=known.episode if known else 0,
        run_number=known.run_number if known else 0,
        sealed=known.sealed if known else False,
        is_closed=_text(row, "hs_task_status").upper() == DONE,
        is_deleted=record.get("archived") is True,
        created_at=created if isinstance(created, datetime) else _LONG_AGO,
        written=known.hashes if known else {},
        actual={
            TaskPart.OWNER: short_hash(owner),
            TaskPart.DUE: short_hash(due.isoformat() if due else ""),
            TaskPart.SUBJECT: short_hash(_text(row, "hs_task_subject")),
            TaskPart.BODY: short_hash(body),
        },
        rule_ids=rule_ids,
        due_on=due,
        owner_id=owner or None,
    )


def _by_key(tasks: Iterable[OwnTask]) -> dict[str, OwnTask]:
    """Of several with one key the oldest counts, as far as it lives."""
    found: dict[str, OwnTask] = {}
    for task in sorted(tasks, key=lambda task: (task.is_deleted, int(task.remote_id))):
        found.setdefault(task.key, task)
    return found


def _search(last: str) -> dict[str, object]:
    return {
        "filterGroups": [
            {
                "filters": [
                    {"propertyName": names.KEY_PROPERTY, "operator": "HAS_PROPERTY"},
                    _filter("hs_task_status", "NEQ", DONE),
                    _filter(names.ID, "GT", last),
                ]
            }
        ],
        "sorts": [{"propertyName": names.ID, "direction": "ASCENDING"}],
        "properties": [names.ID],
        "limit": MOST_FOUND,
    }


def _among(keys: list[str]) -> dict[str, object]:
    named = {"propertyName": names.KEY_PROPERTY, "operator": "IN", "values": keys}
    return {
        "filterGroups": [{"filters": [named]}],
        "properties": [names.ID],
        "limit": MOST_FOUND,
    }


def _filter(name: str, operator: str, value: str) -> dict[str, str]:
    return {"propertyName": name, "operator": operator, "value": value}


def _text(row: WireRow, name: str) -> str:
    wire = row.get(name)
    return wire if isinstance(wire, str) else ""
