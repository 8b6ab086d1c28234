"""Coverage names what no case has seen: outcomes, lines and limits."""

from __future__ import annotations

from gatekeeper.pack.testing.coverage import Coverage
from gatekeeper.pack.testing.limits import cover_limits
from tests.pack.testing.suites import a_suite, cases, held

HEAD = "version: 1\nkind: rules\npipeline: Enterprise\n"


def covered(base, text: str, **files: str) -> Coverage:
    suite = a_suite(base, cases(text), **files)
    looks = [look for report in held(suite) for look in report.looks]
    coverage = Coverage()
    coverage.add(suite.pack, looks)
    cover_limits(coverage, suite, looks)
    return coverage


def a_case(name: str, change: str = "{}") -> str:
    asked = f"change: {change}, expect: {{violations: []}}"
    return f"- {{name: {name}, deal: healthy, {asked}}}\n"


def test_a_passing_case_leaves_the_failures_open(tmp_path):
    coverage = covered(tmp_path, a_case("a"))
    assert coverage.rules["ent-met"].missing == [
        "a fail",
        "some meetings where start within last 14 days: not met",
    ]
    assert coverage.rules["ent-next-step"].missing == [
        "a fail",
        "a case it does not apply to",
        "next_step is filled: not met",
        "next_step is filled: empty",
    ]


def test_a_rule_is_left_out_by_its_when_and_not_by_its_place(tmp_path):
    early = covered(tmp_path, a_case("a", "{stage: Qualification}"))
    assert "a case it does not apply to" in early.rules["ent-next-step"].missing
    free = covered(tmp_path, a_case("a", "{amount: 0}"))
    assert "a case it does not apply to" not in free.rules["ent-next-step"].missing


def test_an_empty_field_is_seen_as_empty_and_a_wrong_one_as_not_met(tmp_path):
    empty = covered(tmp_path, a_case("a", "{amount: ~}")).rules["ent-amount"]
    assert empty.points["amount >= $min_amount: empty"]
    assert not empty.points["amount >= $min_amount: not met"]
    wrong = covered(tmp_path, a_case("a", "{amount: 5}")).rules["ent-amount"]
    assert not wrong.points["amount >= $min_amount: empty"]
    assert wrong.points["amount >= $min_amount: not met"]


def limits_of(base, change: str, rule: str, name: str, **files: str) -> list[str]:
    """Return where the one case stands at a parameter's limit."""
    found = covered(base, a_case("a", change), **files).rules[rule].points
    lead = f"${name}: "
    seen = [point for point, is_seen in found.items() if is_seen]
    return [point.removeprefix(lead) for point in seen if point.startswith(lead)]


def test_an_amount_stands_at_under_or_over_its_limit(tmp_path):
    def stands(amount: str) -> list[str]:
        change = f"{{amount: {amount}}}"
        return limits_of(tmp_path, change, "ent-amount", "min_amount")

    assert stands("50_000") == ["at the limit"]
    assert stands("49_999.99") == ["just under"]
    assert stands("50_000.01") == ["just over"]
    # One per cent of the limit still is beside it; more is not.
    assert stands("49_500") == ["just under"]
    assert stands("49_000") == []
    assert stands("~") == []


def test_a_strict_limit_is_stood_at_too(tmp_path):
    rules = HEAD + (
        "params: {least: {type: number, value: 15}}\n"
        "stages:\n  Proposal:\n    while_in:\n"
        "      - {id: a, title: A, require: length(next_step) > $least, fix: F.}\n"
    )

    def stands(length: int) -> list[str]:
        change = f"{{next_step: {'x' * length}}}"
        return limits_of(tmp_path, change, "a", "least", e_rules=rules)

    assert stands(15) == ["at the limit"]
    assert stands(14) == ["just under"]
    assert stands(16) == ["just over"]
    assert stands(30) == []


