"""The moments, orders and counts at which a digest says one thing or another."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from gatekeeper.core.digest.build import Night
from gatekeeper.core.digest.gaps import rep_gaps
from gatekeeper.core.digest.lines import Scales
from gatekeeper.core.digest.picture import Before, Picture, Week
from gatekeeper.core.digest.teams import direct_reports
from gatekeeper.core.digest.values import (
    Criterion,
    Digest,
    EndingWaiver,
    Figure,
    RepGaps,
    Section,
    Trend,
    Truth,
)
from gatekeeper.core.model import Person, Resolution, State
from gatekeeper.core.people import Directory
from tests.core.digest.test_digest import (
    ANN,
    BEA,
    BOB,
    CAL,
    LAST,
    NIGHT,
    PEOPLE,
    a_night,
    digest_of,
    digests_of,
    missing,
)


def resolved(deal: int, **changes: Any) -> Any:
    told = {
        "state": State.RESOLVED,
        "resolution": Resolution.FIXED,
        "resolved_at": NIGHT,
    }
    return missing(deal, **{**told, **changes})


# ---- the digest before -------------------------------------------------------------


def test_what_was_opened_at_the_digest_before_is_not_new() -> None:
    later = LAST + timedelta(microseconds=1)
    night = a_night(missing(1, opened_at=LAST), missing(2, opened_at=later))

    digest = digest_of(night)

    assert [each.deal_id for each in digest.new.lines] == ["deal-2"]
    assert digest.headline.open_violations == Figure(2, 1)


def test_what_was_resolved_at_the_digest_before_is_told_no_more() -> None:
    digest = digest_of(a_night(resolved(1, resolved_at=LAST)))

    assert digest.fixed.violations == 0
    assert digest.headline.open_violations == Figure(0, 0)


def test_what_came_and_went_since_is_fixed_and_never_stood() -> None:
    night = a_night(
        resolved(1, opened_at=LAST), resolved(2, opened_at=LAST + timedelta(hours=1))
    )

    digest = digest_of(night)

    assert digest.fixed.deals == 2
    assert digest.headline.open_violations == Figure(0, 1)


def test_a_first_digest_names_no_earlier_version_of_the_rules() -> None:
    night = a_night(before=None, rules="b2")

    assert digest_of(night).truth == Truth(
        "r-1", NIGHT, True, problems=(), held=(), cannot_tell=0, rules="b2"
    )


def test_where_nobody_said_which_rules_judged_no_change_of_them_is_told() -> None:
    told = digest_of(a_night(before=Before(LAST))).truth

    assert (told.rules, told.rules_before, told.is_whole) == ("", "", True)


# ---- criteria ----------------------------------------------------------------------


def test_the_most_failed_criterion_comes_first_and_a_nameless_one_by_its_id() -> None:
    night = a_night(
        missing(1, rule_id="a", title=""),
        missing(1, rule_id="b"),
        missing(2, rule_id="b", opened_at=NIGHT),
        resolved(3, rule_id="c"),
    )

    assert digest_of(night).criteria == (
        Criterion("b", "Title of b", is_observed=False, count=2, new=1, fixed=0),
        Criterion("a", "a", is_observed=False, count=1, new=0, fixed=0),
        Criterion("c", "Title of c", is_observed=False, count=0, new=0, fixed=1),
    )


def test_what_is_in_its_grace_is_counted_and_not_listed() -> None:
    digest = digest_of(a_night(missing(1, state=State.PENDING)))

    assert digest.headline.pending == 1
    assert (digest.criteria, digest.asks) == ((), ())


# ---- whose digest ------------------------------------------------------------------


def test_a_manager_whose_team_owns_nothing_gets_no_digest() -> None:
    people = {
        **PEOPLE,
        "dee": Person("dee", "Dee Boss"),
        "eve": Person("eve", "Eve Rep", manager_id="dee"),
    }

    night = a_night(missing(1), people=people)

    assert [each.who.id for each in digests_of(night)] == [BEA]


def test_those_who_report_at_once_are_compared_and_nobody_else() -> None:
    people = {
        **PEOPLE,
        CAL: Person(CAL, "Cal Intern", manager_id=ANN),
        "own": Person("own", "Own Boss", manager_id="own"),
    }
    assert direct_reports(Directory(people)) == {BEA: {ANN, BOB}, ANN: {CAL}}

    night = a_night(missing(1), people=people, open_deals={BEA: 1, ANN: 7, CAL: 3})

    assert digest_of(night).reps == (RepGaps(ANN, "Ann Rep", 7, too_few=True),)


def test_a_rep_who_is_judged_and_has_no_open_deal_left_has_none() -> None:
    (ann,) = rep_gaps([PEOPLE[ANN]], {ANN: {}}, {}, {BOB: 3})

    assert ann == RepGaps(ANN, "Ann Rep", 0, too_few=True)


def test_where_nothing_is_said_of_deals_about_to_move_none_is() -> None:
    picture = Picture("r-1", NIGHT, NIGHT.date(), open_deals={ANN: 1})
    night = Night(picture, None, Directory(PEOPLE), Scales({}), {}, {})

    (digest,) = digests_of(night)

    assert (digest.moving, digest.ready) == ((), 0)


# ---- gaps --------------------------------------------------------------------------

TEAM = [Person(name, name.title()) for name in ("ann", "bob", "cal", "dee")]


def gaps_of_ann(
    own: dict[str, tuple[int, int]], peers: tuple[int, int] = (0, 10)
) -> list[str]:
    judged = {each.id: dict.fromkeys(own, peers) for each in TEAM} | {"ann": own}
    (ann, *_) = rep_gaps(TEAM, judged, {each: each for each in own}, {})
    return [gap.rule_id for gap in ann.gaps]


def test_the_widest_gaps_are_those_of_the_largest_shares() -> None:
    """12 of 40, 5 of 10 and 8 of 20 are 0.3, 0.5 and 0.4."""
    assert gaps_of_ann({"a": (12, 40), "b": (5, 10), "c": (8, 20)}) == ["b", "c"]


def test_of_gaps_alike_the_first_by_id_is_named() -> None:
    assert gaps_of_ann({"c": (5, 10), "b": (5, 10), "a": (5, 10)}) == ["a", "b"]


def test_a_rule_with_too_few_deals_hides_no_other() -> None:
    assert gaps_of_ann({"a": (9, 9), "b": (5, 10)}) == ["b"]


@pytest.mark.parametrize(("failing", "gaps"), [(10, ["a"]), (9, [])])
def test_a_gap_begins_at_a_tenth(failing: int, gaps: list[str]) -> None:
    assert gaps_of_ann({"a": (failing, 100)}) == gaps


# ---- lists -------------------------------------------------------------------------


def test_ten_deals_are_listed_and_the_others_counted() -> None:
    digest = digest_of(
        a_night(*(missing(each, opened_at=NIGHT) for each in range(1, 13)))
    )

    assert (len(digest.new.lines), digest.new.deals, digest.new.more) == (10, 12, 2)


def test_what_is_not_known_or_has_no_rate_weighs_nothing() -> None:
    scales = Scales({"USD": Decimal(2)})

    assert scales.worth(Decimal(3), "USD") == 6
    assert scales.worth(None, "USD") == 0
    assert scales.worth(Decimal(3), "EUR") == 0


def test_waivers_are_named_in_the_order_in_which_they_end() -> None:
    def waived(deal: int, name: str, day: int) -> Any:
        return missing(
            deal,
            state=State.WAIVED,
            waiver=name,
            accepted=f"Waived: {name}",
            accepted_until=date(2026, 11, day),
        )

    night = a_night(waived(1, "c", 25), waived(2, "b", 22), waived(3, "a", 25))

    assert digest_of(night).waivers == (
        EndingWaiver("b", "Waived: b", date(2026, 11, 22), violations=1, deals=1),
        EndingWaiver("a", "Waived: a", date(2026, 11, 25), violations=1, deals=1),
        EndingWaiver("c", "Waived: c", date(2026, 11, 25), violations=1, deals=1),
    )


def test_a_week_that_nobody_looked_at_is_not_counted_as_seen() -> None:
    weeks = tuple(
        Week(date(2026, 11, day), failing)
        for day, failing in [(6, {ANN: {"Proposal": 1}}), (13, None), (20, {})]
    )
    trend = digest_of(a_night(weeks=weeks, stages=("Proposal",))).trend

    assert trend.stages == {"Proposal": (1, None, 0)}
    assert trend.weeks_seen == 2
    assert Trend().weeks_seen == 0


# ---- silence -----------------------------------------------------------------------


def test_a_digest_of_a_team_without_a_miss_is_empty() -> None:
    digest = digest_of(a_night())

    assert digest.is_empty
    assert (digest.new, digest.ageing, digest.fixed) == (Section(0, 0),) * 3


@pytest.mark.parametrize(
    "violation",
    [
        missing(1),
        resolved(1),
        missing(1, state=State.PENDING),
        missing(1, state=State.WAIVED),
    ],
    ids=["open", "fixed", "pending", "waived"],
)
def test_a_digest_that_has_anything_to_say_is_not_empty(violation: Any) -> None:
    assert not digest_of(a_night(violation)).is_empty


@pytest.mark.parametrize(
    "part",
    [
        {"new": Section(1, 1)},
        {"fixed": Section(1, 1)},
        {"waivers": (EndingWaiver("w", "", date(2026, 11, 22), 1, 1),)},
    ],
)
def test_each_part_alone_is_something_to_say(part: dict[str, Any]) -> None:
    assert not replace(digest_of(a_night()), **part).is_empty


def test_what_never_waited_was_opened_when_it_was_first_seen() -> None:
    first = datetime(2026, 11, 1, tzinfo=UTC)
    night = a_night(missing(1, opened_at=None, first_seen=first))

    (ask,) = digest_of(night).asks

    assert ask.since == first


def test_what_is_not_said_of_a_digest_is_nothing() -> None:
    whole = digest_of(a_night())
    bare = Digest(whole.who, whole.as_of, None, whole.headline, whole.truth)

    assert (Section().violations, Section().deals, Section().lines) == (0, 0, ())
    assert (bare.new, bare.ageing, bare.fixed) == (Section(0, 0, ()),) * 3
    assert (bare.ready, bare.asks, bare.moving) == (0, (), ())
    assert not RepGaps(ANN, "Ann Rep", 1).too_few
