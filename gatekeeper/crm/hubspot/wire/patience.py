"""How long one call is repeated, and what is said when HubSpot does not recover.

Reads are repeated while HubSpot is busy. Writes are repeated only where they were
turned away before anything happened; one without an answer never is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from gatekeeper.crm.hubspot.wire.door import PUBLIC
from gatekeeper.crm.hubspot.wire.refusals import LimitedError
from gatekeeper.crm.meter import Limits
from gatekeeper.errors import CrmUnreachableError, DeferredError, Transient
from gatekeeper.retry import retrying

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.crm.hubspot.wire.envelope import Answer

Got = TypeVar("Got")


@dataclass(frozen=True, slots=True)
class Access:
    """Where HubSpot is and how to get in.

    Attributes:
        token: Of a private app or a service key.
        deadline: What one read may take with its repeats.
        attempts: How often a busy read is made at most.
    """

    token: str = field(repr=False)
    url: str = PUBLIC
    limits: Limits = field(default_factory=Limits)
    deadline: timedelta = timedelta(minutes=5)
    attempts: int = 5


@dataclass(frozen=True, slots=True)
class Patience:
    """Makes calls, and makes them again.

    Attributes:
        sleep: Waits the given seconds.
    """

    access: Access
    sleep: Callable[[float], None]

    def read(self, call: Callable[[], Answer]) -> Answer:
        """Return the answer to a read.

        Raises:
            DeferredError: Others keep the account's limit used up.
            CrmUnreachableError: HubSpot stays busy.
        """
        try:
            return self._repeated(call, repeats_writes=True)
        except LimitedError as error:
            why = str(error).rstrip(".")  # some of HubSpot's messages end with one
            msg = (
                f"{why}. Other calls of this account keep its limit used up; the next"
                " run goes on from here."
            )
            raise DeferredError(msg) from error
        except Transient as error:
            why = str(error).rstrip(".")
            msg = f"{why}. HubSpot did not recover; the next run tries again."
            raise CrmUnreachableError(msg) from error

    def write(self, call: Callable[[], Answer]) -> Answer:
        """Return the answer to a write.

        Raises:
            Transient: `outcome_unknown` says whether it may have happened.
        """
        return self._repeated(call, repeats_writes=False)

    def _repeated(self, call: Callable[[], Got], *, repeats_writes: bool) -> Got:
        return retrying(
            call,
            attempts=self.access.attempts,
            deadline=self.access.deadline,
            sleep=self.sleep,
            repeats_writes=repeats_writes,
        )
