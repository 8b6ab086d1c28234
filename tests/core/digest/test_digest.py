"""What a manager is told is exactly what belongs to the team."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.digest.build import Night
from gatekeeper.core.digest.lines import Scales
from gatekeeper.core.digest.picture import Before, Picture, Week
from gatekeeper.core.digest.roster import roster_of
from gatekeeper.core.digest.teams import teams_of
from gatekeeper.core.digest.values import Figure, Moving
from gatekeeper.core.model import Mode, Person, Resolution, Severity, State
from gatekeeper.core.people import Directory
from gatekeeper.core.roles import People, Readers
from tests.builders import a_violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatekeeper.core.digest.values import Digest
    from gatekeeper.core.model import Violation

NIGHT = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
LAST = NIGHT - timedelta(days=1)
LONG_AGO = NIGHT - timedelta(days=40)
BEA, ANN, BOB, CAL = "bea", "ann", "bob", "cal"
PEOPLE = {
    BEA: Person(BEA, "Bea Boss"),
    ANN: Person(ANN, "Ann Rep", manager_id=BEA),
    BOB: Person(BOB, "Bob Rep", manager_id=BEA),
    CAL: Person(CAL, "Cal Other"),
}


def missing(deal: int = 1, owner: str = ANN, **changes: Any) -> Violation:
    """Build an open violation of a rule in force on one deal."""
    known: dict[str, Any] = {
        "deal_id": f"deal-{deal}",
        "deal_name": f"Deal {deal}",
        "owner_id": owner,
        "owner_name": owner,
        "first_seen": LONG_AGO,
        "opened_at": LONG_AGO,
        "amount": Decimal(100 * deal),
        "currency": "USD",
    }
    return a_violation(changes.pop("rule_id", "qual-amount"), **{**known, **changes})


def a_night(
    *violations: Violation,
    people: Mapping[str, Person] = PEOPLE,
    before: Before | None = Before(LAST),  # noqa: B008  a frozen value
    managers: People | None = None,
    moving: Iterable[Moving] = (),
    **picture: Any,
) -> Night:
    by_owner: dict[str, list[Violation]] = {}
    for each in violations:
        by_owner.setdefault(each.owner_id or "", []).append(each)
    told = {"open_deals": {ANN: 7, BOB: 5, CAL: 3}, **picture}
    by_mover: dict[str, list[Moving]] = {}
    for one in moving:
        by_mover.setdefault(one.owner_id or "", []).append(one)
    return Night(
        picture=Picture("r-1", NIGHT, NIGHT.date(), **told),
        before=before,
        directory=Directory(people, managers),
        scales=Scales({"USD": Decimal(1), "EUR": Decimal(2)}),
        titles={"qual-amount": "Amount is known"},
        violations=by_owner,
        moving=by_mover,
    )


def digests_of(night: Night) -> list[Digest]:
    """The digests of all managers, whatever is known of their addresses."""
    owners = dict.fromkeys(night.owners, 1)
    roster = roster_of(night.directory, owners, Readers(), lambda _who: "")
    return [night.told(each) for each in roster.told]


def digest_of(night: Night, who: str = BEA) -> Digest:
    (found,) = [each for each in digests_of(night) if each.who.id == who]
    return found


def test_the_headline_counts_the_deals_of_the_team_and_their_money() -> None:
    night = a_night(
        missing(1, rule_id="a"),
        missing(1, rule_id="b"),
        missing(2, BOB, currency="EUR"),
        missing(3, CAL),
    )

    headline = digest_of(night).headline

    assert headline.open_deals == Figure(12)
    assert headline.failing_deals == Figure(2, 2)
    assert headline.open_violations == Figure(3, 3)
    assert headline.at_stake == {"EUR": Decimal(200), "USD": Decimal(100)}


def test_the_change_is_counted_from_the_digest_before() -> None:
    night = a_night(
        missing(1),
        missing(2, opened_at=NIGHT - timedelta(hours=3)),
        missing(
            3,
            state=State.RESOLVED,
            resolution=Resolution.FIXED,
            resolved_at=NIGHT - timedelta(hours=2),
        ),
        before=Before(LAST, open_deals={ANN: 6, BOB: 5}),
    )

    digest = digest_of(night)

    assert digest.headline.open_deals.change == 1
    assert digest.headline.open_violations == Figure(2, 2)
    assert digest.headline.at_stake == {"USD": Decimal(300)}
    assert digest.headline.at_stake_before == {"USD": Decimal(400)}
    assert [line.deal_id for line in digest.new.lines] == ["deal-2"]
    assert [line.deal_id for line in digest.fixed.lines] == ["deal-3"]


def test_a_first_digest_calls_nothing_new_and_knows_no_change() -> None:
    digest = digest_of(a_night(missing(), before=None))

    assert digest.new.violations == 0
    assert digest.headline.open_violations == Figure(1, None)
    assert digest.headline.at_stake_before is None


def test_what_ended_otherwise_than_by_a_fix_is_not_called_fixed() -> None:
    ended = missing(
        state=State.RESOLVED, resolution=Resolution.DEAL_CLOSED, resolved_at=NIGHT
    )

    digest = digest_of(a_night(ended))

    assert digest.fixed.violations == 0
    assert digest.headline.open_violations == Figure(0, 1)


def test_at_most_three_deals_are_asked_for_most_money_first_then_the_oldest() -> None:
    older = LONG_AGO - timedelta(days=5)
    night = a_night(
        missing(1),
        missing(2, opened_at=NIGHT - timedelta(days=3)),
        missing(3, amount=Decimal(200), opened_at=older),
        missing(4, amount=Decimal(150), currency="EUR"),
        missing(5, amount=None),
    )

    asks = digest_of(night).asks

    # 150 EUR are worth 300; deals 2 and 3 have 200 each, and 3 is older.
    assert [ask.deal_id for ask in asks] == ["deal-4", "deal-3", "deal-2"]


def test_a_deal_says_the_worst_first_and_what_to_do_about_it() -> None:
    night = a_night(
        missing(rule_id="low", severity=Severity.LOW, title="Low", fix="later"),
        missing(rule_id="bad", severity=Severity.CRITICAL, title="Bad", fix="now"),
    )

    (ask,) = digest_of(night).asks

    assert ask.titles == ("Bad", "Low")
    assert ask.fix == "now"


@pytest.mark.parametrize(("days", "deals"), [(14, 0), (15, 1)])
def test_a_violation_ages_after_two_weeks(days: int, deals: int) -> None:
    night = a_night(missing(opened_at=NIGHT - timedelta(days=days)))

    assert digest_of(night).ageing.deals == deals


def test_rules_under_observation_are_counted_apart_and_asked_of_nobody() -> None:
    night = a_night(missing(1), missing(2, rule_id="trial", mode=Mode.OBSERVE))

    digest = digest_of(night)

    assert [(each.rule_id, each.is_observed) for each in digest.criteria] == [
        ("qual-amount", False),
        ("trial", True),
    ]
    assert digest.headline.open_violations.now == 1
    assert [ask.deal_id for ask in digest.asks] == ["deal-1"]


def test_a_waiver_is_named_in_its_last_week() -> None:
    accepted = {"state": State.WAIVED, "accepted": "Waived by Bea: pilot"}
    soon, later = date(2026, 11, 27), date(2026, 11, 28)
    night = a_night(
        missing(1, waiver="w-1", accepted_until=soon, **accepted),
        missing(2, waiver="w-1", accepted_until=soon, **accepted),
        missing(3, waiver="w-2", accepted_until=later, **accepted),
    )

    digest = digest_of(night)

    (ending,) = digest.waivers
    assert (ending.waiver, ending.until, ending.deals) == ("w-1", soon, 2)
    assert digest.headline.waived == 3


def test_deals_about_to_move_are_ready_or_say_what_they_lack() -> None:
    def moving(deal: int, day: int, *lacks: str, owner: str = ANN) -> Moving:
        return Moving(
            f"deal-{deal}",
            f"Deal {deal}",
            "Proposal",
            owner,
            owner,
            None,
            "",
            date(2026, 11, day),
            lacks,
        )

    night = a_night(
        moving=[
            moving(1, 28, "Amount is known"),
            moving(2, 25, "Amount is known"),
            moving(3, 24),
            moving(4, 24, "Amount is known", owner=CAL),
        ]
    )

    digest = digest_of(night)

    assert digest.ready == 1
    assert [each.deal_id for each in digest.moving] == ["deal-2", "deal-1"]


def test_partial_reading_and_untold_results_are_said() -> None:
    night = a_night(
        is_complete=False,
        problems=("Page 3 did not come.",),
        cannot_tell={ANN: 2, CAL: 9},
    )

    truth = digest_of(night).truth

    assert (truth.is_complete, truth.cannot_tell, truth.is_whole) == (False, 2, False)


@pytest.mark.parametrize(
    "picture",
    [{"is_complete": False}, {"cannot_tell": {ANN: 1}}, {"held": ("too many",)}],
)
def test_silence_proves_nothing_where_something_was_not_seen(picture: Any) -> None:
    digest = digest_of(a_night(**picture))

    assert digest.is_empty
    assert not digest.truth.is_whole


def test_the_version_of_the_rules_is_named_when_it_changed() -> None:
    same = digest_of(a_night(rules="b2", before=Before(LAST, "b2")))
    other = digest_of(a_night(rules="b2", before=Before(LAST, "a1")))

    assert (same.truth.rules_before, other.truth.rules_before) == ("", "a1")


def test_the_trend_is_the_team_s_own_and_keeps_unseen_weeks_apart() -> None:
    weeks = (
        Week(date(2026, 11, 13), None),
        Week(
            date(2026, 11, 20),
            {ANN: {"Proposal": 2}, BOB: {"Proposal": 3}, CAL: {"Proposal": 50}},
        ),
    )
    night = a_night(weeks=weeks, stages=("Discovery", "Proposal"))

    trend = digest_of(night).trend

    assert trend.stages == {"Proposal": (None, 5)}


def test_the_manager_that_people_yaml_names_goes_before_the_crm_s() -> None:
    with_addresses = {
        name: replace(person, email=f"{name}@acme.example")
        for name, person in PEOPLE.items()
    }
    said = People(managers={"ann@acme.example": "cal@acme.example"})

    teams = teams_of(Directory(with_addresses, said))

    assert teams == {BEA: {BEA, BOB}, CAL: {CAL, ANN}}


# ---- properties ------------------------------------------------------------------

NAMES = tuple("abcdefg")
HIERARCHIES = st.dictionaries(
    st.sampled_from(NAMES), st.none() | st.sampled_from(NAMES), min_size=1
)
MOMENTS = st.sampled_from(
    [LONG_AGO, LAST, LAST + timedelta(hours=1), NIGHT - timedelta(minutes=1)]
)


@st.composite
def any_violation(draw: st.DrawFn) -> Violation:
    state = draw(st.sampled_from(State))
    opened_at = draw(st.none() | MOMENTS) if state is not State.OPEN else draw(MOMENTS)
    return missing(
        draw(st.integers(1, 6)),
        owner=draw(st.sampled_from(NAMES)),
        rule_id=draw(st.sampled_from(["r1", "r2"])),
        state=state,
        mode=draw(st.sampled_from(Mode)),
        opened_at=opened_at,
        resolved_at=NIGHT if state is State.RESOLVED else None,
        resolution=draw(st.sampled_from(Resolution)),
    )


def below(hierarchy: Mapping[str, str | None], manager: str) -> set[str]:
    """Who reaches a manager by going up; worked out from the manager's side."""
    team: set[str] = set()
    nearest = {manager}
    while nearest:
        nearest = {
            person
            for person, above in hierarchy.items()
            if above in nearest and person != manager and person not in team
        }
        team |= nearest
    return team


