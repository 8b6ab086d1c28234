"""The picture of a trend depends on the trend alone."""

from __future__ import annotations

from datetime import date, timedelta

from gatekeeper.core.digest.values import Trend
from gatekeeper.notify import chart

WEEKS = tuple(date(2026, 10, 2) + timedelta(weeks=number) for number in range(8))


def a_trend(*heights: int | None) -> Trend:
    counts = (heights * len(WEEKS))[: len(WEEKS)]
    return Trend(WEEKS, {"Demo": counts, "Proposal": counts[::-1]})


def test_a_chart_is_the_same_whatever_was_drawn_before_it() -> None:
    trend = a_trend(3, None, 7)
    alone = chart.draw(trend)
    chart.draw(a_trend(90_000, 2))
    chart.draw(a_trend(None, 1))
    assert chart.draw(trend) == alone


def test_charts_of_other_counts_of_the_same_stages_differ() -> None:
    assert chart.draw(a_trend(3, 7)) != chart.draw(a_trend(3, 8))


def test_a_stage_is_named_on_the_chart_that_shows_it() -> None:
    other = Trend(WEEKS, {"Contract": (1,) * 8, "Proposal": (1,) * 8})
    assert chart.draw(a_trend(1)) != chart.draw(other)
