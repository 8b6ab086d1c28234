"""Keeps a run within its share of the CRM's daily calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.allowance import over_allowance
from gatekeeper.errors import DeferredError

if TYPE_CHECKING:
    from gatekeeper.ports import Crm


@dataclass(frozen=True, slots=True)
class Allowance:
    """The calls one run may make; build it with `begin`.

    Attributes:
        percent: The run's share of a day.
        before: Calls of this adapter before the run.
        rest: When that is done which the run does not come to.
    """

    crm: Crm
    percent: int
    before: int
    rest: str

    def check(self, *, is_reading: bool) -> None:
        """Raise once the run's share, or what all may use, is used up.

        Raises:
            DeferredError: No further call may be made today.
        """
        use = self.crm.usage()
        own = use.reads + use.writes - self.before
        why = over_allowance(
            own, use.used, use.allowed, self.percent, is_reading=is_reading
        )
        if why:
            message = f"{why} {self.rest}"
            raise DeferredError(message)


def begin(
    crm: Crm, percent: int, rest: str = "The next run goes on from here."
) -> Allowance:
    """Return the allowance of a run that begins now.

    Args:
        crm: Counts its calls.
        percent: The run's share of a day.
        rest: When that is done which the run does not come to.
    """
    use = crm.usage()
    return Allowance(crm, percent, use.reads + use.writes, rest)
