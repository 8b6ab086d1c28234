"""Files of waivers: the values they become, and every mistake in whole."""

# ruff: noqa: E501  (messages stand as people see them)

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.judge.conditions import standing
from gatekeeper.core.model import Standing
from tests.builders import a_context, a_deal, dollars
from tests.pack.packs import PROJECT, a_draft, messages_of_all, text

if TYPE_CHECKING:
    from gatekeeper.core.waivers import Waiver, WaiverBook

RULES = """\
version: 1
kind: rules
pipeline: Enterprise
stages:
  Discovery:
    exit:
      - id: ent-next-step
        title: A next step is written down
        require: next_step is filled
        fix: Write what happens next.
        severity: critical
        formerly: [ent-step]
      - id: ent-amount
        title: There is an amount
        require: amount > 0
        fix: Enter it.
"""

HEAD = """\
version: 1
kind: waivers
"""

WAIVER = """\
waivers:
  - id: w-1
    rule: ent-next-step
    deals: [006Hs00001ABCdE]
    reason: Strategic logo.
    ticket: DD-4471
    requested_by: ana@example.com
    approved_by: vp@example.com
    approved_on: 2026-11-03
    expires: 2026-12-31
"""


def book(base, *files: str, rules: str = RULES) -> WaiverBook:
    named = {f"w{number}_waivers": each for number, each in enumerate(files)}
    draft = a_draft(base, e_rules=rules, **named)
    return draft.compile(None).waivers


def only(found: WaiverBook) -> Waiver:
    (waiver,) = found.waivers
    return waiver


def said(base, waivers: str, *more: str, project: str = PROJECT) -> str:
    files = {f"w{number}_waivers": each for number, each in enumerate(more, 1)}
    return messages_of_all(
        base, project=project, e_rules=RULES, w_waivers=waivers, **files
    )


def changed(*changes: tuple[str, str], head: str = HEAD) -> str:
    written = head + WAIVER
    for before, after in changes:
        assert before in written
        written = written.replace(before, after)
    return written


def test_every_key_of_a_waiver_is_read(tmp_path):
    waiver = only(book(tmp_path, HEAD + WAIVER))
    assert (waiver.id, waiver.rules, waiver.reason, waiver.ticket) == (
        "w-1",
        ("ent-next-step",),
        "Strategic logo.",
        "DD-4471",
    )
    assert waiver.deals == {"006Hs00001ABCdE"}
    assert (waiver.approved_on, waiver.expires) == (
        date(2026, 11, 3),
        date(2026, 12, 31),
    )
    assert waiver.outdated == frozenset()
    assert waiver.place == "w0.waivers.yaml:5"
    assert waiver.words == (
        "Waived until 31 Dec 2026 by vp@example.com (w-1, DD-4471): Strategic logo."
    )


def test_a_policy_is_read_once_for_all_files(tmp_path):
    policy = """\
    policy:
      max_duration: 90 days
      approvers: {critical: [vp@example.com], "*": [ops@example.com]}
      void_on_change: false
    """
    found = book(tmp_path, HEAD + text(policy) + "\n", HEAD + WAIVER).policy
    assert found.max_duration == timedelta(days=90)
    assert found.may_approve("critical") == ("vp@example.com",)
    assert found.may_approve("low") == ("ops@example.com",)


def test_a_rule_may_be_named_as_it_was_formerly(tmp_path):
    written = changed(("rule: ent-next-step", "rule: [ent-step, ent-amount]"))
    assert only(book(tmp_path, written)).rules == ("ent-next-step", "ent-amount")


def test_the_deals_may_be_a_condition_whose_fields_are_then_read(tmp_path):
    where = 'deals_where: lead_source = "Partner"\n    max_deals: 25'
    written = changed(("deals: [006Hs00001ABCdE]", where))
    pack = a_draft(tmp_path, e_rules=RULES, w_waivers=written).compile(None)
    waiver = only(pack.waivers)
    assert waiver.deals_where is not None
    assert waiver.max_deals == 25
    assert "lead_source" in pack.needs.fields


