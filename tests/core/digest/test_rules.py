"""Rules that do not do their work are found, and none on a small sample."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.digest.rules import (
    FEWEST_JUDGED,
    Drift,
    RulesDigest,
    Tally,
    Trouble,
    drifted,
    tallies,
)
from gatekeeper.core.model import Mode, Outcome, State
from gatekeeper.core.notices import Notice, NoticeKind
from tests.builders import a_rule, a_violation
from tests.notify.digests import a_full_digest


def a_tally(**counts: int | bool) -> Tally:
    return Tally("qual-amount", "The deal has an amount", Mode.ENFORCE, **counts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("counts", "trouble"),
    [
        ({}, Trouble.ASKS_NOBODY),
        ({"untold": 1}, Trouble.CANNOT_RUN),
        ({"untold": 200, "passing": 1}, None),
        ({"passing": 20}, Trouble.NEVER_FAILS),
        ({"passing": 19}, None),
        ({"passing": 20, "failed_before": True}, None),
        ({"passing": 20, "standing": 1}, None),
        ({"passing": 1, "failing": 19}, Trouble.ALWAYS_FAILS),
        ({"passing": 2, "failing": 19}, None),
        ({"failing": 19}, None),
        (
            {"passing": 5, "failing": 3, "standing": 3, "waived": 3},
            Trouble.ALWAYS_WAIVED,
        ),
        ({"passing": 5, "failing": 3, "standing": 3, "waived": 2}, None),
        ({"passing": 5, "failing": 2, "standing": 2, "waived": 2}, None),
    ],
)
def test_a_rule_is_in_trouble_for_one_reason_or_none(
    counts: dict[str, int], trouble: Trouble | None
) -> None:
    assert a_tally(**counts).trouble is trouble


def test_a_rule_that_fails_all_and_is_waived_on_all_is_waived() -> None:
    counts = {"failing": 40, "standing": 40, "waived": 40}

    assert a_tally(**counts).trouble is Trouble.ALWAYS_WAIVED


COUNTS = st.integers(0, 60)


@given(COUNTS, COUNTS, COUNTS)
def test_nothing_is_said_of_how_a_rule_decides_on_too_few_deals(
    passing: int, failing: int, untold: int
) -> None:
    tally = a_tally(passing=passing, failing=failing, untold=untold)

    if 0 < tally.judged < FEWEST_JUDGED:
        assert tally.trouble is None


def test_results_and_what_stands_are_counted_rule_by_rule() -> None:
    rules = [a_rule("a"), a_rule("b")]
    results: dict[tuple[str, str], int] = {
        ("a", Outcome.PASS): 7,
        ("a", Outcome.FAIL): 2,
        ("c", Outcome.FAIL): 9,
    }
    violations = [
        a_violation("a", state=State.OPEN),
        a_violation("a", state=State.WAIVED),
        a_violation("b", state=State.RESOLVED),
    ]

    first, second = tallies(rules, results, violations, frozenset({"b"}))

    assert (first.passing, first.failing, first.untold) == (7, 2, 0)
    assert (first.standing, first.waived, first.failed_before) == (2, 1, False)
    assert (second.judged, second.standing, second.failed_before) == (0, 0, True)


def test_troubles_are_listed_by_the_deals_they_concern() -> None:
    few = Tally("few", "Few", Mode.WARN, untold=3)
    many = Tally("many", "Many", Mode.WARN, untold=30)
    well = Tally("well", "Well", Mode.WARN, passing=5, failing=5)
    digest = RulesDigest(a_full_digest(), (few, well, many))

    assert digest.of(Trouble.CANNOT_RUN) == (many, few)
    assert digest.troubled == 2


def test_what_the_crm_lacks_is_told_once_and_the_news_first() -> None:
    old, new, gone = (
        Notice(NoticeKind.DRIFT, "", text) for text in ("old", "new", "gone")
    )

    drift = drifted([old, new, new], [old, gone])

    assert drift == (Drift(new, is_new=True), Drift(old, is_new=False))


def test_a_line_that_moved_in_its_file_is_no_news() -> None:
    then = Notice(NoticeKind.DRIFT, "E501", "amount is hidden.", "a.rules.yaml:3:5")
    now = replace(then, place="a.rules.yaml:9:5")

    assert drifted([now], [then]) == (Drift(now, is_new=False),)


def test_the_digest_of_the_rules_is_for_those_who_write_them_and_of_the_same_run() -> (
    None
):
    whole = a_full_digest()
    digest = RulesDigest(whole, ())
    assert digest.audience is Audience.REVOPS
    assert (digest.who, digest.as_of, digest.trend) == (
        whole.who,
        whole.as_of,
        whole.trend,
    )


def test_the_words_of_troubles_stay_as_readers_of_json_have_them() -> None:
    assert [str(each) for each in Trouble] == [
        "cannot_run",
        "always_fails",
        "always_waived",
        "never_fails",
        "asks_nobody",
    ]
