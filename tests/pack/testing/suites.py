"""Rule tests, written where a test wants them."""

from __future__ import annotations

from decimal import Decimal
from textwrap import dedent, indent
from typing import TYPE_CHECKING

from gatekeeper.flow.services import context_for
from gatekeeper.pack.load import read_pack
from gatekeeper.pack.source.problems import framed
from gatekeeper.pack.testing.panel import Panel
from gatekeeper.pack.testing.suites import files_of, read_suites
from gatekeeper.pack.testing.verdicts import CaseReport, hold_all
from tests.pack.packs import a_pack

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal
    from gatekeeper.core.pack import RulePack
    from gatekeeper.pack.testing.suites import Suite

RULES = """\
version: 1
kind: rules
pipeline: Enterprise
defaults: {grace: 3 business days}
params:
  min_amount: {type: money, value: 50_000}
stages:
  Qualification:
    exit:
      - id: ent-amount
        title: The amount is realistic
        require: amount >= $min_amount
        fix: Enter the expected amount.
        severity: high
  Discovery:
    exit:
      - id: ent-next-step
        title: A next step is written down
        when: amount > 0
        require: next_step is filled
        fix: Write what happens next.
      - id: ent-tidy
        title: A type is chosen
        require: type is filled
        fix: Choose a type.
        optional: true
  Proposal:
    while_in:
      - id: ent-met
        title: The buyer was met
        require: some meetings where start within last 14 days
        fix: Meet the buyer.
        grace: 0 days
"""

FIELDS = """\
version: 1
kind: fields
deal:
  discount: {type: percent, salesforce: Discount__c}
  competitors: {type: multi_picklist, salesforce: Competitors__c}
  rating: {type: picklist, salesforce: Rating__c, ordered: true}
lookups:
  account:
    salesforce: {object: Account, by: AccountId}
    fields:
      segment: {type: picklist, salesforce: Segment__c}
"""

HEAD = """\
version: 1
kind: test
as_of: 2026-11-20 09:00
"""

DEALS = """\
deals:
  healthy:
    stage: Proposal
    amount: 120_000
    next_step: Send the redlines
    meetings: [{start: 2026-11-12 15:00}]
"""


def a_test_pack(base: Path, test: str, **files: str | bytes) -> Path:
    """Write a pack with one test file, tests/a.test.yaml."""
    folder = a_pack(base, **{"e_rules": RULES, "fields": FIELDS, **files})
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests" / "a.test.yaml").write_text(test, encoding="utf-8")
    return folder


def cases(text: str, *, deals: str = DEALS, head: str = HEAD) -> str:
    """Return a test file with these cases."""
    return (
        f"{head}{dedent(deals).strip()}\ncases:\n{indent(dedent(text).strip(), '  ')}\n"
    )


def read(
    folder: Path, saved: CrmSchema | None = None
) -> tuple[list[Suite], tuple[str, ...]]:
    """Return the suites of a pack, and its mistakes as a person sees them."""
    suites, problems = read_suites(folder, files_of(folder), read_pack(folder), saved)
    return suites, framed(one for one in problems if one.stops)


def a_suite(base: Path, test: str, **files: str | bytes) -> Suite:
    """Write a pack with one test file and read it; it has no mistakes."""
    suites, mistakes = read(a_test_pack(base, test, **files))
    assert mistakes == ()
    return suites[0]


def mistakes_of(base: Path, test: str, **files: str | bytes) -> str:
    """Return the mistakes of a pack with one test file."""
    _, mistakes = read(a_test_pack(base, test, **files))
    return "\n".join(mistakes)


def standpoint(pack: RulePack, at: datetime) -> Context:
    return context_for(pack, at, {pack.project.currency: Decimal(1)})


def held(suite: Suite) -> list[CaseReport]:
    return list(hold_all(suite.cases, Panel(suite.pack, standpoint)))


def texts_of(suite: Suite) -> list[str]:
    """Return every difference the cases of a suite show."""
    return [failure.text for each in held(suite) for failure in each.failures]


def the_deal(base: Path, deal: str, **files: str | bytes) -> Deal:
    """Return the deal of a test file as the evaluator gets it."""
    body = indent(dedent(deal).strip(), "    ")
    test = cases(
        "- {name: a, deal: it, expect: {violations: []}}",
        deals=f"deals:\n  it:\n{body}\n",
    )
    (case,) = a_suite(base, test, **files).cases
    return case.looks[-1][1]