def test_a_waiver_changes_what_a_plan_is_made_with(tmp_path):
    without = a_draft(tmp_path, e_rules=RULES).compile(None).fingerprint
    one = a_draft(tmp_path, w_waivers=HEAD + WAIVER).compile(None).fingerprint
    longer = changed(("2026-12-31", "2027-01-31"))
    other = a_draft(tmp_path, w_waivers=longer).compile(None).fingerprint
    assert len({without, one, other}) == 3


def test_a_waiver_of_an_earlier_version_is_known(tmp_path):
    earlier = "approved_logic: {ent-next-step: 0123456789abcdef}\n    ticket:"
    waiver = only(book(tmp_path, changed(("ticket:", earlier))))
    assert waiver.outdated == {"ent-next-step"}


def test_a_version_approved_under_a_former_id_is_that_of_the_present_rule(tmp_path):
    earlier = "approved_logic: {ent-step: 0123456789abcdef}\n    ticket:"
    waiver = only(book(tmp_path, changed(("ticket:", earlier))))
    assert waiver.outdated == {"ent-next-step"}


# ---- the messages ------------------------------------------------------------------


def test_e701_a_rule_that_does_not_exist(tmp_path):
    assert said(tmp_path, changed(("ent-next-step", "ent-next-stp"))) == text("""
        rules/w.waivers.yaml:5:11: error E701: waiver w-1 names rule ent-next-stp, which does not exist.
            5 |     rule: ent-next-stp
              |           ^^^^^^^^^^^^
          help: did you mean ent-next-step?
    """)


def test_e702_no_end(tmp_path):
    assert said(tmp_path, changed(("    expires: 2026-12-31\n", ""))) == text("""
        rules/w.waivers.yaml:4:5: error E702: waiver w-1 has no "expires".
            4 |   - id: w-1
              |     ^^
          help: expires: 2026-12-31 (the last day it still works)
    """)


def test_e703_too_long(tmp_path):
    """From 3 Nov 2026 to 3 Jun 2027 are 27+31+31+28+31+30+31+3 = 212 days."""
    head = HEAD + "policy: {max_duration: 90 days}\n"
    written = changed(("2026-12-31", "2027-06-03"), head=head)
    assert said(tmp_path, written) == text("""
        rules/w.waivers.yaml:13:14: error E703: it would last 212 days; the policy allows 90.
           13 |     expires: 2027-06-03
              |              ^^^^^^^^^^
    """)


def test_ninety_days_are_ninety_days(tmp_path):
    """From 3 Nov 2026 to 1 Feb 2027 are 27+31+31+1 = 90 days."""
    head = HEAD + "policy: {max_duration: 90 days}\n"
    assert said(tmp_path, changed(("2026-12-31", "2027-02-01"), head=head)) == ""


def test_e706_the_requester_approves(tmp_path):
    assert said(tmp_path, changed(("vp@example", "Ana@example"))) == text("""
        rules/w.waivers.yaml:10:18: error E706: Ana@example.com requested this waiver and may not approve it.
           10 |     approved_by: Ana@example.com
              |                  ^^^^^^^^^^^^^^^
    """)


def test_e707_somebody_else_must_approve(tmp_path):
    people = '{critical: [boss@example.com, ceo@example.com], "*": [vp@example.com]}'
    head = f"{HEAD}policy: {{approvers: {people}}}\n"
    assert said(tmp_path, changed(head=head)) == text("""
        rules/w.waivers.yaml:11:18: error E707: critical rules need approval by boss@example.com or ceo@example.com.
           11 |     approved_by: vp@example.com
              |                  ^^^^^^^^^^^^^^
    """)


def test_e707_nobody_may(tmp_path):
    head = f"{HEAD}policy: {{approvers: {{low: [vp@example.com]}}}}\n"
    assert said(tmp_path, changed(head=head)) == text("""
        rules/w.waivers.yaml:11:18: error E707: critical rules need approval by somebody whom the policy does not name yet.
           11 |     approved_by: vp@example.com
              |                  ^^^^^^^^^^^^^^
    """)


