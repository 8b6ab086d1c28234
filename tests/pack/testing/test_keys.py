"""The keys of rules, files and stages, from the file to the verdict."""

from __future__ import annotations

from tests.pack.testing.suites import a_suite, cases, texts_of

FIELDS = """\
version: 1
kind: fields
lookups:
  account:
    salesforce: {object: Account, by: AccountId}
    fields:
      segment: {type: picklist, salesforce: Segment__c}
collections:
  line_items:
    fields:
      family: {type: picklist, salesforce: Family__c}
deal:
  discount: {type: percent, salesforce: Discount__c}
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


LIMITS = """\
version: 1
kind: rules
pipeline: Enterprise
params:
  idle: {type: duration, by: account.segment, values: {Enterprise: 45 days, SMB: 7 days}}
  most: {type: duration, by: amount, from: {20k: 14 days, 60k: 28 days}}
  price: {type: money, by: family, values: {Hardware: 100, Software: 10}}
  open_limit: {type: number, value: undecided}
  window: {type: duration, value: 7 days}
stages:
  Qualification:
    while_in:
      - id: by-segment
        title: T
        require: [probability > 5, days_since(created_on) <= $idle]
        fix: F
      - {id: by-amount, title: T, require: days_since(created_on) <= $most, fix: F}
      - {id: by-row, title: T, require: every line_item has unit_price >= $price, fix: F}
      - {id: not-decided, title: T, require: probability >= $open_limit, fix: F}
      - {id: twice, title: T, require: days_since(created_on) <= $window * 2, fix: F}
      - id: one-of
        title: T
        require:
          any: [{check: discount <= 10%, on_blank: pass}, probability > 5]
        fix: F
      - id: two-of-three
        title: T
        require: {at_least: {2: [probability > 5, discount is filled, amount > 5]}}
        fix: F
"""  # noqa: E501  (YAML as people write it)

LIMIT_DEALS = """\
deals:
  it:
    stage: Qualification
    created_on: 2026-11-07
    amount: 30k
    probability: 10%
    account: {segment: Enterprise}
    line_items: [{family: Hardware, unit_price: 100}]
"""

LIMIT_CASES = """\
- name: every limit is kept
  deal: it
  expect: {violations: [], not_applicable: [not-decided]}
- name: the limit of another segment
  deal: it
  change: {account: {segment: SMB}}
  expect: {violations: [by-segment]}
- name: a segment without a limit leaves the whole rule out
  deal: it
  change: {account: {segment: Midmarket}, probability: 1%}
  expect:
    not_applicable: [by-segment]
    because: {by-segment: Idle has no value where Account Segment is "Midmarket"}
- name: so does an empty one
  deal: it
  change: {account: ~}
  expect:
    not_applicable: [by-segment]
    because: {by-segment: Idle has no value where Account Segment is empty}
- name: a segment that cannot be read decides nothing
  deal: it
  hidden: [account.segment]
  expect: {cannot_tell: [by-segment]}
- name: the highest band at or below counts
  deal: it
  as_of: 2026-11-22 09:00
  expect: {fails: [by-amount]}
- name: from the next band on there is more time
  deal: it
  as_of: 2026-11-22 09:00
  change: {amount: 60k}
  expect: {passes: [by-amount]}
- name: below the first band nothing is asked
  deal: it
  change: {amount: 19_999.99}
  expect: {not_applicable: [by-amount]}
- name: a limit chosen by the row
  deal: it
  change: {line_items: [{family: Hardware, unit_price: 99}]}
  expect: {fails: [by-row]}
- name: a row without a limit is not as asked
  deal: it
  change: {line_items: [{family: Services, unit_price: 99}]}
  expect:
    fails: [by-row]
    because:
      by-row: The only line item does not have unit price at least Price (by Family) (Price has no value where Family is "Services"); every one must
- name: twice a week is a fortnight
  deal: it
  as_of: 2026-11-21 09:00
  expect: {passes: [twice]}
- name: and no day more
  deal: it
  as_of: 2026-11-22 09:00
  expect: {fails: [twice]}
