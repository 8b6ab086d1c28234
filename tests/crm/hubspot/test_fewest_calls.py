"""Portals of any shape are read in hardly more calls than it takes at least."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.core.catalogue import BUILT_IN
from gatekeeper.crm.hubspot.metadata.pipelines import read_pipelines
from gatekeeper.crm.hubspot.metadata.properties import Property
from gatekeeper.crm.hubspot.reading.ahead import Ahead
from gatekeeper.crm.hubspot.reading.listing import Scope
from gatekeeper.crm.hubspot.reading.pull import Pull
from gatekeeper.crm.hubspot.reading.shape import Shaper
from gatekeeper.crm.hubspot.reading.translate import Tongue
from gatekeeper.ports import PullTotals
from tests.crm.hubspot.scene import NOW, SINCE, request
from tests.crm.hubspot.shelf import CLOSED, OPEN, Shelf, Spread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.core.model import Deal
    from gatekeeper.crm.hubspot.wire.client import Client

KINDS = (
    "contacts",
    "meetings",
    "calls",
    "emails",
    "tasks",
    "notes",
    "line_items",
    "quotes",
)
ACCOUNTS = "companies"
PIPELINES = read_pipelines(
    [
        {
            "id": "default",
            "label": "Sales",
            "stages": [
                {"id": OPEN, "label": "Open", "metadata": {"isClosed": "false"}},
                {"id": CLOSED, "label": "Lost", "metadata": {"isClosed": "true"}},
            ],
        }
    ]
)


def stream(shelf: Shelf) -> Sequence[Sequence[Deal]]:
    """Pull all of a portal, batch by batch."""
    kinds = {
        kind: {"hs_object_id": Property("hs_object_id", "Id", "number")}
        for kind in ("deals", *shelf.kinds)
    }
    asked = request(
        *(["account.id"] if ACCOUNTS in shelf.kinds else []),
        rows={kind: {"id"} for kind in shelf.kinds if kind != ACCOUNTS},
    )
    shaper = Shaper(
        BUILT_IN, kinds.get, lambda _kind: "", Tongue("USD"), PIPELINES, NOW
    )
    shape = shaper.shape(asked.needs, "hs:1", "{}")
    totals = PullTotals()
    pull = Pull(cast("Client", shelf), shape, totals, NOW)
    batches = [batch.deals for batch in pull.stream(Scope(SINCE))]
    assert totals.is_complete, totals.problems
    return batches


def is_whole(shelf: Shelf, batches: Sequence[Sequence[Deal]]) -> bool:
    """Whether each deal came once, in order, with all that hangs on it."""
    deals = [deal for batch in batches for deal in batch]
    numbers = [int(deal.id) - 1 for deal in deals]
    if numbers != shelf.open_deals():
        return False
    return all(
        len(cast("tuple[object, ...]", deal.related[kind])) == len(spread.of(number))
        for number, deal in zip(numbers, deals, strict=True)
        for kind, spread in shelf.kinds.items()
        if kind != ACCOUNTS
    )


spreads = st.builds(
    Spread,
    every=st.sampled_from([1, 2, 3, 7, 50, 400, 999, 2_001, 9_000]),
    rows=st.integers(1, 3),
    shared_by=st.sampled_from([1, 1, 2, 5]),
)


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    st.one_of(st.integers(0, 3_500), st.integers(3_500, 30_000)),
    st.dictionaries(st.sampled_from([ACCOUNTS, *KINDS]), spreads, max_size=9),
    st.sampled_from([0, 0, 2, 3]),
)
def test_no_shape_of_a_portal_takes_a_twentieth_more_calls_than_the_fewest(
    deals: int, kinds: Mapping[str, Spread], closed_every: int
) -> None:
    shelf = Shelf(deals, kinds, closed_every)

    batches = stream(shelf)

    assert is_whole(shelf, batches)
    assert shelf.calls.total() <= shelf.fewest() * 1.05, shelf.calls


@pytest.mark.parametrize("deals", [3_000, 9_999])
def test_a_few_rows_of_many_kinds_are_read_in_the_fewest_calls(deals: int) -> None:
    shelf = Shelf(deals, {kind: Spread(every=400) for kind in (ACCOUNTS, *KINDS)})

    stream(shelf)

    assert shelf.calls.total() == shelf.fewest()


def test_a_batch_is_two_thousand_deals_however_many_wait() -> None:
    shelf = Shelf(9_500, {kind: Spread(every=5_000) for kind in KINDS})

    sizes = [len(batch) for batch in stream(shelf)]

    assert sizes == [2_000, 2_000, 2_000, 2_000, 1_500]


@dataclass
class Counted:
    """Reads records of which the odd ones exist, and counts the requests."""

    asked: list[list[str]]

    def __call__(self, ids: Sequence[str]) -> dict[str, str]:
        self.asked.append(list(ids))
        return {id_: f"record {id_}" for id_ in ids if int(id_) % 2}


@given(
    st.lists(st.lists(st.integers(0, 60).map(str), max_size=25), max_size=8),
    st.sets(st.integers(0, 60).map(str), max_size=20),
    st.integers(1, 9),
)
def test_each_batch_gets_what_it_wants_and_nothing_is_asked_for_twice(
    batches: list[list[str]], known: set[str], most: int
) -> None:
    read = Counted([])
    ahead = Ahead(read, most, {id_: f"known {id_}" for id_ in known})
    for wanted in batches:
        ahead.want(wanted)

    for wanted in batches:
        found = ahead.give()
        for id_ in wanted:
            record = f"record {id_}" if int(id_) % 2 else None
            assert found.get(id_) == (f"known {id_}" if id_ in known else record)

    asked = [id_ for ids in read.asked for id_ in ids]
    unknown = dict.fromkeys(id_ for ids in batches for id_ in ids if id_ not in known)
    assert asked == list(unknown)
    # All but the last are whole requests.
    assert all(len(ids) % most == 0 for ids in read.asked[:-1])


def test_a_record_that_no_later_batch_wants_is_let_go() -> None:
    ahead = Ahead(Counted([]), 100)
    for wanted in (["1", "3"], ["3", "5"], ["7"]):
        ahead.want(wanted)

    ahead.give()
    assert set(ahead.here) == {"3", "5", "7"}
    ahead.give()
    assert set(ahead.here) == {"7"}
