"""Rules that got another id."""

from __future__ import annotations

from datetime import timedelta

from gatekeeper.core.former_ids import known_as, present_ids
from gatekeeper.core.model import State
from tests.builders import NOW, a_pack, a_rule, a_violation

PACK = a_pack(a_rule("new", formerly=("old", "older")), a_rule("kept"))


def standing(rule_id, **changes):
    return a_violation(rule_id, **{"logic": "", "title": "", **changes})


def days(count):
    return NOW - timedelta(days=count)


def test_each_former_id_leads_to_the_present_one():
    assert present_ids(PACK) == {"old": "new", "older": "new"}


def known(**violations):
    return known_as(violations, PACK)


def test_a_violation_moves_to_the_present_id_and_nothing_else_changes():
    assert known(old=standing("old"), kept=standing("kept")) == {
        "new": standing("new"),
        "kept": standing("kept"),
    }
    assert known(gone=standing("gone")) == {"gone": standing("gone")}


def test_of_merged_rules_the_open_one_leads_with_the_earliest_day_of_both():
    waits = standing("old", state=State.PENDING, first_seen=days(9), title="Waits")
    stands = standing("older", first_seen=days(2), title="Stands")
    assert known(old=waits, older=stands) == {
        "new": standing("new", first_seen=days(9), title="Stands")
    }


def test_of_two_open_ones_the_older_leads():
    young = standing("old", first_seen=days(1), title="Young")
    old = standing("older", first_seen=days(5), title="Old")
    expected = {"new": standing("new", first_seen=days(5), title="Old")}
    assert known(old=young, older=old) == expected
    assert known(older=old, old=young) == expected


def test_what_is_resolved_gives_no_date_while_another_stands():
    over = standing(
        "old", state=State.RESOLVED, first_seen=days(90), resolved_at=days(60)
    )
    stands = standing("older", first_seen=days(2))
    assert known(old=over, older=stands) == {"new": standing("new", first_seen=days(2))}


def test_of_resolved_ones_the_last_to_end_is_remembered():
    first = standing("old", state=State.RESOLVED, resolved_at=days(1), title="Last")
    other = standing("older", state=State.RESOLVED, resolved_at=days(8))
    assert known(old=first, older=other)["new"].title == "Last"
    undated = standing(
        "older", state=State.RESOLVED, resolved_at=None, first_seen=days(3)
    )
    assert known(older=undated, old=first)["new"].title == "Last"
