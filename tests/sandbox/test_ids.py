from __future__ import annotations

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.sandbox.salesforce.ids import (
    canonical_id,
    full_id,
    numbered_id,
    stamp,
)


def test_the_suffix_is_that_of_recorded_ids():
    # Ids as real orgs gave them out.
    for recorded in ("0065500000KQ12XAAT", "0035500001H9ka4AAB", "00U9H000000RzvRUAS"):
        assert full_id(recorded[:15]) == recorded


def test_both_lengths_mean_the_same_id_and_anything_else_is_none():
    assert canonical_id("0065500000KQ12X") == "0065500000KQ12XAAT"
    assert canonical_id("0065500000KQ12XAAT") == "0065500000KQ12XAAT"
    for text in (
        "",
        "006",
        "0065500000KQ12X'",
        "0065500000KQ12XAATX",
        "0065500000-Q12X",
    ):
        assert canonical_id(text) is None


def test_a_stamp_is_utc_without_millis_and_without_a_colon():
    here = timezone(timedelta(hours=2))
    at = datetime(2026, 11, 21, 1, 59, 58, 700_000, tzinfo=here)
    assert stamp(at) == "2026-11-20T23:59:58.000+0000"


@given(st.integers(min_value=1, max_value=62**9 - 2))
def test_numbered_ids_are_ids_and_grow_with_their_number(number: int):
    this, following = numbered_id("006", number), numbered_id("006", number + 1)
    assert canonical_id(this[:15]) == this
    assert this < following
