"""The account itself: who it is, what its tokens may do, how many calls are left."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from gatekeeper.sandbox.hubspot.auth import LIFETIME_S
from gatekeeper.sandbox.hubspot.call import Answer, id_of
from gatekeeper.sandbox.hubspot.errors import HubSpotError, not_found
from gatekeeper.sandbox.hubspot.rates import Lane
from gatekeeper.sandbox.hubspot.routing import Route
from gatekeeper.sandbox.hubspot.scopes import Need
from gatekeeper.sandbox.hubspot.times import stamp

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.auth import Token
    from gatekeeper.sandbox.hubspot.call import Call


def details(call: Call) -> Answer:
    """Answer who the account is; its pages are where its API is."""
    settings = call.portal.settings
    offset = call.portal.now().astimezone(ZoneInfo(settings.time_zone)).utcoffset()
    shift = offset or timedelta()
    minutes = int(shift.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    body = {
        "portalId": settings.portal_id,
        "accountType": "STANDARD",
        "timeZone": settings.time_zone,
        "companyCurrency": settings.currency,
        "additionalCurrencies": list(settings.currencies),
        "utcOffset": f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}",
        "utcOffsetMilliseconds": minutes * 60_000,
        "uiDomain": urlsplit(call.base_url).netloc,
        "dataHostingLocation": "na1",
    }
    return Answer(body=body)


def daily_usage(call: Call) -> Answer:
    """Answer how much of the day's allowance is gone, and when it comes back."""
    portal = call.portal
    zone = ZoneInfo(portal.settings.time_zone)
    tomorrow = portal.now().astimezone(zone).date() + timedelta(days=1)
    usage = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": portal.settings.allowance.daily,
        "currentUsage": portal.rates.used_today(),
        "collectedAt": portal.stamp(),
        "fetchStatus": "SUCCESS",
        "resetsAt": stamp(datetime.combine(tomorrow, time(), zone)),
    }
    return Answer(body={"results": [usage]})


def private_app_token(call: Call) -> Answer:
    """Answer what the token of a private app may do."""
    token = _known(call, id_of(call.json(), "tokenKey"))
    body = {
        "userId": token.user_id,
        "hubId": call.portal.settings.portal_id,
        "appId": token.app_id,
        "scopes": sorted(token.scopes),
    }
    return Answer(body=body)


def access_token(call: Call) -> Answer:
    """Answer what a token got by OAuth may do, and for how long."""
    token = _known(call, call.params["token"])
    left = token.expires_at - call.portal.now() if token.expires_at else timedelta()
    body = {
        "token": token.text,
        "user": "admin@example.com",
        "hub_domain": "gatekeeper.example.com",
        "scopes": sorted(token.scopes),
        "hub_id": call.portal.settings.portal_id,
        "app_id": token.app_id,
        "expires_in": int(left.total_seconds()),
        "user_id": token.user_id,
        "token_type": "access",
    }
    return Answer(body=body)


def refresh_token(call: Call) -> Answer:
    """Give an app a new access token for its refresh token."""
    form = {key: values[-1] for key, values in parse_qs(call.content.decode()).items()}
    if form.get("grant_type") != "refresh_token":
        raise HubSpotError("missing or unknown grant type", "BAD_GRANT_TYPE")
    app = call.portal.tokens.app(form.get("client_id", ""))
    if app is None or form.get("client_secret") != app.client_secret:
        raise HubSpotError("missing or invalid client secret", "BAD_CLIENT_SECRET")
    if form.get("refresh_token") != app.refresh_token:
        raise HubSpotError("missing or invalid refresh token", "BAD_REFRESH_TOKEN")
    token = call.portal.tokens.grant(app)
    body = {
        "token_type": "bearer",
        "refresh_token": app.refresh_token,
        "access_token": token.text,
        "expires_in": LIFETIME_S,
    }
    return Answer(body=body)


def _known(call: Call, text: str) -> Token:
    token = call.portal.tokens.find(text)
    if token is None:
        raise not_found()
    return token


_INFO = "/account-info/v3"
_PRIVATE_APP = "/oauth/v2/private-apps/get/access-token-info"
ACCOUNT_ROUTES = (
    Route("account", "GET", f"{_INFO}/details", details, Need.TOKEN),
    Route(
        "daily_usage",
        "GET",
        f"{_INFO}/api-usage/daily/private-apps",
        daily_usage,
        Need.TOKEN,
    ),
    Route("token_info", "POST", _PRIVATE_APP, private_app_token, Need.TOKEN),
    Route(
        "token_info",
        "GET",
        "/oauth/v1/access-tokens/{token}",
        access_token,
        Need.NOTHING,
        Lane.FREE,
    ),
    Route("token", "POST", "/oauth/v1/token", refresh_token, Need.NOTHING, Lane.FREE),
)
