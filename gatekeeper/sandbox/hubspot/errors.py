"""The one exception of the HubSpot dialect, and the bodies it becomes.

Source of the texts: HubSpot's documentation and answers seen from live accounts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

Context = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class ErrorDetail:
    """One entry of `errors`."""

    message: str
    code: str = ""
    context: Context | None = None

    def body(self) -> dict[str, object]:
        """Return the entry as the wire has it."""
        body: dict[str, object] = {"message": self.message}
        if self.code:
            body["code"] = self.code
        if self.context:
            body["context"] = dict(self.context)
        return body


@dataclass(slots=True)
class HubSpotError(Exception):
    """A refusal as HubSpot writes it.

    Args:
        message: The text, word for word as the real service writes it.
        status: HTTP status of a request that fails with it.
        extra: Keys beside the usual ones: `policyName`, `links`.
        headers: Headers of the reply, `Retry-After`.
    """

    message: str
    category: str = "VALIDATION_ERROR"
    status: int = 400
    sub_category: str = ""
    errors: tuple[ErrorDetail, ...] = ()
    context: Context | None = None
    extra: Mapping[str, object] | None = None
    headers: Mapping[str, str] | None = None

    def request_body(self, correlation_id: str) -> dict[str, object]:
        """Return the body of a request that fails with it."""
        body: dict[str, object] = {
            "status": "error",
            "message": self.message,
            "correlationId": correlation_id,
        }
        return body | self._rest() | dict(self.extra or {})

    def batch_entry(self, **context: Sequence[str]) -> dict[str, object]:
        """Return the entry of a 207's `errors`; `context` names the input."""
        body: dict[str, object] = {"status": "error", "message": self.message}
        return body | self._rest(context)

    def _rest(self, more: Context | None = None) -> dict[str, object]:
        rest: dict[str, object] = {}
        if self.category:
            rest["category"] = self.category
        if self.sub_category:
            rest["subCategory"] = self.sub_category
        context = dict(self.context or {}) | dict(more or {})
        if context:
            rest["context"] = context
        if self.errors and more is None:
            rest["errors"] = [detail.body() for detail in self.errors]
        return rest


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one property's value."""

    name: str
    code: str
    message: str


def invalid_properties(problems: Sequence[Problem], portal_id: int) -> HubSpotError:
    """Return the error of property values that may not be written.

    The message embeds a JSON array, as the real one does.
    """
    embedded = [
        {
            "isValid": False,
            "message": problem.message,
            "error": problem.code,
            "name": problem.name,
            "localizedErrorMessage": problem.message,
            "portalId": portal_id,
        }
        for problem in problems
    ]
    return HubSpotError(
        f"Property values were not valid: {orjson.dumps(embedded).decode()}",
        errors=tuple(
            ErrorDetail(problem.message, problem.code, {"propertyName": [problem.name]})
            for problem in problems
        ),
    )


def not_found(message: str = "resource not found") -> HubSpotError:
    """Return the answer to what does not exist."""
    return HubSpotError(message, "OBJECT_NOT_FOUND", 404)


def invalid_input(message: str) -> HubSpotError:
    """Return the answer to a body of the wrong shape."""
    return HubSpotError(f"Invalid input JSON: {message}")
