"""The values of picklists in a test are held against those that are known."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gatekeeper.core.catalogue import Choice, CrmField, CrmSchema, Kind
from tests.pack.packs import text
from tests.pack.testing.suites import (
    a_suite,
    a_test_pack,
    cases,
    held,
    mistakes_of,
    read,
)

PICKLISTS = """\
version: 1
kind: test
as_of: 2026-11-20 09:00
picklists:
  contacts.role: [Champion, Economic Buyer]
  competitors: [Acme, Globex]
  account.segment: [SMB]
"""


def test_a_value_that_a_picklist_lacks_is_refused_wherever_it_stands(tmp_path):
    test = cases(
        """
        - name: a
          deal: it
          change:
            contacts: [{role: champion}, {role: Economic Byer}]
            competitors: [Acme, Globbex]
            account: {segment: SBM}
            calls: [{direction: outgoing}]
          expect: {violations: []}
        """,
        head=PICKLISTS,
        deals="deals: {it: {stage: Proposal}}",
    )
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:13:43: error E502: "Economic Byer" is not a value of contacts.role.
           13 |       contacts: [{role: champion}, {role: Economic Byer}]
              |                                           ^^^^^^^^^^^^^
          help: did you mean "Economic Buyer"? Active values: Champion, Economic Buyer
        rules/tests/a.test.yaml:14:27: error E502: "Globbex" is not a value of competitors.
           14 |       competitors: [Acme, Globbex]
              |                           ^^^^^^^
          help: did you mean "Globex"? Active values: Acme, Globex
        rules/tests/a.test.yaml:15:26: error E502: "SBM" is not a value of account.segment.
           15 |       account: {segment: SBM}
              |                          ^^^
          help: did you mean "SMB"? Active values: SMB
        rules/tests/a.test.yaml:16:27: error E502: "outgoing" is not a value of calls.direction.
           16 |       calls: [{direction: outgoing}]
              |                           ^^^^^^^^
          help: did you mean "outbound"? Active values: inbound, outbound
        """  # noqa: E501
    )


def test_of_several_values_in_one_text_the_wrong_one_is_named(tmp_path):
    test = cases(
        "- {name: a, deal: it, change: {competitors: Acme; Globbex},"
        " expect: {violations: []}}",
        head=PICKLISTS,
        deals="deals: {it: {stage: Proposal}}",
    )
    assert mistakes_of(tmp_path, test) == text(
        """
        rules/tests/a.test.yaml:10:47: error E502: "Globbex" is not a value of competitors.
           10 |   - {name: a, deal: it, change: {competitors: Acme; Globbex}, expect: {violations: []}}
              |                                               ^^^^^^^^^^^^^
          help: did you mean "Globex"? Active values: Acme, Globex
        """  # noqa: E501
    )


def test_a_picklist_of_which_nothing_is_known_takes_any_value(tmp_path):
    test = cases(
        "- {name: a, deal: healthy, change: {type: Anything,"
        " contacts: [{role: Whoever}], lead_source: ~}, expect: {violations: []}}"
    )
    assert [report.failures for report in held(a_suite(tmp_path, test))] == [()]


@pytest.mark.parametrize("restricted", [True, False])
def test_a_picklist_of_the_crm_that_takes_other_values_takes_them_here(
    tmp_path, restricted
):
    role = CrmField(
        "OpportunityContactRole.Role",
        "Role",
        "picklist",
        (Kind.PICKLIST,),
        choices=(Choice("champ", "Champion"),),
        restricted=restricted,
    )
    read_at = datetime(2026, 11, 20, tzinfo=UTC)
    schema = CrmSchema("salesforce", "sf:1", read_at, {"contacts.role": role}, {}, ())
    test = cases(
        "- {name: a, deal: healthy, change: {contacts: [{role: Ally}]},"
        " expect: {violations: []}}"
    )
    _, mistakes = read(a_test_pack(tmp_path, test), schema)
    assert ["E502" in each for each in mistakes] == [True] * restricted
