"""One request and one reply of the dialect, as its routes see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from gatekeeper.sandbox.hubspot.errors import HubSpotError, invalid_input
from gatekeeper.sandbox.hubspot.history import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.sandbox.hubspot.auth import Token
    from gatekeeper.sandbox.hubspot.kinds import ObjectKind
    from gatekeeper.sandbox.hubspot.portal import Portal

JSON = "application/json;charset=utf-8"
MOST_INPUTS = 100
Input = dict[str, object]


@dataclass(slots=True)
class Answer:
    """One reply; a body of None is empty, bytes go out as they are."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = JSON


@dataclass(slots=True)
class Call:
    """One request, read.

    Args:
        params: The parts of the address the route names.
        query: The query string's fields with all their values.
        content: The body.
        route: What faults and counters call the route.
        maybe_token: Who asks; absent only on routes without a token.
    """

    portal: Portal
    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    base_url: str = ""
    route: str = ""
    maybe_token: Token | None = None

    @property
    def token(self) -> Token:
        """The token of the call; routes that need none have none."""
        if self.maybe_token is None:
            raise HubSpotError("resource not found", "OBJECT_NOT_FOUND", 404)
        return self.maybe_token

    @property
    def source(self) -> Source:
        """Who is noted as the author of what this call writes."""
        token = self.token
        if token.is_person:
            return Source("CRM_UI", f"userId:{token.user_id}", token.user_id)
        return Source("INTEGRATION", str(token.app_id))

    @property
    def kind(self) -> ObjectKind:
        """The object type the address names.

        Raises:
            HubSpotError: There is none of that name.
        """
        return self.kind_of("type")

    def kind_of(self, param: str) -> ObjectKind:
        """Return the object type that one part of the address names.

        Raises:
            HubSpotError: There is none of that name.
        """
        word = self.params[param]
        kind = self.portal.kind(word)
        if kind is None:
            raise HubSpotError(
                f"Unable to infer object type from: {word}", "VALIDATION_ERROR", 400
            )
        return kind

    # The query string

    def text(self, name: str) -> str | None:
        """Return the last value of a query field."""
        values = self.query.get(name)
        return values[-1] if values else None

    def texts(self, name: str) -> list[str]:
        """Return the values of a list: repeated fields, commas, or both."""
        parts = [
            part for value in self.query.get(name, ()) for part in value.split(",")
        ]
        return [part.strip() for part in parts if part.strip()]

    def flag(self, name: str) -> bool:
        """Return a truth of the query string, in any case; false if absent."""
        value = (self.text(name) or "false").lower()
        if value not in {"true", "false"}:
            raise HubSpotError(f"Invalid value for query parameter {name}: {value}")
        return value == "true"

    def count(self, name: str, default: int, most: int) -> int:
        """Return a number of the query string, at least 1 and at most `most`.

        Raises:
            HubSpotError: It is no number, or out of bounds.
        """
        value = self.text(name)
        if value is None:
            return default
        if not value.isdecimal() or int(value) < 1:
            raise HubSpotError(f"Invalid value for query parameter {name}: {value}")
        if int(value) > most:
            raise HubSpotError(
                f"The maximum {name} is {most}, but {value} was requested."
            )
        return int(value)

    # The body

    def json(self) -> Input:
        """Return the body, a JSON object.

        Raises:
            HubSpotError: It is something else.
        """
        body = self._parsed()
        if not isinstance(body, dict):
            raise invalid_input("on line 1, column 1: must be an object")
        return body

    def json_list(self) -> list[object]:
        """Return the body, a JSON list.

        Raises:
            HubSpotError: It is something else.
        """
        body = self._parsed()
        if not isinstance(body, list):
            raise invalid_input("on line 1, column 1: must be a list")
        return body

    def _parsed(self) -> object:
        try:
            parsed: object = orjson.loads(self.content)
        except orjson.JSONDecodeError as error:
            raise invalid_input(
                f"on line {error.lineno}, column {error.colno}: {error.msg}"
            ) from None
        return parsed

    def inputs(self, most: int = MOST_INPUTS) -> list[Input]:
        """Return the inputs of a batch call.

        Raises:
            HubSpotError: There are none, too many, or one is no object.
        """
        inputs = self.json().get("inputs")
        if not isinstance(inputs, list) or not inputs:
            raise HubSpotError("The request must hold at least one input.")
        if len(inputs) > most:
            raise HubSpotError(
                "The maximum number of inputs supported in a batch request is "
                f"{most}. Please reduce the number of items and try again"
            )
        if not all(isinstance(each, dict) for each in inputs):
            raise invalid_input("every input must be an object")
        return inputs


def id_of(given: Input, name: str = "id") -> str:
    """Return an id of a body, sent as a text or as a number.

    Raises:
        HubSpotError: It is absent or neither.
    """
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise invalid_input(f"'{name}' must be a text")
    return str(value)


def maybe_text(given: Input, name: str) -> str | None:
    """Return a text of a body, None where it is absent.

    Raises:
        HubSpotError: It is something else.
    """
    value = given.get(name)
    if value is None or isinstance(value, str):
        return value
    raise invalid_input(f"'{name}' must be a text")


def names_in(given: Input, name: str) -> list[str]:
    """Return a list of texts of a body, empty where it is absent.

    Raises:
        HubSpotError: It is something else.
    """
    values = given.get(name) or []
    if isinstance(values, list) and all(isinstance(each, str) for each in values):
        return values
    raise invalid_input(f"'{name}' must be a list of texts")


def properties_in(given: Input) -> dict[str, str]:
    """Return the properties of a write: texts, numbers and truths, as texts.

    Raises:
        HubSpotError: They are absent, or one is null or a list.
    """
    values = given.get("properties")
    if not isinstance(values, dict):
        raise invalid_input("'properties' must be an object")
    found: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, bool):
            found[name] = "true" if value else "false"
        elif isinstance(value, str | int | float):
            found[name] = str(value)
        else:
            raise invalid_input(f"the value of property '{name}' must be a text")
    return found