def a_world(hierarchy: Mapping[str, str | None]) -> dict[str, Person]:
    return {
        name: Person(name, name.upper(), manager_id=above)
        for name, above in hierarchy.items()
    }


@given(HIERARCHIES)
@pytest.mark.promise("S22")
def test_a_team_is_whoever_leads_up_to_the_manager(
    hierarchy: dict[str, str | None],
) -> None:
    teams = teams_of(Directory(a_world(hierarchy)))

    expected = {each: below(hierarchy, each) for each in hierarchy}
    assert teams == {each: team | {each} for each, team in expected.items() if team}


@given(HIERARCHIES, st.lists(any_violation(), max_size=12))
@pytest.mark.promise("S22")
def test_every_open_violation_of_a_team_is_counted_once_and_no_other(
    hierarchy: dict[str, str | None], violations: list[Violation]
) -> None:
    # Two with one identity cannot stand: the last one wins.
    standing = {(v.owner_id, v.deal_id, v.rule_id): v for v in violations}.values()
    night = a_night(*standing, people=a_world(hierarchy), open_deals={})

    for digest in digests_of(night):
        team = below(hierarchy, digest.who.id) | {digest.who.id}
        mine = [each for each in standing if each.owner_id in team]
        is_open = [each for each in mine if each.state is State.OPEN]
        in_force = [each for each in is_open if each.mode is not Mode.OBSERVE]
        new = [each for each in in_force if each.opened_at and each.opened_at > LAST]

        assert digest.headline.open_violations.now == len(in_force)
        assert Counter(
            {each.rule_id: each.count for each in digest.criteria if each.is_observed}
        ) == Counter(v.rule_id for v in is_open if v.mode is Mode.OBSERVE)
        assert sum(each.count for each in digest.criteria) == len(is_open)
        assert digest.new.violations == len(new)
        assert sum(each.new for each in digest.criteria) == len(new)
        lists = (digest.new, digest.ageing, digest.fixed)
        shown = {line.owner for part in lists for line in part.lines}
        assert shown | {ask.owner for ask in digest.asks} <= team


FOUR = [missing(1), missing(2), missing(3, BOB), missing(4, BOB)]


@given(st.permutations(FOUR))
def test_the_order_in_which_violations_come_does_not_matter(
    violations: list[Violation],
) -> None:
    assert digest_of(a_night(*violations)) == digest_of(a_night(*FOUR))
