"""Whether the token may read records of a kind, beside their properties.

HubSpot grants the two apart, and says which one is missing only where it refuses.
Touches the network through the client it is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.metadata.scopes import Scopes, read_scopes, to_show
from gatekeeper.crm.hubspot.wire.client import Wanted
from gatekeeper.crm.hubspot.wire.refusals import ScopeError
from gatekeeper.errors import CrmRejectedError, CrmUnreachableError

if TYPE_CHECKING:
    from gatekeeper.crm.hubspot.wire.client import Client

_ANY_ID = "1"
"""What is asked for; whether there is such a record does not matter."""


@dataclass(slots=True)
class Rights:
    """What the token may read, asked when first needed."""

    client: Client
    _scopes: Scopes | None = None

    def why_not(self, kind: str) -> str:
        """Say which scope the records of a kind need; "" where nothing says so.

        A token that tells its scopes is believed when it has them. Otherwise the
        kind's associations and records are asked for once: only HubSpot's own refusal
        counts, and only one that is about scopes.
        """
        if self._is_granted(kind):
            return ""
        try:
            self.client.links(names.DEALS, kind, [{"id": _ANY_ID}])
            list(self.client.records(kind, [_ANY_ID], Wanted((names.ID,))))
        except ScopeError as error:
            return str(error)
        except (CrmRejectedError, CrmUnreachableError):
            return ""  # the reading itself says it, and the run is partial
        return ""

    def forget(self) -> None:
        """Ask anew from now on."""
        self._scopes = None

    def _is_granted(self, kind: str) -> bool:
        if self._scopes is None:
            self._scopes = read_scopes(self.client)
        wanted, granted = to_show(kind), self._scopes.granted
        return bool(wanted) and granted is not None and granted.issuperset(wanted)
