"""What an import leaves for Salesforce to derive: only columns the folder lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.activities import closing_statuses, complete_times
from gatekeeper.sandbox.salesforce.ids import stamp
from gatekeeper.sandbox.salesforce.org import ACTIVITIES
from gatekeeper.sandbox.salesforce.sales import (
    derive_fiscal,
    derive_revenue,
    forecast_category,
)

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.state import Stored

Columns = Mapping[str, frozenset[str]]
_STAMPS = ("CreatedDate", "LastModifiedDate", "SystemModstamp")


def complete(org: Org, columns: Columns) -> None:
    """Fill in the derived values of all imported rows that the folder does not say.

    Args:
        org: The org, before anybody reads it: rows are filled in place.
        columns: By imported object, the columns its file had.
    """
    for name, loaded in columns.items():
        rows = org.state.tables[name].in_order()
        _stamp(org, name, loaded, rows)
        if name in _COMPLETED:
            _COMPLETED[name](org, loaded, rows)
    if "Opportunity" in columns:
        _roll_up(org, columns["Opportunity"])


def _stamp(org: Org, name: str, loaded: frozenset[str], rows: list[Stored]) -> None:
    fields = org.kinds[name].fields
    now = stamp(org.now())
    missing = [field for field in _STAMPS if field in fields and field not in loaded]
    for row in rows if missing else ():
        last = str(row["LastModifiedDate"] or row["CreatedDate"] or now)
        for field in missing:
            row[field] = now if field == "CreatedDate" else min(last, now)


def _complete_deals(org: Org, loaded: frozenset[str], rows: list[Stored]) -> None:
    stages = {
        stage[column]: stage
        for column in ("MasterLabel", "ApiName")
        for stage in org.rows("OpportunityStage", include_deleted=True)
    }
    for row in rows:
        stage = stages.get(row["StageName"])
        category = stage["ForecastCategoryName"] if stage else "Pipeline"
        for field, value in (
            ("IsClosed", bool(stage and stage["IsClosed"])),
            ("IsWon", bool(stage and stage["IsWon"])),
            ("ForecastCategoryName", category or "Pipeline"),
        ):
            if field not in loaded:
                row[field] = value
        if "ForecastCategory" not in loaded:
            row["ForecastCategory"] = forecast_category(row["ForecastCategoryName"])
        if "ExpectedRevenue" not in loaded:
            derive_revenue(row)
        derive_fiscal(row)


def _complete_stages(org: Org, loaded: frozenset[str], rows: list[Stored]) -> None:
    for row in rows:
        if "ForecastCategory" not in loaded:
            row["ForecastCategory"] = forecast_category(row["ForecastCategoryName"])


def _complete_tasks(org: Org, loaded: frozenset[str], rows: list[Stored]) -> None:
    closing = closing_statuses(org)
    for row in rows:
        if "IsClosed" not in loaded:
            row["IsClosed"] = row["Status"] in closing
        if "TaskSubtype" not in loaded:
            row["TaskSubtype"] = "Task"
        _complete_account(org, loaded, row)


def _complete_events(org: Org, loaded: frozenset[str], rows: list[Stored]) -> None:
    timed = bool({"StartDateTime", "ActivityDateTime"} & loaded)
    for row in rows:
        if "IsAllDayEvent" not in loaded:
            row["IsAllDayEvent"] = not timed
        if timed:
            complete_times(row, loaded)
        elif row["ActivityDate"] is not None:
            midnight = f"{row['ActivityDate']}T00:00:00.000+0000"
            row["StartDateTime"] = midnight
            row["EndDateTime"] = row["EndDateTime"] or midnight
            row["EndDate"] = row["EndDate"] or row["ActivityDate"]
            row["DurationInMinutes"] = row["DurationInMinutes"] or 1440
        _complete_account(org, loaded, row)


def _complete_account(org: Org, loaded: frozenset[str], row: Stored) -> None:
    what = str(row["WhatId"] or "")
    if "AccountId" in loaded or not what.startswith("006"):
        return
    deal = org.find("Opportunity", what)
    if deal is not None and deal["AccountId"] is not None:
        row["AccountId"] = deal["AccountId"]


def _complete_people(org: Org, loaded: frozenset[str], rows: list[Stored]) -> None:
    for row in rows:
        if "LastName" not in loaded and row["Name"]:
            row["LastName"] = str(row["Name"]).rpartition(" ")[2]
        if "Name" not in loaded:
            names = (row["FirstName"], row["LastName"])
            row["Name"] = " ".join(str(name) for name in names if name)


def _complete_users(org: Org, loaded: frozenset[str], rows: list[Stored]) -> None:
    _complete_people(org, loaded, rows)
    for row in rows:
        if "UserType" not in loaded:
            row["UserType"] = "Standard"
        if "TimeZoneSidKey" not in loaded:
            row["TimeZoneSidKey"] = "GMT"
        if "IsActive" not in loaded:
            row["IsActive"] = True


def _roll_up(org: Org, loaded: frozenset[str]) -> None:
    """Derive what a deal says of its children, where the folder leaves it out."""
    last, lines, due = _last_activities(org), _with_lines(org), _due_days(org)
    today = org.now().date().isoformat()
    for row in org.state.tables["Opportunity"].in_order():
        deal_id = str(row["Id"])
        if "LastActivityDate" not in loaded and deal_id in last:
            row["LastActivityDate"] = last[deal_id]
        if "HasOpportunityLineItem" not in loaded:
            row["HasOpportunityLineItem"] = deal_id in lines
        if "HasOpenActivity" not in loaded:
            row["HasOpenActivity"] = deal_id in due
        if "HasOverdueTask" not in loaded:
            row["HasOverdueTask"] = due.get(deal_id, "9") < today


def _last_activities(org: Org) -> dict[str, str]:
    last: dict[str, str] = {}
    for name in sorted(ACTIVITIES):
        for row in org.state.tables[name].in_order():
            counts = row["IsClosed"] is not False and not row["IsDeleted"]
            day, deal = str(row["ActivityDate"] or ""), str(row["WhatId"] or "")
            if counts and day > last.get(deal, ""):
                last[deal] = day
    return last


def _due_days(org: Org) -> dict[str, str]:
    """Return, for each deal with an open task, the first day one is due."""
    first: dict[str, str] = {}
    for row in org.state.tables["Task"].in_order():
        if row["IsClosed"] is False and not row["IsDeleted"]:
            deal, day = str(row["WhatId"] or ""), str(row["ActivityDate"] or "9")
            first[deal] = min(day, first.get(deal, "9"))
    return first


def _with_lines(org: Org) -> set[str]:
    rows = org.rows("OpportunityLineItem", include_deleted=False)
    return {str(row["OpportunityId"]) for row in rows}


_COMPLETED: dict[str, Callable[[Org, frozenset[str], list[Stored]], None]] = {
    "Opportunity": _complete_deals,
    "OpportunityStage": _complete_stages,
    "Task": _complete_tasks,
    "Event": _complete_events,
    "Contact": _complete_people,
    "User": _complete_users,
}