def test_a_window_of_days_has_a_last_day_and_the_days_beside_it(tmp_path):
    rules = HEAD + (
        "params: {idle: {type: duration, value: 14 days}}\n"
        "stages:\n  Proposal:\n    while_in:\n"
        "      - {id: a, title: A, fix: F.,"
        " require: some meetings where start within last $idle}\n"
    )

    def stands(day: str) -> list[str]:
        change = f"{{meetings: [{{start: 2026-11-{day} 15:00}}]}}"
        return limits_of(tmp_path, change, "a", "idle", e_rules=rules)

    # Judged on the 20th: the 6th is 14 days ago, the last day inside.
    assert stands("06") == ["at the limit"]
    assert stands("05") == ["just over"]
    assert stands("07") == ["just under"]
    assert stands("10") == []


def test_limits_chosen_by_a_field_move_together(tmp_path):
    rules = HEAD + (
        "params:\n  least: {type: money, by: account.segment,"
        " values: {SMB: 5k}, else: 50k}\n"
        "stages:\n  Proposal:\n    while_in:\n"
        "      - {id: a, title: A, require: amount >= $least, fix: F.}\n"
    )
    change = "{amount: 5k, account: {segment: SMB}}"
    assert limits_of(tmp_path, change, "a", "least", e_rules=rules) == ["at the limit"]
    change = "{amount: 50k}"
    assert limits_of(tmp_path, change, "a", "least", e_rules=rules) == ["at the limit"]


def test_a_limit_asked_through_a_define_counts(tmp_path):
    rules = HEAD + (
        "params: {big: {type: money, value: 50k}}\n"
        "define: {is_big: amount >= $big}\n"
        "stages:\n  Proposal:\n    while_in:\n"
        "      - {id: a, title: A, when: is_big, require: type is filled, fix: F.}\n"
    )
    change = "{amount: 50k}"
    assert limits_of(tmp_path, change, "a", "big", e_rules=rules) == ["at the limit"]


def test_a_limit_of_an_escalation_counts(tmp_path):
    rules = HEAD + (
        "params: {big: {type: money, value: 50k}}\n"
        "stages:\n  Proposal:\n    while_in:\n"
        "      - {id: a, title: A, require: type is filled, fix: F.,"
        " escalate: [{when: amount > $big, severity: high}]}\n"
    )
    change = "{amount: 50k}"
    assert limits_of(tmp_path, change, "a", "big", e_rules=rules) == ["at the limit"]


def test_a_limit_by_which_rules_are_suspended_counts(tmp_path):
    rules = HEAD + (
        "params: {first: {type: date, value: 2026-11-01}}\n"
        "suspend_when: close_date before $first\n"
        "stages:\n  Proposal:\n    while_in:\n"
        "      - {id: a, title: A, require: type is filled, fix: F.}\n"
    )
    # The last day before it; a day has no smaller step.
    change = "{close_date: 2026-10-31}"
    assert limits_of(tmp_path, change, "a", "first", e_rules=rules) == ["at the limit"]


def test_a_limit_by_which_deals_may_be_created_later_is_listed_with_its_stage(tmp_path):
    rules = HEAD + (
        "params: {small: {type: money, value: 5k}}\n"
        "stages:\n  Discovery:\n    exit:\n"
        "      - {id: a, title: A, require: type is filled, fix: F.}\n"
        "  Proposal: {start_when: amount <= $small}\n"
    )

    def stands(change: str) -> list[str]:
        return limits_of(tmp_path, change, "stage Proposal", "small", e_rules=rules)

    assert stands("{amount: 5_000}") == ["at the limit"]
    assert stands("{amount: 4_999}") == ["just under"]
    assert stands("{amount: 5_000.01}") == ["just over"]
    assert stands("{amount: 50k}") == []


def test_a_line_that_is_not_asked_of_an_empty_field_need_not_see_one(tmp_path):
    rules = HEAD + (
        "stages:\n  Proposal:\n    while_in:\n      - id: a\n        title: A\n"
        "        require:\n          - {check: length(next_step) >= 15,"
        " when: next_step is filled}\n        fix: F.\n"
    )
    # "Send the redlines" has 17 characters.
    coverage = covered(tmp_path, a_case("a"), e_rules=rules)
    assert coverage.rules["a"].missing == [
        "a fail",
        "length(next_step) >= 15: not met",
    ]


