"""The one exception of the Salesforce dialect, in the words of the real service.

It becomes `errorCode` in a request's error list and `statusCode` in a record's
outcome of a collection; which of the two is the room's choice that catches it.
"""

from __future__ import annotations


class SalesforceError(Exception):
    """A refusal as Salesforce writes it.

    Args:
        code: Salesforce's code, `INVALID_FIELD`.
        message: The text, word for word as the real service writes it.
        status: HTTP status of a request that fails with it.
        fields: The fields to blame; None leaves the key out of the body.
    """

    def __init__(
        self,
        code: str,
        message: str,
        status: int = 400,
        fields: tuple[str, ...] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields


def not_found() -> SalesforceError:
    """Return the answer to an address that leads nowhere."""
    return SalesforceError("NOT_FOUND", "The requested resource does not exist", 404)


def request_error(error: SalesforceError) -> dict[str, object]:
    """Return the entry of a request's error list."""
    body: dict[str, object] = {"message": error.message, "errorCode": error.code}
    if error.fields is not None:
        body["fields"] = list(error.fields)
    return body


def record_error(error: SalesforceError) -> dict[str, object]:
    """Return the entry of one record's `errors` in a collection's answer."""
    return {
        "statusCode": error.code,
        "message": error.message,
        "fields": list(error.fields or ()),
    }
