"""HubSpot's limits: a passed one is waited for, a used-up day ends the run in order.

The portal runs on real time, so the seconds between two calls are seconds.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.program import HUBSPOT

if TYPE_CHECKING:
    from tests.e2e.program import Sandbox, Workspace


@pytest.fixture
def crm() -> str:
    return HUBSPOT


@pytest.mark.parametrize(
    ("fault", "window_s"),
    [("batch_upsert:429burst:1", 10), ("search:429search:1", 1)],
    ids=["TEN_SECONDLY_ROLLING", "SECONDLY"],
)
@pytest.mark.slow
def test_a_passed_limit_is_waited_for_and_the_run_finishes(
    observed: Workspace, sandbox: Sandbox, fault: str, window_s: float
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    sandbox.order(fault)
    began = time.monotonic()

    ended = observed.run("run", "--json")

    assert ended.code == 0, ended.err
    assert time.monotonic() - began >= window_s
    assert ended.body["applied"]["create"] == len(owing)
    sandbox.expect_one_task_per_deal(owing)


@pytest.mark.slow
def test_a_day_used_up_while_writing_defers_the_run_and_the_next_one_goes_on(
    observed: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    before = sandbox.requests()
    sandbox.order("batch_upsert:429daily")

    ended = observed.run("run", "--json")

    assert ended.code == 4, ended.err
    assert ended.body["status"] == "deferred"
    assert "daily allowance of calls is used up" in " ".join(ended.body["messages"])
    assert sandbox.requests()["batch_upsert"] == before["batch_upsert"] + 1
    for route in ("associate", "batch_update"):  # nothing more is sent that day
        assert sandbox.requests().get(route, 0) == before.get(route, 0)
    sandbox.calm()
    assert sandbox.tasks() == []
    again = observed.run("run", "--json")
    assert again.code == 0, again.err
    assert again.body["status"] == "done"
    sandbox.expect_one_task_per_deal(owing)


@pytest.mark.slow
def test_a_day_used_up_before_the_deals_are_read_ends_in_one_sentence(
    observed: Workspace, sandbox: Sandbox
) -> None:
    before = sandbox.requests().get("list", 0)
    sandbox.order("list:429daily")

    ended = observed.run("run", "--json")
    sandbox.calm()

    assert ended.code == 4, ended.err
    assert sandbox.requests()["list"] == before + 1
    assert "HubSpot's daily allowance of calls is used up." in ended.sentence
    assert sandbox.tasks() == []
    assert observed.run("run", "--json").body["status"] == "done"
