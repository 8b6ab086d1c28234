"""Salesforce's refusals in our terms: the code decides, not the status.

Pure. A 403 may be the daily limit, a missing right or too many calls at once; a
page without a code comes from an edge server in front of the org.
"""

from __future__ import annotations

from dataclasses import dataclass

from gatekeeper.errors import (
    CrmAuthError,
    CrmRejectedError,
    CrmUnreachableError,
    DeferredError,
    GatekeeperError,
    StopError,
    Transient,
)

SESSION_EXPIRED = "INVALID_SESSION_ID"
LOCATOR_EXPIRED = "INVALID_QUERY_LOCATOR"
LIMIT = "REQUEST_LIMIT_EXCEEDED"
LOCKED = "UNABLE_TO_LOCK_ROW"
TOOK_TOO_LONG = "QUERY_TIMEOUT"
DUPLICATE = "DUPLICATE_VALUE"
AUTOMATION_FAILED = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
GONE = frozenset({"ENTITY_IS_DELETED", "NOT_FOUND"})
CROSS_REFERENCE = "INVALID_CROSS_REFERENCE_KEY"

_BUSY = frozenset({"SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION", LOCKED})
_NOT_ALLOWED = frozenset(
    {"API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED", "INSUFFICIENT_ACCESS"}
)
_EDGE = frozenset({406, 408, 420, 425, 429})


class SessionExpiredError(GatekeeperError):
    """The token is no longer good; one refresh may help."""


class LocatorLostError(GatekeeperError):
    """The place in a long query is gone; the query goes on from its last key."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused request.

    Attributes:
        code: The first error's code; "" where the body is no error list.
        message: Its words, or the start of the body.
    """

    status: int
    code: str
    message: str


def read_refusal(status: int, body: object) -> Refusal:
    """Read the body of an answer of 300 and above, parsed or as text."""
    first = body[0] if isinstance(body, list) and body else body
    if isinstance(first, dict):
        code = first.get("errorCode") or first.get("error") or ""
        message = first.get("message") or first.get("error_description") or ""
        return Refusal(status, str(code), _one_line(str(message)))
    return Refusal(status, "", _one_line(str(body or "")))


def to_error(refusal: Refusal, what: str, *, is_write: bool) -> GatekeeperError:
    """Return the error that answers: repeat, skip or stop.

    Args:
        refusal: What came back.
        what: What was asked, for the sentence.
        is_write: An answer without a code then leaves the outcome unknown.
    """
    match refusal.code:
        case "":
            return _without_code(refusal, what, is_write=is_write)
        case code if code == SESSION_EXPIRED:
            return SessionExpiredError(refusal.message)
        case code if code == LOCATOR_EXPIRED:
            return LocatorLostError(refusal.message)
        case code if code == LIMIT:
            return _limit(refusal)
        case code if code in _BUSY:
            unknown = is_write and code != LOCKED
            return Transient(f"{what}: {refusal.message}", outcome_unknown=unknown)
        case code if code in _NOT_ALLOWED:
            return CrmAuthError(
                f"Salesforce refuses {what}: {refusal.message} "
                "Give the integration user API access."
            )
        case code:
            return CrmRejectedError(f"{what}: {refusal.message}", code=code)


def unreadable(error: CrmRejectedError, what: str, shorter: str = "") -> StopError:
    """Return the error that ends what cannot go on without some rows.

    Args:
        error: The refusal of a query.
        what: The user needs read access to it.
        shorter: What a person may do where the query takes too long.
    """
    why = str(error).rstrip(".")
    if error.code != TOOK_TOO_LONG:
        return CrmAuthError(
            f"Salesforce refuses {why}. Grant the integration user read access to"
            f" {what}."
        )
    advice = "Nothing was written, and the next run asks again."
    if shorter:
        advice += f" Should it come back, {shorter}."
    return CrmUnreachableError(f"Salesforce took too long over {why}. {advice}")


def not_for_us(error: SessionExpiredError) -> CrmAuthError:
    """Return the error of a token that is refused as soon as it was given."""
    return CrmAuthError(
        f"Salesforce refuses a token it has just given: {error}. Give the connected "
        "app the scope api, and the integration user API access."
    )


def _limit(refusal: Refusal) -> GatekeeperError:
    if refusal.message.startswith("TotalRequests"):
        return DeferredError(
            "Salesforce's daily API allowance is used up "
            f"({refusal.message}). The next cycle goes on from here."
        )
    return Transient(f"Salesforce is busy: {refusal.message}")


def _without_code(refusal: Refusal, what: str, *, is_write: bool) -> GatekeeperError:
    is_edge = refusal.status in _EDGE
    if is_edge or refusal.status >= 500:
        return Transient(
            f"{what}: Salesforce answered {refusal.status} without a reason",
            outcome_unknown=is_write and not is_edge,
        )
    return CrmUnreachableError(
        f"{what}: the answer {refusal.status} is not Salesforce's. "
        "Check GATEKEEPER_SALESFORCE_URL."
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]
