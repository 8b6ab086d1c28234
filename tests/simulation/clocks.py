"""Virtual time: what the clocks say, and the story of what happened when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.builders import NOW

if TYPE_CHECKING:
    from tests.simulation.schedule import Schedule


@dataclass(eq=False)
class VirtualTime:
    """The stretch in which a schedule is carried out, and the clocks that are off.

    Attributes:
        story: What happened, in words, where anybody asked for it.
    """

    schedule: Schedule
    story: list[str] | None = None
    now: datetime = NOW
    step: int = 0
    host_skew: timedelta = timedelta()
    database_skew: timedelta = timedelta()

    def host_now(self) -> datetime:
        """Return what the machines of the workers take for now."""
        return self.now + self.host_skew

    def database_now(self) -> datetime:
        """Return what the database takes for now."""
        return self.now + self.database_skew

    def tell(self, *words: object) -> None:
        """Add a line to the story, if one is told."""
        if self.story is not None:
            when = f"{self.now:%a %d %b %H:%M:%S}"
            self.story.append(f"{self.step:5} {when}  {' '.join(map(str, words))}")
