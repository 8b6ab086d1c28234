"""No login goes to a server whose certificate does not prove who it is."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.crm.hubspot.wire.client import Client as HubSpotClient
from gatekeeper.crm.hubspot.wire.patience import Access as HubSpotAccess
from gatekeeper.crm.meter import Limits
from gatekeeper.crm.salesforce.wire.client import Client as SalesforceClient
from gatekeeper.crm.salesforce.wire.connection import Access as SalesforceAccess
from gatekeeper.crm.salesforce.wire.login import Credentials
from gatekeeper.crm.salesforce.wire.soql import Select
from gatekeeper.errors import CrmUnreachableError, GatekeeperError
from tests.crm.tls import DAY, Authority, serving

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ask = Callable[[str, Path | None], object]

pytestmark = pytest.mark.promise("S05")


def ask_salesforce(url: str, ca_file: Path | None) -> object:
    access = SalesforceAccess(
        url, Credentials("id", "secret"), Limits(ca_file=ca_file), attempts=1
    )
    client = SalesforceClient(access, lambda: datetime.now(UTC), lambda _s: None)
    try:
        return client.query(Select(("Id",), "User"))
    finally:
        client.close()


def ask_hubspot(url: str, ca_file: Path | None) -> object:
    access = HubSpotAccess("token", url, Limits(ca_file=ca_file), attempts=1)
    client = HubSpotClient(access, lambda _s: None)
    try:
        return client.pipelines()
    finally:
        client.close()


@pytest.fixture(params=[ask_salesforce, ask_hubspot])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Log in to a server, or read from it with a token."""
    asking: Ask = request.param
    return asking


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "authority").found()


def test_a_server_whose_authority_is_named_is_spoken_to(
    ask: Ask, authority: Authority
) -> None:
    with (
        serving(authority.sign()) as server,
        pytest.raises(GatekeeperError) as caught,
    ):
        ask(server.url, authority.file)

    assert "certificate" not in str(caught.value)
    assert server.heard


@pytest.mark.parametrize(
    ("hosts", "valid"),
    [
        (("elsewhere.example",), (-DAY, DAY)),
        (("localhost",), (-DAY, DAY)),  # which is a name of 127.0.0.1, and no more
        (("127.0.0.1",), (-2 * DAY, -timedelta(minutes=1))),
        (("127.0.0.1",), (timedelta(hours=1), DAY)),
    ],
    ids=["another host", "another name", "expired", "not yet valid"],
)
def test_a_certificate_that_does_not_fit_is_refused(
    ask: Ask,
    authority: Authority,
    hosts: tuple[str, ...],
    valid: tuple[timedelta, timedelta],
) -> None:
    with (
        serving(authority.sign(hosts, valid)) as server,
        pytest.raises(CrmUnreachableError, match="certificate is not trusted"),
    ):
        ask(server.url, authority.file)

    assert server.heard == []


@pytest.mark.parametrize("trusts_another", [True, False])
def test_a_server_that_vouches_for_itself_is_refused(
    ask: Ask, authority: Authority, tmp_path: Path, *, trusts_another: bool
) -> None:
    other = Authority(tmp_path, "other").found()
    trusted = other.file if trusts_another else None
    with (
        serving(authority.sign()) as server,
        pytest.raises(CrmUnreachableError, match="certificate is not trusted"),
    ):
        ask(server.url, trusted)

    assert server.heard == []


def test_no_older_version_than_1_2_is_spoken(ask: Ask, authority: Authority) -> None:
    with (
        serving(authority.sign(), ssl.TLSVersion.TLSv1_1) as server,
        pytest.raises(CrmUnreachableError),
    ):
        ask(server.url, authority.file)

    assert server.heard == []


def test_no_setting_turns_the_check_off(
    ask: Ask, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYTHONHTTPSVERIFY", "CURL_CA_BUNDLE", "SSL_NO_VERIFY"):
        monkeypatch.setenv(name, "" if name.startswith("CURL") else "0")
    with (
        serving(authority.sign()) as server,
        pytest.raises(CrmUnreachableError, match="certificate is not trusted"),
    ):
        ask(server.url, None)

    assert server.heard == []