def test_e709_all_rules(tmp_path):
    assert said(tmp_path, changed(("rule: ent-next-step", 'rule: ["*"]'))) == text("""
        rules/w.waivers.yaml:5:12: error E709: "*" is not accepted; name the rules.
            5 |     rule: ["*"]
              |            ^^^
    """)


@pytest.mark.parametrize("word", ["all", "All rules", "every rule", "ent-*"])
def test_e709_however_all_rules_are_said(tmp_path, word):
    found = said(tmp_path, changed(("rule: ent-next-step", f"rule: {word}")))
    assert found.splitlines()[0] == (
        f'rules/w.waivers.yaml:5:11: error E709: "{word}" is not accepted; name the'
        " rules."
    )
    assert "E701" not in found


def test_e710_the_name_of_a_deal_instead_of_its_id(tmp_path):
    named = changed(("[006Hs00001ABCdE]", "[006Hs00001ABCdE, Acme 2026 renewal]"))
    assert said(tmp_path, named) == text("""
        rules/w.waivers.yaml:6:30: error E710: "Acme 2026 renewal" is not the id of a deal in Salesforce, so waiver w-1 would not cover it.
            6 |     deals: [006Hs00001ABCdE, Acme 2026 renewal]
              |                              ^^^^^^^^^^^^^^^^^
          help: open the deal: its id begins with 006 in the address of the page, for example 006Hs00001ABCdE.
    """)


def test_e710_the_address_of_a_deal_is_cut_down_to_its_id(tmp_path):
    address = "https://acme.lightning.force.com/lightning/r/Opportunity/006Hs00001ABCdEIAY/view"
    found = said(tmp_path, changed(("[006Hs00001ABCdE]", f"'{address}'")))
    assert found.splitlines()[-1] == "  help: write only the id: 006Hs00001ABCdEIAY"


def test_e710_in_hubspot(tmp_path):
    project = PROJECT.replace("salesforce", "hubspot")
    named = changed(("[006Hs00001ABCdE]", "[Acme renewal]"))
    assert said(tmp_path, named, project=project).splitlines()[::3] == [
        'rules/w.waivers.yaml:6:13: error E710: "Acme renewal" is not the id of a deal in HubSpot, so waiver w-1 would not cover it.',
        "  help: open the deal: its id is the last number in the address of the page, for example 9876543210.",
    ]
    address = "https://app.hubspot.com/contacts/1234567/record/0-3/9876543210"
    by_address = changed(("[006Hs00001ABCdE]", f"'{address}'"))
    found = said(tmp_path, by_address, project=project)
    assert found.splitlines()[-1] == "  help: write only the id: 9876543210"


