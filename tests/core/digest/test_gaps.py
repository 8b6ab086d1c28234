"""People are compared only where the sample allows, and never ranked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.digest.gaps import rep_gaps
from gatekeeper.core.model import Person

if TYPE_CHECKING:
    from gatekeeper.core.digest.values import RepGaps, Share

TEAM = [Person(name, name.title()) for name in ("ann", "bob", "cal", "dee")]
TITLES = {"amount": "Amount is known"}


def gaps_of(**failing: Share) -> dict[str, RepGaps]:
    judged = {name: {"amount": share} for name, share in failing.items()}
    open_deals = dict.fromkeys(failing, 10)
    return {each.person_id: each for each in rep_gaps(TEAM, judged, TITLES, open_deals)}


def test_a_gap_is_the_distance_from_the_median_of_the_peers() -> None:
    found = gaps_of(ann=(8, 10), bob=(1, 10), cal=(2, 10), dee=(9, 10))

    (gap,) = found["ann"].gaps
    assert (gap.own, gap.peers) == ((8, 10), 0.2)


def test_who_is_no_worse_than_the_peers_has_no_gap() -> None:
    found = gaps_of(ann=(2, 10), bob=(2, 10), cal=(2, 10), dee=(2, 10))

    assert all(not each.gaps and not each.too_few for each in found.values())


def test_one_deal_of_ten_is_chance_and_two_are_not() -> None:
    found = gaps_of(ann=(1, 10), bob=(0, 10), cal=(0, 10), dee=(2, 10))

    assert [len(found[name].gaps) for name in ("ann", "dee")] == [0, 1]
    assert not found["ann"].too_few


@pytest.mark.parametrize(
    "failing",
    [
        {"ann": (9, 9), "bob": (1, 10), "cal": (1, 10), "dee": (1, 10)},
        {"ann": (10, 10), "bob": (1, 9), "cal": (1, 10), "dee": (1, 10)},
        {"ann": (10, 10), "bob": (1, 10), "cal": (1, 10)},
    ],
    ids=["own deals", "a peer's deals", "peers"],
)
def test_too_few_deals_say_nothing(failing: dict[str, Share]) -> None:
    ann = gaps_of(**failing)["ann"]

    assert ann.too_few
    assert ann.gaps == ()


def test_at_most_the_two_widest_gaps_are_named() -> None:
    rules = {f"r{number}": f"Rule {number}" for number in (1, 2, 3)}
    judged = {
        person.id: {
            rule: (9 - number if person.id == "ann" else 0, 10)
            for number, rule in enumerate(rules)
        }
        for person in TEAM
    }

    ann = rep_gaps(TEAM, judged, rules, {})[0]

    assert [gap.rule_id for gap in ann.gaps] == ["r1", "r2"]


def test_people_are_listed_by_name_whatever_their_gaps() -> None:
    found = gaps_of(dee=(10, 10), ann=(0, 10), cal=(5, 10), bob=(1, 10))

    assert list(found) == ["ann", "bob", "cal", "dee"]


def test_who_has_no_deals_is_not_named() -> None:
    assert "dee" not in gaps_of(ann=(1, 10), bob=(1, 10), cal=(1, 10))
