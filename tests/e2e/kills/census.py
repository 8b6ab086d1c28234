"""What stands in an org at one moment, and what may not have come about since."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.sandbox.client import Client

DEAL = (
    *("Name", "StageName", "Amount", "CloseDate", "NextStep", "OwnerId", "AccountId"),
    *("Description", "IsClosed"),
)
TASK = ("WhatId", "OwnerId", "Subject", "Description", "Status", "ActivityDate")
KEY, STATUS = "Gatekeeper_Key__c", "Gate_Status__c"
Values = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class OurTask:
    """One task of ours; those in the recycle bin are among them."""

    id: str
    deal_id: str
    key: str
    is_closed: bool
    is_deleted: bool

    @property
    def is_open(self) -> bool:
        """Whether somebody is still asked for something."""
        return not (self.is_closed or self.is_deleted)


@dataclass(frozen=True, slots=True)
class Census:
    """An org as its own API tells it.

    Attributes:
        tasks: Ours by id.
        lacking: Open deals without what the rules ask for.
        flags: The status flag of each open deal.
        others: What is not ours, by id: deals without our fields, tasks of people.
        sealed: Keys that the ledger had done with by then; what stands under one is
            closed, whatever has become of its deal since.
    """

    tasks: Mapping[str, OurTask]
    lacking: frozenset[str]
    flags: Mapping[str, str]
    others: Mapping[str, Values]
    sealed: frozenset[str] = frozenset()

    def open_tasks(self) -> list[OurTask]:
        """Return the tasks that ask somebody for something."""
        return [task for task in self.tasks.values() if task.is_open]


def taken(people: Client, sealed: frozenset[str]) -> Census:
    """Read an org; `sealed` is what the ledger says."""
    deals = people.query(f"SELECT Id, {STATUS}, {', '.join(DEAL)} FROM Opportunity")
    rows = people.query(
        f"SELECT Id, IsClosed, IsDeleted, {KEY}, {', '.join(TASK)} FROM Task",
        everything=True,
    )
    others = {row["Id"]: tuple(row[name] for name in DEAL) for row in deals}
    tasks = {}
    for row in rows:
        if row[KEY] is None:
            others[row["Id"]] = tuple(row[name] for name in (*TASK, "IsDeleted"))
            continue
        tasks[row["Id"]] = OurTask(
            row["Id"], row["WhatId"] or "", row[KEY], row["IsClosed"], row["IsDeleted"]
        )
    open_deals = [row for row in deals if not row["IsClosed"]]
    return Census(
        tasks=tasks,
        lacking=frozenset(
            row["Id"]
            for row in open_deals
            if not row["Amount"] or row["NextStep"] is None
        ),
        flags={row["Id"]: row[STATUS] or "" for row in open_deals},
        others=others,
        sealed=sealed,
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken promise."""

    what: str
    on: str


def between(before: Census, after: Census) -> Iterator[Finding]:
    """Yield what no run may have done, wherever it was ended.

    Nobody but runs changed anything between the two.
    """
    keys = Counter(task.key for task in after.tasks.values())
    yield from (Finding("duplicates", key) for key, n in keys.items() if n > 1)
    per_deal = Counter(task.deal_id for task in after.open_tasks())
    yield from (Finding("duplicates", deal) for deal, n in per_deal.items() if n > 1)
    for task in after.tasks.values():
        was = before.tasks.get(task.id)
        is_newly_closed = task.is_closed and not (was and was.is_closed)
        is_due = task.deal_id in after.lacking and task.key not in before.sealed
        if is_newly_closed and is_due:
            yield Finding("wrong closes", task.id)
        if task.is_deleted and not (was and was.is_deleted):
            yield Finding("foreign writes", task.id)
    for each in before.others.keys() | after.others.keys():
        if before.others.get(each) != after.others.get(each):
            yield Finding("foreign writes", each)


def once_settled(census: Census, rested: frozenset[str]) -> Iterator[Finding]:
    """Yield what is missing or left over after a run that came to its end.

    Args:
        census: What stands then.
        rested: Deals whose task a person closed, which may have none.
    """
    asked = {task.deal_id for task in census.open_tasks()}
    yield from (Finding("lost", each) for each in census.lacking - asked - rested)
    yield from (Finding("orphans", each) for each in asked - census.lacking)
    for deal_id, flag in census.flags.items():
        if flag != ("Open" if deal_id in census.lacking else "Clear"):
            yield Finding("wrong flags", deal_id)
