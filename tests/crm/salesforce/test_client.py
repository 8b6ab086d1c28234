"""Logging in and asking, over real HTTP: what goes wrong, and what is said."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gatekeeper.crm.meter import Limits
from gatekeeper.crm.permission import Permission
from gatekeeper.crm.salesforce.wire.client import Client
from gatekeeper.crm.salesforce.wire.connection import Access
from gatekeeper.crm.salesforce.wire.login import Credentials
from gatekeeper.crm.salesforce.wire.refusals import LocatorLostError
from gatekeeper.crm.salesforce.wire.soql import Among, Select
from gatekeeper.crm.salesforce.wire.transport import (
    Meter,
    check_address,
    open_session,
)
from gatekeeper.errors import (
    CrmAuthError,
    CrmRejectedError,
    CrmUnreachableError,
    DeferredError,
    SetupError,
    Transient,
)
from gatekeeper.sandbox.salesforce.auth import ConnectedApp
from gatekeeper.sandbox.salesforce.stock import CLIENT_ID, INTEGRATION_USER
from tests.contracts.worlds import SandboxWorld, sandbox_crm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USERS = Select(("Id",), "User")


def client_for(url: str, **login: str) -> Client:
    return sandbox_crm(url, **login).client


def url_of(world: SandboxWorld) -> str:
    return world.crm.client.access.url


@pytest.fixture
def bare() -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers every request with the next of some bodies."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.answer()

        def answer(self) -> None:
            body = bodies.pop(0)
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", bodies
        server.shutdown()


@pytest.mark.trap("S3c")
def test_a_wrong_secret_is_one_sentence_with_the_remedy(world: SandboxWorld) -> None:
    client = client_for(url_of(world), client_secret="wrong")

    with pytest.raises(CrmAuthError) as caught:
        client.query(USERS)

    assert str(caught.value) == (
        "Salesforce refuses the login: invalid client credentials. "
        "Check GATEKEEPER_SALESFORCE_CLIENT_SECRET."
    )


def test_an_unknown_client_is_told_from_a_wrong_secret(world: SandboxWorld) -> None:
    with pytest.raises(CrmAuthError, match=r"Check GATEKEEPER_SALESFORCE_CLIENT_ID\."):
        client_for(url_of(world), client_id="nobody").query(USERS)


def test_too_little_to_log_in_is_a_matter_of_settings(world: SandboxWorld) -> None:
    with pytest.raises(SetupError, match="There is no login for Salesforce"):
        client_for(url_of(world), client_secret="").query(USERS)


def test_nothing_answering_is_said_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(CrmUnreachableError, match="nothing answers there"):
        client_for(f"http://127.0.0.1:{port}").query(USERS)


def test_something_else_answering_is_not_salesforce(
    bare: tuple[str, list[bytes]],
) -> None:
    url, bodies = bare
    bodies.append(b"<html>Welcome</html>")

    with pytest.raises(CrmUnreachableError, match="is not Salesforce"):
        client_for(url).query(USERS)


@pytest.mark.promise("F19")
def test_a_login_of_another_org_is_refused(bare: tuple[str, list[bytes]]) -> None:
    url, bodies = bare
    bodies.append(
        b'{"access_token":"t","instance_url":"https://other.my.salesforce.com"}'
    )

    with pytest.raises(
        CrmUnreachableError, match="belongs to the org at https://other"
    ):
        client_for(url).query(USERS)


def test_a_signed_assertion_logs_in(world: SandboxWorld) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    app = ConnectedApp(CLIENT_ID, "none", INTEGRATION_USER, public.decode())
    world.org.logins.register(app)
    user = world.org.find("User", INTEGRATION_USER)
    assert user is not None
    client = Client(
        Access(
            url_of(world),
            Credentials(CLIENT_ID, jwt_key=private, jwt_username=str(user["Username"])),
        ),
        lambda: datetime.now(UTC),
        lambda _seconds: None,
    )

    assert client.query(USERS).total >= 1
    assert world.org.logins.counts["urn:ietf:params:oauth:grant-type:jwt-bearer"] == 1
    client.close()


def test_a_key_that_is_none_is_a_matter_of_settings(world: SandboxWorld) -> None:
    with pytest.raises(SetupError, match="not a private RSA key"):
        client_for(url_of(world), jwt_key="nonsense", jwt_username="u").query(USERS)


@pytest.mark.promise("S03")
def test_no_secret_is_shown_by_repr() -> None:
    secrets = Credentials("id", "s3cret", "pr1vate", "user", session_id="t0ken")

    assert not {"s3cret", "pr1vate", "t0ken"} & set(repr(secrets).split("'"))


@pytest.mark.trap("S3a")
@pytest.mark.promise("F12")
def test_an_expired_token_is_renewed_once(world: SandboxWorld) -> None:
    client = world.crm.client
    logins = sum(world.org.logins.counts.values())
    world.org.logins.revoke_all()

    assert client.query(USERS).total >= 1
    assert sum(world.org.logins.counts.values()) == logins + 1


@pytest.mark.promise("F12")
def test_a_token_refused_again_stops_with_a_reason(world: SandboxWorld) -> None:
    logins = sum(world.org.logins.counts.values())
    world.order("query:401:5")

    with pytest.raises(CrmAuthError, match="a token it has just given"):
        world.crm.client.query(USERS)

    assert sum(world.org.logins.counts.values()) == logins + 1


def test_a_session_id_is_used_and_never_renewed(world: SandboxWorld) -> None:
    token = world.org.logins.open(INTEGRATION_USER).token
    client = client_for(url_of(world), session_id=token)
    assert client.query(USERS).total >= 1

    world.org.logins.revoke_all()

    with pytest.raises(CrmAuthError, match="cannot be renewed"):
        client.query(USERS)
    client.close()


@pytest.mark.trap("S10c")
@pytest.mark.parametrize("kind", ["503html", "concurrent403", "429", "500"])
def test_a_busy_crm_is_asked_again(world: SandboxWorld, kind: str) -> None:
    world.order(f"query:{kind}:2")

    assert world.crm.client.query(USERS).total >= 1


@pytest.mark.trap("S10e")
@pytest.mark.promise("F08")
@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "truncated"])
def test_a_cut_answer_to_a_read_is_asked_for_again(
    world: SandboxWorld, kind: str
) -> None:
    world.order(f"query:{kind}:1")

    assert world.crm.client.query(USERS).total >= 1


def test_a_crm_that_does_not_recover_is_unreachable(world: SandboxWorld) -> None:
    world.order("query:503html")

    with pytest.raises(CrmUnreachableError, match="did not recover"):
        world.crm.client.query(USERS)


@pytest.mark.trap("S9")
@pytest.mark.promise("F10")
def test_the_daily_limit_defers_and_is_not_asked_again(world: SandboxWorld) -> None:
    world.order("query:limit403:5")
    reads = world.crm.usage().reads

    with pytest.raises(DeferredError, match="daily API allowance is used up"):
        world.crm.client.query(USERS)

    assert world.crm.usage().reads == reads + 1


def test_a_query_that_is_wrong_is_refused_by_its_code(world: SandboxWorld) -> None:
    with pytest.raises(CrmRejectedError, match="No such column 'Nothing'") as caught:
        world.crm.client.query(Select(("Nothing",), "User"))

    assert caught.value.code == "INVALID_FIELD"


@pytest.mark.trap("S2c")
def test_an_expired_place_in_a_query_is_told_apart(world: SandboxWorld) -> None:
    with pytest.raises(LocatorLostError):
        world.crm.client.more("/services/data/v59.0/query/0r8xx0000000000AAA-2000")


@pytest.mark.trap("S10d")
@pytest.mark.promise("F08", "S07")
@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "truncated", "500"])
def test_a_lost_answer_to_a_write_is_never_repeated(
    world: SandboxWorld, kind: str
) -> None:
    world.order(f"collections:{kind}:1")
    writes = world.crm.usage().writes
    body = {"allOrNone": False, "records": [_account("Acme")]}

    with pytest.raises(Transient) as caught:
        world.crm.client.send("POST", "composite/sobjects", body)

    assert caught.value.outcome_unknown
    assert world.crm.usage().writes == writes + 1


@pytest.mark.promise("F12")
def test_an_expired_token_does_not_lose_a_write(world: SandboxWorld) -> None:
    world.org.logins.revoke_all()

    answer = world.crm.client.send(
        "POST",
        "composite/sobjects",
        {"allOrNone": False, "records": [_account("Acme")]},
    )

    assert isinstance(answer, list)
    assert answer[0]["success"] is True


@pytest.mark.trap("S9")
def test_the_allowance_is_known_from_every_answer(world: SandboxWorld) -> None:
    use = world.crm.usage()

    assert use.allowed == 100_000
    assert use.used == world.org.settings.calls_used
    assert use.reads + use.writes == use.used


@pytest.mark.parametrize(
    ("header", "use"),
    [
        ("api-usage=10018/100000", (10018, 100000)),
        ("api-bursts=1/750; api-usage=5/100", (5, 100)),
        ("api-usage=7/9; per-app-api-usage=17/250(appName=x)", (7, 9)),
        ("per-app-api-usage=17/250(appName=x)", (None, None)),
        ("", (None, None)),
    ],
)
def test_the_allowance_is_found_wherever_it_stands(
    header: str, use: tuple[int | None, int | None]
) -> None:
    meter = Meter()

    meter.note({"Sforce-Limit-Info": header})

    assert (meter.used, meter.allowed) == use


@pytest.mark.promise("S07")
def test_every_call_has_both_timeouts(world: SandboxWorld) -> None:
    world.order("query:slow=2:9")
    client = sandbox_crm(url_of(world)).client
    slow = Client(
        Access(
            client.access.url,
            client.access.credentials,
            Limits(connect_s=1, read_s=0.2),
            attempts=2,
        ),
        client.now,
        client.sleep,
    )

    with pytest.raises(CrmUnreachableError, match="no answer in time"):
        slow.query(USERS)
    slow.close()


@pytest.mark.promise("W6", "S06")
@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("DELETE", "{url}/services/data/v59.0/sobjects/Task/00T000000000001AAA"),
        ("PUT", "{url}/services/data/v59.0/composite/sobjects"),
        ("POST", "{url}/services/data/v59.0/sobjects/Account/"),
        ("PATCH", "{url}/services/data/v59.0/sobjects/Opportunity/006000000000001AAA"),
        ("POST", "{url}/services/apexrest/x"),
        ("GET", "{url}/services/data/v59.0/../../../etc"),
        ("GET", "http://169.254.169.254/services/data/"),
        ("GET", "https://evil.example/services/data/"),
        ("GET", "http://127.0.0.1:1/services/data/"),
    ],
)
def test_what_gatekeeper_does_not_do_is_never_sent(method: str, address: str) -> None:
    session = open_session("http://127.0.0.1:9", Limits(), Meter(), Permission())

    with pytest.raises(SetupError):
        session.request(method, address.format(url="http://127.0.0.1:9"), timeout=1)


@pytest.mark.promise("W6")
@pytest.mark.parametrize(
    ("verb", "url"),
    [
        ("DELETE", "/services/data/v59.0/sobjects/Task/00T000000000001AAA"),
        ("PATCH", "/services/data/v59.0/query/?q=SELECT+Id+FROM+Task"),
        ("GET", "/services/data/v59.0/sobjects/Task/00T000000000001AAA"),
    ],
)
def test_a_composite_carries_queries_and_nothing_else(verb: str, url: str) -> None:
    session = open_session("http://127.0.0.1:9", Limits(), Meter(), Permission())
    call = {"method": verb, "url": url, "referenceId": "rows"}

    with pytest.raises(SetupError, match="a composite may carry queries only"):
        session.post(
            "http://127.0.0.1:9/services/data/v59.0/composite",
            json={"compositeRequest": [call]},
            timeout=1,
        )


def test_a_query_too_long_for_an_address_is_asked_all_the_same(
    world: SandboxWorld,
) -> None:
    deal = world.deal("Acme")
    others = tuple(f"006Zz{number:010}AAA" for number in range(1_999))
    before = world.org.requests["composite"], world.crm.usage()

    page = world.crm.client.query(
        Select(("Id",), "Opportunity", Among("Id", (deal, *others)))
    )

    assert [row["Id"] for row in page.rows] == [deal]
    assert world.org.requests["composite"] == before[0] + 1
    assert world.crm.usage().reads == before[1].reads + 1
    assert world.crm.usage().writes == before[1].writes


def test_a_long_query_that_is_wrong_is_refused_by_its_code(
    world: SandboxWorld,
) -> None:
    ids = tuple(f"006Zz{number:010}AAA" for number in range(1_000))

    with pytest.raises(CrmRejectedError, match="No such column 'Nothing'") as caught:
        world.crm.client.query(Select(("Nothing",), "Opportunity", Among("Id", ids)))

    assert caught.value.code == "INVALID_FIELD"


@pytest.mark.promise("S06")
def test_a_redirect_to_another_host_is_not_followed(
    bare: tuple[str, list[bytes]],
) -> None:
    url, _ = bare
    session = open_session(url, Limits(), Meter(), Permission())
    answer = requests.Response()
    answer.status_code = 302
    answer.headers["Location"] = "https://evil.example/services/data/"
    answer.request = session.prepare_request(
        requests.Request("GET", f"{url}/services/data/")
    )
    answer.url = answer.request.url or ""
    answer.raw = _NoBody()

    with pytest.raises(SetupError, match=r"another host, evil\.example"):
        list(session.resolve_redirects(answer, answer.request, timeout=1))


class _NoBody:
    def release_conn(self) -> None: ...

    def close(self) -> None: ...

    def read(self, *_how: object, **_more: object) -> bytes:
        return b""


@pytest.mark.promise("S06")
@pytest.mark.parametrize(
    "url",
    [
        "https://acme.example.com",
        "http://acme.my.salesforce.com",
        "https://salesforce.com.evil.example",
        "https://10.0.0.1",
        "ftp://127.0.0.2",
    ],
)
def test_an_address_no_org_has_is_refused(url: str) -> None:
    with pytest.raises(SetupError, match="is not the address of a Salesforce org"):
        check_address(url)


def test_the_netrc_of_the_machine_does_not_replace_our_token(
    world: SandboxWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))

    assert world.crm.client.query(USERS).total >= 1


def test_a_proxy_of_the_machine_is_not_asked_for_loopback(
    world: SandboxWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")

    assert world.crm.client.query(USERS).total >= 1


def _account(name: str) -> dict[str, object]:
    return {"attributes": {"type": "Account"}, "Name": name}
