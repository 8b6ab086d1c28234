"""What the server derives around tasks and events: closing, last activity, archive."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.errors import SalesforceError
from gatekeeper.sandbox.salesforce.ids import stamp
from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.sandbox.salesforce.dml import Writer
    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.salesforce.save import Save
    from gatekeeper.sandbox.state import Stored

_ARCHIVED_AFTER = timedelta(days=365)
_PARENTS = {"001": "Account", "006": "Opportunity"}


def closing_statuses(org: Org) -> set[object]:
    """Return the task statuses that close a task, by ApiName and by label."""
    return {
        name
        for status in org.rows("TaskStatus", include_deleted=False)
        if status["IsClosed"]
        for name in (status["ApiName"], status["MasterLabel"])
        if name
    }


def derive_task(writer: Writer, save: Save) -> None:
    """Set a task's closing, priority mark and account."""
    org, row = writer.org, save.row
    was_closed = bool(save.before and save.before["IsClosed"])
    row["IsClosed"] = row["Status"] in closing_statuses(org)
    if row["IsClosed"] and not was_closed:
        row["CompletedDateTime"] = stamp(org.now())
    elif not row["IsClosed"]:
        row.pop("CompletedDateTime", None)
    row["IsHighPriority"] = any(
        priority["IsHighPriority"] and row["Priority"] == priority["ApiName"]
        for priority in org.rows("TaskPriority", include_deleted=False)
    )
    if save.is_new:
        row["TaskSubtype"] = row["TaskSubtype"] or "Task"
    _derive_account(org, row)
    row["IsArchived"] = is_archived(row, org.now().date())


def derive_event(writer: Writer, save: Save) -> None:
    """Set an event's times from whichever of them were given."""
    row = save.row
    if save.is_new or _TIMES & save.given:
        complete_times(row, save.given)
    if row["ActivityDate"] is None or row["DurationInMinutes"] is None:
        missing = ("DurationInMinutes", "ActivityDateTime")
        raise SalesforceError(
            "REQUIRED_FIELD_MISSING",
            f"Required fields are missing: [{', '.join(missing)}]",
            fields=missing,
        )
    if int(str(row["DurationInMinutes"])) < 0:
        raise SalesforceError(
            "FIELD_INTEGRITY_EXCEPTION",
            "End Date Time: The event's end can't be before its start.",
            fields=("EndDateTime",),
        )
    _derive_account(writer.org, row)
    row["IsArchived"] = is_archived(row, writer.org.now().date())


_TIMES = {"StartDateTime", "ActivityDateTime", "EndDateTime", "ActivityDate"} | {
    "DurationInMinutes",
    "IsAllDayEvent",
}


