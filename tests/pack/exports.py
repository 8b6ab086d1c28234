"""Deals straight from the public data sets, without a CRM in between.

Only what the test packs read is taken over; the way through a real client is tested
elsewhere.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.catalogue import (
    Access,
    CrmField,
    CrmSchema,
    Kind,
    Pipeline,
    Stage,
)
from gatekeeper.core.context import Context
from gatekeeper.core.model import EMPTY, Deal, FieldValue, Money, Row, Unavailable

if TYPE_CHECKING:
    from pathlib import Path

Raw = dict[str, object]
UTC_ZONE = ZoneInfo("UTC")


def records(folder: Path, name: str) -> list[Raw]:
    path = folder / f"{name}.jsonl.gz"
    if not path.exists():
        return []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line, parse_float=Decimal) for line in lines]


def pipeline_of(folder: Path) -> Pipeline:
    rows = sorted(
        records(folder, "OpportunityStage"),
        key=lambda row: (row["IsClosed"], not row["IsWon"], row["SortOrder"]),
    )
    return Pipeline(
        "Default",
        tuple(
            Stage(
                str(row["MasterLabel"]),
                (str(row["ApiName"]),),
                is_closed=bool(row["IsClosed"]),
                is_won=bool(row["IsWon"]),
            )
            for row in rows
        ),
    )


def schema_of(folder: Path, fields: dict[str, Kind]) -> CrmSchema:
    """Describe a CRM that has every field that is asked for."""
    return CrmSchema(
        crm="salesforce",
        org="sf:test",
        read_at=datetime(2026, 1, 1, tzinfo=UTC),
        fields={
            name: CrmField(name, name, kind.value, (kind,), Access.READ)
            for name, kind in fields.items()
        },
        by_path={},
        pipelines=(pipeline_of(folder),),
    )


def value(raw: Raw, name: str, kind: Kind) -> FieldValue:
    if name not in raw:
        return Unavailable(f"{name} is not in the export")
    written = raw[name]
    if written is None or written == "":
        return EMPTY
    match kind:
        case Kind.MONEY:
            return Money(Decimal(str(written)), "USD")
        case Kind.DATE:
            return date.fromisoformat(str(written)[:10])
        case Kind.DATETIME:
            day = date.fromisoformat(str(written)[:10])
            return datetime.combine(day, time(), UTC)
        case Kind.YES_NO:
            return bool(written)
    return str(written)


DEAL = {
    "amount": ("Amount", Kind.MONEY),
    "close_date": ("CloseDate", Kind.DATE),
    "created_on": ("CreatedDate", Kind.DATE),
    "account": ("AccountId", Kind.REFERENCE),
    "stage": ("StageName", Kind.STAGE),
    "is_closed": ("IsClosed", Kind.YES_NO),
    "is_won": ("IsWon", Kind.YES_NO),
    "engaged_on": ("Engage_Date__c", Kind.DATE),
    "last_activity_on": ("LastActivityDate", Kind.DATE),
    "has_line_items": ("HasOpportunityLineItem", Kind.YES_NO),
    "has_open_activity": ("HasOpenActivity", Kind.YES_NO),
}


def deals(folder: Path) -> list[Deal]:
    users = {row["Id"]: row for row in records(folder, "User")}
    related = _related(folder)
    return [
        Deal(
            org="sf:test",
            id=str(raw["Id"]),
            name=str(raw["Name"]),
            pipeline="Default",
            stage=str(raw["StageName"]),
            owner_id=str(raw["OwnerId"]),
            url="",
            fields={
                **{name: value(raw, *source) for name, source in DEAL.items()},
                "name": str(raw["Name"]),
                "owner.is_active": value(
                    users[raw["OwnerId"]], "IsActive", Kind.YES_NO
                ),
            },
            related={
                name: tuple(rows[str(raw["Id"])]) for name, rows in related.items()
            },
        )
        for raw in records(folder, "Opportunity")
    ]


def _related(folder: Path) -> dict[str, defaultdict[str, list[Row]]]:
    contacts = {row["Id"]: row for row in records(folder, "Contact")}
    found: dict[str, defaultdict[str, list[Row]]] = {
        name: defaultdict(list)
        for name in ("line_items", "contacts", "meetings", "activities")
    }
    for raw in records(folder, "OpportunityLineItem"):
        product = value(raw, "ProductName__c", Kind.TEXT)
        found["line_items"][str(raw["OpportunityId"])].append({"product": product})
    for raw in records(folder, "OpportunityContactRole"):
        contact = contacts[raw["ContactId"]]
        found["contacts"][str(raw["OpportunityId"])].append(
            {
                "name": value(contact, "Name", Kind.TEXT),
                "role": value(raw, "Role", Kind.PICKLIST),
                "seniority": value(contact, "Seniority__c", Kind.TEXT),
            }
        )
    for kind in ("Event", "Task"):
        for raw in records(folder, kind):
            at = value(raw, "ActivityDate", Kind.DATETIME)
            row: Row = {"at": at, "start": at, "subject": EMPTY}
            found["activities"][str(raw["WhatId"])].append(row)
            if kind == "Event":
                found["meetings"][str(raw["WhatId"])].append(row)
    return found


def context_of(folder: Path, as_of: str) -> Context:
    day = date.fromisoformat(as_of)
    return Context(
        now=datetime.combine(day, time(23, 59, 59), UTC),
        zone=UTC_ZONE,
        calendar=Calendar(),
        rates={"USD": Decimal(1)},
        pipelines={"Default": pipeline_of(folder)},
    )


def expected_violations(path: Path) -> dict[str, set[str]]:
    """Return deal ids per criterion, its name written as a rule id."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            found[row["criterion"].replace("_", "-")].add(row["salesforce_id"])
    return found
