"""The limiter, on a clock that only waiting moves."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.crm.hubspot.wire.pace import Pace, Window
from gatekeeper.crm.hubspot.wire.paths import Policy
from tests.crm.hubspot.canned import Ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

LIMITS = {
    Policy.BURST: (9, 10.0),
    Policy.ASSOCIATIONS: (5, 10.0),
    Policy.SEARCH: (4, 1.0),
}
"""What may leave in how many seconds where HubSpot allows 10, 6 and 5."""
ALLOWED = {Policy.BURST: 10, Policy.ASSOCIATIONS: 6}

# Seconds that pass before a call is asked for, and what refuses it meanwhile, if
# anything does: the seconds its window is shut.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(list(Policy)),
        st.sampled_from([0.0, 0.0, 0.0, 0.01, 0.2, 1.0, 7.0]),
        st.sampled_from([0.0, 0.0, 0.0, 0.0, 1.0, 10.0]),
    ),
    max_size=120,
)


def told(allowed: int) -> dict[str, str]:
    return {
        "X-HubSpot-RateLimit-Max": str(allowed),
        "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
        "X-HubSpot-RateLimit-Remaining": "1",
    }


def most_within(left: Sequence[float], seconds: float) -> int:
    """Count the calls of the fullest stretch, its end left out.

    A call that leaves a whole window after another does not fall into its window; the
    sum of two ticks may be a rounding short of that.
    """
    ends = (bisect_left(left, start + seconds - 1e-9) for start in left)
    return max((end - place for place, end in enumerate(ends)), default=0)


@pytest.mark.trap("H7a")
@given(STEPS)
def test_no_window_ever_holds_more_than_its_limit_nor_opens_early(
    steps: list[tuple[Policy, float, float]],
) -> None:
    ticks = Ticks()
    pace = Pace(ticks.sleep, ticks)
    for policy, allowed in ALLOWED.items():
        pace.learn(policy, told(allowed))
    left: dict[Policy, list[float]] = {policy: [] for policy in Policy}
    opens = dict.fromkeys(Policy, 0.0)

    for policy, passed, shut_s in steps:
        ticks.now += passed
        pace.wait(policy)
        assert ticks.now >= opens[policy]
        left[policy].append(ticks.now)
        if shut_s:
            pace.shut(policy, shut_s)
            opens[policy] = max(opens[policy], ticks.now + shut_s)

    for policy, (most, seconds) in LIMITS.items():
        assert most_within(left[policy], seconds) <= most


@given(st.lists(st.floats(0, 30), min_size=1, max_size=60), st.integers(1, 9))
def test_nobody_waits_longer_than_the_limit_asks(
    pauses: list[float], most: int
) -> None:
    window, now, left = Window(most, 10.0), 0.0, list[float]()
    for pause in pauses:
        now += pause
        at = window.slot(now)
        # The call that must be out of the window for this one to leave.
        earliest = left[-most] + 10.0 if len(left) >= most else 0.0
        assert at == max(now, earliest)
        left.append(at)
        now = at


@pytest.mark.trap("H6d")
def test_searches_wait_for_their_second_alone() -> None:
    ticks = Ticks()
    pace = Pace(ticks.sleep, ticks)
    for _ in range(8):
        pace.wait(Policy.SEARCH)
    assert ticks.now == pytest.approx(1.0)

    pace.wait(Policy.ASSOCIATIONS)
    assert ticks.now == pytest.approx(1.0)


def test_an_accounts_own_limit_is_learned_from_its_answers() -> None:
    ticks = Ticks()
    pace = Pace(ticks.sleep, ticks)
    pace.learn(Policy.BURST, told(190))
    for _ in range(171):
        pace.wait(Policy.BURST)
    assert ticks.now == 0

    pace.learn(Policy.BURST, {**told(190), "X-HubSpot-RateLimit-Remaining": "0"})
    pace.wait(Policy.BURST)
    assert ticks.now == 10


@given(st.integers(1, 90), st.integers(2, 40))
def test_a_limit_learned_late_counts_the_calls_before_it_too(
    called: int, allowed: int
) -> None:
    ticks = Ticks()
    pace = Pace(ticks.sleep, ticks)
    left = []
    for number in range(called + 3 * allowed):
        if number == called:
            pace.learn(Policy.BURST, told(allowed))
        pace.wait(Policy.BURST)
        left.append(ticks.now)
        ticks.now += 0.01

    of_ours = max(1, int(allowed * 0.9))
    assert most_within(left[called:], 10.0) <= of_ours
    if called >= of_ours:
        assert left[called] >= left[called - of_ours] + 10.0 - 1e-9


def test_a_window_that_shrinks_forgets_its_oldest_calls() -> None:
    window = Window(3, 10)
    assert [window.slot(now) for now in (0, 1, 2)] == [0, 1, 2]
    window.most = 1
    assert window.slot(3) == 12
