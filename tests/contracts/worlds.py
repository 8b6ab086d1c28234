"""CRMs to hold against the contract, and people who work in them."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from gatekeeper.core.model import EMPTY, Deal, FieldValue, Flags, Money, Person
from gatekeeper.crm.salesforce.adapter import SalesforceCrm, connect
from gatekeeper.crm.salesforce.wire.client import Access
from gatekeeper.crm.salesforce.wire.login import Credentials
from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.salesforce.stock import CLIENT_ID, CLIENT_SECRET, stock_org
from gatekeeper.sandbox.server import SandboxServer
from tests.fakes.crm import FakeCrm
from tests.sandbox.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.ports import Crm
    from gatekeeper.sandbox.salesforce.org import Org

AS_OF = "2026-11-20T14:00:00Z"


class World(Protocol):
    """A CRM and what its people do."""

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


class FakeWorld:
    """The fake, whose records tests change directly."""

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


class SandboxWorld:
    """The Salesforce adapter before a sandbox, whose people use its API."""

    def __init__(self, org: Org, crm: SalesforceCrm, people: Client) -> None:
        self.org, self.crm, self.people = org, crm, people

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

    def hide_amount(self) -> None:
        self.org.hide_field("Opportunity", "Amount")
        self.crm.facts.forget()

    def hide_account(self) -> None:
        self.org.hide_field("Opportunity", "AccountId")
        self.crm.facts.forget()

    def lose_answer(self, when: str) -> None:
        self.order(f"collections:reset_{when}:1")

    def order(self, fault: str) -> None:
        with self.org.lock:
            self.org.faults.add(fault)


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
