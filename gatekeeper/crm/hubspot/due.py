"""The day a task is due as the moment HubSpot keeps of it, and back. Pure.

HubSpot keeps a moment and tells no owner's zone (product section 7): a day is the end
of work where its owner works, as people.yaml says, else in the account's zone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from gatekeeper.crm.hubspot.reading.translate import local_date_in, to_moment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

END_OF_WORK = time(17)


@dataclass(frozen=True, slots=True)
class DueTimes:
    """Where days end.

    Attributes:
        zone: The account's.
        zones: Id of an owner to the zone that people.yaml names.
    """

    zone: tzinfo
    zones: Mapping[str, tzinfo] = field(default_factory=dict)

    def moment(self, day: date, owner_id: str | None) -> datetime:
        """Return the end of work of a day where its owner works, in UTC."""
        return datetime.combine(day, END_OF_WORK, self._of(owner_id)).astimezone(UTC)

    def day(self, wire: object, owner_id: str | None) -> date | None:
        """Return the day that a moment of HubSpot stands for; None where there is none.

        An end of work in the zone of anybody is the day written there: the task may
        have gone to another owner since. What a person chose is a day of the owner's.
        """
        moment = to_moment(wire)
        if isinstance(moment, datetime):
            for zone in (self._of(owner_id), self.zone, *self.zones.values()):
                local = moment.astimezone(zone)
                if local.time() == END_OF_WORK:
                    return local.date()
        chosen = local_date_in(self._of(owner_id))(wire)
        return chosen if isinstance(chosen, date) else None

    def _of(self, owner_id: str | None) -> tzinfo:
        return self.zones.get(owner_id or "", self.zone)
