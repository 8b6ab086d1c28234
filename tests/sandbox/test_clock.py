from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gatekeeper.sandbox.clock import Clock, as_of_instant


def test_a_bare_date_is_the_last_second_of_that_day():
    assert as_of_instant("2017-12-31") == datetime(2017, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_an_instant_keeps_its_zone_and_one_without_is_refused():
    assert as_of_instant("2026-11-20T12:00:00+02:00").hour == 10
    with pytest.raises(ValueError, match="names no zone"):
        as_of_instant("2026-11-20T12:00:00")


def test_a_set_clock_stands_still_in_whole_seconds():
    clock = Clock(datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC))
    assert clock.now() == clock.now() == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="needs a time with a zone"):
        Clock().set(datetime(2026, 1, 1))  # noqa: DTZ001 - the mistake under test
