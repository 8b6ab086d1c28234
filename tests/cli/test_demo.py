"""The demo tells its whole story, in either CRM."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.program import Program


@pytest.mark.slow
@pytest.mark.parametrize(
    ("crm", "speaks", "page", "closed"),
    [
        ("salesforce", "Salesforce", "/lightning/r/Task/", "Completed"),
        ("hubspot", "HubSpot", "/record/0-27/", "COMPLETED"),
    ],
)
def test_the_demo_finds_a_gap_a_rep_fills_it_and_then_nothing_is_written(
    program: Program, crm: str, speaks: str, page: str, closed: str
):
    ended = program("demo", "--no-wait", "--crm", crm)
    told = " ".join((ended.out + ended.err).split())

    assert ended.code == 0, told
    assert f"The sandbox speaks {speaks} at http://127.0.0.1:" in told
    assert page in told
    assert "Written: 1 task closed, 1 deal flagged." in told
    assert f"is now {closed}; the deal is Clear." in told
    assert re.search(r"Nothing changed, so nothing is written. \d+ reads, 0 ", told)
