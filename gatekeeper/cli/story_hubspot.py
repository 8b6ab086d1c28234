"""The demo's CRM where it is a HubSpot portal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.cli.story_patch import patch
from gatekeeper.cli.story_world import StoryDeal, StoryTask
from gatekeeper.sandbox.hubspot.page_values import (
    owner,
    plain,
    record_href,
    stage_label,
)
from gatekeeper.sandbox.hubspot.stock import PERSON_TOKEN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.state import Stored


@dataclass(frozen=True, slots=True)
class HubSpotWorld:
    """A portal, looked at from inside."""

    portal: Portal
    name: str = "HubSpot"
    next_step_name: str = "hs_next_step"
    close_date_name: str = "closedate"

    @property
    def list_path(self) -> str:
        """Where the page of all deals is, below the CRM's address."""
        return f"/contacts/{self.portal.settings.portal_id}/objects/0-3/views/all/list"

    @property
    def managers(self) -> Mapping[str, str]:
        """Who manages whom, by address: the teams are named after their managers."""
        people = list(self.portal.owners.values())
        addresses = {f"Team {each.name}": each.email for each in people if each.email}
        found = {
            each.email: addresses.get(team.name)
            for each in people
            for team in each.teams
            if each.email
        }
        return {
            address: manager
            for address, manager in sorted(found.items())
            if manager and manager != address
        }

    def settings(self, url: str) -> Mapping[str, str]:
        """Return the settings that let gatekeeper in."""
        token = self.portal.tokens.first.text
        return {"hubspot_url": url, "hubspot_token": token}

    def own_tasks(self) -> list[StoryTask]:
        """Return our open tasks."""
        tasks = self.portal.listed(self.portal.kinds["tasks"], "0", archived=False)
        return [
            self._task(row)
            for row in tasks
            if row["gatekeeper_key"] and row["hs_task_status"] != "COMPLETED"
        ]

    def task(self, task_id: str) -> StoryTask:
        """Return a task as it stands now."""
        return self._task(self._found("tasks", task_id))

    def deal(self, deal_id: str) -> StoryDeal:
        """Return a deal as it stands now."""
        row = self._found("deals", deal_id)
        return StoryDeal(
            status=str(row["gatekeeper_status"]),
            open_count=int(float(str(row["gatekeeper_open_count"] or 0))),
            supported=str(row["gatekeeper_supported_stage"]),
            stage=stage_label(self.portal, str(row["dealstage"])),
            path=record_href(self.portal, self.portal.kinds["deals"], deal_id),
        )

    def flagged(self) -> int:
        """Count the deals that carry our flag."""
        deals = self.portal.listed(self.portal.kinds["deals"], "0", archived=False)
        return sum(bool(row["gatekeeper_status"]) for row in deals)

    def today(self) -> date:
        """Return the CRM's day."""
        return self.portal.now().date()

    def write_as_rep(self, url: str, deal_id: str, written: Mapping[str, str]) -> None:
        """Change a deal over the CRM's own API, as another program would."""
        address = f"{url}/crm/v3/objects/deals/{deal_id}"
        patch(address, PERSON_TOKEN, {"properties": dict(written)})

    def _found(self, name: str, record_id: str) -> Stored:
        row = self.portal.find(self.portal.kinds[name], record_id)
        if row is None:
            raise LookupError(f"{name} {record_id}")
        return row

    def _task(self, row: Stored) -> StoryTask:
        kind, task_id = self.portal.kinds["tasks"], str(row["hs_object_id"])
        deals = self.portal.links.of(("tasks", "deals"), task_id)
        return StoryTask(
            id=task_id,
            deal_id=min(deals, default=""),
            subject=str(row["hs_task_subject"]),
            status=str(row["hs_task_status"]).replace("_", " ").capitalize(),
            owner=owner(self.portal, str(row["hubspot_owner_id"] or "")).text,
            due=str(row["hs_timestamp"])[:10],
            lines=tuple(plain(str(row["hs_task_body"])).split("\n")),
            path=record_href(self.portal, kind, task_id),
        )
