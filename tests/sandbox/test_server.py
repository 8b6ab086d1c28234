"""The server over real sockets: pages, broken connections, limits, the side door."""

from __future__ import annotations

import gzip
import socket
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gatekeeper.sandbox.salesforce.fault_menu import SALESFORCE_FAULTS
from gatekeeper.sandbox.salesforce.rest import ROUTES
from gatekeeper.sandbox.server import SandboxServer, export_lines
from tests.sandbox.client import TIMEOUT_S, Client

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.sandbox.salesforce.org import Org

DEALS = {"q": "SELECT Id, Name FROM Opportunity ORDER BY Name"}


def fill(client: Client, count: int) -> None:
    for start in range(0, count, 200):
        lines: list[dict[str, object]] = [
            {"Name": f"{n:04}", "StageName": "Prospecting", "CloseDate": "2026-12-31"}
            for n in range(start, min(start + 200, count))
        ]
        client.collection("POST", "Opportunity", *lines)


@pytest.mark.trap("S2a")
def test_pages_follow_each_other_to_the_end(client: Client, org: Org):
    fill(client, 450)
    reply = client.api(
        "GET",
        "/query/",
        params=DEALS,
        headers={"Sforce-Query-Options": "batchSize=200"},
    )
    pages = [reply.json()]
    while not pages[-1]["done"]:
        address = client.url + pages[-1]["nextRecordsUrl"]
        pages.append(client.session.get(address, timeout=TIMEOUT_S).json())
    assert [len(page["records"]) for page in pages] == [200, 200, 50]
    assert {page["totalSize"] for page in pages} == {450}
    names = [record["Name"] for page in pages for record in page["records"]]
    assert names == [f"{n:04}" for n in range(450)]
    assert (org.requests["query"], org.requests["querymore"]) == (1, 2)


@pytest.mark.trap("S2a")
def test_a_test_may_order_smaller_pages_than_any_client_can(client: Client, org: Org):
    org.settings.page_size = 2
    fill(client, 3)
    assert len(client.api("GET", "/query/", params=DEALS).json()["records"]) == 2


@pytest.mark.trap("S2c")
def test_a_locator_belongs_to_the_token_that_opened_it(client: Client, org: Org):
    org.settings.page_size = 1
    fill(client, 2)
    page = client.api("GET", "/query/", params=DEALS).json()
    client.log_in()
    reply = client.session.get(client.url + page["nextRecordsUrl"], timeout=TIMEOUT_S)
    assert (reply.status_code, reply.json()) == (
        400,
        [{"message": "invalid query locator", "errorCode": "INVALID_QUERY_LOCATOR"}],
    )


@pytest.mark.trap("S10f")
def test_a_late_401_ends_the_token_for_good(client: Client, org: Org):
    org.settings.page_size = 1
    fill(client, 2)
    org.faults.add("querymore:401:1")
    page = client.api("GET", "/query/", params=DEALS).json()
    address = client.url + page["nextRecordsUrl"]
    assert client.session.get(address, timeout=TIMEOUT_S).status_code == 401
    assert client.session.get(address, timeout=TIMEOUT_S).status_code == 401


@pytest.mark.trap("S2b")
def test_a_child_result_may_have_pages_of_its_own(client: Client, org: Org):
    deal = client.deal()
    for number in range(3):
        client.create("Task", WhatId=deal, Subject=str(number))
    org.settings.child_page_size = 2
    soql = "SELECT Id, (SELECT Subject FROM Tasks ORDER BY Subject) FROM Opportunity"
    (record,) = client.query(soql)
    tasks = record["Tasks"]
    assert (tasks["totalSize"], tasks["done"], len(tasks["records"])) == (3, False, 2)
    more = client.session.get(client.url + tasks["nextRecordsUrl"], timeout=TIMEOUT_S)
    assert [task["Subject"] for task in more.json()["records"]] == ["2"]


@pytest.mark.trap("S10d")
def test_a_reset_before_the_commit_writes_nothing(client: Client, org: Org):
    org.faults.add("collections:reset_before:1")
    with pytest.raises(requests.ConnectionError):
        client.collection("POST", "Task", {"Subject": "lost"})
    assert client.query("SELECT Id FROM Task") == []


@pytest.mark.trap("S10d")
def test_a_reset_after_the_commit_leaves_the_record(client: Client, org: Org):
    org.faults.add("collections:reset_after:1")
    with pytest.raises(requests.ConnectionError):
        client.collection("POST", "Task", {"Subject": "kept"})
    assert [t["Subject"] for t in client.query("SELECT Subject FROM Task")] == ["kept"]


