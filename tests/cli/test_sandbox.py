"""`sandbox`: what it writes, what it serves, and the sentence for a mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.sandbox.server import SandboxServer

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.sandbox.salesforce.org import Org
    from tests.cli.program import Program


def test_seed_writes_a_folder_and_counts_it(program: Program):
    ended = program("sandbox", "seed", "--size", "3", "--out", "org", "--json")

    assert ended.code == 0
    assert ended.json["counts"]["Opportunity"] == 3
    assert (program.folder / "org" / "manifest.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("--data nowhere", "there is no folder nowhere"),
        ("--data {org} --as-of soon", '--as-of "soon" is no day; write 2026-11-20.'),
        (
            "--data {org} --crm hubspot",
            "HubSpot has no object 'Account'; a folder for it has files named calls, "
            "companies, contacts, deals, emails, line_items, meetings, notes, quotes, "
            "tasks, labels, associations, owners, pipelines",
        ),
    ],
)
def test_what_cannot_be_served_is_one_sentence(
    program: Program, seeded: Path, arguments: str, sentence: str
):
    ended = program("sandbox", "serve", *arguments.format(org=seeded).split())

    assert (ended.code, ended.out) == (2, "")
    assert ended.told == f"error: {sentence}"


def test_a_fault_is_ordered_of_a_sandbox_that_serves(program: Program, bare_org: Org):
    with SandboxServer(bare_org) as server:
        ended = program("sandbox", "fault", server.url, "query:401:1")
        url = server.url
        wrong = program("sandbox", "fault", url, "nowhere:401")
    gone = program("sandbox", "fault", url, "query:401:1")

    assert (ended.code, wrong.code, gone.code) == (0, 2, 3)
    assert "nowhere" in wrong.told
    assert gone.told == f"error: No sandbox answers at {url}."


def test_a_fault_is_ordered_of_a_sandbox_only(program: Program):
    ended = program("sandbox", "fault", "https://acme.my.salesforce.com", "query:401")

    assert ended.code == 2
    assert ended.told == "error: A sandbox serves on http://127.0.0.1 only."
