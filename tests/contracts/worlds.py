"""CRMs to hold against the contract, and people who work in them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from gatekeeper.core.model import EMPTY, Deal, FieldValue, Flags, Money, Person
from gatekeeper.crm.salesforce.adapter import SalesforceCrm, connect
from gatekeeper.crm.salesforce.wire.connection import Access
from gatekeeper.crm.salesforce.wire.login import Credentials
from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.hubspot.owners import Owner
from gatekeeper.sandbox.salesforce.stock import CLIENT_ID, CLIENT_SECRET, stock_org
from gatekeeper.sandbox.server import SandboxServer
from tests.crm.hubspot.scene import Scene, hubspot_scene
from tests.fakes.crm import FakeCrm
from tests.sandbox.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gatekeeper.ports import Crm
    from gatekeeper.sandbox.salesforce.org import Org

AS_OF = "2026-11-20T14:00:00Z"


@dataclass(frozen=True)
class Words:
    """What a CRM calls things.

    Attributes:
        org: A pattern of the org's name.
        nowhere: The id of a deal that never was.
        link: How the link of a deal ends, `{}` for its id.
        left: What the CRM says of an owner who left.
        untold: Names of rows that need an entry in fields.yaml there, or cannot be
            told at all.
    """

    org: str
    pipeline: str
    open_stage: str
    won_stage: str
    nowhere: str
    link: str
    left: str
    untold: frozenset[tuple[str, str]]


SALESFORCE = Words(
    org="sf:00D.{15}",
    pipeline="Default",
    open_stage="Prospecting",
    won_stage="Closed Won",
    nowhere="006000000000000AAA",
    link="/lightning/r/Opportunity/{}/view",
    left="INACTIVE_OWNER_OR_USER",
    untold=frozenset(
        {
            ("meetings", "outcome"),
            ("account.meetings", "outcome"),
            ("account.contacts", "role"),
            ("account.contacts", "is_primary"),
            ("account.contacts", "last_met_at"),
            ("account.contacts", "last_heard_at"),
            ("account.emails", "direction"),
            ("account.emails", "from_role"),
        }
    ),
)
_OF_ACCOUNT = {
    *(("account.contacts", leaf) for leaf in ("role", "last_met_at", "last_heard_at")),
    ("account.emails", "from_role"),
    *(
        (f"account.{rows}", "contact_roles")
        for rows in ("meetings", "calls", "emails", "tasks", "activities")
    ),
}
HUBSPOT = Words(
    org="hs:[0-9]+",
    pipeline="Sales Pipeline",
    open_stage="qualifiedtobuy",
    won_stage="closedwon",
    nowhere="999999999999",
    link="/record/0-3/{}",
    left="INVALID_OPTION",
    untold=frozenset(
        {
            ("contacts", "is_primary"),
            ("account.contacts", "is_primary"),
            *((f"{whose}notes", "title") for whose in ("", "account.")),
            *((f"{whose}files", "name") for whose in ("", "account.")),
            *((f"{whose}files", "kind") for whose in ("", "account.")),
            ("team_members", "role"),
            *_OF_ACCOUNT,
        }
    ),
)


class World(Protocol):
    """A CRM and what its people do."""

    words: Words

    @property
    def crm(self) -> Crm: ...

    def deal(self, name: str, **values: FieldValue) -> str: ...

    def person(self, name: str, *, is_active: bool = True) -> str: ...

    def delete_deal(self, deal_id: str) -> None: ...

    def complete(self, remote_id: str) -> None: ...

    def delete_task(self, remote_id: str) -> None: ...

    def rename_task(self, remote_id: str, subject: str) -> None: ...

    def hide_amount(self) -> None: ...

    def hide_account(self) -> None: ...

    def lose_answer(self, when: str) -> None: ...

    def settle(self) -> None:
        """Let what comes late arrive, such as an index."""


class FakeWorld:
    """The fake, whose records tests change directly."""

    words = SALESFORCE

    def __init__(self) -> None:
        self.crm = FakeCrm()

    def deal(self, name: str, **values: FieldValue) -> str:
        number = len(self.crm.deals) + 1
        id_ = f"006{number:012d}AAA"
        given: dict[str, FieldValue] = {"stage": "Prospecting", **values}
        given |= {"id": id_, "name": name, "amount": given.get("amount", EMPTY)}
        stage = str(given["stage"])
        url = self.crm.deal_url(id_)
        self.crm.add(
            Deal(
                self.crm.org(),
                id_,
                name,
                "Default",
                stage,
                None,
                url,
                given,
                stage_label=stage,
                flags=Flags(),
            )
        )
        self.crm.move(id_, stage)
        return id_

    def person(self, name: str, *, is_active: bool = True) -> str:
        id_ = f"005{len(self.crm.users) + 1:012d}AAA"
        self.crm.users[id_] = Person(id_, name, is_active=is_active)
        return id_

    def delete_deal(self, deal_id: str) -> None:
        self.crm.delete_deal(deal_id)

    def complete(self, remote_id: str) -> None:
        self.crm.task(remote_id).is_closed = True

    def delete_task(self, remote_id: str) -> None:
        self.crm.task(remote_id).is_deleted = True

    def rename_task(self, remote_id: str, subject: str) -> None:
        self.crm.task(remote_id).parts["subject"] = subject

    def hide_amount(self) -> None:
        self.crm.hidden.add("amount")

    def hide_account(self) -> None:
        self.crm.hidden |= {"account.meetings", "siblings"}

    def lose_answer(self, when: str) -> None:
        self.crm.lose = when

    def settle(self) -> None:
        return


class SalesforceWorld:
    """The Salesforce adapter before a sandbox, whose people use its API."""

    words = SALESFORCE

    def __init__(self, crm: SalesforceCrm, people: Client) -> None:
        self.crm, self.people = crm, people

    def deal(self, name: str, **values: FieldValue) -> str:
        closes = values.get("close_date", date(2026, 12, 31))
        amount = values.get("amount", EMPTY)
        wire: dict[str, object] = {
            "Name": name,
            "StageName": values.get("stage", "Prospecting"),
            "CloseDate": str(closes),
        }
        if isinstance(amount, Money):
            wire["Amount"] = float(amount.amount)
        return self.people.create("Opportunity", **wire)

    def person(self, name: str, *, is_active: bool = True) -> str:
        handle = name.casefold()
        return self.people.create(
            "User",
            LastName=name,
            Username=f"{handle}@acme.example",
            Email=f"{handle}@acme.example",
            Alias=handle[:8],
            IsActive=is_active,
            TimeZoneSidKey="UTC",
            LocaleSidKey="en_US",
            LanguageLocaleKey="en_US",
        )

    def delete_deal(self, deal_id: str) -> None:
        assert self.people.api("DELETE", f"/sobjects/Opportunity/{deal_id}").ok

    def complete(self, remote_id: str) -> None:
        self.people.update("Task", remote_id, Status="Completed")

    def delete_task(self, remote_id: str) -> None:
        assert self.people.api("DELETE", f"/sobjects/Task/{remote_id}").ok

    def rename_task(self, remote_id: str, subject: str) -> None:
        self.people.update("Task", remote_id, Subject=subject)

    def settle(self) -> None:
        return


class SandboxWorld(SalesforceWorld):
    """A sandbox in a thread, whose org tests may touch."""

    def __init__(self, org: Org, crm: SalesforceCrm, people: Client) -> None:
        super().__init__(crm, people)
        self.org = org

    def hide_amount(self) -> None:
        self.org.hide_field("Opportunity", "Amount")
        self.crm.facts.forget()

    def hide_account(self) -> None:
        self.org.hide_field("Opportunity", "AccountId")
        self.crm.facts.forget()

    def lose_answer(self, when: str) -> None:
        with self.org.lock:
            self.org.faults.clear()  # nothing else befalls this request
        self.order(f"collections:reset_{when}:1")

    def order(self, fault: str) -> None:
        with self.org.lock:
            self.org.faults.add(fault)


class HubSpotWorld:
    """The HubSpot adapter before a sandbox, whose people use its API."""

    words = HUBSPOT

    def __init__(self, scene: Scene) -> None:
        self.scene, self.crm = scene, scene.crm

    def deal(self, name: str, **values: FieldValue) -> str:
        closes = values.get("close_date", date(2026, 12, 31))
        amount = values.get("amount", EMPTY)
        given = {
            "dealstage": str(values.get("stage", self.words.open_stage)),
            "closedate": f"{closes}T00:00:00.000Z",
        }
        if isinstance(amount, Money):
            given["amount"] = str(amount.amount)
        return self.scene.deal(name, **given)

    def person(self, name: str, *, is_active: bool = True) -> str:
        owners = self.scene.portal.owners
        id_ = str(7_000_000 + len(owners))
        email = f"{name.casefold()}@acme.example"
        owners[id_] = Owner(id_, email, name, archived=not is_active)
        return id_

    def delete_deal(self, deal_id: str) -> None:
        self.scene.archive("deals", deal_id)

    def complete(self, remote_id: str) -> None:
        self.scene.change("tasks", remote_id, hs_task_status="COMPLETED")

    def delete_task(self, remote_id: str) -> None:
        self.scene.archive("tasks", remote_id)

    def rename_task(self, remote_id: str, subject: str) -> None:
        self.scene.change("tasks", remote_id, hs_task_subject=subject)

    def hide_amount(self) -> None:
        del self.scene.portal.kinds["deals"].properties["amount"]
        self.crm.portal.forget()

    def hide_account(self) -> None:
        token = self.scene.portal.tokens.first
        kept = {scope for scope in token.scopes if "companies" not in scope}
        self.scene.portal.tokens.add(replace(token, scopes=frozenset(kept)))
        self.crm.portal.forget()

    def lose_answer(self, when: str) -> None:
        with self.scene.portal.lock:
            self.scene.portal.faults.clear()  # nothing else befalls this request
            self.scene.portal.faults.add(f"batch_upsert:reset_{when}:1")

    def settle(self) -> None:
        self.scene.settle()


@contextmanager
def hubspot_world() -> Iterator[HubSpotWorld]:
    """Serve a stock portal and connect to it, our properties in place."""
    with hubspot_scene() as scene:
        yield HubSpotWorld(scene)


@contextmanager
def odd_hubspot_world() -> Iterator[HubSpotWorld]:
    """Serve a portal in which something goes wrong all the time.

    It answers batches in no order and with 207s, leaves records open and turns
    requests away for a moment; nothing of it may show.
    """
    with hubspot_scene() as scene:
        scene.is_odd = True
        scene.portal.settings.sends_retry_after = True
        scene.portal.settings.keeps_merged_id = True
        with scene.portal.lock:
            for fault in _now_and_then(HUBSPOT_TROUBLE):
                scene.portal.faults.add(fault)
        yield HubSpotWorld(scene)


@contextmanager
def odd_salesforce_world() -> Iterator[SandboxWorld]:
    """Serve an org in which something goes wrong all the time."""
    with sandbox_world() as world:
        for fault in _now_and_then(SALESFORCE_TROUBLE):
            world.order(fault)
        yield world


HUBSPOT_TROUBLE = (
    *("list:503", "search:429search", "associations:502html", "batch_read:429burst"),
    *("properties:500", "owners:503html", "pipelines:429burst", "labels:truncated"),
    *("associations:unread", "batch_read:unanswered"),
    *("batch_upsert:423", "batch_upsert:conflict", "associate:429burst"),
    *("batch_update:409", "batch_update:conflict", "batch_update:423"),
)
SALESFORCE_TROUBLE = (
    *("query:503html", "queryall:500", "querymore:503html", "query:truncated"),
    *("describe:500", "query:401", "collections:lock_row", "collections:401"),
)


def _now_and_then(kinds: Iterable[str]) -> Iterator[str]:
    """Order each kind of trouble again and again, and never twice in a row."""
    for place, kind in enumerate(kinds):
        for turn in range(8):
            yield f"{kind}:1:after={place % 3 + 7 * turn}"


@contextmanager
def sandbox_world(org: Org | None = None) -> Iterator[SandboxWorld]:
    """Serve an org (a stock one) and connect to it, our fields in place."""
    org = org or stock_org(Clock(as_of_instant(AS_OF)))
    with SandboxServer(org) as server, Client(server.url) as people:
        crm = sandbox_crm(server.url)
        crm.set_up(lambda _what, _done, _total: None)
        yield SandboxWorld(org, crm, people)
        crm.client.close()


def sandbox_crm(url: str, **login: str) -> SalesforceCrm:
    """Return the adapter for a sandbox; it never waits."""
    credentials = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET} | login
    return connect(
        Access(url, Credentials(**credentials)),
        now=lambda: datetime(2026, 11, 20, 14, tzinfo=UTC),
        sleep=lambda _seconds: None,
    )


def usd(amount: str) -> Money:
    """Return dollars."""
    return Money(Decimal(amount), "USD")
