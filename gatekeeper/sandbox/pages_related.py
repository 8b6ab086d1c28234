"""The lists beside a record: tasks, people, products, meetings, history, files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.sandbox.pages_values import (
    EMPTY,
    NUMBERS,
    Row,
    Shown,
    link,
    moment,
    reference,
    shown,
)

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.org import Org

MOST_ROWS = 50


@dataclass(frozen=True, slots=True)
class TaskCard:
    """A task as it stands beside a record; `is_ours` if it carries our key."""

    task: Shown
    status: str
    priority: str
    due: str
    is_overdue: bool
    owner: Shown
    about: Shown
    body: str
    is_ours: bool
    done: str


@dataclass(frozen=True, slots=True)
class Heading:
    """The label over a column; numbers stand to the right."""

    label: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class RelatedList:
    """A table of rows that belong to a record; `total` may exceed the rows shown."""

    title: str
    columns: list[Heading]
    rows: list[list[Shown]]
    total: int


@dataclass(frozen=True, slots=True)
class _Spec:
    """A related list to be: rows whose `field` names the record, `latest` first."""

    title: str
    object_name: str
    field: str
    columns: tuple[str, ...]
    latest: str = ""


_OF_DEALS = (
    _Spec(
        "Contact roles",
        "OpportunityContactRole",
        "OpportunityId",
        ("ContactId", "Role", "IsPrimary"),
    ),
    _Spec(
        "Products",
        "OpportunityLineItem",
        "OpportunityId",
        ("Product2Id", "Quantity", "UnitPrice", "TotalPrice"),
    ),
    _Spec(
        "Emails",
        "EmailMessage",
        "RelatedToId",
        ("Subject", "Incoming", "MessageDate"),
        latest="MessageDate",
    ),
    _Spec(
        "Stage history",
        "OpportunityHistory",
        "OpportunityId",
        ("CreatedDate", "StageName", "Amount", "CloseDate", "CreatedById"),
        latest="CreatedDate",
    ),
    _Spec("Files", "ContentDocumentLink", "LinkedEntityId", ("ContentDocumentId",)),
)
_OF_ACCOUNTS = (
    _Spec(
        "Deals",
        "Opportunity",
        "AccountId",
        ("Name", "StageName", "Amount", "CloseDate", "OwnerId"),
    ),
    _Spec("Contacts", "Contact", "AccountId", ("Name", "Title", "Email")),
)


def task_cards(
    org: Org, field: str, record_id: str
) -> tuple[list[TaskCard], list[TaskCard]]:
    """Return the open tasks of a record by due date, and the closed, latest first."""
    tasks = _children(org, "Task", field, record_id)
    open_tasks = sorted(
        (task for task in tasks if not task.get("IsClosed")),
        key=lambda task: str(task.get("ActivityDate") or "9999"),
    )
    closed_tasks = sorted(
        (task for task in tasks if task.get("IsClosed")),
        key=lambda task: str(task.get("CompletedDateTime") or ""),
        reverse=True,
    )
    return (
        [task_card(org, task) for task in open_tasks],
        [task_card(org, task) for task in closed_tasks[:MOST_ROWS]],
    )


def task_card(org: Org, task: Row) -> TaskCard:
    """Return a task as a card."""
    due = task.get("ActivityDate")
    done = task.get("CompletedDateTime")
    today = org.now().date().isoformat()
    is_open = not task.get("IsClosed")
    return TaskCard(
        task=link(org, "Task", task),
        status=str(task.get("Status") or ""),
        priority=str(task.get("Priority") or ""),
        due=moment(str(due)) if due else "",
        is_overdue=bool(due) and is_open and str(due) < today,
        owner=_parent(org, task, "OwnerId"),
        about=_parent(org, task, "WhatId"),
        body=str(task.get("Description") or ""),
        is_ours=bool(task.get("Gatekeeper_Key__c")),
        done=moment(str(done)) if done else "",
    )


def _parent(org: Org, task: Row, field: str) -> Shown:
    record_id = task.get(field)
    if record_id is None:
        return EMPTY
    return reference(org, org.kinds["Task"].fields[field], str(record_id))


def deal_lists(org: Org, deal: str) -> list[RelatedList]:
    """Return the related lists of a deal, in the order of its page."""
    people, products, *others = (_list(org, spec, deal) for spec in _OF_DEALS)
    return [people, products, _meetings(org, deal), *others]


def _meetings(org: Org, deal: str) -> RelatedList:
    """Return the meetings; an imported one may have a day and no hour."""
    events = _children(org, "Event", "WhatId", deal)
    events.sort(key=lambda event: str(event.get("ActivityDate") or ""), reverse=True)
    timed = any(event.get("StartDateTime") for event in events)
    when = "StartDateTime" if timed else "ActivityDate"
    return _table(org, "Meetings", "Event", ("Subject", when, "OwnerId"), events)


def account_lists(org: Org, account: str) -> list[RelatedList]:
    """Return the related lists of an account."""
    return [_list(org, spec, account) for spec in _OF_ACCOUNTS]


def user_lists(org: Org, user: str) -> list[RelatedList]:
    """Return the deals a user owns, the open ones first in the order of closing."""
    deals = [
        deal
        for deal in _children(org, "Opportunity", "OwnerId", user)
        if not deal.get("IsClosed")
    ]
    deals.sort(key=lambda deal: str(deal.get("CloseDate") or "9999"))
    columns = ("Name", "StageName", "Amount", "CloseDate", "AccountId")
    return [_table(org, "Open deals", "Opportunity", columns, deals)]


def _list(org: Org, spec: _Spec, record_id: str) -> RelatedList:
    rows = _children(org, spec.object_name, spec.field, record_id)
    if spec.latest:
        rows.sort(key=lambda row: str(row.get(spec.latest) or ""), reverse=True)
    return _table(org, spec.title, spec.object_name, spec.columns, rows)


def _children(org: Org, object_name: str, field: str, record_id: str) -> list[Row]:
    if org.kind(object_name) is None:
        return []
    rows: list[Row] = list(
        org.referencing(object_name, field, [record_id], include_deleted=False)
    )
    return sorted(rows, key=lambda row: str(row.get("Id")))


def _table(
    org: Org, title: str, object_name: str, columns: tuple[str, ...], rows: list[Row]
) -> RelatedList:
    kind = org.kind(object_name)
    fields = [kind.fields[name] for name in columns if kind and name in kind.fields]
    cells = [
        [
            link(org, object_name, row)
            if field.name == "Name" and object_name in {"Opportunity", "Contact"}
            else shown(org, field, row.get(field.name))
            for field in fields
        ]
        for row in rows[:MOST_ROWS]
    ]
    headings = [
        Heading(field.label.removesuffix(" ID"), field.type in NUMBERS)
        for field in fields
    ]
    return RelatedList(title, headings, cells, len(rows))
