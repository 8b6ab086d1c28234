"""What the page of a HubSpot deal and the list of deals say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.page_related import deal_lists, linked, task_cards
from gatekeeper.sandbox.hubspot.page_values import (
    facts,
    link,
    moment,
    owner,
    record_name,
    stage_label,
)
from gatekeeper.sandbox.pages_deal import (
    PAGE_SIZE,
    DealLine,
    DealList,
    DealPage,
    Gate,
    Step,
)
from gatekeeper.sandbox.pages_html import STATUS_TONES
from gatekeeper.sandbox.pages_values import EMPTY, Fact, Shown, number

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.state import Stored

_STATUS = "gatekeeper_status"
_HIGHLIGHTS = ("amount", "closedate", "hubspot_owner_id", "hs_manual_forecast_category")
_DETAILS = (
    "dealname",
    "dealstage",
    "amount",
    "deal_currency_code",
    "closedate",
    "hs_deal_stage_probability",
    "hs_manual_forecast_category",
    "hs_next_step",
    "dealtype",
    "hubspot_owner_id",
    "notes_last_contacted",
    "notes_last_updated",
    "notes_next_activity_date",
    "num_associated_contacts",
    "hs_v2_date_entered_current_stage",
    "description",
    "createdate",
    "hs_lastmodifieddate",
)


def deal_page(portal: Portal, row: Stored) -> DealPage:
    """Return what the page of a deal shows."""
    kind, company = portal.kinds["deals"], _company(portal, row)
    open_tasks, closed_tasks = task_cards(portal, kind, row)
    own = tuple(
        name
        for name, each in kind.properties.items()
        if not each.hubspot_defined and each.group != "gatekeeper"
    )
    return DealPage(
        name=record_name(kind, row),
        account=company,
        owner=owner(portal, str(row["hubspot_owner_id"] or "")),
        stage=stage_label(portal, str(row["dealstage"] or "")),
        highlights=[
            Fact("Company", company),
            *facts(portal, kind, row, _HIGHLIGHTS),
        ],
        path=stage_path(portal, row),
        gate=gate(portal, row),
        open_tasks=open_tasks,
        closed_tasks=closed_tasks,
        details=facts(portal, kind, row, _DETAILS + own),
        related=deal_lists(portal, row),
    )


def stage_path(portal: Portal, row: Stored) -> list[Step]:
    """Return the open stages of the deal's pipeline and how far it has come."""
    pipeline = portal.pipelines["deals"].get(str(row["pipeline"] or ""))
    stages = pipeline.open_stages() if pipeline else []
    current = str(row["dealstage"] or "")
    here = pipeline.stages.get(current) if pipeline else None
    names = [stage.label for stage in stages if not stage.is_closed]
    if here is not None and here.is_closed:
        passed, end = ("done", "won") if here.is_won else ("ahead", "lost")
        return [Step(name, passed) for name in names] + [Step(here.label, end)]
    ids = [stage.id for stage in stages if not stage.is_closed]
    place = ids.index(current) if current in ids else -1
    steps = [
        Step(name, "done" if number_ < place else "ahead")
        for number_, name in enumerate(names)
    ]
    now = Step(here.label if here else current or "No stage", "now")
    steps[max(place, 0) : place + 1] = [now]
    return [*steps, Step("Closed", "ahead")]


def gate(portal: Portal, row: Stored) -> Gate | None:
    """Return our flags on a deal, None while the portal has no such properties."""
    if portal.kinds["deals"].shown(_STATUS) is None:
        return None
    status, since = str(row[_STATUS] or ""), str(row["gatekeeper_open_since"] or "")
    count = str(row["gatekeeper_open_count"] or "")
    return Gate(
        status=status,
        tone=STATUS_TONES.get(status, ""),
        open_count=number(float(count)) if count else "",
        severity=str(row["gatekeeper_worst_severity"] or ""),
        since=moment(portal, since) if since else "",
        missing=str(row["gatekeeper_missing"] or ""),
        supported=str(row["gatekeeper_supported_stage"] or ""),
        stage=stage_label(portal, str(row["dealstage"] or "")),
    )


def deal_list(portal: Portal, chosen: str, page: int) -> DealList:
    """Return one page of the list of deals.

    Args:
        portal: Where the deals are.
        chosen: open, flagged, closed or all.
        page: Counts from 1; beyond the last page is the last one.
    """
    kind = portal.kinds["deals"]
    groups: dict[str, list[Stored]] = {
        name: [] for name in ("open", "flagged", "closed", "all")
    }
    for row in portal.listed(kind, "0", archived=False):
        groups["all"].append(row)
        groups["closed" if row["hs_is_closed"] == "true" else "open"].append(row)
        if row[_STATUS] == "Open":
            groups["flagged"].append(row)
    passing = groups.get(chosen, groups["open"])
    passing.sort(key=lambda row: str(row["closedate"] or "9999"))
    pages = max(1, -(-len(passing) // PAGE_SIZE))
    place = min(max(page, 1), pages)
    cut = passing[(place - 1) * PAGE_SIZE : place * PAGE_SIZE]
    return DealList(
        chosen=chosen if chosen in groups else "open",
        has_flags=kind.shown(_STATUS) is not None,
        counts={name: len(members) for name, members in groups.items()},
        lines=[_line(portal, row) for row in cut],
        total=len(passing),
        page=place,
        pages=pages,
    )


def _line(portal: Portal, row: Stored) -> DealLine:
    flags, amount = gate(portal, row), row["amount"]
    closes = str(row["closedate"] or "")
    return DealLine(
        deal=link(portal, portal.kinds["deals"], row),
        account=_company(portal, row),
        stage=stage_label(portal, str(row["dealstage"] or "")),
        amount=number(float(str(amount))) if amount else "",
        close_date=moment(portal, closes) if closes else "",
        owner=owner(portal, str(row["hubspot_owner_id"] or "")),
        status=flags.status if flags else "",
        tone=flags.tone if flags else "",
        open_count=flags.open_count if flags else "",
    )


def _company(portal: Portal, row: Stored) -> Shown:
    companies = linked(portal, portal.kinds["deals"], row, "companies")
    return link(portal, portal.kinds["companies"], companies[0]) if companies else EMPTY
