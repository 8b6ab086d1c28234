"""A meeting is `completed` once it has ended, unless it was called off (language A25).

The same on both CRMs, from the record in the CRM to the answer of a line.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import BUILT_IN
from gatekeeper.core.model import Unavailable
from gatekeeper.core.pack import Needs
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import compile_line
from gatekeeper.language.parser.line import parse
from gatekeeper.ports import PullRequest, PullTotals
from tests.contracts.worlds import hubspot_world, sandbox_world
from tests.language.scopes import OFFLINE
from tests.language.test_logic import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from gatekeeper.ports import Crm

    Meet = Callable[[str, str], None]
    Arranged = Callable[[], AbstractContextManager[tuple[Crm, Meet]]]

REQUEST = PullRequest(
    Needs(frozenset(), {"meetings": frozenset({"subject", "completed"})}),
    BUILT_IN,
    (),
    date(2026, 10, 21),
)
EIGHTEENTH, NINETEENTH = "2026-11-18T10:00:00Z", "2026-11-19T10:00:00Z"
TWENTY_FIRST, TWENTY_SECOND = "2026-11-21T10:00:00Z", "2026-11-22T10:00:00Z"
"""It is the 20th in both."""
MEETING_TO_DEAL = 212
LINE = compile_line(check(parse("some meetings where completed is true"), OFFLINE))


@contextmanager
def salesforce() -> Iterator[tuple[Crm, Meet]]:
    with sandbox_world() as world:
        deal = world.deal("Acme")

        def meet(start: str, end: str) -> None:
            times = {"StartDateTime": start, "EndDateTime": end}
            world.people.create("Event", WhatId=deal, Subject="Demo", **times)

        yield world.crm, meet


@contextmanager
def hubspot(**more: str) -> Iterator[tuple[Crm, Meet]]:
    with hubspot_world() as world:
        deal = world.deal("Acme")

        def meet(start: str, end: str) -> None:
            times = {"hs_timestamp": start, "hs_meeting_end_time": end}
            made = world.scene.make("meetings", **times, **more)
            world.scene.link("meetings", made, "deals", deal, MEETING_TO_DEAL)

        yield world.crm, meet


def asked(crm: Crm) -> tuple[object, object]:
    """Return what the one meeting says, and what a line makes of it."""
    (deal,) = [one for page in crm.pull(REQUEST, PullTotals()) for one in page.deals]
    rows = deal.related["meetings"]
    assert not isinstance(rows, Unavailable)
    (row,) = rows
    return row["completed"], LINE.test(deal, CONTEXT)


@pytest.mark.parametrize("crm_with_a_deal", [salesforce, hubspot])
@pytest.mark.parametrize(
    ("times", "is_completed"),
    [
        ((EIGHTEENTH, NINETEENTH), True),
        ((NINETEENTH, TWENTY_FIRST), False),
        ((TWENTY_FIRST, TWENTY_SECOND), False),
    ],
    ids=["over", "begun", "ahead"],
)
def test_a_meeting_is_completed_once_it_has_ended(
    crm_with_a_deal: Arranged, times: tuple[str, str], *, is_completed: bool
) -> None:
    with crm_with_a_deal() as (crm, meet):
        meet(*times)
        assert asked(crm) == (is_completed, is_completed)


@pytest.mark.parametrize(
    ("outcome", "is_completed"),
    [("CANCELED", False), ("NO_SHOW", False), ("COMPLETED", True), ("", True)],
)
def test_one_that_was_called_off_is_not(outcome: str, *, is_completed: bool) -> None:
    with hubspot(hs_meeting_outcome=outcome) as (crm, meet):
        meet(EIGHTEENTH, NINETEENTH)
        assert asked(crm) == (is_completed, is_completed)
