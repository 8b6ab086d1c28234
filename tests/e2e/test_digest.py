"""`gatekeeper digest`: what managers are told, looked at before anything is sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.program import SALESFORCE

if TYPE_CHECKING:
    from tests.e2e.program import Workspace


@pytest.fixture(params=[SALESFORCE])
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_preview_is_a_page_that_only_its_writer_reads(settled: Workspace) -> None:
    manager = json.loads(settled.run("digest", "--json").out)[0]["who"]["name"]

    ended = settled.run("digest", "--preview", manager.upper(), "--out", "boss.html")

    assert (ended.code, ended.out) == (0, "boss.html\n")
    page = settled.folder / "boss.html"
    assert page.stat().st_mode & 0o777 == 0o600
    html = page.read_text(encoding="utf-8")
    assert "What is missing, by criterion" in html
    assert "cid:" not in html


def test_all_digests_together_stay_within_what_stands(settled: Workspace) -> None:
    standing = json.loads(settled.run("violations", "--state", "open", "--json").out)
    for each in json.loads(settled.run("digest", "--json").out):
        assert each["headline"]["open_violations"]["now"] <= len(standing)
        assert each["truth"]["is_complete"] is True
        assert len(each["asks"]) <= 3


def test_those_who_write_the_rules_see_every_rule_that_does_nothing(
    settled: Workspace,
) -> None:
    rules = json.loads(settled.run("rules", "list", "--json").out)

    told = json.loads(settled.run("digest", "--preview", "RevOps", "--json").out)

    assert [each["rule_id"] for each in told["tallies"]] == [r["id"] for r in rules]
    page = (settled.folder / "digest-revops.html").read_text(encoding="utf-8")
    assert "How the rules do" in page


def test_a_misspelt_manager_is_corrected(settled: Workspace) -> None:
    manager = json.loads(settled.run("digest", "--json").out)[0]["who"]["name"]

    ended = settled.run("digest", "--preview", manager[:-1])

    assert ended.code == 2
    assert f"Did you mean {manager}?" in ended.err


def test_before_the_first_run_the_command_says_what_to_do(
    workspace: Workspace,
) -> None:
    ended = workspace.run("digest")

    assert ended.code == 2
    assert "Start with: gatekeeper run" in ended.err
