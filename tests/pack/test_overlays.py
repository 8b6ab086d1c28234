"""Files of overlays: the rules they make, and every mistake in whole."""

# ruff: noqa: E501  (messages stand as people see them)

from __future__ import annotations

from datetime import date
from itertools import product
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.judge.conditions import standing
from gatekeeper.core.model import Mode, Severity
from gatekeeper.core.pack import Grace, Unit
from gatekeeper.pack.build import variants
from gatekeeper.pack.build.compile import fingerprint
from tests.builders import a_context, a_deal, dollars
from tests.pack.packs import PROJECT, a_draft, messages_of_all, text

if TYPE_CHECKING:
    from gatekeeper.core.model import Deal, Standing
    from gatekeeper.core.overlays import Overlay
    from gatekeeper.core.pack import Rule, RulePack

RULES = """\
version: 1
kind: rules
pipeline: Enterprise
params:
  min_amount: {type: money, value: 50_000}
  roles: {type: list of text, value: [CFO]}
stages:
  Discovery:
    exit:
      - id: ent-amount
        title: The amount is realistic
        require: amount >= $min_amount
        fix: Enter it, at least {min_amount}.
        mode: enforce
        formerly: [ent-money]
      - id: ent-step
        title: A next step is written down
        require: next_step is filled
        fix: Write it.
        severity: high
"""

HEAD = """\
version: 1
kind: overlay
"""


def a_pack(base, overlay: str = "", **more: str) -> RulePack:
    if overlay:
        more["emea_overlay"] = HEAD + text(overlay) + "\n"
    return a_draft(base, e_rules=RULES, **more).compile(None)


def only(pack: RulePack) -> Overlay:
    (overlay,) = pack.overlays
    return overlay


def rules_of(overlay: Overlay) -> dict[str, Rule]:
    assert overlay.pack is not None
    return {rule.id: rule for rule in overlay.pack.rules}


def said(base, overlay: str, **more: str) -> str:
    return messages_of_all(
        base, e_rules=RULES, emea_overlay=HEAD + text(overlay) + "\n", **more
    )


# ---- what becomes of it ------------------------------------------------------------


def test_an_overlay_changes_mode_severity_grace_and_role(tmp_path):
    people = """\
    version: 1
    kind: people
    roles: {deal_desk: [{address: desk@example.com}]}
    """
    overlay = only(
        a_pack(
            tmp_path,
            """
            for: {team: ["EMEA"]}
            rules:
              ent-amount: {mode: warn, severity: critical, owed_by: deal_desk}
              ent-step: {grace: 5 business days}
            """,
            people=people,
        )
    )
    assert (overlay.name, overlay.matches) == ("emea", {"team": ("EMEA",)})
    rules = rules_of(overlay)
    amount, step = rules["ent-amount"], rules["ent-step"]
    assert (amount.mode, amount.severity, amount.owed_by) == (
        Mode.WARN,
        Severity.CRITICAL,
        "deal_desk",
    )
    assert amount.due_after(amount.severity) == 1
    assert step.grace == Grace(5, Unit.BUSINESS_DAYS)
    assert step.severity is Severity.HIGH


def test_the_projects_own_rules_stay_as_they_are(tmp_path):
    without = a_pack(tmp_path)
    pack = a_pack(tmp_path, "for: {team: EMEA}\nrules: {ent-amount: {mode: warn}}")
    assert [rule.mode for rule in pack.rules] == [Mode.ENFORCE, Mode.OBSERVE]
    assert [rule.logic for rule in pack.rules] == [rule.logic for rule in without.rules]
    assert pack.fingerprint != without.fingerprint


def test_a_zone_and_a_calendar_belong_to_the_overlay(tmp_path):
    """14 July is a day off in France, 4 July is not."""
    overlay = only(
        a_pack(
            tmp_path,
            """
            for: {team: EMEA}
            timezone: Europe/Paris
            business_calendar: {country: FR}
            """,
        )
    )
    assert overlay.pack is not None
    project = overlay.pack.project
    assert project.zone.key == "Europe/Paris"
    assert date(2026, 7, 14) in project.calendar.holidays
    assert date(2025, 7, 4) not in project.calendar.holidays


