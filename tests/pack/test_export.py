"""Packs for programs: the trees of their checks, and what differs between two."""

from __future__ import annotations

import json

from gatekeeper.pack.diff import (
    Difference,
    RuleDifference,
    differences,
    pack_differences,
)
from gatekeeper.pack.export import export_ast
from gatekeeper.pack.settled import settled
from gatekeeper.pack.written import meanings, written
from tests.pack.packs import PROJECT, RULES, a_draft, rule

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


def settled_apart(base, **files: tuple[str, str]) -> list[tuple[str, str]]:
    """Return what two packs settle otherwise, from the old and the new of each file."""
    old, new = (
        settled(a_draft(base, **{name: both[place] for name, both in files.items()}))
        for place in (0, 1)
    )
    return [(one.place, one.detail) for one in pack_differences(old, new)]


def test_what_the_project_settles_is_compared(tmp_path):
    old = PROJECT + "placeholders: [tbd]\nclosed_lookback: 30 days\n"
    new = PROJECT.replace("New_York", "Denver") + (
        "placeholders: [tbd, later]\n"
        "closed_lookback: 0 days\n"
        "mode_ceiling: observe\n"
        "limits: {writes_per_run: 5}\n"
    )
    assert settled_apart(tmp_path, project=(old, new)) == [
        ("project.yaml timezone", "America/New_York -> America/Denver"),
        ("project.yaml placeholders", "[tbd] -> [tbd, later]"),
        ("project.yaml closed_lookback", "30 days -> 0 days"),
        ("project.yaml mode_ceiling", "not written -> observe"),
        ("project.yaml limits.writes_per_run", "not written -> 5"),
    ]


def test_what_a_file_of_rules_settles_for_all_its_rules_is_compared(tmp_path):
    old = RULES.replace("exit:", "path: optional\n    exit:") + (
        "params: {most: {type: money, value: 5k}}\n"
        "define: {is_big: amount > $most}\n"
        "suspend_when: is_big\n"
    )
    new = RULES.replace(
        "exit:", "counts_as: excluded\n    start_when: amount > 5\n    exit:"
    ) + (
        "params: {most: {type: money, value: 1k}}\n"
        "define: {is_big: amount > $most}\n"
        "suspend_when: {any: [is_big, amount is empty]}\n"
    )
    assert settled_apart(tmp_path, e_rules=(old, new)) == [
        ("e.rules.yaml suspend_when", "is_big -> any [is_big, amount is empty]"),
        ("e.rules.yaml suspend_when, $most", "5000 -> 1000"),
        ("e.rules.yaml Discovery.path", "optional -> not written"),
        ("e.rules.yaml Discovery.start_when", "not written -> amount > 5"),
        ("e.rules.yaml Discovery.counts_as", "not written -> excluded"),
    ]


def test_what_the_crm_calls_the_fields_is_compared(tmp_path):
    old = (
        "version: 1\nkind: fields\n"
        "deal: {next_step: {type: text, salesforce: NextStep, history: true}}\n"
        "lookups: {account: {salesforce: {object: Account, by: AccountId}}}\n"
    )
    new = (
        "version: 1\nkind: fields\n"
        "deal: {next_step: {type: text, salesforce: Next__c}}\n"
        "lookups: {account: {salesforce: {object: Account, by: Buyer__c}}}\n"
        "groups: {plan: [next_step, amount]}\n"
    )
    assert settled_apart(tmp_path, fields=(old, new)) == [
        ("fields.yaml next_step.salesforce", "NextStep -> Next__c"),
        ("fields.yaml next_step.history", "true -> not written"),
        (
            "fields.yaml account.salesforce",
            "{object: Account, by: AccountId} -> {object: Account, by: Buyer__c}",
        ),
        ("fields.yaml groups.plan", "not written -> [next_step, amount]"),
    ]


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