@pytest.mark.trap("S10e")
def test_a_truncated_answer_ends_in_the_middle(client: Client, org: Org):
    fill(client, 20)
    org.faults.add("query:truncated:1")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.api("GET", "/query/", params=DEALS)


@pytest.mark.trap("S10e")
def test_a_slow_answer_makes_the_client_give_up_though_the_write_is_made(
    client: Client, org: Org
):
    org.faults.add("create:slow=2:1")
    address = f"{client.url}/services/data/v59.0/sobjects/Task/"
    with pytest.raises(requests.ReadTimeout):
        client.session.post(address, json={"Subject": "slow"}, timeout=0.2)
    assert len(client.query("SELECT Id FROM Task")) == 1


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("401", 401, "INVALID_SESSION_ID"),
        ("limit403", 403, "REQUEST_LIMIT_EXCEEDED"),
        ("concurrent403", 403, "REQUEST_LIMIT_EXCEEDED"),
        ("500", 500, "UNKNOWN_EXCEPTION"),
        ("lock_row_500", 500, "UNABLE_TO_LOCK_ROW"),
        ("query_timeout", 400, "QUERY_TIMEOUT"),
    ],
)
def test_an_ordered_error_answers_once(
    client: Client, org: Org, kind: str, status: int, code: str
):
    org.faults.add(f"query:{kind}:1")
    reply = client.api("GET", "/query/", params=DEALS)
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (status, code)
    client.log_in()
    assert client.api("GET", "/query/", params=DEALS).status_code == 200


@pytest.mark.trap("S10c")
@pytest.mark.parametrize(("kind", "status"), [("503html", 503), ("429", 429)])
def test_the_edge_answers_in_html(client: Client, org: Org, kind: str, status: int):
    org.faults.add(f"any:{kind}:1")
    reply = client.api("GET", "/limits/")
    assert reply.status_code == status
    assert reply.headers["Content-Type"].startswith("text/html")
    assert reply.text.lstrip().startswith("<")


def test_an_address_that_is_too_long_is_turned_away_at_the_edge(client: Client):
    reply = client.api("GET", "/query/", params={"q": "x" * 17_000})
    assert reply.status_code == 414


@pytest.mark.trap("S9")
def test_every_call_costs_one_and_a_spent_allowance_ends_them(client: Client, org: Org):
    org.settings.daily_calls = 3
    used = [
        client.api("GET", "/limits/").headers["Sforce-Limit-Info"] for _ in range(3)
    ]
    assert used == ["api-usage=1/3", "api-usage=2/3", "api-usage=3/3"]
    reply = client.api("GET", "/limits/")
    assert (reply.status_code, reply.json()) == (
        403,
        [
            {
                "message": "TotalRequests Limit exceeded.",
                "errorCode": "REQUEST_LIMIT_EXCEEDED",
            }
        ],
    )


def test_limits_count_down(client: Client):
    first = client.api("GET", "/limits/").json()["DailyApiRequests"]
    second = client.api("GET", "/limits/").json()["DailyApiRequests"]
    assert first["Max"] == second["Max"] == 100_000
    assert first["Remaining"] - second["Remaining"] == 1


def test_the_date_header_is_the_crm_s_clock(client: Client):
    headers = client.api("GET", "/limits/").headers
    assert headers["Date"] == "Fri, 20 Nov 2026 10:00:00 GMT"


def test_large_answers_are_compressed_for_those_who_ask(client: Client):
    path = "/sobjects/Opportunity/describe"
    packed = client.api("GET", path, headers={"Accept-Encoding": "gzip"}, stream=True)
    assert packed.headers["Content-Encoding"] == "gzip"
    plain = client.api("GET", path, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.raw.read(decode_content=False)) == plain.content


def test_composite_uses_what_earlier_calls_gave(client: Client):
    body = {
        "compositeRequest": [
            {
                "method": "POST",
                "url": "/services/data/v59.0/sobjects/Account/",
                "referenceId": "acme",
                "body": {"Name": "Acme"},
            },
            {
                "method": "GET",
                "url": "/services/data/v59.0/sobjects/Account/@{acme.id}",
                "referenceId": "again",
            },
        ]
    }
    made, read = client.api("POST", "/composite", json=body).json()["compositeResponse"]
    assert (made["httpStatusCode"], read["httpStatusCode"]) == (201, 200)
    assert read["body"]["Name"] == "Acme"


