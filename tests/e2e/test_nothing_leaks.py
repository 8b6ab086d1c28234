"""What leaves the command: no secret by any way, and nothing to anybody but the CRM."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gatekeeper.sandbox.salesforce.stock import CLIENT_SECRET
from tests.e2e.program import LONGEST_S, wait_for

if TYPE_CHECKING:
    from tests.e2e.program import Sandbox, Workspace

# A module of this name is run by Python itself before any of ours.
SPY = """
import os
import sys

ASKS = ("socket.connect", "socket.getaddrinfo", "socket.sendto")


def note(event, arguments):
    if event in ASKS:
        with open(os.environ["SPIED"], "a", encoding="utf-8") as spied:
            spied.write(f"{event} {arguments[event != 'socket.getaddrinfo']!r}\\n")


sys.addaudithook(note)
"""
TOKEN = re.compile(rb"00D\w{12,15}!AQ")
FAULTS = (
    "query:401:1:after=4",
    "query:truncated:1:after=5",
    "query:503html:1:after=6",
    "collections:validation:2",
)


def places_of(noted: str) -> set[str]:
    """Return the hosts that were asked for or spoken to."""
    return set(re.findall(r"'([^']+)'", noted))


@pytest.mark.promise("S01", "S02", "S0", "S30")
@pytest.mark.slow
def test_no_secret_and_no_call_leaves_a_run_that_meets_faults(
    observed: Workspace, sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(SPY, encoding="utf-8")
    spied = tmp_path / "spied.txt"
    paths = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    watched = {"PYTHONPATH": os.pathsep.join(paths), "SPIED": str(spied)}
    sandbox.order(*FAULTS, "collections:slow=1:1")

    with observed.start(
        "run", "--json", GATEKEEPER_LOG_LEVEL="debug", **watched
    ) as command:
        wait_for(command, sandbox, "collections")
        shown = Path(f"/proc/{command.pid}/cmdline").read_bytes()
        out, err = command.communicate(timeout=LONGEST_S)
    planned = observed.run("plan", "--out", "plan.json", **watched)

    assert planned.code == 0, planned.err
    assert '"rejected"' in out
    written = b"".join(
        path.read_bytes()
        for path in observed.folder.rglob("*")
        if path.is_file() and path.name != ".env"
    )
    for text in (shown, out.encode(), err.encode(), written, planned.out.encode()):
        assert CLIENT_SECRET.encode() not in text
        assert not TOKEN.search(text)
    assert places_of(spied.read_text(encoding="utf-8")) == {"127.0.0.1"}


def test_what_the_spy_notes_tells_hosts_apart() -> None:
    noted = "socket.connect ('127.0.0.1', 80)\nsocket.getaddrinfo 'evil.example'\n"

    assert places_of(noted) == {"127.0.0.1", "evil.example"}


def test_the_token_of_an_org_is_what_is_looked_for(sandbox: Sandbox) -> None:
    reply = sandbox.people.client.session.headers["Authorization"]  # type: ignore[attr-defined]

    assert TOKEN.search(str(reply).encode())
