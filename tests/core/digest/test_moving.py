"""What is told of a deal that is expected to close soon."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper.core.digest.moving import moving_of, titles_in_force
from gatekeeper.core.model import (
    EMPTY,
    Cover,
    DealVerdicts,
    Mode,
    Outcome,
    Severity,
    Standing,
    State,
    SupportedStage,
    Unavailable,
    Verdict,
    Waived,
)
from tests.builders import a_deal, a_pack, a_rule, a_violation

if TYPE_CHECKING:
    from gatekeeper.core.digest.values import Moving
    from gatekeeper.core.model import Violation

TODAY = date(2026, 11, 20)
SOON = date(2026, 11, 27)
TITLES = {"amount": "An amount", "champion": "A champion", "plan": "A plan"}
AHEAD = Verdict("amount", Outcome.NOT_APPLICABLE, readiness=Standing.NOT_MET)


def moving(
    *verdicts: Verdict,
    violations: tuple[Violation, ...] = (),
    titles: dict[str, str] | None = None,
    **fields: Any,
) -> Moving | None:
    deal = a_deal("Proposal", **{"close_date": SOON, **fields})
    judged = DealVerdicts(deal, verdicts, SupportedStage("Proposal"))
    return moving_of(judged, violations, TITLES if titles is None else titles, TODAY)


def missing(
    *verdicts: Verdict, violations: tuple[Violation, ...] = ()
) -> tuple[str, ...]:
    found = moving(*verdicts, violations=violations)
    assert found is not None
    return found.missing


@pytest.mark.parametrize(
    ("fields", "is_told"),
    [
        ({"close_date": date(2026, 11, 19)}, False),
        ({"close_date": TODAY}, True),
        ({"close_date": date(2026, 12, 4)}, True),
        ({"close_date": date(2026, 12, 5)}, False),
        ({"close_date": EMPTY}, False),
        ({"close_date": Unavailable("no access")}, False),
        ({"close_date": datetime(2026, 11, 27, tzinfo=UTC)}, False),
        ({"is_closed": True}, False),
        ({"is_closed": Unavailable("no access")}, False),
    ],
)
def test_an_open_deal_that_closes_within_two_weeks_is_told_of(
    fields: dict[str, Any], *, is_told: bool
) -> None:
    assert (moving(**fields) is not None) is is_told


def test_where_no_rule_is_in_force_nothing_is_told() -> None:
    assert moving(AHEAD, titles={}) is None


def test_who_and_how_much_is_told_where_the_crm_says_it() -> None:
    found = moving()
    assert found is not None
    assert (found.owner, found.amount, found.currency) == (
        "Ann Rep",
        Decimal(50_000),
        "USD",
    )
    unknown: dict[str, Any] = {"amount": EMPTY, "owner.name": EMPTY}
    bare = moving(**unknown)
    assert bare is not None
    assert (bare.owner, bare.amount, bare.currency) == ("", None, "")


def test_a_stage_without_a_label_goes_by_its_value() -> None:
    deal = replace(a_deal("Proposal", close_date=SOON), stage_label="")
    judged = DealVerdicts(deal, (), SupportedStage("Proposal"))
    found = moving_of(judged, (), TITLES, TODAY)
    assert found is not None
    assert found.stage == "Proposal"


def test_what_stands_comes_worst_first_before_what_the_gate_ahead_asks() -> None:
    violations = (
        a_violation("plan", severity=Severity.LOW),
        a_violation("champion", severity=Severity.CRITICAL, state=State.PENDING),
    )
    assert missing(AHEAD, violations=violations) == (
        "A champion",
        "A plan",
        "An amount",
    )


def test_of_one_severity_the_rules_come_by_their_ids() -> None:
    violations = (a_violation("plan"), a_violation("champion"))
    assert missing(violations=violations) == ("A champion", "A plan")


def test_what_is_missing_twice_is_said_once() -> None:
    assert missing(AHEAD, violations=(a_violation("amount"),)) == ("An amount",)


@pytest.mark.parametrize("state", [State.WAIVED, State.RESOLVED, State.SUPPRESSED])
def test_what_is_accepted_resolved_or_quiet_is_not_missing(state: State) -> None:
    assert missing(violations=(a_violation("plan", state=state),)) == ()


def test_rules_that_are_not_in_force_ask_nothing() -> None:
    watched = replace(AHEAD, rule_id="watched")
    hidden = Verdict("watched", Outcome.CANNOT_TELL)
    found = moving(watched, hidden, violations=(a_violation("watched"),))
    assert found is not None
    assert (found.missing, found.untold, found.is_ready) == ((), 0, True)


@pytest.mark.parametrize(
    ("cover", "expected"),
    [(Cover.APPLIES, ()), (Cover.CANNOT_TELL, ("An amount",))],
)
def test_what_a_waiver_accepts_is_not_missing_ahead(
    cover: Cover, expected: tuple[str, ...]
) -> None:
    waived = Waived("w-1", cover, "until 1 Dec 2026")
    assert missing(replace(AHEAD, waived=waived)) == expected


def test_what_is_met_ahead_is_not_missing() -> None:
    assert missing(replace(AHEAD, readiness=Standing.MET)) == ()
    assert missing(replace(AHEAD, readiness=None)) == ()


@pytest.mark.parametrize(
    ("verdict", "untold"),
    [
        (Verdict("plan", Outcome.CANNOT_TELL), 1),
        (Verdict("plan", Outcome.CANNOT_TELL, is_suspended=True), 0),
        (Verdict("plan", Outcome.NOT_APPLICABLE, Standing.CANNOT_TELL), 1),
        (Verdict("plan", Outcome.PASS), 0),
        (Verdict("plan", Outcome.FAIL), 0),
    ],
)
def test_what_could_not_be_told_is_counted_unless_it_is_suspended(
    verdict: Verdict, untold: int
) -> None:
    found = moving(verdict, Verdict("amount", Outcome.PASS))
    assert found is not None
    assert (found.untold, found.is_ready) == (untold, not untold)


@pytest.mark.parametrize(
    ("ceiling", "expected"),
    [
        (Mode.OBSERVE, {}),
        (Mode.WARN, {"loud": "Title of loud", "kind": "Title of kind"}),
    ],
)
def test_people_are_asked_by_rules_that_warn_or_enforce_below_no_observing_ceiling(
    ceiling: Mode, expected: dict[str, str]
) -> None:
    rules = (
        a_rule("loud", mode=Mode.ENFORCE, title="Title of loud"),
        a_rule("kind", mode=Mode.WARN, title="Title of kind"),
        a_rule("quiet", mode=Mode.OBSERVE, title="Title of quiet"),
    )
    assert titles_in_force(a_pack(*rules, mode_ceiling=ceiling)) == expected
