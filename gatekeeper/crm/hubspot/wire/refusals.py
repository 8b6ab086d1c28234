"""HubSpot's refusals in our terms: status and category decide.

Pure. Every part of a refusal's body is optional, and an edge server in front of HubSpot
answers with HTML or nothing; an answer without a category is judged by its status.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import orjson

from gatekeeper.crm.hubspot.wire.paths import Policy
from gatekeeper.errors import (
    CrmAuthError,
    CrmRejectedError,
    CrmUnreachableError,
    DeferredError,
    GatekeeperError,
    Transient,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

TOO_LONG = "URI_TOO_LONG"
NOT_FOUND = "OBJECT_NOT_FOUND"
NO_SCOPE = "MISSING_SCOPES"
EXISTS = "OBJECT_ALREADY_EXISTS"
CONFLICT = "CONFLICT"
_BUSY = frozenset({408, 500, 502, 503, 504, 521, 523, 524})
_WAITS = {Policy.SEARCH: 1.0, Policy.BURST: 10.0, Policy.ASSOCIATIONS: 10.0}
_NAMED_WAITS = {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0}
"""What a limit's own name says; one HubSpot does not name is the call's usual one."""
_LOCK_S = 2.0
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]+)?\Z")
_DAY = "DAILY"


class LimitedError(Transient):
    """A limit of calls per second was passed; nothing was done.

    Attributes:
        policy: Whose window is shut.
    """

    def __init__(self, message: str, policy: Policy, wait_s: float) -> None:
        super().__init__(message, retry_after=timedelta(seconds=wait_s))
        self.policy = policy
        self.wait_s = wait_s


OVER_LIMIT = (LimitedError, DeferredError)
"""Whatever is sent now, HubSpot takes no more of it for a while."""


class DayUsedError(GatekeeperError):
    """The account's calls of the day are used up."""


class ScopeError(CrmRejectedError):
    """The token lacks a scope; what needs it is left out.

    Attributes:
        scopes: Those HubSpot asks for; () where it does not say.
    """

    def __init__(self, message: str, scopes: tuple[str, ...]) -> None:
        super().__init__(message, code=NO_SCOPE)
        self.scopes = scopes


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused request.

    Attributes:
        code: Of the first error in the body, else the category; "" without a body.
        limit: HubSpot's name of the limit that was passed.
        scopes: Scopes the token lacks.
        retry_after_s: What a header asks for; 0 without one.
    """

    status: int
    code: str = ""
    message: str = ""
    limit: str = ""
    scopes: tuple[str, ...] = ()
    retry_after_s: float = 0.0


def read_refusal(
    status: int, body: bytes | None, headers: Mapping[str, str]
) -> Refusal:
    """Read an answer of 300 and above."""
    wait_s = _asked_wait_s(headers)
    try:
        said = orjson.loads(body or b"")
    except orjson.JSONDecodeError:
        said = None
    if not isinstance(said, dict):
        return Refusal(status, retry_after_s=wait_s)
    errors = [each for each in said.get("errors") or () if isinstance(each, dict)]
    code = next((str(each["code"]) for each in errors if each.get("code")), "")
    return Refusal(
        status,
        code or str(said.get("category") or said.get("errorType") or "REFUSED"),
        in_one_line(str(said.get("message") or "")),
        str(said.get("policyName") or ""),
        tuple(scope for each in errors for scope in _scopes(each)),
        wait_s,
    )


def _asked_wait_s(headers: Mapping[str, str]) -> float:
    """Return the seconds that `Retry-After` asks for; 0 where it asks for none.

    It holds seconds or a moment (RFC 9110, 10.2.3). Some edges write fractions. A
    moment is compared with the clock of the answer itself.
    """
    asked = headers.get("Retry-After", "").strip()
    if _SECONDS.match(asked):
        return float(asked)
    until, now = (_moment(text) for text in (asked, headers.get("Date", "")))
    return max(0.0, (until - now).total_seconds()) if until and now else 0.0


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    # "-0000" is UTC from somewhere unknown; the library leaves its zone out.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _scopes(error: Mapping[str, object]) -> tuple[str, ...]:
    context = error.get("context")
    found = context.get("requiredGranularScopes") if isinstance(context, dict) else None
    return tuple(map(str, found)) if isinstance(found, list) else ()


def to_error(
    refusal: Refusal, what: str, policy: Policy, *, is_write: bool
) -> GatekeeperError:
    """Return the error that answers: repeat, skip or stop.

    Args:
        refusal: What came back.
        what: What was asked, for the sentence.
        policy: The limit the call counted against.
        is_write: An answer that says nothing of the write leaves it unknown.
    """
    said = refusal.message or f"HubSpot answered {refusal.status} without a reason"
    match refusal.status:
        case 401:
            return CrmAuthError(
                f"HubSpot refuses the token: {said} Set GATEKEEPER_HUBSPOT_TOKEN to"
                " the token of a private app or a service key."
            )
        case 403:
            return _forbidden(refusal, what, said)
        case 414:
            return CrmRejectedError(f"{what}: the address is too long", code=TOO_LONG)
        case 423:
            return Transient(f"{what}: locked", retry_after=_wait(refusal, _LOCK_S))
        case 429:
            return _limited(refusal, what, policy)
        case 477:
            return DeferredError(
                "HubSpot moves this account to another data centre and takes no calls"
                f" for {refusal.retry_after_s:,.0f} seconds. The next run goes on."
            )
        case status if status in _BUSY:
            wait = _wait(refusal, 0.0)
            text = f"{what}: {said}"
            return Transient(text, retry_after=wait, outcome_unknown=is_write)
        case _:
            return _refused(refusal, what, said)


def _forbidden(refusal: Refusal, what: str, said: str) -> CrmRejectedError:
    """Tell a scope the token lacks from what nobody can grant it."""
    if refusal.scopes or refusal.code == NO_SCOPE:
        why = _missing(refusal) or said.rstrip(".")
        return ScopeError(f"{what}: {why}", refusal.scopes)
    code = refusal.code or "FORBIDDEN"
    return CrmRejectedError(f"{what}: {said.rstrip('.')}", code=code)


def _refused(refusal: Refusal, what: str, said: str) -> GatekeeperError:
    if refusal.code:
        return CrmRejectedError(f"{what}: {said}", code=refusal.code)
    if refusal.status == 404:
        return CrmRejectedError(f"{what}: not found", code=NOT_FOUND)
    return CrmUnreachableError(
        f"{what}: the answer {refusal.status} is not HubSpot's. Check"
        " GATEKEEPER_HUBSPOT_URL and the network."
    )


def _limited(refusal: Refusal, what: str, policy: Policy) -> GatekeeperError:
    limit, said = refusal.limit.upper(), refusal.message
    if limit == _DAY or (not limit and "daily" in said.casefold()):
        return DayUsedError(f"{what}: {said}")
    wait = max(refusal.retry_after_s, _NAMED_WAITS.get(limit, _WAITS[policy]))
    return LimitedError(f"{what}: {said or 'too many calls'}", policy, wait)


def _missing(refusal: Refusal) -> str:
    if not refusal.scopes:
        return ""
    return f"the token lacks the scope {' or '.join(refusal.scopes)}"


def _wait(refusal: Refusal, least: float) -> timedelta | None:
    seconds = max(refusal.retry_after_s, least)
    return timedelta(seconds=seconds) if seconds else None


def in_one_line(text: str) -> str:
    """Return text without line breaks, cut where it goes on and on."""
    return " ".join(text.split())[:300]