def test_composite_with_all_or_none_halts_the_others(client: Client):
    call = {"method": "POST", "url": "/services/data/v59.0/sobjects/Account/"}
    body = {
        "allOrNone": True,
        "compositeRequest": [
            {**call, "referenceId": "a", "body": {"Name": "Acme"}},
            {**call, "referenceId": "b", "body": {}},
        ],
    }
    first, second = client.api("POST", "/composite", json=body).json()[
        "compositeResponse"
    ]
    assert (first["httpStatusCode"], first["body"][0]["errorCode"]) == (
        400,
        "PROCESSING_HALTED",
    )
    assert second["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert client.query("SELECT Id FROM Account") == []


def test_the_values_of_a_picklist_can_be_read_by_record_type(client: Client):
    path = (
        "/ui-api/object-info/Opportunity/picklist-values/012000000000000AAA/StageName"
    )
    values = client.api("GET", path).json()["values"]
    assert [value["value"] for value in values][:2] == ["Prospecting", "Qualification"]


def test_the_side_door_orders_faults_sets_the_clock_and_counts(client: Client):
    door = f"{client.url}/__sandbox__"
    post = client.session.post
    assert post(f"{door}/faults", json={"faults": ["limits:500:1"]}).status_code == 200
    assert client.api("GET", "/limits/").status_code == 500
    moved = post(f"{door}/clock", json={"as_of": "2026-11-20T10:30:00Z"})
    assert moved.json() == {"now": "2026-11-20T10:30:00+00:00"}
    assert client.deal()
    post(f"{door}/fields", json={"hide": ["Opportunity.Amount"]})
    described = client.api("GET", "/sobjects/Opportunity/describe").json()
    assert "Amount" not in {field["name"] for field in described["fields"]}
    counted = client.session.get(f"{door}/requests").json()
    assert counted["requests"]["create"] == 1
    assert counted["logins"] == 1


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("faults", {"faults": ["query:nonsense"]}, "there is no kind 'nonsense'"),
        ("clock", {"as_of": "yesterday"}, "Invalid isoformat string"),
        ("fields", {"hide": ["Opportunity.Nothing"]}, "there is no field"),
        ("faults", [], "the body must be a JSON object"),
    ],
)
def test_the_side_door_says_what_it_cannot_read(
    client: Client, path: str, body: object, message: str
):
    reply = client.session.post(f"{client.url}/__sandbox__/{path}", json=body)
    assert reply.status_code == 400
    assert message in reply.json()["error"]


def test_the_export_lines_point_at_the_server(server: SandboxServer, org: Org):
    assert export_lines(org, server.url) == [
        "export GATEKEEPER_CRM=salesforce",
        f"export GATEKEEPER_SALESFORCE_URL={server.url}",
        "export GATEKEEPER_SALESFORCE_CLIENT_ID=gatekeeper-sandbox",
        "export GATEKEEPER_SALESFORCE_CLIENT_SECRET=sandbox-only-secret",
    ]


def test_a_taken_port_is_an_error_at_once(server: SandboxServer, org: Org):
    port = int(server.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        SandboxServer(org, port=port)


def test_a_stopped_server_frees_its_port(org: Org):
    with SandboxServer(org) as server:
        port = int(server.url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_faults_can_be_ordered_for_every_route():
    assert {route.name for route in ROUTES} | {"any"} == SALESFORCE_FAULTS.routes


def a_certificate(folder: Path) -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox")])
    today = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "cert.pem").write_bytes(built.public_bytes(pem))
    (folder / "key.pem").write_bytes(private)
    return str(folder / "cert.pem"), str(folder / "key.pem")


@pytest.mark.trap("S11")
def test_the_sandbox_speaks_tls_with_a_certificate_of_its_own(org: Org, tmp_path: Path):
    certificate = a_certificate(tmp_path)
    with SandboxServer(org, certificate=certificate) as server:
        assert server.url.startswith("https://")
        address = f"{server.url}/services/data/"
        reply = requests.get(address, verify=certificate[0], timeout=TIMEOUT_S)
        assert reply.status_code == 200
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(address, timeout=TIMEOUT_S)


@pytest.mark.trap("H2b")
def test_the_rest_of_an_answer_does_not_wait_for_the_client(
    org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once: list[socket.socket] = []
    settle = socket.socket.setsockopt

    def noting(held: socket.socket, level: int, option: int, value: int) -> None:
        settle(held, level, option, value)
        if (level, option, value) == (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1):
            at_once.append(held)

    monkeypatch.setattr(socket.socket, "setsockopt", noting)
    with SandboxServer(org) as server:
        port = int(server.url.rpartition(":")[2])
        with Client(server.url) as client:
            client.api("GET", "/limits")
            ends = [each.getsockname()[1] for each in at_once]
    assert port in ends
