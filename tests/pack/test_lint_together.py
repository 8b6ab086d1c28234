"""Warnings about several rules at once: opposite demands, overlays, missing tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.pack.lint.findings import lint
from gatekeeper.pack.lint.untested import rules_named_in_tests
from tests.pack.packs import a_draft, a_pack, text
from tests.pack.test_lint import FIELDS, HEAD, file, one, rule, stage

if TYPE_CHECKING:
    from pathlib import Path

OVERLAY = """\
version: 1
kind: overlay
for: {team: [EMEA]}
"""
LIMITS = HEAD + "params:\n  least: {type: money, value: 1k}\n"


def warnings(base: Path, rules: str, **files: str) -> str:
    draft = a_draft(base, e_rules=rules, fields=FIELDS, **files)
    found = lint(draft, draft.compile(None), None)
    return "\n".join(each.framed() for each in found)


def codes(base: Path, rules: str, **files: str) -> list[str]:
    draft = a_draft(base, e_rules=rules, fields=FIELDS, **files)
    return [each.code for each in lint(draft, draft.compile(None), None)]


def two(first: tuple[str, ...], second: tuple[str, ...], where: str = "exit") -> str:
    """One rule at Discovery, one at Proposal."""
    return file(
        stage("Discovery", "exit", rule("ent-a", *first)),
        stage("Proposal", where, rule("ent-b", *second)),
    )


# ---- W505 ----------------------------------------------------------------------------


def test_two_rules_that_demand_opposite_things(tmp_path):
    rules = two(("require: amount <= 5k",), ("require: amount >= 50k",))

    assert warnings(tmp_path, rules) == text(
        """
        rules/e.rules.yaml:16:18: warning W505: ent-b demands the opposite of ent-a: no deal meets both this and "amount <= 5000".
           16 |         require: amount >= 50k
              |                  ^^^^^^^^^^^^^
          help: the other line stands at rules/e.rules.yaml:10; give one of the rules a when that leaves out the deals of the other.
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("competitor is empty", "length(competitor) > 3"),
        ('rating = "A"', 'rating in ["B", "C"]'),
        ("some contacts", "no contacts"),
        ("close_date before 2026-03-01", "close_date after 2026-06-01"),
        ("checked is true", "checked is false"),
    ],
)
def test_every_kind_of_opposite_demand(tmp_path, first, second):
    rules = two((f"require: '{first}'",), (f"require: '{second}'",))

    assert codes(tmp_path, rules) == ["W505"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("require: amount <= 5k",), ("require: amount >= 2k",)),
        (
            ("when: checked is true", "require: amount <= 5k"),
            ("when: checked is false", "require: amount >= 50k"),
        ),
        (
            ("require: amount <= 5k",),
            ("unless: amount <= 5k", "require: amount >= 50k"),
        ),
        (("require: amount <= 5k", "optional: true"), ("require: amount >= 50k",)),
        (
            ("require: amount <= 5k", "suppressed_by: [ent-b]"),
            ("require: amount >= 50k",),
        ),
        (
            ("require: amount <= 5k", "applies_until: next_stage"),
            ("require: amount >= 50k",),
        ),
    ],
    ids=["room", "other deals", "unless", "optional", "suppressed", "ended"],
)
def test_demands_that_leave_room_for_both(tmp_path, first, second):
    assert "W505" not in codes(tmp_path, two(first, second))


def test_rules_of_stages_that_no_deal_is_in_at_once(tmp_path):
    rules = file(
        stage("Discovery", "while_in", rule("ent-a", "require: amount <= 5k")),
        stage("Proposal", "while_in", rule("ent-b", "require: amount >= 50k")),
    )

    assert codes(tmp_path, rules) == []


def test_today_is_another_day_where_a_rule_asks_about_the_day_of_leaving(tmp_path):
    rules = two(
        ("asked: when_leaving", "require: close_date after today"),
        ("asked: always", "require: close_date before today"),
    )

    assert codes(tmp_path, rules) == []


@pytest.mark.parametrize(
    ("pipeline", "expected"), [("Enterprise", ["W505"]), ("'*'", ["W505"]), ("SMB", [])]
)
def test_a_rule_of_another_file_of_the_same_pipeline(tmp_path, pipeline, expected):
    other = one(
        "require: amount >= 50k", head=HEAD.replace("Enterprise", pipeline)
    ).replace("ent-x", "f-x")
    rules = one("require: amount <= 5k")

    assert codes(tmp_path, rules, f_rules=other) == expected


# ---- W311 ----------------------------------------------------------------------------


def quieted_by(mode: str) -> str:
    """Build a rule that enforces and is quiet while one of another mode is open."""
    quiet = ("suppressed_by: ent-b", "mode: enforce", "require: some contacts")
    return two(quiet, (f"mode: {mode}", "require: account is filled"))


