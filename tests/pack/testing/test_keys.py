"""The keys of rules, files and stages, from the file to the verdict."""

from __future__ import annotations

from tests.pack.testing.suites import a_suite, cases, texts_of

FIELDS = """\
version: 1
kind: fields
deal:
  is_renewal: {type: yes_no, salesforce: Is_Renewal__c}
  in_migration: {type: yes_no, salesforce: In_Migration__c}
"""

RULES = """\
version: 1
kind: rules
pipeline: Enterprise
suspend_when: in_migration is true
stages:
  Qualification:
    exit:
      - id: q-amount
        title: The amount is realistic
        require: amount >= 50k
        fix: Enter the amount.
        escalate:
          - {when: days_since(created_on) > 30, severity: high}
          - {when: days_since(created_on) > 60, owed_by: owner_manager, severity: low}
  Discovery:
    when: amount > 0
    unless: type = "Partner"
    exit:
      - id: d-next
        title: A next step is written down
        require: {check: next_step is filled, forbid: [waiting for the customer]}
        fix: Write what happens next.
  Pilot:
    path: optional
    exit:
      - id: p-report
        title: The pilot has a report
        require: some files
        fix: Attach the report.
  Legal hold:
    path: side
    while_in:
      - {id: l-reason, title: T, require: type is filled, fix: Say why.}
    exit:
      - {id: l-source, title: T, require: lead_source is filled, fix: Say whence.}
  Proposal:
    start_when: is_renewal is true
    entry:
      - {id: pr-date, title: T, require: close_date is filled, fix: Set it.}
  Double:
    counts_as: excluded
  every open stage:
    unless: name starts with "Test"
    while_in:
      - {id: e-skipped, title: T, require: not skipped("Discovery"), fix: Go back.}
      - id: e-far
        title: T
        when: stage after "Qualification"
        require: amount > 0
        fix: Go on.
"""

HEAD = """\
version: 1
kind: test
as_of: 2026-11-20 09:00
pipelines:
  Enterprise:
    open: [Qualification, Discovery, Pilot, Legal hold, Proposal]
    won: [Closed Won]
    lost: [Closed Lost, Double]
"""

DEALS = """\
deals:
  found:
    stage: Discovery
    created_on: 2026-11-10
    amount: 60k
    next_step: Call Dana on Tuesday
    close_date: 2026-12-01
    history:
      2026-11-10: {stage: Qualification}
      2026-11-12: {stage: Discovery}
  held:
    stage: Legal hold
    created_on: 2026-11-10
    amount: 60k
    history:
      2026-11-10: {stage: Qualification}
      2026-11-12: {stage: Discovery}
      2026-11-15: {stage: Legal hold}
  begun:
    stage: Proposal
    amount: 1
    close_date: 2026-12-01
    history:
      2026-11-10: {stage: Proposal}
"""


CASES = """\
- name: a deal with everything breaks nothing
  deal: found
  expect: {violations: []}

- name: a young miss is as bad as the rule says
  deal: found
  change: {amount: 1}
  expect: {violations: [q-amount], severity: {q-amount: medium}}
- name: after 30 days it is worse
  deal: found
  change: {amount: 1}
  as_of: 2026-12-12 09:00
  expect: {severity: {q-amount: high}, owed_by: {q-amount: deal_owner}}
- name: after 60 days the last entry alone counts
  deal: found
  change: {amount: 1}
  as_of: 2027-01-12 09:00
  expect: {severity: {q-amount: low}, owed_by: {q-amount: owner_manager}}

- name: a suspended file cannot tell where its rules bind
  deal: found
  change: {amount: 1, in_migration: true}
  expect:
    cannot_tell: [q-amount]
    not_applicable: [pr-date, l-reason]
    because: {q-amount: "suspended: in_migration is true"}
- name: nor where it cannot be told whether it is suspended
  deal: found
  hidden: [in_migration]
  expect: {cannot_tell: [q-amount]}

- name: a forbidden phrase is no answer, however it is written
  deal: found
  change: {stage: Proposal, next_step: "Waiting, for the CUSTOMER"}
  expect:
    violations: [d-next]
    because:
      d-next: Next Step contains "waiting for the customer", which does not count.

- name: unless of a stage spares its rules
  deal: found
  change: {stage: Proposal, type: Partner, next_step: ~}
  expect: {violations: [], not_applicable: [d-next]}
- name: when of a stage must hold too
  deal: found
  change: {stage: Proposal, amount: 0, next_step: ~}
  expect: {not_applicable: [d-next], fails: [q-amount, e-far]}
- name: every open stage may have its own unless
  deal: found
  change: {amount: 0, name: Test deal}
  expect: {violations: [q-amount], not_applicable: [e-far]}

- name: an optional stage may be left out
  deal: found
  change: {stage: Proposal}
  expect: {violations: [], not_applicable: [p-report]}
- name: who was in it owes what it asks
  deal: found
  change:
    stage: Proposal
    history:
      2026-11-10: {stage: Qualification}
      2026-11-11: {stage: Discovery}
      2026-11-12: {stage: Pilot}
  expect: {violations: [p-report]}

- name: a deal aside is asked what it was asked before, and what is asked there
  deal: held
  expect:
    violations: [l-reason]
    passes: [q-amount, e-skipped]
    not_applicable: [d-next, pr-date, e-far, l-source]
- name: who was aside owes what is asked on leaving
  deal: held
  change: {stage: Proposal}
  expect: {violations: [d-next, l-source, pr-date], not_applicable: [l-reason]}

- name: a renewal may begin at the proposal
  deal: begun
  change: {is_renewal: true}
  expect: {not_applicable: [q-amount, d-next], passes: [pr-date], fails: [e-skipped]}
- name: new business may not
  deal: begun
  expect: {fails: [q-amount, d-next]}

- name: a double is held against nothing
  deal: found
  change: {stage: Double, amount: 1}
  expect: {violations: [], not_applicable: [q-amount, d-next, e-far]}
"""


def differences(base, written: str) -> list[str]:
    test = cases(written, deals=DEALS, head=HEAD)
    return texts_of(a_suite(base, test, e_rules=RULES, fields=FIELDS))


def test_every_key_does_what_it_says(tmp_path):
    assert differences(tmp_path, CASES) == []


def test_what_stands_after_escalation_is_compared(tmp_path):
    wrong = """
        - name: old
          deal: found
          change: {amount: 1}
          as_of: 2026-12-12 09:00
          expect: {severity: {q-amount: low}, owed_by: {q-amount: owner_manager}}
        """
    assert differences(tmp_path, wrong) == [
        "FAIL old: expected q-amount to be low, it is high.",
        "FAIL old: expected q-amount to be owed by owner_manager, it is owed by"
        " deal_owner.",
    ]