def test_without_a_zone_the_projects_own_counts(tmp_path):
    overlay = only(a_pack(tmp_path, "for: {team: EMEA}"))
    assert overlay.pack is not None
    assert overlay.pack.project.zone.key == "America/New_York"


def test_a_parameter_changes_the_condition_and_the_logic_everywhere(tmp_path):
    without = a_pack(tmp_path)
    pack = a_pack(tmp_path, "for: {team: EMEA}\nparams: {min_amount: 40_000}")
    own = rules_of(only(pack))
    base = {rule.id: rule for rule in pack.rules}
    assert own["ent-amount"].require is not base["ent-amount"].require
    assert own["ent-amount"].logic == base["ent-amount"].logic
    assert base["ent-amount"].logic != without.rules[0].logic
    assert base["ent-step"].logic == without.rules[1].logic


ASKED = """\
version: 1
kind: rules
pipeline: Enterprise
params:
  least: {{type: money, value: {least}}}
  other: {{type: money, value: 7}}
define:
  is_big: amount >= $least
{suspend}stages:
  Qualification:
{start}    exit:
      - id: ent-early
        title: There is a next step
        require: next_step is filled
        fix: Write it.
  Discovery:
{stage}    exit:
      - id: ent-asked
        title: What is asked
{when}        require: {require}
        fix: {fix}
{escalate}      - id: ent-other
        title: Another one
        require: amount != $other
        fix: Change it.
"""
NOTHING = {
    "suspend": "",
    "start": "",
    "stage": "",
    "when": "",
    "require": "amount is filled",
    "fix": "Enter it.",
    "escalate": "",
}


def asked(least: str, **parts: str) -> str:
    return ASKED.format(least=least, **{**NOTHING, **parts})


def answers(rule: Rule, deal: Deal) -> list[Standing | None]:
    conditions = rule.require, rule.when, rule.unless, rule.suspend_when
    return [
        None if each is None else standing(each, deal, a_context())
        for each in conditions
    ]


PLACES = [
    ("require", "amount >= $least", {"ent-asked"}),
    ("require", "is_big", {"ent-asked"}),
    ("when", "        when: amount > $least\n", {"ent-asked"}),
    (
        "escalate",
        "        escalate: [{when: amount > $least, severity: high}]\n",
        set(),
    ),
    ("stage", "    when: is_big\n", {"ent-asked", "ent-other"}),
    (
        "suspend",
        "suspend_when: amount > $least\n",
        set(),
    ),
    ("start", "    start_when: amount > $least\n", {"ent-asked", "ent-other"}),
    ("fix", "At least {least}.", set()),
    ("require", "amount > $other", set()),
]
"""Where a parameter may stand, and the rules whose logic it moves there."""


@pytest.mark.parametrize(
    ("part", "written", "moved"),
    PLACES,
    ids=lambda value: value.strip() if isinstance(value, str) else "",
)
def test_what_an_overlay_gives_is_as_if_the_file_said_so_wherever_it_stands(
    tmp_path, part, written, moved
):
    """What it does not touch is taken as it stands, and must be the same as anew."""
    overlay = HEAD + 'for: {team: ["EMEA"]}\nparams: {least: 80k}\n'
    low, high = asked("50k", **{part: written}), asked("80k", **{part: written})
    anew = a_draft(tmp_path, e_rules=high).compile(None)
    without = a_draft(tmp_path, e_rules=low).compile(None)
    before = {rule.id: rule for rule in without.rules}
    pack = a_draft(tmp_path, e_rules=low, emea_overlay=overlay).compile(None)

    laid = rules_of(only(pack))

    deal, context = a_deal(amount=dollars(1)), a_context()
    for rule in anew.rules:
        old, own = before[rule.id], laid[rule.id]
        is_same = old.logic == rule.logic
        joint = old.logic if is_same else fingerprint([old.logic, rule.logic])
        assert own.logic == joint
        assert own.fix(deal, context) == rule.fix(deal, context)
        assert (own.needs, own.escalate) == (rule.needs, rule.escalate)
    assert {each for each in laid if laid[each].logic != before[each].logic} == moved
    own_pack = only(pack).pack
    assert own_pack is not None
    assert own_pack.starts == anew.starts
    for rule, amount in product(anew.rules, (60_000, 90_000)):
        deal = a_deal(amount=dollars(amount))
        own = laid[rule.id]
        assert answers(own, deal) == answers(rule, deal)


