"""A Salesforce org of the sandbox with the people and the deals of a seed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import count
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, ObligationId, task_key
from gatekeeper.crm.marker import Marker, encode
from gatekeeper.crm.salesforce.adapter import SalesforceCrm
from gatekeeper.crm.salesforce.metadata.org import Org as Facts
from gatekeeper.crm.salesforce.names import KEY_FIELD, REF_FIELD
from gatekeeper.crm.salesforce.wire.client import Client
from gatekeeper.crm.salesforce.wire.connection import Access
from gatekeeper.crm.salesforce.wire.login import Credentials
from gatekeeper.sandbox.clock import Clock
from gatekeeper.sandbox.salesforce import dml
from gatekeeper.sandbox.salesforce.stock import (
    CLIENT_ID,
    CLIENT_SECRET,
    INTEGRATION_PROFILE,
    INTEGRATION_USER,
    stamps,
    stock_org,
)
from gatekeeper.sandbox.schema import FieldType
from gatekeeper.sandbox.server import front_of
from gatekeeper.sandbox.state import Row
from tests.builders import NOW
from tests.simulation.whole.wire import ADDRESS, salesforce_session
from tests.simulation.whole.world import VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gatekeeper.core.model import Deal, Person
    from gatekeeper.sandbox.salesforce.org import Org
    from tests.simulation.org import OrgPlan
    from tests.simulation.whole.wire import Exchange

COLUMNS = {"budget": "Budget__c", "next_step": "NextStep", "need": "Need__c"}
STAGES = {"Proposal": "Proposal/Price Quote"}
ACCESS = Access(
    ADDRESS,
    Credentials(client_id=CLIENT_ID, client_secret=CLIENT_SECRET),
    attempts=3,
)


def connected(
    exchange: Exchange,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
) -> SalesforceCrm:
    """Return the adapter with its client library before an exchange."""
    client = Client(ACCESS, now, sleep)
    client.connection._session = salesforce_session(
        exchange, ACCESS.limits, client.meter, client.permission
    )
    return SalesforceCrm(client, Facts(client))


@cache
def _set_up_org() -> Org:
    """Return an org with our fields in it, made once: it takes half a second."""
    org = stock_org(Clock(NOW))
    for name, length in (("Budget__c", 255), ("Need__c", 131_072)):
        wire = "string" if length == 255 else "textarea"
        field = FieldType(name, wire, name, length=length, custom=True)
        org.add_field("Opportunity", field, granted=True)
    crm = connected(front_of(org).answer, lambda: NOW, lambda _seconds: None)
    crm.set_up(lambda _what, _done, _total: None)
    return org


def org_like_new(now: Callable[[], datetime]) -> Org:
    """Return an org of its own that is set up."""
    pattern, org = _set_up_org(), stock_org(VirtualClock(now))
    for name, table in pattern.state.tables.items():
        for id_ in table.ids():
            row = table.get(id_)
            org.state.put(name, id_, Row(row or {}))
    org.kinds, org._folded = pattern.kinds, pattern._folded
    org._present, org._hidden = set(pattern._present), set(pattern._hidden)
    org._ungranted = set(pattern._ungranted)
    org._numbers = count(1000)
    return org


def writer(org: Org) -> dml.Writer:
    """Return what people write with."""
    return dml.Writer(org, org.logins.open(INTEGRATION_USER), "update")


def settle(org: Org, plan: OrgPlan) -> dict[str, Person]:
    """Let the people of a seed work in an org and have their deals there."""
    for person in plan.users.values():
        org.put("User", _user(org, person))
    hand = writer(org)
    for deal in plan.deals.values():
        make_deal(hand, deal)
    return dict(plan.users)


def _user(org: Org, person: Person) -> Row:
    first, _, last = person.name.partition(" ")
    return Row(
        Id=person.id,
        Username=person.email,
        Email=person.email,
        FirstName=first,
        LastName=last,
        Name=person.name,
        Alias=first.lower(),
        IsActive=person.is_active,
        ManagerId=person.manager_id,
        TimeZoneSidKey="GMT",
        LocaleSidKey="en_US",
        LanguageLocaleKey="en_US",
        ProfileId=INTEGRATION_PROFILE,
        UserType="Standard",
        **stamps(org),
    )


def make_deal(hand: dml.Writer, deal: Deal) -> str:
    """Let a person make a deal."""
    values: dict[str, object] = {
        "Name": deal.name,
        "StageName": STAGES.get(deal.stage, deal.stage),
        "CloseDate": str(deal.fields["close_date"]),
        "OwnerId": deal.owner_id,
    }
    for name, column in COLUMNS.items():
        value = deal.fields.get(name, EMPTY)
        values[column] = None if value is EMPTY else str(value)
    return dml.create(hand, "Opportunity", values)


def copy_tasks(org: Org, deal_ids: list[str]) -> None:
    """Make tasks as a copied sandbox brings them: our marker, another org's key."""
    hand = writer(org)
    for deal_id in deal_ids:
        who = ObligationId(deal_id, "deal_owner")
        key = task_key("sf:00D000000000009EAA", deal_id, who.role, who.group, 1)
        values = {
            "Subject": "Old",
            "Description": "Old",
            "WhatId": deal_id,
            KEY_FIELD: key,
            REF_FIELD: encode(Marker(who, 1, run_number=1)),
        }
        dml.create(replace(hand, route="create"), "Task", values)
