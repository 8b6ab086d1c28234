from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gatekeeper.sandbox.salesforce.auth import ConnectedApp
from gatekeeper.sandbox.salesforce.stock import (
    CLIENT_ID,
    CLIENT_SECRET,
    INTEGRATION_USER,
)
from gatekeeper.sandbox.state import Row
from tests.sandbox.client import TIMEOUT_S, Client

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.server import SandboxServer

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EXPIRED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def ask(server: SandboxServer, **form: str) -> requests.Response:
    address = f"{server.url}/services/oauth2/token"
    return requests.post(address, data=form, timeout=TIMEOUT_S)


@pytest.mark.trap("S3b")
def test_client_credentials_give_a_token_that_never_says_how_long_it_lasts(
    server: SandboxServer, org: Org
):
    reply = ask(
        server,
        grant_type="client_credentials",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
    )
    body = reply.json()
    assert reply.status_code == 200
    assert "expires_in" not in body
    assert body["instance_url"] == server.url
    assert body["id"].endswith(f"/{org.org_id}/{INTEGRATION_USER}")
    assert org.logins.counts["client_credentials"] == 1


@pytest.mark.trap("S3c")
@pytest.mark.parametrize(
    ("form", "status", "error", "description"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type", None),
        (
            {"grant_type": "client_credentials", "client_id": "who"},
            400,
            "invalid_client_id",
            "client identifier invalid",
        ),
        (
            {
                "grant_type": "client_credentials",
                "client_id": CLIENT_ID,
                "client_secret": "wrong",
            },
            401,
            "invalid_client",
            "invalid client credentials",
        ),
    ],
)
def test_a_wrong_login_is_refused_with_an_object_not_a_list(
    server: SandboxServer,
    form: dict[str, str],
    status: int,
    error: str,
    description: Any,
):
    reply = ask(server, **form)
    assert reply.status_code == status
    assert reply.json()["error"] == error
    assert description is None or reply.json()["error_description"] == description


def test_an_inactive_user_cannot_log_in(server: SandboxServer, org: Org):
    user = org.find("User", INTEGRATION_USER)
    assert user is not None
    org.put("User", Row(user, IsActive=False))
    reply = ask(
        server,
        grant_type="client_credentials",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
    )
    assert reply.json() == {
        "error": "invalid_grant",
        "error_description": "inactive user",
    }


def register_key(org: Org) -> None:
    pem = KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    org.logins.register(
        ConnectedApp(CLIENT_ID, CLIENT_SECRET, INTEGRATION_USER, pem.decode())
    )


def assertion(claims: dict[str, object], key: rsa.RSAPrivateKey = KEY) -> str:
    whole = {
        "iss": CLIENT_ID,
        "sub": "integration@sandbox.example",
        "aud": "https://login.salesforce.com",
        "exp": str(int(time.time()) + 180),  # the real client sends a string
    }
    return jwt.encode({**whole, **claims}, key, algorithm="RS256")


def test_an_assertion_with_its_expiry_as_a_string_is_accepted(
    server: SandboxServer, org: Org
):
    register_key(org)
    reply = ask(server, grant_type=JWT_BEARER, assertion=assertion({}))
    assert reply.status_code == 200, reply.text
    assert org.logins.counts[JWT_BEARER] == 1


@pytest.mark.parametrize(
    ("claims", "description"),
    [
        ({"aud": "https://example.com"}, "audience is invalid"),
        ({"exp": "100"}, "expired authorization code"),
        ({"sub": "nobody@example.com"}, "user hasn't approved this consumer"),
    ],
)
def test_a_wrong_assertion_is_refused(
    server: SandboxServer, org: Org, claims: dict[str, object], description: str
):
    register_key(org)
    reply = ask(server, grant_type=JWT_BEARER, assertion=assertion(claims))
    assert reply.status_code == 400
    assert reply.json() == {"error": "invalid_grant", "error_description": description}


def test_an_assertion_of_another_key_is_refused(server: SandboxServer, org: Org):
    register_key(org)
    reply = ask(server, grant_type=JWT_BEARER, assertion=assertion({}, OTHER_KEY))
    assert reply.json()["error"] == "invalid_grant"


def test_without_a_token_only_versions_and_logins_are_open(server: SandboxServer):
    data = f"{server.url}/services/data"
    versions = requests.get(f"{data}/", timeout=TIMEOUT_S).json()
    assert {
        "label": "Winter '24",
        "url": "/services/data/v59.0",
        "version": "59.0",
    } in (versions)
    for path in (
        "/v59.0/limits/",
        "/v59.0/sobjects",
        "/v59.0/query/?q=SELECT+Id+FROM+X",
    ):
        reply = requests.get(data + path, timeout=TIMEOUT_S)
        assert (reply.status_code, reply.json()) == (401, EXPIRED)


@pytest.mark.trap("S3a")
def test_a_session_ends_when_its_time_is_over(client: Client, org: Org):
    assert client.api("GET", "/limits/").status_code == 200
    org.clock.set(org.now() + timedelta(hours=2))
    assert client.api("GET", "/limits/").json() == EXPIRED
    client.log_in()
    assert client.api("GET", "/limits/").status_code == 200


@pytest.mark.trap("S3a")
def test_a_revoked_token_is_of_no_use(client: Client):
    token = str(client.session.headers["Authorization"]).removeprefix("Bearer ")
    address = f"{client.url}/services/oauth2/revoke"
    assert client.session.post(address, data={"token": token}).status_code == 200
    assert client.api("GET", "/limits/").json() == EXPIRED


def test_a_token_without_the_api_scope_stays_useless(server: SandboxServer, org: Org):
    org.logins.register(
        ConnectedApp(CLIENT_ID, CLIENT_SECRET, INTEGRATION_USER, scope="id")
    )
    with Client(server.url) as client:
        reply = client.api("GET", "/limits/")
    assert reply.status_code == 401
    assert reply.json() == [
        {
            "message": "This session is not valid for use with the REST API",
            "errorCode": "INVALID_SESSION_ID",
        }
    ]


def test_a_token_tells_whom_it_stands_for(client: Client, org: Org):
    reply = client.session.get(f"{client.url}/services/oauth2/userinfo")
    assert reply.json()["organization_id"] == org.org_id
    assert reply.json()["user_id"] == INTEGRATION_USER