def test_a_rule_that_is_quiet_while_nobody_is_asked_for_the_other(tmp_path):
    assert warnings(tmp_path, quieted_by("observe")) == text(
        """
        rules/e.rules.yaml:10:24: warning W311: while ent-b is open on a deal it keeps ent-a quiet, and ent-b only observes: nobody hears of either.
           10 |         suppressed_by: ent-b
              |                        ^^^^^
          help: raise ent-b to enforce, or take it out here until then.
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    ("mode", "expected"), [("observe", ["W311"]), ("warn", ["W311"]), ("enforce", [])]
)
def test_a_louder_rule_is_as_strict_as_the_one_it_keeps_quiet(tmp_path, mode, expected):
    assert codes(tmp_path, quieted_by(mode)) == expected


def test_an_overlay_may_lower_the_louder_rule_alone(tmp_path):
    overlay = OVERLAY + "rules: {ent-b: {mode: warn}}\n"

    found = warnings(tmp_path, quieted_by("enforce"), emea_overlay=overlay)
    assert "W311: in overlay emea: while ent-b is open on a deal" in found
    both = OVERLAY + "rules: {ent-a: {mode: warn}, ent-b: {mode: warn}}\n"
    assert codes(tmp_path, quieted_by("enforce"), emea_overlay=both) == []


# ---- overlays ------------------------------------------------------------------------


def test_a_limit_of_an_overlay_that_no_deal_can_meet(tmp_path):
    rules = one("require:", "  - amount >= $least", "  - amount <= 5k", head=LIMITS)
    overlay = OVERLAY + "params: {least: 9k}\n"

    assert warnings(tmp_path, rules, emea_overlay=overlay) == text(
        """
        rules/e.rules.yaml:14:13: warning W302: in overlay emea: this and "amount >= $least" can never hold together.
           14 |           - amount <= 5k
              |             ^^^^^^^^^^^^
          help: the other line stands at rules/e.rules.yaml:13.
        """  # noqa: E501
    )


def test_a_limit_of_an_overlay_that_turns_two_rules_against_each_other(tmp_path):
    rules = file(
        stage("Discovery", "exit", rule("ent-a", "require: amount <= 5k")),
        stage("Proposal", "exit", rule("ent-b", "require: amount >= $least")),
        head=LIMITS,
    )
    overlay = OVERLAY + "params: {least: 9k}\n"

    assert codes(tmp_path, rules) == []
    found = warnings(tmp_path, rules, emea_overlay=overlay)
    assert "W505: in overlay emea: ent-b demands the opposite of ent-a" in found


def test_a_rule_that_an_overlay_switches_off_fights_nobody_there(tmp_path):
    rules = file(
        stage("Discovery", "exit", rule("ent-a", "require: amount <= 5k")),
        stage("Proposal", "exit", rule("ent-b", "require: amount >= $least")),
        head=LIMITS,
    )
    off = "rules: {ent-a: {enabled: false, reason: R, until: 2027-03-31}}\n"
    overlay = OVERLAY + "params: {least: 9k}\n" + off

    assert codes(tmp_path, rules, emea_overlay=overlay) == []


def test_what_is_odd_everywhere_is_not_said_again_for_an_overlay(tmp_path):
    rules = one("require:", "  - amount >= $least", "  - amount <= 5", head=LIMITS)
    overlay = OVERLAY + "params: {least: 9k}\n"

    assert codes(tmp_path, rules, emea_overlay=overlay) == ["W302"]


# ---- W307 ----------------------------------------------------------------------------


def test_a_rule_without_a_test(tmp_path):
    draft = a_draft(tmp_path, e_rules=one("require: amount > 5"))

    (found,) = lint(draft, draft.compile(None), None, (), frozenset({"ent-y"}))
    assert found.framed() == text(
        """
        rules/e.rules.yaml:8:13: warning W307: no test names ent-x: nobody would notice if it broke.
            8 |       - id: ent-x
              |             ^^^^^
          help: gatekeeper test --new ent-x > rules/tests/ent-x.test.yaml
        """  # noqa: E501
    )


def test_a_test_may_name_a_rule_in_any_expectation_or_in_a_spreadsheet(tmp_path):
    folder = a_pack(tmp_path)
    (folder / "tests").mkdir()
    (folder / "tests" / "a.test.yaml").write_text(
        "version: 1\nkind: test\ncases:\n"
        "  - {name: one, expect: {violations: [ent-a], because: {ent-b: No.}}}\n"
        "  - {name: two, expect: {timeline: {2026-11-25: {ent-c: open}}}}\n"
        "cases_from: more.csv\n",
        encoding="utf-8",
    )
    (folder / "tests" / "more.csv").write_text(
        "name,deal,expect_violations\nthree,x,ent-d ent-e\n", encoding="utf-8"
    )

    named = rules_named_in_tests(folder)
    assert {"ent-a", "ent-b", "ent-c", "ent-d", "ent-e"} <= named
    assert "ent-f" not in named
