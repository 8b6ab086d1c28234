"""The token exchange: client credentials, a signed assertion, or a given session.

Touches the network through the session it is given. Secrets are in no repr and in
no sentence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import jwt
import orjson

from gatekeeper.crm.salesforce.wire.refusals import Refusal, read_refusal
from gatekeeper.errors import CrmAuthError, CrmUnreachableError, SetupError, Transient

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105  (an address, not a secret)
ASSERTION_LASTS = timedelta(minutes=3)
_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_REMEDIES = {
    "invalid_client_id": "Check GATEKEEPER_SALESFORCE_CLIENT_ID.",
    "invalid_client": "Check GATEKEEPER_SALESFORCE_CLIENT_SECRET.",
    "invalid_grant": (
        "Check that the app allows this login, that its run-as or named user is "
        "active and pre-authorised, and that the address is the org's My Domain."
    ),
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to log in: the first of session, assertion and secret that is given.

    Attributes:
        jwt_key: The private key in PEM form.
    """

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    jwt_key: str = field(default="", repr=False)
    jwt_username: str = ""
    jwt_audience: str = "https://login.salesforce.com"
    session_id: str = field(default="", repr=False)

    @property
    def can_refresh(self) -> bool:
        """Whether a new token can be had when this one has expired."""
        return not self.session_id


@dataclass(frozen=True, slots=True)
class Grant:
    """A token, and whose it is where the answer said so."""

    token: str = field(repr=False)
    user_id: str | None = None


def log_in(
    session: requests.Session,
    url: str,
    credentials: Credentials,
    now: Callable[[], datetime],
) -> Grant:
    """Return a fresh token for the org at `url`.

    Args:
        session: The gated session of this org.
        url: The org's My Domain, which is also where the token is asked for.
        credentials: Chosen by what they hold.
        now: The wall clock, for the assertion's end.

    Raises:
        SetupError: Too little is given to log in.
        CrmAuthError: Salesforce refuses the login.
        CrmUnreachableError: What answers is not Salesforce, or not this org.
        Transient: The token endpoint is busy.
    """
    if credentials.session_id:
        return Grant(credentials.session_id)
    form = _form(credentials, now)
    answer = session.post(url + TOKEN_PATH, data=form)
    body = _parsed(answer.content)
    if answer.status_code != 200:
        raise _refused(read_refusal(answer.status_code, body), url)
    return _grant(body, url)


def _form(credentials: Credentials, now: Callable[[], datetime]) -> dict[str, str]:
    if credentials.client_id and credentials.jwt_key and credentials.jwt_username:
        return {"grant_type": _JWT_GRANT, "assertion": _assertion(credentials, now())}
    if credentials.client_id and credentials.client_secret:
        return {
            "grant_type": "client_credentials",
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
        }
    msg = (
        "There is no login for Salesforce. Set GATEKEEPER_SALESFORCE_CLIENT_ID and "
        "GATEKEEPER_SALESFORCE_CLIENT_SECRET, or the JWT settings beside them."
    )
    raise SetupError(msg)


def _assertion(credentials: Credentials, now: datetime) -> str:
    claims = {
        "iss": credentials.client_id,
        "sub": credentials.jwt_username,
        "aud": credentials.jwt_audience,
        "exp": int((now + ASSERTION_LASTS).timestamp()),
    }
    try:
        return jwt.encode(claims, credentials.jwt_key, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError) as error:
        msg = (
            "The key in GATEKEEPER_SALESFORCE_JWT_KEY is not a private RSA key in PEM "
            "form without a password."
        )
        raise SetupError(msg) from error


def _parsed(content: bytes) -> object:
    try:
        parsed: object = orjson.loads(content)
    except ValueError:
        return content[:300].decode("utf-8", "replace")
    return parsed


def _refused(refusal: Refusal, url: str) -> Exception:
    if refusal.status >= 500 or refusal.status in {420, 429}:
        return Transient(f"the login at {url} answered {refusal.status}")
    if not refusal.code:
        return _not_salesforce(url)
    remedy = _REMEDIES.get(refusal.code, "")
    words = refusal.message or refusal.code
    return CrmAuthError(f"Salesforce refuses the login: {words}. {remedy}".rstrip())


def _grant(body: object, url: str) -> Grant:
    token = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(token, str):
        raise _not_salesforce(url)
    named = str(body.get("instance_url") or url)
    if urlsplit(named).netloc != urlsplit(url).netloc:
        msg = (
            f"This login belongs to the org at {named}, not to {url}. Set "
            "GATEKEEPER_SALESFORCE_URL to the org that is meant."
        )
        raise CrmUnreachableError(msg)
    return Grant(token, str(body.get("id") or "").rpartition("/")[2] or None)


def _not_salesforce(url: str) -> CrmUnreachableError:
    return CrmUnreachableError(
        f"What answers at {url} is not Salesforce. Check GATEKEEPER_SALESFORCE_URL."
    )
