"""Packs for programs: the trees of their checks, and what differs between two."""

from __future__ import annotations

import json

from gatekeeper.pack.diff import Difference, RuleDifference, differences
from gatekeeper.pack.export import export_ast
from gatekeeper.pack.written import meanings, written
from tests.pack.packs import RULES, a_draft, rule

TITLE = "A next step is written down"
KEYS = ("id: ent-a", "title: T", "require: amount >= 50k", "fix: F.")


def exported(base, rules: str):
    draft = a_draft(base, e_rules=rules)
    return json.loads(json.dumps(export_ast(draft, draft.compile(None))))


def changes(base, old: str, new: str) -> list[RuleDifference]:
    before = a_draft(base, e_rules=old).compile(None)
    return differences(before, a_draft(base, e_rules=new).compile(None))


def test_a_rule_comes_with_the_tree_of_its_check(tmp_path):
    whole = exported(tmp_path, rule(*KEYS))

    assert (whole["format"], whole["version"]) == ("gatekeeper-ast", 1)
    (file,) = whole["files"]
    (one,) = file["rules"]
    assert file["pipelines"] == ["Enterprise"]
    assert (one["id"], one["position"], one["stage"]) == ("ent-a", "exit", "Discovery")
    assert one["require"] == {
        "check": "amount >= 50000",
        "tree": {
            "node": "Compare",
            "operator": ">=",
            "left": {"node": "Name", "parts": ["amount"]},
            "right": {"node": "Number", "value": "50000"},
        },
    }


def test_a_parameter_is_named_and_its_value_is_given(tmp_path):
    head = "params: {least: {type: money, value: 5k}}\n"
    keys = (*KEYS[:2], "require: amount > $least", "fix: F.")
    whole = exported(tmp_path, rule(*keys, after=head))

    (file,) = whole["files"]
    tree = file["rules"][0]["require"]["tree"]
    assert tree["right"] == {"node": "Param", "name": "least"}
    assert file["params"]["least"]["value"] == "5000"


def test_groups_keep_their_shape(tmp_path):
    keys = (*KEYS[:2], "require: {any: [some files, {check: some notes, title: N}]}")
    whole = exported(tmp_path, rule(*keys, "fix: F."))

    first, second = whole["files"][0]["rules"][0]["require"]["any"]
    assert first["check"] == "some files"
    assert first["tree"]["quantity"] == "some"
    assert second["title"] == "N"


def test_the_same_pack_twice_does_not_differ(tmp_path):
    assert changes(tmp_path, RULES, RULES) == []


def test_a_rule_that_came_and_one_that_went(tmp_path):
    assert changes(tmp_path, RULES, rule(*KEYS)) == [
        RuleDifference(Difference.ADDED, "ent-a", "T"),
        RuleDifference(Difference.REMOVED, "ent-next-step", TITLE),
    ]


def test_a_rule_that_asks_what_one_that_went_asked_may_be_renamed(tmp_path):
    renamed = RULES.replace("id: ent-next-step", "id: ent-follow-up")
    assert changes(tmp_path, RULES, renamed) == [
        RuleDifference(
            Difference.ADDED,
            "ent-follow-up",
            f"{TITLE} (asks what ent-next-step asked; if you renamed it, write"
            " formerly: [ent-next-step])",
        ),
        RuleDifference(Difference.REMOVED, "ent-next-step", TITLE),
    ]


def test_a_rule_that_goes_by_another_name(tmp_path):
    new = RULES.replace(
        "id: ent-next-step", "id: ent-step\n        formerly: ent-next-step"
    )

    assert changes(tmp_path, RULES, new) == [
        RuleDifference(Difference.RENAMED, "ent-step", "was ent-next-step")
    ]


def test_logic_wording_and_settings_are_told_apart(tmp_path):
    logic = rule(*KEYS[:2], "require: amount > 50k", "fix: F.")
    words = rule(*KEYS[:3], "fix: Do it.")
    settings = rule(*KEYS, "severity: high", "grace: 3 days")

    assert [one.kind for one in changes(tmp_path, rule(*KEYS), logic)] == [
        Difference.LOGIC
    ]
    assert [one.kind for one in changes(tmp_path, rule(*KEYS), words)] == [
        Difference.WORDING
    ]
    assert changes(tmp_path, rule(*KEYS), settings) == [
        RuleDifference(
            Difference.SETTINGS,
            "ent-a",
            "severity medium -> high, grace 0 days -> 3 days",
        )
    ]


def test_a_check_spelt_in_another_way_is_no_difference(tmp_path):
    again = rule(*KEYS[:2], "require: amount>=50_000", "fix: F.")

    assert changes(tmp_path, rule(*KEYS), again) == []


def test_a_rule_is_shown_with_what_its_names_stand_for(tmp_path):
    head = (
        "params: {least: {type: money, value: 5k}, wait: {type: duration, by: type,"
        " values: {New: 9 days}, else: 3 days}, kinds: {type: list of text, value:"
        " [a, b]}}\n"
        "define: {is_big: amount > $least, quiet: not is_big and is_won is false}\n"
    )
    keys = (
        *KEYS[:2],
        "when: {any: [quiet, type in $kinds]}",
        "require: [{check: created_on within last $wait, when: some files}]",
    )
    draft = a_draft(tmp_path, e_rules=rule(*keys, "fix: F.", after=head))

    assert meanings(draft, "ent-a") == {
        "quiet": "not is_big and is_won is false",
        "is_big": "amount > $least",
        "$least": "5000",
        "$kinds": '["a", "b"]',
        "$wait": "by type: New: 9 days, else: 3 days",
    }
    assert written(draft, "ent-a")[0] == "id: ent-a"
    assert written(draft, "ent-b") == []


def test_the_keys_of_files_and_stages_come_with_their_trees(tmp_path):
    written = rule(
        *KEYS[:2],
        "require: {check: next_step is filled, forbid: [tbd]}",
        "fix: F.",
        "escalate: [{when: amount > 9, severity: high, fix: Call.}]",
        after="    path: optional\n    when: amount > 1\n",
    )
    written = written.replace("stages:", "suspend_when: amount > 5\nstages:", 1)
    (file,) = exported(tmp_path, written)["files"]
    (one,) = file["rules"]
    (stage,) = file["stages"]
    assert file["suspend_when"]["check"] == "amount > 5"
    assert (stage["stage"], stage["path"], stage["counts_as"]) == (
        "Discovery",
        "optional",
        None,
    )
    assert stage["when"]["check"] == "amount > 1"
    assert one["require"]["forbid"] == ["tbd"]
    (entry,) = one["escalate"]
    assert entry["when"]["check"] == "amount > 9"
    assert (entry["severity"], entry["owed_by"], entry["fix"]) == (
        "high",
        None,
        "Call.",
    )


def test_another_escalation_is_another_setting(tmp_path):
    old = rule(*KEYS, "escalate: [{when: amount > 9, severity: high}]")
    for new in ("severity: low", "owed_by: owner_manager"):
        assert changes(tmp_path, old, old.replace("severity: high", new)) == [
            RuleDifference(Difference.SETTINGS, "ent-a", "escalate")
        ]
    assert changes(tmp_path, old, old.replace("> 9", "> 8")) == [
        RuleDifference(Difference.SETTINGS, "ent-a", "escalate")
    ]
