"""The token endpoint: forms in, tokens or refusals out."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from gatekeeper.sandbox.salesforce.auth import LoginRefused
from gatekeeper.sandbox.salesforce.call import Answer
from gatekeeper.sandbox.salesforce.errors import SalesforceError
from gatekeeper.sandbox.salesforce.routing import Route

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.call import Call
    from gatekeeper.sandbox.salesforce.session import Session


def token(call: Call) -> Answer:
    """Answer `POST /services/oauth2/token`. No reply ever says how long it lasts."""
    try:
        session = call.org.logins.grant(_form(call), call.base_url)
    except LoginRefused as refused:
        body = {"error": refused.error, "error_description": refused.description}
        return Answer(refused.status, body)
    return Answer(body=_granted(call, session))


def revoke(call: Call) -> Answer:
    """Answer `POST /services/oauth2/revoke`."""
    if call.org.logins.revoke(_form(call).get("token", "")):
        return Answer(200)
    return Answer(
        400,
        {"error": "unsupported_token_type", "error_description": "invalid token"},
    )


def userinfo(call: Call) -> Answer:
    """Answer `GET /services/oauth2/userinfo`: who the token stands for."""
    user = call.org.find("User", call.session.user_id)
    if user is None:
        raise SalesforceError("INVALID_SESSION_ID", "Session expired or invalid", 401)
    address = f"{call.base_url}/id/{call.org.org_id}/{user['Id']}"
    return Answer(
        body={
            "sub": address,
            "user_id": user["Id"],
            "organization_id": call.org.org_id,
            "preferred_username": user["Username"],
            "name": user["Name"],
            "email": user["Email"],
            "zoneinfo": user["TimeZoneSidKey"],
            "user_type": "STANDARD",
            "active": user["IsActive"],
        }
    )


def _form(call: Call) -> dict[str, str]:
    form = dict(call.query) | dict(parse_qsl(call.body.decode("utf-8", "replace")))
    scheme, _, credentials = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        text = base64.b64decode(credentials).decode("utf-8", "replace")
        client_id, _, secret = text.partition(":")
        form |= {"client_id": unquote(client_id), "client_secret": unquote(secret)}
    return form


def _granted(call: Call, session: Session) -> dict[str, str]:
    issued_at = str(int(call.org.now().timestamp() * 1000))
    digest = hashlib.sha256(f"{session.token}{issued_at}".encode()).digest()
    return {
        "access_token": session.token,
        "signature": base64.b64encode(digest).decode(),
        "scope": session.scope,
        "instance_url": call.base_url,
        "id": f"{call.base_url}/id/{call.org.org_id}/{session.user_id}",
        "token_type": "Bearer",
        "issued_at": issued_at,
    }


OAUTH_ROUTES = (
    Route("token", "POST", "/services/oauth2/token", token, needs_session=False),
    Route("revoke", "POST", "/services/oauth2/revoke", revoke, needs_session=False),
    Route("userinfo", "GET", "/services/oauth2/userinfo", userinfo),
    Route("revoke", "GET", "/services/oauth2/revoke", revoke, needs_session=False),
)
