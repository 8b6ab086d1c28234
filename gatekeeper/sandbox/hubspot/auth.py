"""Tokens of a portal: private apps, and apps that refresh theirs by OAuth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.errors import HubSpotError
from gatekeeper.sandbox.hubspot.times import stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.sandbox.clock import Clock

LIFETIME_S = 1800
_NO_CREDENTIALS = (
    "Authentication credentials not found. This API supports OAuth 2.0 authentication "
    "and you can find more details at "
    "https://developers.hubspot.com/docs/methods/auth/oauth-overview"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Token:
    """A right to call; private apps' tokens have no end.

    `is_person` marks one that stands for a person at the screen: what it writes is
    noted as theirs. No HubSpot account gives out such tokens; tests play people by it.
    """

    text: str
    scopes: frozenset[str]
    app_id: int
    user_id: int
    expires_at: datetime | None = None
    is_person: bool = False


@dataclass(frozen=True, slots=True)
class App:
    """An app that gets its tokens by OAuth."""

    client_id: str
    client_secret: str
    refresh_token: str
    scopes: frozenset[str]
    app_id: int


def bearer(headers: Mapping[str, str]) -> str:
    """Return the token that a call carries, whether it is one or not."""
    return headers.get("authorization", "").partition(" ")[2]


class Tokens:
    """Who may call."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tokens: dict[str, Token] = {}
        self._apps: dict[str, App] = {}
        self._granted = 0

    @property
    def first(self) -> Token:
        """The token of the first private app."""
        return next(iter(self._tokens.values()))

    def add(self, token: Token) -> Token:
        """Let a token call."""
        self._tokens[token.text] = token
        return token

    def add_app(self, app: App) -> None:
        """Let an app ask for tokens."""
        self._apps[app.client_id] = app

    def grant(self, app: App) -> Token:
        """Return a new access token of an app."""
        self._granted += 1
        ends = self._clock.now() + timedelta(seconds=LIFETIME_S)
        text = f"CJTsandbox{app.app_id}-{self._granted}"
        return self.add(Token(text, app.scopes, app.app_id, 1, ends))

    def app(self, client_id: str) -> App | None:
        """Return the app of that id."""
        return self._apps.get(client_id)

    def find(self, text: str) -> Token | None:
        """Return a token that is not over."""
        token = self._tokens.get(text)
        over = token and token.expires_at and token.expires_at <= self._clock.now()
        return None if over else token

    def expire(self, text: str) -> None:
        """End a token now."""
        token = self._tokens.get(text)
        if token is not None:
            ended = self._clock.now() - timedelta(seconds=1)
            self.add(replace(token, expires_at=ended))

    def expire_all(self) -> None:
        """End every token now."""
        for text in list(self._tokens):
            self.expire(text)

    def rescope(self, taken: frozenset[str], given: frozenset[str]) -> None:
        """Take scopes from every private app's token and give it others.

        Those of people at the screen keep theirs.
        """
        for token in list(self._tokens.values()):
            if not token.is_person:
                self.add(replace(token, scopes=token.scopes - taken | given))

    def check(self, authorization: str) -> Token:
        """Return the token of an Authorization header.

        Raises:
            HubSpotError: 401, without one or with one that is over.
        """
        scheme, _, text = authorization.partition(" ")
        if scheme.lower() != "bearer" or not text:
            raise HubSpotError(_NO_CREDENTIALS, "INVALID_AUTHENTICATION", 401)
        token = self.find(text)
        if token is None:
            known = self._tokens.get(text)
            raise self._expired(known.expires_at if known else None)
        return token

    def _expired(self, ended: datetime | None) -> HubSpotError:
        at = ended or _EPOCH
        gone = self._clock.now() - at
        since = f"{gone.days} day(s)" if gone.days else f"{gone.seconds} second(s)"
        return HubSpotError(
            f"The OAuth token used to make this call expired {since} ago.",
            "EXPIRED_AUTHENTICATION",
            401,
            context={"expire time": [stamp(at)]},
        )
