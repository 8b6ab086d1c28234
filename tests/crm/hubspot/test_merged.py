"""Listed deals on their way into batches, some of them merged meanwhile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.crm.hubspot.reading.merged import Gathered, former_ids


def row(id_: int, *merged: int) -> dict[str, object]:
    return {
        "hs_object_id": str(id_),
        "hs_merged_object_ids": ";".join(map(str, merged)) or None,
    }


def ids(rows: list[dict[str, object]]) -> list[str]:
    return [str(each["hs_object_id"]) for each in rows]


def test_a_deal_that_still_waits_is_left_out_where_its_survivor_comes() -> None:
    gathered = Gathered()
    first, last = [row(1), row(2)], [row(9, 1, 7)]
    gathered.add(first, first)
    gathered.add(last, last)

    rows, gone = gathered.give_out(1_000)

    assert ids(rows) == ["2", "9"]
    assert gone == []


def test_a_deal_of_an_earlier_batch_is_named_once() -> None:
    gathered = Gathered()
    first, last = [row(1), row(2)], [row(9, 1)]
    gathered.add(first, first)
    gathered.give_out(1_000)
    gathered.add(last, last)

    assert gathered.give_out(1_000)[1] == ["1"]
    assert gathered.give_out(1_000) == ([], [])


def test_a_survivor_out_of_scope_replaces_its_parts_all_the_same() -> None:
    gathered = Gathered()
    gathered.add([row(1)], [row(1)])
    gathered.add([row(9, 1)], [])

    assert gathered.give_out(1_000) == ([], [])


def test_a_survivor_that_kept_its_id_is_not_replaced_by_itself() -> None:
    assert list(former_ids(row(5, 3, 5))) == ["3"]


@pytest.mark.trap("H10i")
@given(
    st.lists(st.integers(1, 60), unique=True).map(sorted),
    st.dictionaries(st.integers(61, 90), st.sets(st.integers(1, 60), max_size=3)),
    st.integers(1, 9),
)
def test_no_deal_stands_beside_its_survivor(
    early: list[int], survivors: dict[int, set[int]], size: int
) -> None:
    gathered, given_out, gone = Gathered(), list[str](), list[str]()
    pages = [[row(id_)] for id_ in early]
    pages += [[row(id_, *parts)] for id_, parts in sorted(survivors.items())]
    for page in pages:
        gathered.add(page, page)
        if len(gathered.rows) >= size:
            rows, left = gathered.give_out(size)
            given_out += ids(rows)
            gone += left
    rows, left = gathered.give_out(size)
    given_out += ids(rows)
    gone += left

    replaced = {str(part) for parts in survivors.values() for part in parts}
    expected = {str(id_) for id_ in [*early, *survivors]} - replaced
    assert set(given_out) - set(gone) == expected
    assert len(given_out) == len(set(given_out))
    assert set(gone) <= replaced & set(given_out)