- name: an empty line that may be empty is left out of an any
  deal: it
  change: {probability: 1%}
  expect:
    fails: [one-of, two-of-three]
    because:
      one-of: "None of these holds: Probability is 1%; it must be more than 5%"
      two-of-three: "1 of the 2 needed: Probability is 1%; it must be more than 5%; Discount is empty"
"""  # noqa: E501  (YAML as people write it)


def test_a_limit_may_be_chosen_by_a_field_or_stay_open(tmp_path):
    test = cases(LIMIT_CASES, deals=LIMIT_DEALS, head=HEAD)
    suite = a_suite(tmp_path, test, e_rules=LIMITS, fields=FIELDS)
    assert texts_of(suite) == []


YES_NO = """\
version: 1
kind: rules
pipeline: Enterprise
params:
  spoken: {type: percent, by: is_key, values: {yes: 10%, no: 20%}}
  written: {type: percent, by: is_key, values: {true: 10%, false: 20%}}
stages:
  Qualification:
    while_in:
      - {id: spoken, title: T, require: probability >= $spoken, fix: F}
      - {id: written, title: T, require: probability >= $written, fix: F}
"""
YES_NO_CASES = """\
- name: enough where it is true
  deal: it
  change: {is_key: true}
  expect: {violations: []}
- name: not enough where it is false
  deal: it
  change: {is_key: false}
  expect: {violations: [spoken, written]}
"""


def test_a_yes_no_field_chooses_by_true_and_false_or_yes_and_no(tmp_path):
    deals = "deals:\n  it: {stage: Qualification, probability: 15%}\n"
    test = cases(YES_NO_CASES, deals=deals, head=HEAD)
    fields = (
        "version: 1\nkind: fields\ndeal: {is_key: {type: yes_no, salesforce: Key__c}}\n"
    )
    suite = a_suite(tmp_path, test, e_rules=YES_NO, fields=fields)
    assert texts_of(suite) == []


ROW_LIMITS = """\
version: 1
kind: rules
pipeline: Enterprise
params:
  idle: {type: duration, by: account.segment, values: {Enterprise: 45 days, SMB: 7 days}}
  least: {type: number, by: account.segment, values: {Enterprise: 3, SMB: 1}}
stages:
  Qualification:
    while_in:
      - {id: met, title: T, require: some meetings where start within last $idle, fix: F}
      - {id: unmet, title: T, require: no meetings where start within last $idle, fix: F}
      - id: sometimes
        title: T
        require:
          - {check: probability > $least, when: amount > 20k}
          - next_step is filled
        fix: F
"""  # noqa: E501  (YAML as people write it)

ROW_LIMIT_CASES = """\
- name: a limit that the deal's segment gives to the condition of rows
  deal: it
  expect: {violations: [sometimes, unmet]}
- name: a segment without a limit leaves rules out whose rows are held to it
  deal: it
  change: {account: {segment: Midmarket}}
  expect:
    violations: []
    not_applicable: [met, sometimes, unmet]
    because:
      met: Idle has no value where Account Segment is "Midmarket"
      sometimes: Least has no value where Account Segment is "Midmarket"
- name: a line that is not asked needs no limit
  deal: it
  change: {account: {segment: Midmarket}, amount: 20k}
  expect: {violations: [sometimes], not_applicable: [met, unmet]}
- name: whether a line without a limit is asked cannot be told
  deal: it
  change: {account: {segment: Midmarket}}
  hidden: [amount]
  expect: {cannot_tell: [sometimes]}
- name: where there is a limit the other line decides
  deal: it
  hidden: [amount]
  expect: {violations: [sometimes, unmet]}
"""


def test_a_rule_is_left_out_wherever_a_limit_that_it_asks_for_is_missing(tmp_path):
    deals = LIMIT_DEALS + "    meetings: [{start: 2026-11-15 10:00}]\n"
    test = cases(ROW_LIMIT_CASES, deals=deals, head=HEAD)
    suite = a_suite(tmp_path, test, e_rules=ROW_LIMITS, fields=FIELDS)
    assert texts_of(suite) == []
