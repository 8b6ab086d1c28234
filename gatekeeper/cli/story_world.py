"""What the demo's story needs of a CRM: one made of a sandbox for each dialect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date


@dataclass(frozen=True, slots=True)
class StoryTask:
    """One of our tasks as it stands in the CRM.

    Args:
        lines: Its text, a line each.
        rules: The ids of the rules it speaks of.
        path: Where its page is, below the CRM's address.
    """

    id: str
    deal_id: str
    subject: str
    status: str
    owner: str
    due: str
    lines: tuple[str, ...]
    path: str

    @property
    def rules(self) -> frozenset[str]:
        """The ids on the last line of its text."""
        listed = self.lines[-1].removeprefix("Rules: ") if self.lines else ""
        return frozenset(listed.split(", "))


@dataclass(frozen=True, slots=True)
class StoryDeal:
    """A deal's flags and stage as they stand in the CRM."""

    status: str
    open_count: int
    supported: str
    stage: str
    path: str


class World(Protocol):
    """A sandbox CRM that is being served."""

    @property
    def name(self) -> str:
        """What people call the CRM."""

    @property
    def list_path(self) -> str:
        """Where the page of all deals is, below the CRM's address."""

    @property
    def next_step_name(self) -> str:
        """What the CRM calls the next step of a deal."""

    @property
    def close_date_name(self) -> str:
        """What the CRM calls the close date of a deal."""

    @property
    def managers(self) -> Mapping[str, str]:
        """Who manages whom, by address, where the CRM itself knows of no managers."""

    def settings(self, url: str) -> Mapping[str, str]:
        """Return the settings that let gatekeeper in."""

    def own_tasks(self) -> Sequence[StoryTask]:
        """Return our open tasks."""

    def task(self, task_id: str) -> StoryTask:
        """Return a task as it stands now."""

    def deal(self, deal_id: str) -> StoryDeal:
        """Return a deal as it stands now."""

    def flagged(self) -> int:
        """Count the deals that carry our flag."""

    def today(self) -> date:
        """Return the CRM's day."""

    def write_as_rep(self, url: str, deal_id: str, written: Mapping[str, str]) -> None:
        """Change a deal over the CRM's own API, as another program would."""