@pytest.mark.promise("S08")
@pytest.mark.parametrize(
    ("limit", "message"),
    [
        (
            "MOST_CHANGED",
            """
            rules/c.overlay.yaml:3:1: error E113: the overlays up to this one change more than 2 rules.
                3 | for: {team: [C]}
                  | ^^^
              help: let fewer rules use what differs, or fewer teams differ.
            """,
        ),
        (
            "MOST_RULES",
            """
            rules/a.overlay.yaml:3:1: error E113: with the overlays up to this one these are more than 2 rules.
                3 | for: {team: [A]}
                  | ^^^
              help: divide it into several projects, or let fewer teams differ.
            """,
        ),
    ],
)
def test_more_rules_than_anybody_maintains_are_refused_under_overlays_too(
    tmp_path, monkeypatch, limit, message
):
    monkeypatch.setattr(variants, limit, 2)
    files = {
        f"{name}_overlay": f"{HEAD}for: {{team: [{name.upper()}]}}\n"
        f"params: {{min_amount: {least}}}\n"
        for name, least in (("a", 1), ("b", 2), ("c", 3))
    }
    assert messages_of_all(tmp_path, e_rules=RULES, **files) == text(message)


def test_a_hundred_teams_may_differ_in_a_limit_that_a_hundred_rules_use(tmp_path):
    head = RULES.replace("  roles: {type: list of text, value: [CFO]}\n", "")
    head = head[: head.index("      - id: ")]
    rules = "".join(
        f"      - {{id: r{n}, title: T{n}, require: amount >= $min_amount, fix: F}}\n"
        for n in range(100)
    )
    files = {
        f"t{n}_overlay": f"{HEAD}for: {{team: [T{n}]}}\nparams: {{min_amount: {n}}}\n"
        for n in range(100)
    }
    pack = a_draft(tmp_path, e_rules=head + rules, **files).compile(None)
    assert [len(rules_of(each)) for each in pack.overlays] == [100] * 100


def test_a_rule_that_an_overlay_does_not_touch_is_the_very_same(tmp_path):
    pack = a_pack(tmp_path, 'for: {team: ["EMEA"]}\nparams: {min_amount: 80k}')
    own = {rule.id: rule for rule in pack.rules}
    assert rules_of(only(pack))["ent-step"] is own["ent-step"]


def test_a_rule_that_another_overlay_changes_is_the_very_same_in_this_one(tmp_path):
    """So the fingerprint of a pack says of each overlay what it changes, no more."""
    zone, least = "timezone: Europe/Paris", "params: {min_amount: 80k}"
    pack = a_pack(
        tmp_path,
        f'for: {{team: ["EMEA"]}}\n{least}',
        apac_overlay=f'{HEAD}for: {{team: ["APAC"]}}\n{zone}\n',
    )
    own = {rule.id: rule for rule in pack.rules}
    overlays = {each.name: each for each in pack.overlays}
    assert rules_of(overlays["apac"])["ent-amount"] is own["ent-amount"]


def test_a_rule_is_switched_off_until_a_day_and_for_a_reason(tmp_path):
    off = "{enabled: false, reason: In the portal, until: 2027-03-31}"
    pack = a_pack(tmp_path, f"for: {{team: EMEA}}\nrules: {{ent-step: {off}}}")
    rule = rules_of(only(pack))["ent-step"]
    assert (rule.off_until, rule.off_because) == (date(2027, 3, 31), "In the portal")


