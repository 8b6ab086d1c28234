"""Addresses that only look like a CRM's: a login is sent to none of them."""

from __future__ import annotations

import pytest

from gatekeeper.crm.hubspot.wire import door
from gatekeeper.crm.salesforce.wire import transport
from gatekeeper.errors import SetupError

INSIDE = [
    "https://169.254.169.254/latest/meta-data",  # where clouds keep credentials
    "https://metadata.google.internal",
    "https://10.0.0.1",
    "https://172.16.0.1",
    "https://192.168.1.1",
    "https://127.0.0.2",
    "https://127.1",
    "https://2130706433",  # 127.0.0.1 as one number
    "https://0x7f000001",
    "https://017700000001",
    "https://0.0.0.0",
    "https://[::]",
    "https://[::ffff:127.0.0.1]",
    "https://[fe80::1]",
    "https://[fd00::1]",
    "https://[::ffff:169.254.169.254]",
    "http://169.254.169.254",
    "file:///etc/passwd",
    "gopher://127.0.0.2",
    "//127.0.0.2",
    "",
]
LIKE_SALESFORCE = [
    "https://salesforce.com.evil.example",
    "https://acme.my.salesforce.com.evil.example",
    "https://acme.my.salesforce.com@evil.example",
    "https://acme.my.salesforce.com:x@evil.example",
    "https://evil.example#.salesforce.com",
    "https://evil.example?.salesforce.com",
    "https://evil.example/.salesforce.com",
    "https://evil.example\\.salesforce.com",
    "https://mysalesforce.com",
    "http://acme.my.salesforce.com",
    "https://salesforce.com.",
]
LIKE_HUBSPOT = [
    "https://api.hubapi.com.evil.example",
    "https://api.hubapi.com@evil.example",
    "https://evil.example#.hubapi.com",
    "https://evil.example/.hubapi.com",
    "https://evilhubapi.com",
    "http://api.hubapi.com",
]


@pytest.mark.promise("S06")
@pytest.mark.parametrize("url", [*INSIDE, *LIKE_SALESFORCE])
def test_no_login_for_salesforce_leaves_for_another_host(url: str) -> None:
    with pytest.raises(SetupError, match="is not the address of a Salesforce org"):
        transport.check_address(url)


@pytest.mark.promise("S06")
@pytest.mark.parametrize("url", [*INSIDE, *LIKE_HUBSPOT])
def test_no_token_for_hubspot_leaves_for_another_host(url: str) -> None:
    with pytest.raises(SetupError, match="is not the address of HubSpot"):
        door.check_address(url)


@pytest.mark.parametrize(
    ("check", "url"),
    [
        (transport.check_address, "https://acme.my.salesforce.com"),
        (transport.check_address, "https://acme--dev.sandbox.my.salesforce.com"),
        (transport.check_address, "http://127.0.0.1:8080"),
        (door.check_address, "https://api.hubapi.com"),
        (door.check_address, "http://[::1]:8080"),
    ],
)
def test_a_crms_own_address_will_do(check, url: str) -> None:
    assert check(url) is None