def complete_times(row: Stored, given: frozenset[str]) -> None:
    """Fill in the times of an event that follow from the others."""
    start = row["StartDateTime"] if "StartDateTime" in given else None
    start = start or row["ActivityDateTime"] or row["StartDateTime"]
    if row["IsAllDayEvent"] and row["ActivityDate"] and "StartDateTime" not in given:
        start = f"{row['ActivityDate']}T00:00:00.000+0000"
    if start is None:
        return
    begin = instant(str(start))
    if "EndDateTime" in given and row["EndDateTime"] is not None:
        span = instant(str(row["EndDateTime"])) - begin
        row["DurationInMinutes"] = int(span.total_seconds() // 60)
    elif row["DurationInMinutes"] is None and row["IsAllDayEvent"]:
        row["DurationInMinutes"] = 1440
    row["StartDateTime"] = stamp(begin)
    row["ActivityDate"] = begin.date().isoformat()
    if not row["IsAllDayEvent"]:
        row["ActivityDateTime"] = stamp(begin)
    if row["DurationInMinutes"] is not None:
        minutes = int(str(row["DurationInMinutes"]))
        # An all-day event ends on the midnight that begins its last day.
        end = begin + timedelta(minutes=minutes - 1440 * bool(row["IsAllDayEvent"]))
        row["EndDateTime"] = stamp(end)
        row["EndDate"] = end.date().isoformat()


def instant(text: str) -> datetime:
    """Return the aware instant of a stored date-time."""
    return datetime.fromisoformat(text.replace("+0000", "+00:00"))


def _derive_account(org: Org, row: Row) -> None:
    what = str(row["WhatId"] or "")
    account: object = what if what.startswith("001") else None
    if what.startswith("006"):
        deal = org.find("Opportunity", what)
        account = deal["AccountId"] if deal else None
    if account is None and str(row["WhoId"] or "").startswith("003"):
        contact = org.find("Contact", str(row["WhoId"]))
        account = contact["AccountId"] if contact else None
    if account is None:
        row.pop("AccountId", None)
    else:
        row["AccountId"] = account


def is_archived(row: Mapping[str, object], today: date) -> bool:
    """Tell whether an activity is so old that only queryAll sees it.

    Closed tasks go a year after their due date (without one, after their creation),
    events a year after they ended.
    """
    if row["IsClosed"] is False or (row["IsClosed"] is None and row["Status"]):
        return False
    day = row["EndDate"] or row["ActivityDate"] or row["CreatedDate"]
    if day is None:
        return False
    return date.fromisoformat(str(day)[:10]) < today - _ARCHIVED_AFTER


def archive(org: Org) -> None:
    """Archive what has become old by the org's clock."""
    today = org.now().date()
    for name in ("Task", "Event"):
        for row in org.state.tables[name].in_order():
            if not row["IsArchived"] and is_archived(row, today):
                org.put(name, Row(row, IsArchived=True))


def after_activity(writer: Writer, before: Row | None, row: Row | None) -> None:
    """Move LastActivityDate of the deals and accounts an activity belongs to."""
    for parent_id in {*_parents(before), *_parents(row)}:
        _mark_open(writer.org, parent_id)
    old, new = _activity_day(before), _activity_day(row)
    for parent_id in _parents(before):
        if old is not None and (new is None or parent_id not in _parents(row)):
            _set_last_activity(writer.org, parent_id, _latest(writer.org, parent_id))
    for parent_id in _parents(row):
        if new is None:
            continue
        parent = writer.org.find(_PARENTS[parent_id[:3]], parent_id)
        last = str(parent["LastActivityDate"] or "") if parent else ""
        if old is not None and old == last and new < old:
            _set_last_activity(writer.org, parent_id, _latest(writer.org, parent_id))
        elif new > last:
            _set_last_activity(writer.org, parent_id, new)


def _activity_day(row: Row | None) -> str | None:
    """Return the day an activity counts for: none while it is an open task."""
    if row is None or row["IsDeleted"] or row["IsClosed"] is False:
        return None
    day = row["ActivityDate"]
    return str(day) if day else None


def _parents(row: Row | None) -> list[str]:
    ids = (row["WhatId"], row["AccountId"]) if row is not None else ()
    found = {str(parent) for parent in ids if str(parent or "")[:3] in _PARENTS}
    return sorted(found)


def _latest(org: Org, parent_id: str) -> str | None:
    days = (_activity_day(Row(row)) for row in _activities(org, parent_id))
    return max((day for day in days if day), default=None)


def _activities(org: Org, parent_id: str) -> Iterator[Mapping[str, object]]:
    field = "WhatId" if parent_id.startswith("006") else "AccountId"
    for name in ("Task", "Event"):
        yield from org.referencing(name, field, [parent_id], include_deleted=True)


def _mark_open(org: Org, parent_id: str) -> None:
    """Set a deal's marks of open and overdue tasks; they move no stamp."""
    deal = org.find("Opportunity", parent_id)
    if deal is None:
        return
    tasks = org.referencing("Task", "WhatId", [parent_id], include_deleted=False)
    today = org.now().date().isoformat()
    due = [str(task["ActivityDate"] or "9") for task in tasks if not task["IsClosed"]]
    marks = {
        "HasOpenActivity": bool(due),
        "HasOverdueTask": any(day < today for day in due),
    }
    org.put("Opportunity", Row(deal, **marks))


def _set_last_activity(org: Org, parent_id: str, day: str | None) -> None:
    name = _PARENTS[parent_id[:3]]
    parent = org.find(name, parent_id)
    if parent is None or parent["LastActivityDate"] == day:
        return
    # The stamp moves, the last-modified date does not: nobody edited the record.
    changed = Row(parent, LastActivityDate=day, SystemModstamp=stamp(org.now()))
    org.put(name, changed)