def test_ids_of_both_crms_and_of_both_lengths_may_stand_beside_each_other(tmp_path):
    ids = "[006Hs00001ABCdE, 006Hs00001ABCdEIAY, 9876543210]"
    assert said(tmp_path, changed(("[006Hs00001ABCdE]", ids))) == ""


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "    deals: [006Hs00001ABCdE]\n",
            "",
            """
            rules/w.waivers.yaml:4:5: error E202: waiver w-1 has neither "deals" nor "deals_where".
                4 |   - id: w-1
                  |     ^^
              help: deals: [006Hs00001ABCdE]
            """,
        ),
        (
            "    deals: [006Hs00001ABCdE]\n",
            "    deals_where: amount > 5\n",
            """
            rules/w.waivers.yaml:4:5: error E202: waiver w-1 has no "max_deals".
                4 |   - id: w-1
                  |     ^^
              help: max_deals: 25 (a run in which it would cover more does not apply it)
            """,
        ),
        (
            "    deals: [006Hs00001ABCdE]\n",
            "    deals_where: amount > 5\n    max_deals: 0\n",
            """
            rules/w.waivers.yaml:7:16: error E206: "max_deals" must be a whole number from 1 on, such as 20; found "0".
                7 |     max_deals: 0
                  |                ^
            """,
        ),
        (
            "rule: ent-next-step",
            "rule: []",
            """
            rules/w.waivers.yaml:5:11: error E202: waiver w-1 has no "rule".
                5 |     rule: []
                  |           ^^
              help: rule: ent-prop-discount, or a list of rules
            """,
        ),
        (
            "    ticket: DD-4471\n",
            "    deals_where: amount > 5\n",
            """
            rules/w.waivers.yaml:4:5: error E206: waiver w-1 has both "deals" and "deals_where"; keep one.
                4 |   - id: w-1
                  |     ^^
            """,
        ),
        (
            "    reason: Strategic logo.\n",
            "",
            """
            rules/w.waivers.yaml:4:5: error E202: waiver w-1 has no "reason".
                4 |   - id: w-1
                  |     ^^
              help: say in one sentence why.
            """,
        ),
        (
            "expires: 2026-12-31",
            "expires: 2026-11-02",
            """
            rules/w.waivers.yaml:12:14: error E206: "expires" must be on or after the day of "approved_on" (3 Nov 2026); found "2026-11-02".
               12 |     expires: 2026-11-02
                  |              ^^^^^^^^^^
            """,
        ),
        (
            "    ticket: DD-4471\n",
            '    ends_early_when: supported_stage() = "Discovery"\n',
            """
            rules/w.waivers.yaml:4:5: error E429: waiver w-1 reads supported_stage(), which follows from the criteria that waivers decide about.
                4 |   - id: w-1
                  |     ^^
            """,
        ),
        (
            "    ticket: DD-4471\n",
            "    ends_early_when: amonut < 5\n",
            """
            rules/w.waivers.yaml:8:22: error E401: there is no field "amonut" on the deal.
                8 |     ends_early_when: amonut < 5
                  |                      ^^^^^^
              help: did you mean "amount" (money)? List all fields with: gatekeeper fields list
            """,
        ),
    ],
)
def test_a_waiver_says_what_is_missing(tmp_path, before, after, message):
    assert said(tmp_path, changed((before, after))) == text(message)


def test_the_id_of_a_waiver_is_its_own(tmp_path):
    assert said(tmp_path, HEAD + WAIVER, HEAD + WAIVER) == text("""
        rules/w1.waivers.yaml:4:9: error E205: id w-1 is also used in rules/w.waivers.yaml:4.
            4 |   - id: w-1
              |         ^^^
          help: the ids of waivers are unique.
    """)


def test_there_is_one_policy(tmp_path):
    head = HEAD + "policy: {void_on_change: false}\n"
    assert said(tmp_path, head + WAIVER, head) == text("""
        rules/w1.waivers.yaml:3:1: error E218: policy is also declared in w.waivers.yaml:3.
            3 | policy: {void_on_change: false}
              | ^^^^^^
          help: keep one; it holds for all waivers of the pack.
    """)


def test_a_policy_that_ends_waivers_asks_for_the_version_approved(tmp_path):
    head = HEAD + "policy: {void_on_change: true}\n"
    assert said(tmp_path, head + WAIVER) == text("""
        rules/w.waivers.yaml:5:5: error E202: waiver w-1 has no "approved_logic".
            5 |   - id: w-1
              |     ^^
          help: the policy says void_on_change; gatekeeper waivers add writes what was approved.
    """)


# ---- names of the pack ----------------------------------------------------------------


def test_a_condition_may_use_the_names_of_its_rules_file(tmp_path):
    named = RULES.replace(
        "stages:",
        "params:\n  small: {type: money, value: 10_000}\n"
        "define:\n  is_small: amount < $small\nstages:",
    )
    changed = WAIVER.replace(
        "deals: [006Hs00001ABCdE]", "deals_where: is_small\n    max_deals: 5"
    )
    (waiver,) = book(tmp_path, HEAD + changed, rules=named).waivers
    context = a_context()
    small, big = a_deal(amount=dollars(9_999)), a_deal(amount=dollars(10_000))
    assert waiver.deals_where is not None
    stands = [standing(waiver.deals_where, deal, context) for deal in (small, big)]
    assert stands == [Standing.MET, Standing.NOT_MET]
