"""How many of the CRM's daily calls a run may make."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.allowance import over_allowance

CALLS = st.integers(0, 1_000_000)


@pytest.mark.parametrize(
    ("own", "is_reading", "may_go_on"),
    [
        # A tenth of 100,000 is 10,000; four fifths of that are for reading.
        (7_999, True, True),
        (8_000, True, False),
        (8_000, False, True),
        (9_999, False, True),
        (10_000, False, False),
    ],
)
def test_a_run_keeps_to_its_share_and_a_fifth_of_it_for_writing(
    own: int, *, is_reading: bool, may_go_on: bool
) -> None:
    why = over_allowance(own, 0, 100_000, 10, is_reading=is_reading)

    assert (why == "") is may_go_on


@pytest.mark.parametrize(("used", "may_go_on"), [(79_999, True), (80_000, False)])
def test_at_four_fifths_of_the_day_the_rest_is_left_to_the_others(
    used: int, *, may_go_on: bool
) -> None:
    why = over_allowance(1, used, 100_000, 10, is_reading=False)

    assert (why == "") is may_go_on


def test_the_reasons_name_the_counts_and_the_remedy() -> None:
    assert over_allowance(8_000, 9_000, 100_000, 10, is_reading=True) == (
        "This run has made 8,000 of the 10,000 calls it may make (2,000 are kept for"
        " writing): 10% of the 100,000 of a day. More: api_share_percent under limits:"
        " in project.yaml."
    )
    assert over_allowance(10_000, 9_000, 100_000, 10, is_reading=False) == (
        "This run has made 10,000 of the 10,000 calls it may make: 10% of the 100,000"
        " of a day. More: api_share_percent under limits: in project.yaml."
    )
    assert over_allowance(9, 81_000, 100_000, 10, is_reading=True) == (
        "All integrations together have made 81,000 of the 100,000 calls of the day;"
        " at 80% gatekeeper leaves the rest to the others."
    )


@given(CALLS, CALLS, st.integers(0, 100), st.booleans())
def test_where_the_crm_tells_no_allowance_none_is_kept_to(
    own: int, used: int, percent: int, is_reading: bool
) -> None:
    assert over_allowance(own, used, None, percent, is_reading=is_reading) == ""


@given(CALLS, CALLS, CALLS, st.integers(0, 100))
def test_whoever_may_read_may_write(
    own: int, used: int, allowed: int, percent: int
) -> None:
    if not over_allowance(own, used, allowed, percent, is_reading=True):
        assert not over_allowance(own, used, allowed, percent, is_reading=False)
