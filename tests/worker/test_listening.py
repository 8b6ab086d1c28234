"""The one socket that listens, met by callers who mean no good (S17, S20)."""

from __future__ import annotations

import ast
import socket
import time
from contextlib import ExitStack
from datetime import timedelta
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import SetupError
from gatekeeper.settings import Settings, load_settings
from gatekeeper.worker.health import SIGNPOST, Health
from gatekeeper.worker.listening import (
    LONGEST_REQUEST_S,
    MOST_AT_ONCE,
    MOST_BYTES,
    serving,
)
from gatekeeper.worker.metrics import Metrics
from gatekeeper.worker.scheduler import Pulse
from tests.worker.office import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parents[2] / "gatekeeper"
SERVERS = {
    *("aiosmtpd", "asyncio", "http.server", "socket", "socketserver", "starlette"),
    "uvicorn",
}
"""What a module imports that listens, or serves anything to others."""
HOST = "127.0.0.1"
Place = tuple[str, int]


def health() -> Health:
    clock = Clock()
    return Health(Pulse(clock, clock.at), timedelta(minutes=2), {}, Metrics())


@pytest.fixture
def place() -> Iterator[Place]:
    with serving(health(), HOST, 0) as port:
        yield HOST, port


def said_to(place: Place, sent: bytes) -> bytes:
    """Send bytes, and return all that comes until the server hangs up."""
    with socket.create_connection(place, timeout=4 * LONGEST_REQUEST_S) as caller:
        return rest_of(caller, sent)


def rest_of(caller: socket.socket, sent: bytes = b"") -> bytes:
    got = b""
    try:
        caller.sendall(sent)
        while read := caller.recv(65_536):
            got += read
    except ConnectionError:  # it hung up with something of ours unread
        pass
    return got


@pytest.mark.promise("S20")
@pytest.mark.parametrize(
    "sent",
    [
        b"GET /secret%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /livez HTTP/1.1\r\nContent-Length: 6\r\n\r\nsecret",
        b"DELETE /readyz HTTP/1.1\r\n\r\n",
        b"GET /livez HTTP/secret\r\n\r\n",
        b"secret\r\n\r\n",
        b"\x16\x03\x01secret\r\n\r\n",
        b"GET /../secret HTTP/1.0\r\n\r\n",
        b"GET /livez HTTP/1.0\r\n" + b"secret: 1\r\n" * 200 + b"\r\n",
    ],
)
def test_all_that_is_no_page_is_answered_in_the_same_words(
    place: Place, sent: bytes
) -> None:
    answer = said_to(place, sent)

    assert answer.endswith(SIGNPOST)
    assert b"secret" not in answer
    assert said_to(place, b"GET /livez HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.0 200")


@pytest.mark.promise("S20")
def test_a_request_without_an_end_is_cut_off_at_its_length(place: Place) -> None:
    began = time.monotonic()

    assert said_to(place, b"GET /livez HTTP/1.1\r\n" + b"a" * 2 * MOST_BYTES) == b""

    assert time.monotonic() - began < LONGEST_REQUEST_S


@pytest.mark.promise("S20")
def test_a_request_that_comes_drop_by_drop_is_cut_off_at_its_time(
    place: Place,
) -> None:
    began = time.monotonic()
    with socket.create_connection(place, timeout=0.5) as caller:
        got = None
        while got is None and time.monotonic() - began < 4 * LONGEST_REQUEST_S:
            try:
                caller.sendall(b"G")
                got = caller.recv(1)
            except TimeoutError:
                continue
            except ConnectionError:
                got = b""

    assert got == b""
    assert time.monotonic() - began > LONGEST_REQUEST_S - 1


@pytest.mark.promise("S20")
def test_callers_beyond_the_most_at_once_are_turned_away_and_free_the_way_again(
    place: Place,
) -> None:
    with ExitStack() as stack:
        idle = [
            stack.enter_context(socket.create_connection(place, timeout=30))
            for _ in range(MOST_AT_ONCE)
        ]
        beyond = stack.enter_context(socket.create_connection(place, timeout=30))
        assert rest_of(beyond) == b""  # at once, while the others still wait
        idle[0].sendall(b"GET /livez HTTP/1.1\r\n\r\n")
        assert rest_of(idle[0]).startswith(b"HTTP/1.0 200")

    for _ in range(100):
        answer = said_to(place, b"GET /livez HTTP/1.1\r\n\r\n")
        if answer:
            break
    assert answer.startswith(b"HTTP/1.0 200")


@pytest.mark.promise("S20")
def test_a_page_that_breaks_is_no_answer_and_tells_nothing() -> None:
    def broken() -> str:
        raise ZeroDivisionError("secret")

    clock = Clock()
    pulse = Pulse(clock, clock.at)
    failing = Health(pulse, timedelta(1), {"rules": broken}, Metrics())
    with serving(failing, HOST, 0) as port:
        assert said_to((HOST, port), b"GET /readyz HTTP/1.1\r\n\r\n") == b""
        assert requests.get(f"http://{HOST}:{port}/livez", timeout=10).ok


@pytest.mark.promise("S17", "S18", "S19", "S21")
@given(st.text())
def test_there_are_three_pages_and_no_other(path: str) -> None:
    status, _, content = health().page("/" + path)

    is_page = path.partition("?")[0] in {"livez", "readyz", "metrics"}
    assert is_page or (status, content) == (HTTPStatus.NOT_FOUND, SIGNPOST)


@pytest.mark.promise("S17", "S18", "S19", "S21")
def test_no_other_module_serves_anything() -> None:
    """The sandbox, a building of its own, serves on loopback for tests and demos."""
    serving_modules = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] != "sandbox" and imported(path) & SERVERS
    }

    assert serving_modules == {"worker/listening.py"}


def imported(path: Path) -> set[str]:
    """The modules that a module imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, node.module.partition(".")[0]}
    return names


@pytest.mark.promise("S17")
def test_the_pages_are_for_this_machine_alone_until_an_address_is_named() -> None:
    host, _, _ = Settings().health_address.rpartition(":")

    assert ip_address(host).is_loopback


@pytest.mark.promise("S17")
@pytest.mark.parametrize("written", ["9464", ":9464", "", "*"])
def test_no_address_means_all_addresses_by_being_left_out(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("GATEKEEPER_HEALTH_ADDRESS", written)

    try:
        address = load_settings().health_address
    except SetupError as error:
        assert "GATEKEEPER_HEALTH_ADDRESS" in str(error)  # noqa: PT017
    else:
        assert address == Settings().health_address
