"""A test file to begin with has every case a rule should have, answers left open."""

from __future__ import annotations

from datetime import date

import pytest

from gatekeeper.errors import SetupError
from gatekeeper.pack.load import read_pack
from gatekeeper.pack.testing.skeleton import skeleton
from tests.pack.packs import text
from tests.pack.testing.suites import RULES, a_test_pack, mistakes_of

TODAY = date(2026, 11, 20)


def of(base, rule_id: str, rules: str = RULES) -> str:
    draft = read_pack(a_test_pack(base, "", e_rules=rules))
    return skeleton(draft, draft.compile(None), rule_id, TODAY)


def test_a_skeleton_has_a_pass_and_per_line_a_fail_an_empty_and_the_limits(tmp_path):
    assert of(tmp_path, "ent-amount") == text(
        """
        version: 1
        kind: test
        rules: [../e.rules.yaml]
        as_of: 2026-11-20 09:00
        deals:
          ent_amount_passes:
            pipeline: 'Enterprise'
            stage:                     # a stage after Qualification
            amount:
        cases:
          - name: 'ent-amount passes'
            deal: ent_amount_passes
            expect:                    # violations: [], or the rules that fail
          # amount >= $min_amount
          - name: 'fails: amount >= $min_amount'
            deal: ent_amount_passes
            change:                    # a value that is wrong
            expect:                    # violations: [], or the rules that fail
          - name: 'empty: amount >= $min_amount'
            deal: ent_amount_passes
            change:                    # the field empty: ~
            expect:                    # violations: [], or the rules that fail
          - name: 'at the limit: amount >= $min_amount'
            deal: ent_amount_passes
            change:                    # a value at the limit
            expect:                    # violations: [], or the rules that fail
          - name: 'just under: amount >= $min_amount'
            deal: ent_amount_passes
            change:                    # a value just under
            expect:                    # violations: [], or the rules that fail
          - name: 'just over: amount >= $min_amount'
            deal: ent_amount_passes
            change:                    # a value just over
            expect:                    # violations: [], or the rules that fail
        """
    ) + ("\n")


def test_a_rule_with_a_condition_gets_a_case_it_does_not_apply_to(tmp_path):
    assert "  - name: 'ent-next-step does not apply'\n" in of(tmp_path, "ent-next-step")


def test_rows_are_proposed_with_the_fields_the_rule_reads(tmp_path):
    assert "    meetings:\n      # - {start: , subject: }\n" in of(tmp_path, "ent-met")


def test_a_skeleton_is_a_test_file_whose_only_mistakes_are_the_gaps(tmp_path):
    rules = RULES.replace("next_step is filled", """'next_step = "it''s: #1"'""")
    for rule_id in ("ent-amount", "ent-next-step", "ent-met", "ent-tidy"):
        found = mistakes_of(tmp_path, of(tmp_path, rule_id, rules), e_rules=rules)
        codes = {line.split()[2] for line in found.split("\n") if ": error " in line}
        assert codes == {"E202:"}


def test_an_unknown_rule_is_said_in_one_sentence(tmp_path):
    with pytest.raises(SetupError) as refused:
        of(tmp_path, "nope")
    expected = "There is no rule nope. See: gatekeeper rules list"
    assert str(refused.value) == expected


def test_a_rule_about_the_past_gets_a_history_to_fill_in(tmp_path):
    rules = RULES.replace(
        "require: next_step is filled",
        "asked: when_leaving\n        require: pushes(close_date, last 90 days) <= 2",
    )
    lines = of(tmp_path, "ent-next-step", rules).splitlines()
    assert lines[lines.index("    created_on:") :][:3] == [
        "    created_on:",
        "    history:                   # oldest first; what changed that day",
        "      # 2026-11-20: {close_date: , stage: }",
    ]
