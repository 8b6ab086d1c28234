"""Sandboxes in processes of their own, touched by nothing but HTTP.

A process serves test after test; what one leaves behind is swept away for the next.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, FieldValue, Money
from gatekeeper.crm.hubspot.adapter import connect
from gatekeeper.crm.hubspot.wire.patience import Access
from gatekeeper.sandbox.hubspot.stock import TOKEN
from gatekeeper.sandbox.seed import seed_org
from tests.contracts.worlds import AS_OF, HUBSPOT, SalesforceWorld, sandbox_crm
from tests.e2e.people import HubSpotPeople
from tests.e2e.program import serving
from tests.sandbox.client import TIMEOUT_S, Client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatekeeper.crm.salesforce.adapter import SalesforceCrm
    from tests.e2e.program import Sandbox

NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)
COMPANIES = [
    *("crm.objects.companies.read", "crm.objects.companies.write"),
    *("crm.schemas.companies.read", "crm.schemas.companies.write"),
]


@contextmanager
def a_process(crm: str, folder: Path) -> Iterator[Sandbox]:
    """Serve people without a deal, our fields in place."""
    seed_org(0, 1, date(2026, 11, 20), folder, crm)
    with serving(folder, "--crm", crm, as_of=AS_OF) as sandbox:
        yield sandbox


class RemoteSalesforce(SalesforceWorld):
    """An org that is reached by HTTP alone."""

    def __init__(self, sandbox: Sandbox, crm: SalesforceCrm, people: Client) -> None:
        super().__init__(crm, people)
        self.sandbox = sandbox

    def person(self, name: str, *, is_active: bool = True) -> str:
        soql = f"SELECT Id FROM User WHERE Username = '{name.casefold()}@acme.example'"
        for row in self.people.query(soql):
            self.people.update("User", row["Id"], IsActive=is_active)
            return str(row["Id"])
        return super().person(name, is_active=is_active)

    def hide_amount(self) -> None:
        self._hide("Opportunity.Amount")

    def hide_account(self) -> None:
        self._hide("Opportunity.AccountId")

    def lose_answer(self, when: str) -> None:
        self.sandbox.order(f"collections:reset_{when}:1")

    def sweep(self) -> None:
        """Leave the next test an org without a deal."""
        self.sandbox.calm()
        shown = ["Opportunity.Amount", "Opportunity.AccountId"]
        self.sandbox.side("POST", "fields", show=shown)
        for kind in ("Task", "Opportunity"):
            for row in self.people.query(f"SELECT Id FROM {kind}"):
                assert self.people.api("DELETE", f"/sobjects/{kind}/{row['Id']}").ok

    def _hide(self, field: str) -> None:
        self.sandbox.side("POST", "fields", hide=[field])
        self.crm.facts.forget()


class RemoteHubSpot:
    """A portal that is reached by HTTP alone."""

    words = HUBSPOT

    def __init__(self, sandbox: Sandbox) -> None:
        assert isinstance(sandbox.people, HubSpotPeople)
        self.sandbox, self.people = sandbox, sandbox.people
        self.crm = connect(Access(TOKEN, sandbox.url), now=lambda: NOW)
        self._owners = iter(self._owner_ids())

    def deal(self, name: str, **values: FieldValue) -> str:
        closes = values.get("close_date", date(2026, 12, 31))
        given = {
            "dealname": name,
            "dealstage": str(values.get("stage", self.words.open_stage)),
            "closedate": f"{closes}T00:00:00.000Z",
        }
        amount = values.get("amount", EMPTY)
        if isinstance(amount, Money):
            given["amount"] = str(amount.amount)
        path = "/crm/v3/objects/deals"
        return str(self.people.post(path, properties=given, associations=[])["id"])

    def person(self, name: str, *, is_active: bool = True) -> str:
        id_ = next(self._owners)
        if not is_active:
            self.sandbox.side("POST", "owners", deactivate=[id_])
        return id_

    def delete_deal(self, deal_id: str) -> None:
        self.people.archive("deals", deal_id)

    def complete(self, remote_id: str) -> None:
        self.people.complete(remote_id)

    def delete_task(self, remote_id: str) -> None:
        self.people.archive("tasks", remote_id)

    def rename_task(self, remote_id: str, subject: str) -> None:
        self.people.change("tasks", remote_id, hs_task_subject=subject)

    def hide_amount(self) -> None:
        self.sandbox.side("POST", "fields", hide=["deals.amount"])
        self.crm.portal.forget()

    def hide_account(self) -> None:
        self.sandbox.side("POST", "scopes", take=COMPANIES)
        self.crm.portal.forget()

    def lose_answer(self, when: str) -> None:
        self.sandbox.order(f"batch_upsert:reset_{when}:1")

    def settle(self) -> None:
        self.sandbox.settle()

    def sweep(self) -> None:
        """Leave the next test a portal without a deal."""
        self.crm.client.close()
        self.sandbox.calm()
        self.sandbox.side("POST", "fields", show=["deals.amount"])
        self.sandbox.side("POST", "scopes", give=COMPANIES)
        self.sandbox.side("POST", "owners", activate=self._owner_ids())
        for kind in ("deals", "tasks"):
            for row in self.people.listed(kind):
                self.people.archive(kind, row["id"])
        self.sandbox.settle()

    def _owner_ids(self) -> list[str]:
        found: list[str] = []
        for archived in ("false", "true"):
            reply = self.people.session.get(
                f"{self.sandbox.url}/crm/v3/owners",
                params={"archived": archived, "limit": "500"},
                timeout=TIMEOUT_S,
            )
            assert reply.status_code == 200, reply.text
            found += [row["id"] for row in reply.json()["results"]]
        return found


@contextmanager
def in_process(sandbox: Sandbox) -> Iterator[RemoteHubSpot | RemoteSalesforce]:
    """Let one test have the portal or org of a process to itself."""
    if isinstance(sandbox.people, HubSpotPeople):
        portal = RemoteHubSpot(sandbox)
        yield portal
        portal.sweep()
        return
    crm = sandbox_crm(sandbox.url)
    with Client(sandbox.url) as people, closing(crm.client):
        org = RemoteSalesforce(sandbox, crm, people)
        yield org
        org.sweep()
