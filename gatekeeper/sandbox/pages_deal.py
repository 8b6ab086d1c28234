"""What the page of a deal and the list of deals say, read from the org."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.sandbox.pages_html import STATUS_TONES
from gatekeeper.sandbox.pages_related import (
    RelatedList,
    TaskCard,
    deal_lists,
    task_cards,
)
from gatekeeper.sandbox.pages_values import (
    EMPTY,
    Fact,
    Row,
    Shown,
    facts,
    link,
    moment,
    number,
    reference,
)

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.schema import ObjectType

PAGE_SIZE = 100
_DETAILS = (
    "Name",
    "AccountId",
    "OwnerId",
    "StageName",
    "Amount",
    "Probability",
    "CloseDate",
    "ForecastCategoryName",
    "NextStep",
    "Type",
    "LeadSource",
    "LastActivityDate",
    "LastStageChangeDate",
    "PushCount",
    "Description",
    "CreatedDate",
    "LastModifiedDate",
    "LastModifiedById",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the path; `state` is done, now, won, lost or ahead."""

    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Gate:
    """Our flags as they stand on the deal; texts are empty where the flag is."""

    status: str
    tone: str
    open_count: str
    severity: str
    since: str
    missing: str
    supported: str
    stage: str

    @property
    def is_ahead(self) -> bool:
        """Whether the deal stands in a later stage than its evidence supports."""
        said = self.supported.removeprefix("at least ")
        return bool(said) and said.removesuffix(" (with a waiver)") != self.stage


@dataclass(frozen=True, slots=True)
class DealPage:
    """Everything the page of a deal shows."""

    name: str
    account: Shown
    owner: Shown
    stage: str
    highlights: list[Fact]
    path: list[Step]
    gate: Gate | None
    open_tasks: list[TaskCard]
    closed_tasks: list[TaskCard]
    details: list[Fact]
    related: list[RelatedList]


@dataclass(frozen=True, slots=True)
class DealLine:
    """One row of the list of deals."""

    deal: Shown
    account: Shown
    stage: str
    amount: str
    close_date: str
    owner: Shown
    status: str
    tone: str
    open_count: str


@dataclass(frozen=True, slots=True)
class DealList:
    """One page of the list of deals; `total` counts all that pass the filter."""

    chosen: str
    has_flags: bool
    counts: dict[str, int]
    lines: list[DealLine]
    total: int
    page: int
    pages: int


def deal_page(org: Org, kind: ObjectType, row: Row) -> DealPage:
    """Return what the page of a deal shows."""
    open_tasks, closed_tasks = task_cards(org, "WhatId", str(row.get("Id")))
    extra = tuple(
        name
        for name in kind.fields
        if kind.fields[name].custom and not name.startswith("Gate_")
    )
    highlights = ("AccountId", "OwnerId", "Amount", "CloseDate", "ForecastCategoryName")
    return DealPage(
        name=str(row.get("Name") or row.get("Id")),
        account=_reference(org, kind, row, "AccountId"),
        owner=_reference(org, kind, row, "OwnerId"),
        stage=str(row.get("StageName") or ""),
        highlights=facts(org, kind, row, highlights),
        path=stage_path(org, row),
        gate=gate(kind, row),
        open_tasks=open_tasks,
        closed_tasks=closed_tasks,
        details=facts(org, kind, row, _DETAILS + extra),
        related=deal_lists(org, str(row.get("Id"))),
    )


def stage_path(org: Org, row: Row) -> list[Step]:
    """Return the org's open stages and the end, with how far the deal has come."""
    stages = sorted(
        org.rows("OpportunityStage", include_deleted=False),
        key=lambda stage: _sort_order(stage.get("SortOrder")),
    )
    current = str(row.get("StageName") or "")
    names = [
        str(stage.get("ApiName") or stage.get("MasterLabel"))
        for stage in stages
        if stage.get("IsActive") and not stage.get("IsClosed")
    ]
    if row.get("IsClosed"):
        end = Step(current, "won" if row.get("IsWon") else "lost")
        passed = "done" if row.get("IsWon") else "ahead"
        return [Step(name, passed) for name in names] + [end]
    place = names.index(current) if current in names else -1
    steps = [
        Step(name, "done" if number < place else "ahead")
        for number, name in enumerate(names)
    ]
    if place >= 0:
        steps[place] = Step(current, "now")
    else:
        steps.insert(0, Step(current or "No stage", "now"))
    return [*steps, Step("Closed", "ahead")]


def _sort_order(value: object) -> int:
    return value if isinstance(value, int) else 0


def gate(kind: ObjectType, row: Row) -> Gate | None:
    """Return our flags on a deal, None while the org has no such fields."""
    if "Gate_Status__c" not in kind.fields:
        return None
    status = str(row.get("Gate_Status__c") or "")
    since = row.get("Gate_Open_Since__c")
    count = row.get("Gate_Open_Count__c")
    return Gate(
        status=status,
        tone=STATUS_TONES.get(status, ""),
        open_count=number(count) if isinstance(count, int | float) else "",
        severity=str(row.get("Gate_Worst_Severity__c") or ""),
        since=moment(str(since)) if since else "",
        missing=str(row.get("Gate_Missing__c") or ""),
        supported=str(row.get("Gate_Supported_Stage__c") or ""),
        stage=str(row.get("StageName") or ""),
    )


def deal_list(org: Org, kind: ObjectType, chosen: str, page: int) -> DealList:
    """Return one page of the list of deals.

    Args:
        org: Where the deals are.
        kind: The deals' object.
        chosen: open, flagged, closed or all.
        page: Counts from 1; beyond the last page is the last one.
    """
    rows = org.rows("Opportunity", include_deleted=False)
    groups: dict[str, list[Row]] = {"open": [], "flagged": [], "closed": [], "all": []}
    for row in rows:
        groups["all"].append(row)
        groups["closed" if row.get("IsClosed") else "open"].append(row)
        if row.get("Gate_Status__c") == "Open":
            groups["flagged"].append(row)
    passing = groups.get(chosen, groups["open"])
    passing.sort(key=lambda row: str(row.get("CloseDate") or "9999"))
    pages = max(1, -(-len(passing) // PAGE_SIZE))
    place = min(max(page, 1), pages)
    cut = passing[(place - 1) * PAGE_SIZE : place * PAGE_SIZE]
    return DealList(
        chosen=chosen if chosen in groups else "open",
        has_flags="Gate_Status__c" in kind.fields,
        counts={name: len(members) for name, members in groups.items()},
        lines=[_line(org, kind, row) for row in cut],
        total=len(passing),
        page=place,
        pages=pages,
    )


def _line(org: Org, kind: ObjectType, row: Row) -> DealLine:
    flags = gate(kind, row)
    amount = row.get("Amount")
    close_date = row.get("CloseDate")
    return DealLine(
        deal=link(org, "Opportunity", row),
        account=_reference(org, kind, row, "AccountId"),
        stage=str(row.get("StageName") or ""),
        amount=number(amount) if isinstance(amount, int | float) else "",
        close_date=moment(str(close_date)) if close_date else "",
        owner=_reference(org, kind, row, "OwnerId"),
        status=flags.status if flags else "",
        tone=flags.tone if flags else "",
        open_count=flags.open_count if flags else "",
    )


def _reference(org: Org, kind: ObjectType, row: Row, name: str) -> Shown:
    value = row.get(name)
    if value is None or name not in kind.fields:
        return EMPTY
    return reference(org, kind.fields[name], str(value))
