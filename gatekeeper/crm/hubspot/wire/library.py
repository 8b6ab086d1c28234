"""hubspot-api-client, held: API objects made once each over one set of connections.

The library makes a new pool of connections per attribute access and asks without a time
limit; the factory it offers is where both end. It says where a call goes and what is in
it; every call leaves through `Door`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hubspot import HubSpot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType
    from typing import Any

    from gatekeeper.crm.hubspot.wire.door import Door
    from gatekeeper.crm.hubspot.wire.envelope import Answer


class Library:
    """The library's API objects for one host and token.

    What it hands out has no types: the library ships none.
    """

    def __init__(self, door: Door, token: str) -> None:
        self._door = door
        self._apis: dict[tuple[str, str], object] = {}
        self._of_objects: dict[str, Any] = {}
        self._hubspot = HubSpot(
            access_token=token, host=door.url, api_factory=self._api
        )

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
        """Make a call the library has no method for, through its own client."""
        answer: Answer = self.objects("basic").api_client.call_api(
            path,
            method,
            header_params={"Accept": "application/json"},
            body=body,
            auth_settings=["oauth2"],
            _preload_content=False,
        )
        return answer

    def close(self) -> None:
        """Give back the connections."""
        self._door.connections.clear()

    def _api(
        self, package: ModuleType, name: str, config: Mapping[str, object]
    ) -> object:
        """Return the API object of that name, made once."""
        key = (package.__name__, name)
        if key not in self._apis:
            configuration = package.Configuration()
            configuration.access_token = config["access_token"]
            configuration.host = config["host"]
            api_client = package.ApiClient(configuration=configuration)
            api_client.user_agent = "gatekeeper"
            # All we send is plain JSON already; the library would copy it, value by
            # value, which takes as long as sending it.
            api_client.sanitize_for_serialization = _as_it_is
            api_client.rest_client.request = self._door.send
            self._apis[key] = getattr(package, name)(api_client=api_client)
        return self._apis[key]


def _as_it_is(body: object) -> object:
    return body
