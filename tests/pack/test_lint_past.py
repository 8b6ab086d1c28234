"""Warnings that need runs and deals: what was seen is written here by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.experience import Asking, Experience, RuleRecord, Stays
from gatekeeper.pack.lint.findings import Lint, shown
from gatekeeper.pack.lint.limits import open_limits, probes_of, proposals
from gatekeeper.pack.lint.past import past_findings
from tests.builders import a_context, a_deal
from tests.pack.packs import a_draft, text
from tests.pack.test_lint import FIELDS, HEAD, one

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.pack.lint.limits import Open
    from gatekeeper.pack.lint.past import PastFindings

TODAY = date(2026, 11, 20)
NOTHING = Experience(runs=0, deals=0, won=0)
OPEN_LIMIT = HEAD + "params:\n  least: {type: money, value: undecided}\n"


def past(base: Path, rules: str, seen: Experience, **files: str) -> PastFindings:
    draft = a_draft(base, e_rules=rules, fields=FIELDS, **files)
    pack = draft.compile(None)
    return past_findings(pack, Lint.of(draft, pack, None).facts, seen, TODAY)


def warnings(base: Path, rules: str, seen: Experience, **files: str) -> str:
    found = past(base, rules, seen, **files)
    return "\n".join(each.framed() for each in shown(found.problems, ()))


def record(
    failed: int, *, since: date = date(2026, 8, 31), deals: int = 100
) -> Experience:
    known = RuleRecord(runs=10, since=since, judged=1000, failed=failed, deals=deals)
    return replace(NOTHING, records={"ent-x": known})


# ---- W405 ----------------------------------------------------------------------------


def asked(deals: int, empty: int) -> Experience:
    return replace(NOTHING, askings={("ent-x", "amount > 5"): Asking(deals, empty)})


def test_a_condition_on_an_often_empty_field(tmp_path):
    rules = one("when: amount > 5", "require: next_step is filled")

    assert warnings(tmp_path, rules, asked(200, 30)) == text(
        """
        rules/e.rules.yaml:10:15: warning W405: 30 of 200 deals (15%) have nothing here, so ent-x silently leaves them out.
           10 |         when: amount > 5
              |               ^^^^^^^^^^
          help: ask for it in a rule of its own, or say here what empty means.
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    ("deals", "empty", "found"), [(200, 10, 0), (200, 11, 1), (20, 2, 1), (19, 19, 0)]
)
def test_five_percent_of_twenty_deals_are_the_limits(tmp_path, deals, empty, found):
    rules = one("when: amount > 5", "require: next_step is filled")

    assert len(past(tmp_path, rules, asked(deals, empty)).problems) == found


# ---- W501, W502 ----------------------------------------------------------------------


def test_a_rule_that_never_failed(tmp_path):
    assert warnings(tmp_path, one("require: amount > 5"), record(0)) == text(
        """
        rules/e.rules.yaml:8:13: warning W501: ent-x never failed in 10 runs since 31 Aug 2026 on up to 100 deals.
            8 |       - id: ent-x
              |             ^^^^^
          help: check that it still asks something, or take it out.
        """  # noqa: E501
    )


def test_a_rule_that_fails_most_of_the_time(tmp_path):
    assert warnings(tmp_path, one("require: amount > 5"), record(710)) == text(
        """
        rules/e.rules.yaml:8:13: warning W502: ent-x failed 71% of the time in 10 runs since 31 Aug 2026 on up to 100 deals.
            8 |       - id: ent-x
              |             ^^^^^
          help: lower the bar, help people over it, or keep it in observe till then.
        """  # noqa: E501
    )


@pytest.mark.parametrize("failed", [1, 600])
def test_a_rule_that_fails_now_and_then_is_no_finding(tmp_path, failed):
    assert past(tmp_path, one("require: amount > 5"), record(failed)).problems == []


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (NOTHING, "rules judged on too few deals in runs"),
        (record(0, deals=19), "rules judged on too few deals in runs"),
        (record(900, deals=19), "rules judged on too few deals in runs"),
        (
            record(0, since=date(2026, 10, 22)),
            "rules that never failed in runs of too few days",
        ),
    ],
)
def test_where_too_little_was_seen_that_is_said_instead(tmp_path, seen, why):
    found = past(tmp_path, one("require: amount > 5"), seen)

    assert found.problems == []
    assert found.too_little[why] == 1


# ---- W503 ----------------------------------------------------------------------------


def stays(*days: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, days)) * 7


SHORT = replace(NOTHING, stays=Stays(inside={"Discovery": stays("3", "5", "9")}))


def test_a_grace_longer_than_deals_stay(tmp_path):
    rules = one("grace: 4 business days", "require: amount > 5")

    assert warnings(tmp_path, rules, SHORT) == text(
        """
        rules/e.rules.yaml:10:16: warning W503: a grace of 4 business days is longer than half of the deals take in Discovery (median 5.0 days of 21): most violations of this rule are never seen.
           10 |         grace: 4 business days
              |                ^^^^^^^^^^^^^^^
          help: shorten the grace.
        """  # noqa: E501
    )


@pytest.mark.parametrize("grace", ["5 days", "3 business days", "120 hours", "0 days"])
def test_a_grace_that_most_deals_outlive_is_no_finding(tmp_path, grace):
    rules = one(f"grace: {grace}", "require: amount > 5")

    assert past(tmp_path, rules, SHORT).problems == []


def test_an_exit_rule_is_seen_from_leaving_the_stage_to_the_end(tmp_path):
    seen = replace(NOTHING, stays=Stays(after={"Discovery": stays("1", "2", "3")}))
    rules = one("grace: 3 days", "require: amount > 5", position="exit")

    assert "take from leaving Discovery to their end (median 2.0" in warnings(
        tmp_path, rules, seen
    )


