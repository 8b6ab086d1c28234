"""One request and one reply of the dialect, as its routes see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from gatekeeper.sandbox.salesforce.errors import SalesforceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.salesforce.session import Session

JSON = "application/json;charset=UTF-8"


@dataclass(slots=True)
class Call:
    """One request, read.

    Args:
        path: The address below the host, decoded.
        params: The parts of the address the route names.
        query: The query string's fields, decoded.
        headers: By lower-case name.
        base_url: Scheme and host as the client wrote them.
        session: Who asks; absent only on routes without a token.
    """

    org: Org
    method: str
    path: str
    version: str = "59.0"
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base_url: str = ""
    route: str = ""
    maybe_session: Session | None = None

    @property
    def session(self) -> Session:
        """The session of the token; routes that need none have none."""
        if self.maybe_session is None:
            raise SalesforceError(
                "INVALID_SESSION_ID", "Session expired or invalid", 401
            )
        return self.maybe_session

    @property
    def root(self) -> str:
        """The address all resources of this version start with."""
        return f"/services/data/v{self.version}"

    def json(self) -> dict[str, object]:
        """Return the body, a JSON object.

        Raises:
            SalesforceError: JSON_PARSER_ERROR.
        """
        try:
            body = orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise SalesforceError(
                "JSON_PARSER_ERROR",
                f"{error.msg} at [line:{error.lineno}, column:{error.colno}]",
            ) from None
        if not isinstance(body, dict):
            raise SalesforceError(
                "JSON_PARSER_ERROR",
                "The HTTP entity body is required to be a JSON object, but what was "
                "sent is not one",
            )
        return body


@dataclass(slots=True)
class Answer:
    """One reply; a body of None is empty, bytes go out as they are."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = JSON
