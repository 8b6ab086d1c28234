"""The lists beside a HubSpot record: tasks, people, products, activities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.page_values import link, moment, owner, plain, shown
from gatekeeper.sandbox.pages_related import MOST_ROWS, Heading, RelatedList, TaskCard
from gatekeeper.sandbox.pages_values import EMPTY, Shown

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.kinds import ObjectKind
    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.state import Stored

_STATUSES = {"NOT_STARTED": "Not started", "IN_PROGRESS": "In progress"}


@dataclass(frozen=True, slots=True)
class _Spec:
    """A related list to be: linked records of a type, `latest` first."""

    title: str
    kind: str
    columns: tuple[str, ...]
    latest: str = ""
    labels: bool = False


_OF_DEALS = (
    _Spec("Contacts", "contacts", ("jobtitle", "email"), labels=True),
    _Spec("Line items", "line_items", ("quantity", "price", "amount")),
    _Spec("Quotes", "quotes", ("hs_status", "hs_expiration_date")),
    _Spec(
        "Meetings",
        "meetings",
        ("hs_meeting_start_time", "hs_meeting_outcome"),
        "hs_timestamp",
    ),
    _Spec("Emails", "emails", ("hs_email_direction", "hs_timestamp"), "hs_timestamp"),
    _Spec("Calls", "calls", ("hs_timestamp",), "hs_timestamp"),
    _Spec("Notes", "notes", ("hs_timestamp",), "hs_timestamp"),
)
_OF_OTHERS = {
    "companies": (
        _Spec("Deals", "deals", ("dealstage", "amount", "closedate")),
        _Spec("Contacts", "contacts", ("jobtitle", "email")),
    ),
    "contacts": (_Spec("Deals", "deals", ("dealstage", "amount"), labels=True),),
}


def linked(portal: Portal, kind: ObjectKind, row: Stored, other: str) -> list[Stored]:
    """Return the records of another type that a record is linked to, by id."""
    ids = portal.links.of((kind.name, other), str(row["hs_object_id"]))
    target = portal.kinds[other]
    found = (portal.live(target, record_id) for record_id in sorted(ids, key=int))
    return [each for each in found if each is not None]


def deal_lists(portal: Portal, row: Stored) -> list[RelatedList]:
    """Return the lists beside a deal."""
    return [_list(portal, portal.kinds["deals"], row, spec) for spec in _OF_DEALS]


def record_lists(portal: Portal, kind: ObjectKind, row: Stored) -> list[RelatedList]:
    """Return the lists beside any other record."""
    return [_list(portal, kind, row, spec) for spec in _OF_OTHERS.get(kind.name, ())]


def task_cards(
    portal: Portal, kind: ObjectKind, row: Stored
) -> tuple[list[TaskCard], list[TaskCard]]:
    """Return the open tasks of a record by due date, and the closed, latest first."""
    tasks = linked(portal, kind, row, "tasks")
    tasks.sort(key=lambda task: str(task["hs_timestamp"] or ""))
    done = [task for task in tasks if task["hs_task_status"] == "COMPLETED"]
    still = [task for task in tasks if task["hs_task_status"] != "COMPLETED"]
    return (
        [task_card(portal, task) for task in still],
        [task_card(portal, task) for task in reversed(done)],
    )


def task_card(portal: Portal, task: Stored) -> TaskCard:
    """Return a task as it stands beside a record."""
    kind, status = portal.kinds["tasks"], str(task["hs_task_status"] or "")
    due, done = str(task["hs_timestamp"] or ""), task["hs_task_completion_date"]
    closed = status == "COMPLETED"
    deals = linked(portal, kind, task, "deals")
    return TaskCard(
        task=link(portal, kind, task),
        status=_STATUSES.get(status, status.capitalize()),
        priority=str(task["hs_task_priority"] or "").capitalize(),
        due=moment(portal, due) if due else "",
        is_overdue=not closed and bool(due) and due < portal.stamp(),
        owner=owner(portal, str(task["hubspot_owner_id"] or "")),
        about=link(portal, portal.kinds["deals"], deals[0]) if deals else EMPTY,
        body=plain(str(task["hs_task_body"] or "")),
        is_ours=bool(task["gatekeeper_key"]),
        done=moment(portal, str(done)) if closed and done else "",
    )


def _list(portal: Portal, kind: ObjectKind, row: Stored, spec: _Spec) -> RelatedList:
    rows, other = linked(portal, kind, row, spec.kind), portal.kinds[spec.kind]
    if spec.latest:
        rows.sort(key=lambda each: str(each[spec.latest] or ""), reverse=True)
    definitions = [d for name in spec.columns if (d := other.shown(name))]
    columns = [Heading(other.singular.capitalize(), is_number=False)]
    columns += [Heading("Label", is_number=False)] if spec.labels else []
    columns += [Heading(d.label, d.type == "number") for d in definitions]
    cells = [
        [
            link(portal, other, each),
            *([_labels(portal, kind, row, each, spec)] if spec.labels else []),
            *(shown(portal, d, each[d.name]) for d in definitions),
        ]
        for each in rows[:MOST_ROWS]
    ]
    return RelatedList(spec.title, columns, cells, len(rows))


def _labels(
    portal: Portal, kind: ObjectKind, row: Stored, other: Stored, spec: _Spec
) -> Shown:
    pair = (kind.name, spec.kind)
    held = portal.links.of(pair, str(row["hs_object_id"]))[str(other["hs_object_id"])]
    types = portal.links.types(pair)
    labels = sorted(label for each in held if (label := types[each].label))
    return Shown(", ".join(labels)) if labels else EMPTY
