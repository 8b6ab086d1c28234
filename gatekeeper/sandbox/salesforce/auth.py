"""Logins: connected apps, access tokens, their expiry and their revocation.

No HTTP: a grant takes the form's fields and gives a Session or a `LoginRefused` in
the words of the real token endpoint.
"""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import jwt

from gatekeeper.sandbox.clock import wall_time
from gatekeeper.sandbox.salesforce.errors import SalesforceError
from gatekeeper.sandbox.salesforce.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from gatekeeper.sandbox.salesforce.org import Org

CLIENT_CREDENTIALS = "client_credentials"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
_LONGEST_ASSERTION = timedelta(minutes=5)


class LoginRefused(Exception):  # noqa: N818 - the endpoint refuses, nothing broke
    """The token endpoint's refusal: `error` and `error_description`."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True)
class ConnectedApp:
    """A client an admin has registered.

    Args:
        user_id: The run-as user of the client credentials flow.
        public_key: PEM of the certificate's key; None turns the JWT flow off.
        scope: Without `api` in it the session is of no use to REST.
    """

    client_id: str
    client_secret: str
    user_id: str
    public_key: str | None = None
    scope: str = "api"


class Logins:
    """All sessions of an org, and the counters tests read."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self.apps: dict[str, ConnectedApp] = {}
        self.lifetime = timedelta(hours=2)
        self.counts: Counter[str] = Counter()
        self._sessions: dict[str, Session] = {}

    def register(self, app: ConnectedApp) -> None:
        """Let a client log in."""
        self.apps[app.client_id] = app

    def grant(self, form: Mapping[str, str], audience: str) -> Session:
        """Log in by the form of a token request.

        Args:
            form: The request's fields, Basic credentials included.
            audience: The address of the org itself, a valid `aud` beside Salesforce's.

        Raises:
            LoginRefused: In Salesforce's words.
        """
        match form.get("grant_type"):
            case "client_credentials":
                session = self._by_secret(form)
            case "urn:ietf:params:oauth:grant-type:jwt-bearer":
                session = self._by_assertion(form.get("assertion", ""), audience)
            case _:
                raise LoginRefused("unsupported_grant_type", "grant type not supported")
        self.counts[str(form["grant_type"])] += 1
        return session

    def open(self, user_id: str, scope: str = "api") -> Session:
        """Start a session for a user, as a login would."""
        token = f"{self._org.org_id[:15]}!AQ{secrets.token_urlsafe(60)}"
        session = Session(
            token=token,
            user_id=user_id,
            zone=self._zone(user_id),
            expires_at=self._org.now() + self.lifetime,
            scope=scope,
        )
        self._sessions[token] = session
        return session

    def session(self, token: str) -> Session:
        """Return the live session of a token.

        Raises:
            SalesforceError: INVALID_SESSION_ID.
        """
        session = self._sessions.get(token)
        if session is None or session.expires_at <= self._org.now():
            raise SalesforceError(
                "INVALID_SESSION_ID", "Session expired or invalid", 401
            )
        if "api" not in session.scope.split():
            raise SalesforceError(
                "INVALID_SESSION_ID",
                "This session is not valid for use with the REST API",
                401,
            )
        return session

    def revoke(self, token: str) -> bool:
        """End a session; tell whether there was one."""
        return self._sessions.pop(token, None) is not None

    def revoke_all(self) -> None:
        """End every session."""
        self._sessions.clear()

    def _by_secret(self, form: Mapping[str, str]) -> Session:
        app = self.apps.get(form.get("client_id", ""))
        if app is None:
            raise LoginRefused("invalid_client_id", "client identifier invalid")
        given = form.get("client_secret", "")
        if not secrets.compare_digest(given.encode(), app.client_secret.encode()):
            raise LoginRefused("invalid_client", "invalid client credentials", 401)
        if not self._is_active(app.user_id):
            raise LoginRefused("invalid_grant", "inactive user")
        return self.open(app.user_id, app.scope)

    def _by_assertion(self, assertion: str, audience: str) -> Session:
        app = self.apps.get(str(_unverified(assertion).get("iss", "")))
        if app is None:
            raise LoginRefused("invalid_client_id", "client identifier invalid")
        if app.public_key is None:
            raise LoginRefused("invalid_grant", "user hasn't approved this consumer")
        claims = _verified(assertion, app.public_key, audience)
        user_id = self._user_named(str(claims.get("sub", "")))
        if user_id is None:
            raise LoginRefused("invalid_grant", "user hasn't approved this consumer")
        if not self._is_active(user_id):
            raise LoginRefused("invalid_grant", "inactive user")
        return self.open(user_id, app.scope)

    def _is_active(self, user_id: str) -> bool:
        user = self._org.find("User", user_id)
        return user is not None and user["IsActive"] is True

    def _user_named(self, username: str) -> str | None:
        for user in self._org.rows("User", include_deleted=False):
            if str(user["Username"] or "").casefold() == username.casefold():
                return str(user["Id"])
        return None

    def _zone(self, user_id: str) -> tzinfo:
        user = self._org.find("User", user_id)
        try:
            return ZoneInfo(str(user["TimeZoneSidKey"] or "UTC")) if user else UTC
        except ZoneInfoNotFoundError:
            return UTC


def _unverified(assertion: str) -> Mapping[str, object]:
    try:
        claims: Mapping[str, object] = jwt.decode(
            assertion, options={"verify_signature": False}
        )
    except jwt.PyJWTError as error:
        raise LoginRefused("invalid_grant", "invalid assertion") from error
    return claims


def _verified(assertion: str, public_key: str, audience: str) -> Mapping[str, object]:
    # PyJWT insists on a number in `exp`; Salesforce takes a string of digits, and
    # the most used client sends one. So `exp` and `aud` are checked here.
    try:
        claims: Mapping[str, object] = jwt.decode(
            assertion,
            public_key,
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_aud": False},
        )
    except jwt.PyJWTError as error:
        raise LoginRefused("invalid_grant", "invalid assertion") from error
    if str(claims.get("aud", "")).rstrip("/") not in (*_AUDIENCES, audience):
        raise LoginRefused("invalid_grant", "audience is invalid")
    _check_expiry(claims.get("exp"))
    return claims


def _check_expiry(expiry: object) -> None:
    try:
        seconds = float(str(expiry))
    except ValueError:
        raise LoginRefused("invalid_grant", "invalid assertion") from None
    now = wall_time().timestamp()
    if seconds <= now:
        raise LoginRefused("invalid_grant", "expired authorization code")
    if seconds > now + _LONGEST_ASSERTION.total_seconds():
        raise LoginRefused("invalid_grant", "invalid assertion")