def test_the_grace_of_an_overlay_is_held_against_the_same_stays(tmp_path):
    overlay = (
        "version: 1\nkind: overlay\nfor: {team: [EMEA]}\n"
        "rules: {ent-x: {grace: 9 days}}\n"
    )
    rules = one("grace: 2 days", "require: amount > 5")

    found = warnings(tmp_path, rules, SHORT, emea_overlay=overlay)
    assert "W503: in overlay emea: a grace of 9 days is longer" in found


def test_too_few_finished_stays_tell_nothing(tmp_path):
    few = Stays(inside={"Discovery": stays("3")})
    rules = one("grace: 40 days", "require: amount > 5")
    found = past(tmp_path, rules, replace(NOTHING, stays=few))

    assert found.problems == []
    assert found.too_little["graces with too few finished stays to compare"] == 1


# ---- W506 ----------------------------------------------------------------------------


def limits(base: Path, check: str) -> list[Open]:
    draft = a_draft(base, e_rules=one(f"require: {check}", head=OPEN_LIMIT))
    return open_limits(Lint.of(draft, draft.compile(None), None).facts)


def proposed(base: Path, check: str, values: list[int]) -> str:
    found = limits(base, check)
    seen = replace(
        NOTHING, values={each.name: tuple(map(Decimal, values)) for each in found}
    )
    return "\n".join(each.framed() for each in proposals(found, seen))


def test_a_limit_that_nine_of_ten_won_deals_kept(tmp_path):
    # Twenty amounts, 1,000 to 20,000: two are spared, the third is 3,000.
    amounts = [1000 * n for n in range(1, 21)]

    assert proposed(tmp_path, "amount >= $least", amounts) == text(
        """
        rules/e.rules.yaml:6:3: warning W506: $least is undecided; of 20 won deals 90% had amount of 3_000 or more.
            6 |   least: {type: money, value: undecided}
              |   ^^^^^
          help: value: 3_000
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("amount <= $least", "18_000 or less"),
        ("$least <= amount", "3_000 or more"),
        ("$least > amount", "18_000 or less"),
    ],
)
def test_a_limit_from_above_or_written_first(tmp_path, check, expected):
    amounts = [1000 * n for n in range(1, 21)]

    assert expected in proposed(tmp_path, check, amounts)


def test_a_proposed_number_is_round_and_on_the_safe_side(tmp_path):
    amounts = [12_345] * 20

    assert "value: 12_000" in proposed(tmp_path, "amount >= $least", amounts)
    assert "value: 13_000" in proposed(tmp_path, "amount <= $least", amounts)


def test_too_few_won_deals_propose_nothing(tmp_path):
    assert proposed(tmp_path, "amount >= $least", [5] * 19) == text(
        """
        rules/e.rules.yaml:6:3: warning W506: $least is undecided, and 19 won deals with amount are too few to propose a number (20 needed).
            6 |   least: {type: money, value: undecided}
              |   ^^^^^
        """  # noqa: E501
    )


COUNT = HEAD + "params:\n  n: {type: number, value: undecided}\n"
IDLE = HEAD + "params:\n  idle: {type: duration, value: undecided}\n"


def proposal(base: Path, head: str, check: str, values: list[int]) -> str:
    draft = a_draft(base, e_rules=one(f"require: {check}", head=head), fields=FIELDS)
    found = open_limits(Lint.of(draft, draft.compile(None), None).facts)
    seen = replace(
        NOTHING, values={each.name: tuple(map(Decimal, values)) for each in found}
    )
    (problem,) = proposals(found, seen)
    return problem.text


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        # Twenty counts, 1 to 20: two are spared, the third from below is 3.
        (
            'at least $n contacts where role = "User"',
            'had count(contacts where role = "User") of 3 or more.',
        ),
        ("at most $n contacts", "had count(contacts) of 18 or less."),
    ],
)
def test_a_count_is_proposed(tmp_path: Path, check: str, expected: str) -> None:
    assert expected in proposal(tmp_path, COUNT, check, list(range(1, 21)))


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("close_date within next $idle", "had a time until close_date of 18 days"),
        ("touched within last $idle", "had a time since touched of 18 days or less."),
        (
            "next_step changed within last $idle",
            "had a time since the last change of next_step of 18 days or less.",
        ),
    ],
)
def test_a_window_is_proposed(tmp_path: Path, check: str, expected: str) -> None:
    days = [*range(1, 21), -5, -90]  # what lies on the other side is in no window
    assert expected in proposal(tmp_path, IDLE, check, days)


def test_probes_of_windows_and_counts_read_days_and_rows(tmp_path: Path) -> None:
    head = COUNT + "  idle: {type: duration, value: undecided}\n"
    checks = "[at least $n contacts, close_date within next $idle]"
    draft = a_draft(tmp_path, e_rules=one(f"require: {checks}", head=head))
    found = open_limits(Lint.of(draft, draft.compile(None), None).facts)
    deal = a_deal(close_date=date(2026, 11, 27), related={"contacts": ({}, {})})

    # The context's day is 20 Nov 2026.
    values = [probe.read(deal, a_context()) for probe in probes_of(found)]
    assert values == [Decimal(2), Decimal(7)]


def test_a_probe_reads_what_the_line_compares(tmp_path):
    (probe,) = probes_of(limits(tmp_path, "amount * 2 >= $least"))

    value = probe.read(a_deal(amount=Decimal(21)), a_context())
    assert value == Decimal(42)