def test_a_rule_may_be_named_as_it_was_formerly(tmp_path):
    pack = a_pack(tmp_path, "for: {team: EMEA}\nrules: {ent-money: {mode: warn}}")
    assert rules_of(only(pack))["ent-amount"].mode is Mode.WARN


def test_what_decides_is_read(tmp_path):
    pack = a_pack(tmp_path, "for: {team: EMEA, pipeline: Enterprise}")
    assert "owner.team" in pack.needs.fields
    assert "pipeline" not in pack.needs.fields


def test_overlays_for_different_teams_stand_side_by_side(tmp_path):
    other = HEAD + "for: {team: APAC}\n"
    pack = a_pack(tmp_path, "for: {team: [EMEA, DACH]}", apac_overlay=other)
    assert [each.name for each in pack.overlays] == ["apac", "emea"]


def test_one_team_may_have_an_overlay_per_pipeline(tmp_path):
    other = HEAD + "for: {team: EMEA, pipeline: SMB}\n"
    pack = a_pack(tmp_path, "for: {team: EMEA, pipeline: Big}", smb_overlay=other)
    assert len(pack.overlays) == 2


# ---- the messages ------------------------------------------------------------------


def test_e704_two_overlays_for_one_deal(tmp_path):
    other = HEAD + "for: {team: [UK, emea]}\n"
    assert said(tmp_path, "for: {team: EMEA}", enterprise_uk_overlay=other) == text("""
        rules/enterprise.uk.overlay.yaml:3:1: error E704: deal owners in team emea match two overlays: emea, enterprise.uk. A deal may match one.
            3 | for: {team: [UK, emea]}
              | ^^^
    """)


def test_e704_overlays_that_say_nothing_of_each_other(tmp_path):
    other = HEAD + "for: {pipeline: Enterprise}\n"
    assert said(tmp_path, "for: {team: EMEA}", ent_overlay=other) == text("""
        rules/ent.overlay.yaml:3:1: error E704: deals match two overlays: emea, ent. A deal may match one.
            3 | for: {pipeline: Enterprise}
              | ^^^
          help: name a team, or a pipeline, in both of them.
    """)


def test_e705_a_key_that_no_overlay_may_change(tmp_path):
    overlay = """
    for: {team: EMEA}
    rules:
      ent-amount: {require: amount > 5, mode: warn}
    """
    assert said(tmp_path, overlay) == text("""
        rules/emea.overlay.yaml:5:16: error E705: an overlay may not change "require" of ent-amount.
            5 |   ent-amount: {require: amount > 5, mode: warn}
              |                ^^^^^^^
          help: make a copy with its own id, and disable this one in the overlay.
    """)


