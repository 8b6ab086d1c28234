"""What names mean in the checks of these tests: the fields of the design's example."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from gatekeeper.core.catalogue import (
    BUILT_IN,
    Catalogue,
    Choice,
    CrmField,
    CrmSchema,
    FieldSpec,
    Kind,
    Pipeline,
    RelationSpec,
    Stage,
)
from gatekeeper.language.parser.line import parse, parse_rows, parse_value
from gatekeeper.language.scope import DefineSpec, ParamSpec, Scope
from gatekeeper.language.tree.syntax import AtLeast, Duration, Span, TimeUnit

ENTERPRISE = Pipeline(
    "Enterprise",
    (
        Stage("Qualification", ("Qualification",)),
        Stage("Discovery", ("Needs Analysis", "Value Proposition")),
        Stage("Solution Validation", ("Solution Validation",)),
        Stage("Proposal", ("Proposal",)),
        Stage("Closed Won", ("Closed Won",), is_closed=True, is_won=True),
        Stage("Closed Lost", ("Closed Lost",), is_closed=True),
    ),
)


def _own(name: str, kind: Kind, path: str, *, ordered: bool = False) -> FieldSpec:
    return FieldSpec(name, kind, {"salesforce": path}, ordered=ordered)


_OWN = (
    _own("amount", Kind.MONEY, "Amount"),
    _own("next_step", Kind.TEXT, "NextStep"),
    _own("discount", Kind.PERCENT, "Discount__c"),
    _own("is_renewal", Kind.YES_NO, "Is_Renewal__c"),
    _own("competitors", Kind.MULTI_PICKLIST, "Competitors__c"),
    _own("security_review", Kind.PICKLIST, "Security_Review__c"),
    _own("champion", Kind.PICKLIST, "Champion__c", ordered=True),
    _own("seats", Kind.NUMBER, "Seats__c"),
    _own("signed_at", Kind.DATETIME, "Signed__c"),
    _own("signature_date", Kind.DATE, "Signature_Date__c"),
    _own("sponsor", Kind.USER, "Sponsor__c"),
)
_SEGMENT = _own("segment", Kind.PICKLIST, "Segment__c")
CATALOGUE = Catalogue(
    deal={**BUILT_IN.deal, **{field.name: field for field in _OWN}},
    lookups={
        **BUILT_IN.lookups,
        "account": RelationSpec(
            "account",
            {**BUILT_IN.lookups["account"].fields, "segment": _SEGMENT},
        ),
    },
    collections=BUILT_IN.collections,
    groups={
        "meddppicc": ("next_step", "security_review", "account.segment"),
        "boxes": ("is_renewal", "is_won"),
        "plan": ("close_date", "next_step", "security_review"),
    },
)


def _choices(*labels: str) -> tuple[Choice, ...]:
    return tuple(Choice(label.replace(" ", "_"), label) for label in labels)


def _crm(path: str, kind: Kind, choices: tuple[Choice, ...] = ()) -> CrmField:
    return CrmField(path, path, str(kind), (kind,), choices=choices)


_ROLES = ("Champion", "Economic Buyer", "Technical Buyer", "User")
_ROW_NAMES = {
    f"{collection}.{name}": _crm(f"{collection}.{name}", Kind.TEXT)
    for collection, spec in BUILT_IN.collections.items()
    for name in spec.fields.keys() & {"name", "subject", "product", "title"}
} | {
    "account.meetings.subject": _crm("Event.Subject", Kind.TEXT),
    "siblings.name": _crm("Opportunity.Name", Kind.TEXT),
}
"""What a row is called by, as every org has it."""

SCHEMA = CrmSchema(
    crm="salesforce",
    org="sf:00D000000000001EAA",
    read_at=datetime(2026, 11, 20, 6, tzinfo=UTC),
    fields={
        "amount": _crm("Opportunity.Amount", Kind.MONEY),
        "close_date": _crm("Opportunity.CloseDate", Kind.DATE),
        "signature_date": replace(
            _crm("Opportunity.Signature_Date__c", Kind.DATE), tracked=False
        ),
        "security_review": _crm(
            "Opportunity.Security_Review__c",
            Kind.PICKLIST,
            (
                *_choices("In progress", "Approved", "Not required"),
                Choice("Legacy", "Legacy", active=False),
            ),
        ),
        "champion": _crm(
            "Opportunity.Champion__c",
            Kind.PICKLIST,
            _choices("Weak", "Partial", "Strong"),
        ),
        "competitors": _crm(
            "Opportunity.Competitors__c",
            Kind.MULTI_PICKLIST,
            _choices("Acme", "Beta Corp"),
        ),
        "contacts.role": _crm(
            "OpportunityContactRole.Role", Kind.PICKLIST, _choices(*_ROLES)
        ),
        **_ROW_NAMES,
    },
    by_path={
        "Amount": _crm("Opportunity.Amount", Kind.MONEY),
        "Pilot_Result__c": _crm(
            "Opportunity.Pilot_Result__c",
            Kind.PICKLIST,
            _choices("Success", "Failure"),
        ),
    },
    pipelines=(ENTERPRISE,),
)


def days(count: int, unit: TimeUnit = TimeUnit.DAYS) -> Duration:
    return Duration(count, unit, business=False, span=Span(0, 0))


PARAMS = {
    spec.name: spec
    for spec in (
        ParamSpec(
            "min_amount",
            Kind.MONEY,
            Decimal(50_000),
            place="enterprise.rules.yaml:14",
        ),
        ParamSpec("max_discount", Kind.PERCENT, Decimal(20)),
        ParamSpec("needed", Kind.NUMBER, Decimal(2)),
        ParamSpec("idle", Kind.DURATION, days(14)),
        ParamSpec("buyers", Kind.TEXT, ("Champion", "User"), is_list=True),
        ParamSpec("later", Kind.MONEY),
        ParamSpec(
            "idle_by_segment",
            Kind.DURATION,
            by="account.segment",
            values={"Enterprise": days(45), "SMB": days(7)},
        ),
        ParamSpec(
            "list_price",
            Kind.MONEY,
            by="product",
            values={"Basic": Decimal(100), "Pro": Decimal(250)},
            otherwise=Decimal(0),
        ),
        ParamSpec(
            "by_size",
            Kind.DURATION,
            by="amount",
            bands=((Decimal(20_000), days(14)), (Decimal(60_000), days(28))),
            otherwise=days(7),
        ),
    )
}


def _at_least(count: int, *lines: str) -> AtLeast:
    return AtLeast(count, tuple(map(parse, lines)), Span(0, 0))


DEFINES = {
    spec.name: spec
    for spec in (
        DefineSpec("is_big_deal", parse("amount >= 250_000")),
        DefineSpec(
            "buying_group_engaged",
            parse('at least 2 contacts where role in ["Economic Buyer", "Champion"]'),
        ),
        DefineSpec("half", parse_value("amount / 2")),
        DefineSpec("held", parse_rows("meetings where start before now")),
        DefineSpec("ping", parse("pong and amount > 5")),
        DefineSpec("pong", parse("ping or amount > 7")),
        DefineSpec("itself", parse("itself")),
        DefineSpec("two_of_three", _at_least(2, "amount > 60k", "is_won", "seats > 5")),
        DefineSpec("one_soon", _at_least(1, "close_date < today", "is_renewal")),
        DefineSpec("one_of_many", _at_least(1, "is_won", "type is filled")),
        DefineSpec("broken", parse("amonut > 5")),
    )
}

SCOPE = Scope(
    catalogue=CATALOGUE,
    schema=SCHEMA,
    pipelines={"Enterprise": ENTERPRISE},
    params=PARAMS,
    defines=DEFINES,
)
OFFLINE = replace(SCOPE, schema=None, pipelines={})