def test_the_share_is_of_all_points_and_rounded_down(tmp_path):
    coverage = covered(tmp_path, a_case("a"))
    # ent-amount 2 of 8, ent-next-step 2 of 6, ent-tidy 3 of 5, ent-met 2 of 4.
    rules = coverage.rules.values()
    assert {rule.rule_id: (rule.seen, len(rule.points)) for rule in rules} == {
        "ent-amount": (2, 8),
        "ent-next-step": (2, 6),
        "ent-tidy": (3, 5),
        "ent-met": (2, 4),
    }
    assert coverage.percent == 39  # 9 of 23
    assert Coverage().percent == 100


LEFT_LATE = HEAD + (
    "params: {idle: {type: duration, value: 14 days}}\n"
    "stages:\n  Discovery:\n    exit:\n      - id: a\n        title: A\n"
    "        fix: F.\n        asked: when_leaving\n"
    "        require: some meetings where start within last $idle\n"
    "  Proposal:\n    while_in: [{id: b, title: B, require: amount > 0, fix: F.}]\n"
)


def test_a_rule_asked_when_leaving_is_covered_from_that_day(tmp_path):
    # Left on the 1st of November; the 18th of October is 14 days before.
    past = "history: {2026-08-03: {stage: Discovery}, 2026-11-01: {stage: Proposal}}"

    def points(meeting: str) -> dict[str, bool]:
        change = f"{{{past}, meetings: [{{start: {meeting} 15:00}}]}}"
        return (
            covered(tmp_path, a_case("a", change), e_rules=LEFT_LATE).rules["a"].points
        )

    line = "some meetings where start within last $idle"
    at = points("2026-10-18")
    assert (at[f"{line}: met"], at[f"{line}: not met"]) == (True, False)
    assert at["$idle: at the limit"]
    assert points("2026-10-17")["$idle: just over"]


def test_a_rule_that_holds_elsewhere_stands_at_no_limit(tmp_path):
    change = "{amount: 50_000, stage: Qualification}"
    assert limits_of(tmp_path, change, "ent-amount", "min_amount") == []


def test_a_waived_failure_is_a_failure_that_was_seen(tmp_path):
    text = """
        - name: waived
          deal: healthy
          change: {amount: 5}
          waivers: [{rule: ent-amount, expires: 2026-11-20}]
          expect: {waived: [ent-amount]}
        """
    rule = covered(tmp_path, text).rules["ent-amount"]
    assert rule.points["a fail"]
    assert rule.points["amount >= $min_amount: not met"]


OVERLAY = "version: 1\nkind: overlay\nfor: {team: [EMEA]}\n"
THERE = "owner: {email: a@b.example, team: EMEA}"


def points_under(base, overlay: str, change: str) -> dict[str, bool]:
    """Return the limits of the amount, and whether the one case stands there."""
    (base / "rules" / "overlays").mkdir(parents=True, exist_ok=True)
    files = {"overlays/emea_overlay": OVERLAY + overlay}
    points = covered(base, a_case("a", change), **files).rules["ent-amount"].points
    return {point: seen for point, seen in points.items() if point.startswith("$")}


def test_a_limit_of_an_overlay_is_one_of_its_own(tmp_path):
    def stands(change: str) -> list[str]:
        points = points_under(tmp_path, "params: {min_amount: 10_000}\n", change)
        assert len(points) == 6
        return [point for point, is_seen in points.items() if is_seen]

    assert stands(f"{{amount: 10_000, {THERE}}}") == [
        "$min_amount under emea: at the limit"
    ]
    assert stands(f"{{amount: 50_000, {THERE}}}") == []
    assert stands("{amount: 10_000}") == []
    assert stands("{amount: 50_000}") == ["$min_amount: at the limit"]


def test_a_case_under_an_overlay_stands_at_a_limit_of_the_project(tmp_path):
    overlay = "rules: {ent-amount: {severity: low}}\n"
    change = f"{{amount: 49_999.99, {THERE}}}"
    assert points_under(tmp_path, overlay, change) == {
        "$min_amount: at the limit": False,
        "$min_amount: just under": True,
        "$min_amount: just over": False,
    }