@pytest.mark.parametrize(
    ("overlay", "message"),
    [
        (
            "for: {team: EMEA}\nrules: {ent-amuont: {mode: warn}}",
            """
            rules/emea.overlay.yaml:4:9: error E219: overlay emea names rule ent-amuont, which does not exist.
                4 | rules: {ent-amuont: {mode: warn}}
                  |         ^^^^^^^^^^
              help: did you mean ent-amount?
            """,
        ),
        (
            "for: {team: EMEA}\nrules: {ent-amount: {owed_by: boss}}",
            """
            rules/emea.overlay.yaml:4:31: error E216: owed_by "boss" is not a role of people.yaml.
                4 | rules: {ent-amount: {owed_by: boss}}
                  |                               ^^^^
              help: roles: deal_owner, owner_manager
            """,
        ),
        (
            "for: {team: EMEA}\nrules: {ent-amount: {enabled: false, reason: x}}",
            """
            rules/emea.overlay.yaml:4:9: error E202: ent-amount in overlay emea has no "until".
                4 | rules: {ent-amount: {enabled: false, reason: x}}
                  |         ^^^^^^^^^^
              help: until: 2027-03-31 (the last day it is off)
            """,
        ),
        (
            "for: {team: EMEA}\nparams: {min_amout: 5}",
            """
            rules/emea.overlay.yaml:4:10: error E423: $min_amout is not declared under params.
                4 | params: {min_amout: 5}
                  |          ^^^^^^^^^
              help: did you mean "min_amount"?
            """,
        ),
        (
            "for: {team: EMEA}\nparams: {min_amount: soon}",
            """
            rules/emea.overlay.yaml:4:22: error E206: "value" must be a number such as 50_000; found "soon".
                4 | params: {min_amount: soon}
                  |                      ^^^^
            """,
        ),
        (
            "for: {}",
            """
            rules/emea.overlay.yaml:3:6: error E206: "for" must be a team, a territory or a pipeline; found nothing.
                3 | for: {}
                  |      ^^
            """,
        ),
        (
            "for: {territory: North}",
            """
            rules/emea.overlay.yaml:3:7: error E401: there is no field "territory" on the deal.
                3 | for: {territory: North}
                  |       ^^^^^^^^^
              help: declare one in fields.yaml: territory: {type: text, salesforce: ...}
            """,
        ),
        (
            "timezone: Europe/Paris",
            """
            rules/emea.overlay.yaml:1:1: error E202: overlay emea has no "for".
                1 | version: 1
                  | ^^^^^^^
              help: for: {team: ["EMEA"]}
            """,
        ),
    ],
)
def test_an_overlay_says_what_is_wrong(tmp_path, overlay, message):
    assert said(tmp_path, overlay) == text(message)


def test_the_approver_must_suit_the_severest_overlay(tmp_path):
    waiver = """\
version: 1
kind: waivers
policy: {approvers: {critical: [vp@example.com], "*": [ops@example.com]}}
waivers:
  - {id: w-1, rule: ent-step, deals: [006], reason: A logo, requested_by: a@example.com, approved_by: ops@example.com, approved_on: 2026-11-01, expires: 2026-12-01}
"""
    overlay = "for: {team: EMEA}\nrules: {ent-step: {severity: critical}}"
    found = said(tmp_path, overlay, q_waivers=waiver)
    assert "E707: critical rules need approval by vp@example.com." in found


def test_the_projects_ceiling_holds_under_every_overlay(tmp_path):
    project = PROJECT + "mode_ceiling: warn\n"
    pack = a_pack(tmp_path, "for: {team: EMEA}", project=project)
    own = only(pack).pack
    assert own is not None
    assert own.project.mode_ceiling is Mode.WARN


@pytest.mark.parametrize(
    ("part", "written"),
    [(part, written) for part, written, _ in PLACES if "$other" not in written],
)
def test_another_value_is_another_pack_wherever_it_stands(tmp_path, part, written):
    """A plan is made for one pack: what decides anything in it is in its fingerprint."""
    stated = {
        a_draft(
            tmp_path,
            e_rules=asked("50k", **{part: written}),
            emea_overlay=f"{HEAD}for: {{team: [EMEA]}}\nparams: {{least: {least}}}\n",
        )
        .compile(None)
        .fingerprint
        for least in ("80k", "90k")
    }
    assert len(stated) == 2


def test_two_overlays_that_exchange_their_values_are_another_pack(tmp_path):
    stated = {
        a_pack(
            tmp_path,
            f"for: {{team: [EMEA]}}\nparams: {{min_amount: {one}}}",
            apac_overlay=f"{HEAD}for: {{team: [APAC]}}\nparams: {{min_amount: {other}}}",
        ).fingerprint
        for one, other in (("1k", "2k"), ("2k", "1k"))
    }
    assert len(stated) == 2


@pytest.mark.parametrize(
    ("part", "written"),
    [(part, written) for part, written, _ in PLACES if "$other" not in written],
)
def test_another_default_is_another_pack_wherever_it_stands(tmp_path, part, written):
    stated = {
        a_draft(tmp_path, e_rules=asked(least, **{part: written}))
        .compile(None)
        .fingerprint
        for least in ("80k", "90k")
    }
    assert len(stated) == 2
