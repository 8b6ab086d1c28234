"""hubspot-api-client, held: API objects made once each over one set of connections.

The library makes a new pool of connections per attribute access and asks without a time
limit; the factory it offers is where both end. It says where a call goes and what is in
it; every call leaves through `Door`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from hubspot import HubSpot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType
    from typing import Any

    from gatekeeper.crm.hubspot.wire.door import Door
    from gatekeeper.crm.hubspot.wire.envelope import Answer


class Library:
    """The library's API objects for one host and token.

    What it hands out has no types: the library ships none.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._apis: dict[tuple[str, str], object] = {}
        self._of_objects: dict[str, Any] = {}
        self._hubspot = HubSpot(host=door.url, api_factory=self._api)

    @property
    def crm(self) -> Any:
        """The library's `crm`."""
        return self._hubspot.crm

    def objects(self, part: str) -> Any:
        """Return the API of records of any kind: `basic`, `batch` or `search`."""
        if part not in self._of_objects:
            self._of_objects[part] = getattr(self._hubspot.crm.objects, f"{part}_api")
        return self._of_objects[part]

    def call(self, method: str, path: str, body: Mapping[str, object] | None) -> Answer:
        """Make a call the library has no method for."""
        return self._send(path, method, body=body)

    def close(self) -> None:
        """Give back the connections."""
        self._door.connections.close()

    def _api(
        self, package: ModuleType, name: str, _config: Mapping[str, object]
    ) -> object:
        """Return the API object of that name, made once."""
        key = (package.__name__, name)
        if key not in self._apis:
            api_client = package.ApiClient()
            # All we send is plain JSON already; the library would copy it value by
            # value, query and headers too, which takes as long as sending them.
            api_client.call_api = self._send
            self._apis[key] = getattr(package, name)(api_client=api_client)
        return self._apis[key]

    def _send(
        self,
        path: str,
        method: str,
        parts: Mapping[str, object] | None = None,
        query: Sequence[tuple[str, object]] | None = None,
        *_headers: object,
        body: object = None,
        **_decided: object,
    ) -> Answer:
        """Send a call as the library's methods put it together.

        Args:
            path: With `{names}` for its parts.
            method: GET or POST.
            parts: Name to what stands there.
            query: Name and value, or values.
            body: Plain JSON.
            _headers: The door has its own.
            _decided: What is decided by the door: time limits, login, no model layer.
        """
        for name, value in (parts or {}).items():
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        return self._door.send(method, path, query or (), body)
