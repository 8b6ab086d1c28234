"""A handful of records to query: an org in memory with the least that a query needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gatekeeper.sandbox.salesforce.ids import full_id
from gatekeeper.sandbox.salesforce.query import QueryAnswer, run_query
from gatekeeper.sandbox.schema import (
    ChildRelation,
    FieldType,
    ObjectType,
    PicklistValue,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import tzinfo

    Row = Mapping[str, object]


def record_id(prefix: str, number: int) -> str:
    """Return the id of a record of the small org."""
    return full_id(f"{prefix}000000000{number:03}")


@dataclass(frozen=True)
class User:
    """Who asks."""

    zone: tzinfo = UTC


class SmallOrg:
    """Rows by object, in the order of their ids."""

    def __init__(
        self,
        types: Iterable[ObjectType],
        rows: Mapping[str, list[dict[str, object]]],
        now: datetime = datetime(2026, 11, 20, 12, tzinfo=UTC),
    ) -> None:
        self.types = {kind.name.casefold(): kind for kind in types}
        self.tables = {
            name: sorted(table, key=lambda row: str(row["Id"]))
            for name, table in rows.items()
        }
        self.clock = now
        self.scans = 0

    def now(self) -> datetime:
        return self.clock

    def visible(self, _session: User, object_name: str, /) -> ObjectType | None:
        return self.types.get(object_name.casefold())

    def rows(self, object_name: str, *, include_deleted: bool) -> list[Row]:
        self.scans += 1
        table: list[Row] = list(self.tables.get(object_name, []))
        return table if include_deleted else [row for row in table if _shown(row)]

    def find(self, object_name: str, record_id: str) -> Row | None:
        for row in self.tables.get(object_name, []):
            if row["Id"] == record_id:
                return row
        return None

    def referencing(
        self,
        object_name: str,
        field: str,
        ids: Collection[str],
        *,
        include_deleted: bool,
    ) -> list[Row]:
        return [
            row
            for row in reversed(self.tables.get(object_name, []))
            if row.get(field) in ids and (include_deleted or _shown(row))
        ]


def _shown(row: Row) -> bool:
    return not (row.get("IsDeleted") or row.get("IsArchived"))


def kind(
    name: str, prefix: str, *fields: FieldType, children: Iterable[ChildRelation] = ()
) -> ObjectType:
    """Return an object type with an id."""
    known = [FieldType("Id", "id", "Id"), *fields]
    return ObjectType(
        name, name, f"{name}s", prefix, {f.name: f for f in known}, list(children)
    )


def field(name: str, type_: str, **facts: object) -> FieldType:
    """Return a field whose label is its name."""
    return FieldType(name, type_, name, **facts)  # type: ignore[arg-type]


def reference(name: str, relation: str, *targets: str) -> FieldType:
    """Return a field that points to a parent."""
    return field(name, "reference", reference_to=targets, relationship_name=relation)


STAGES = ("Prospecting", "Proposal/Price Quote", "Closed Won")

OPPORTUNITY = kind(
    "Opportunity",
    "006",
    field("Name", "string"),
    field("StageName", "picklist", picklist=tuple(PicklistValue(s, s) for s in STAGES)),
    field("Amount", "currency"),
    field("Probability", "percent"),
    field("CloseDate", "date"),
    field("CreatedDate", "datetime"),
    field("IsClosed", "boolean"),
    field("IsDeleted", "boolean"),
    field("Description", "textarea", filterable=False, sortable=False, groupable=False),
    field("FiscalYear", "int"),
    field("Interests__c", "multipicklist"),
    field("Key__c", "string", case_sensitive=True),
    reference("AccountId", "Account", "Account"),
    reference("OwnerId", "Owner", "User"),
    children=[
        ChildRelation("Task", "WhatId", "Tasks"),
        ChildRelation(
            "OpportunityContactRole", "OpportunityId", "OpportunityContactRoles"
        ),
        ChildRelation("Lead", "ConvertedOpportunityId", None),
    ],
)
ACCOUNT = kind(
    "Account",
    "001",
    field("Name", "string"),
    field("Industry", "picklist"),
    reference("OwnerId", "Owner", "User"),
    reference("ParentId", "Parent", "Account"),
    children=[ChildRelation("Opportunity", "AccountId", "Opportunities")],
)
USER = kind(
    "User",
    "005",
    field("Name", "string"),
    field("IsActive", "boolean"),
    reference("ManagerId", "Manager", "User"),
)
TASK = kind(
    "Task",
    "00T",
    field("Subject", "combobox"),
    field("Status", "picklist"),
    field("IsClosed", "boolean"),
    field("IsArchived", "boolean"),
    field("ActivityDate", "date"),
    reference("WhatId", "What", "Account", "Opportunity"),
    reference("OwnerId", "Owner", "User", "Group"),
)
ROLE = kind(
    "OpportunityContactRole",
    "00K",
    field("Role", "picklist"),
    field("IsPrimary", "boolean"),
    reference("OpportunityId", "Opportunity", "Opportunity"),
)
LINK = kind(
    "ContentDocumentLink",
    "06A",
    field("ShareType", "picklist"),
    reference("ContentDocumentId", "ContentDocument", "ContentDocument"),
    reference("LinkedEntityId", "LinkedEntity", "Account", "Opportunity"),
)
ANN, BOB = record_id("005", 1), record_id("005", 2)
ACME, GLOBEX = record_id("001", 1), record_id("001", 2)
RENEWAL, PILOT, WON, BARE, GONE = (record_id("006", n) for n in range(1, 6))


def deal(deal_id: str, name: str, **values: object) -> dict[str, object]:
    """Return an opportunity row."""
    return {"Id": deal_id, "Name": name, "IsClosed": False, "IsDeleted": False} | values


def small_org() -> SmallOrg:
    """Return two accounts, four deals (and a deleted one), their people and tasks."""
    deals = [
        deal(
            RENEWAL,
            "Acme renewal",
            StageName="Proposal/Price Quote",
            Amount=120000,
            Probability=60,
            CloseDate="2026-11-30",
            CreatedDate="2026-11-20T04:30:00.000+0000",
            FiscalYear=2026,
            Interests__c="Billing;Reporting",
            Key__c="aB",
            AccountId=ACME,
            OwnerId=ANN,
            Description="Long text",
        ),
        deal(
            PILOT,
            "globex pilot",
            StageName="Prospecting",
            Amount=5000.5,
            CloseDate="2026-10-31",
            CreatedDate="2026-11-19T23:00:00.000+0000",
            FiscalYear=2026,
            Interests__c="Billing",
            Key__c="ab",
            AccountId=GLOBEX,
            OwnerId=BOB,
        ),
        deal(
            WON,
            "Acme 100% won",
            StageName="Closed Won",
            Amount=0,
            CloseDate="2025-03-15",
            CreatedDate="2025-01-01T00:00:00.000+0000",
            FiscalYear=2025,
            IsClosed=True,
            AccountId=ACME,
            OwnerId=BOB,
        ),
        deal(BARE, "Bare", StageName="Prospecting", OwnerId=ANN),
        deal(GONE, "Gone", StageName="Prospecting", AccountId=ACME)
        | {"IsDeleted": True},
    ]
    tasks: list[dict[str, object]] = [
        _task(1, WhatId=RENEWAL, Subject="Call back", OwnerId=ANN),
        _task(2, WhatId=RENEWAL, Subject="Send quote", OwnerId=BOB, IsClosed=True),
        _task(3, WhatId=ACME, Subject="Lunch", OwnerId=ANN),
        _task(4, Subject="Alone", OwnerId=record_id("00G", 1)),
        _task(5, WhatId=RENEWAL, Subject="Old", OwnerId=ANN, IsArchived=True),
    ]
    return SmallOrg(
        [OPPORTUNITY, ACCOUNT, USER, TASK, ROLE, LINK],
        {
            "Opportunity": deals,
            "Task": tasks,
            "Account": [
                {"Id": ACME, "Name": "Acme", "Industry": "Retail", "OwnerId": ANN},
                {"Id": GLOBEX, "Name": "Globex", "OwnerId": BOB, "ParentId": ACME},
            ],
            "User": [
                {"Id": ANN, "Name": "Ann", "IsActive": True, "ManagerId": None},
                {"Id": BOB, "Name": "Bob", "IsActive": False, "ManagerId": ANN},
            ],
            "ContentDocumentLink": [
                {
                    "Id": record_id("06A", 1),
                    "ShareType": "V",
                    "ContentDocumentId": record_id("069", 1),
                    "LinkedEntityId": RENEWAL,
                }
            ],
            "OpportunityContactRole": [
                {
                    "Id": record_id("00K", 1),
                    "Role": "Economic Buyer",
                    "IsPrimary": True,
                    "OpportunityId": RENEWAL,
                }
            ],
        },
    )


def _task(number: int, **values: object) -> dict[str, object]:
    base: dict[str, object] = {"Id": record_id("00T", number), "IsClosed": False}
    return base | {"Status": "Not Started", "IsArchived": False} | values


def ask(
    soql: str,
    org: SmallOrg | None = None,
    *,
    include_deleted: bool = False,
    zone: str = "UTC",
) -> QueryAnswer:
    """Run a statement over the small org."""
    user = User(ZoneInfo(zone))
    return run_query(org or small_org(), user, soql, include_deleted=include_deleted)


def names(soql: str, **options: object) -> list[object]:
    """Return the Name of every record a statement selects."""
    answer = ask(soql, **options)  # type: ignore[arg-type]
    return [row["Name"] for row in answer.page(0, 100)]


def deals_where(condition: str, **options: object) -> list[object]:
    """Return the names of the deals a condition selects, by id."""
    return names(f"SELECT Name FROM Opportunity WHERE {condition}", **options)
