"""The notes for the portal's administrator name what the program asks for and makes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gatekeeper.crm.hubspot.metadata import scopes
from gatekeeper.crm.hubspot.writing.own_properties import OWN_PROPERTIES
from gatekeeper.sandbox.hubspot.settings import Allowance

ROOT = Path(__file__).parents[3]
NOTES = (ROOT / "deploy" / "hubspot" / "README.md").read_text(encoding="utf-8")


def rows(title: str) -> list[list[str]]:
    """The cells of the table whose first column has this title."""
    table = re.search(rf"^\| {title} \|.*\n\|.*\n((?:\|.*\n)+)", NOTES, re.MULTILINE)
    assert table is not None, title
    return [
        [cell.strip().strip("`") for cell in row.strip("|").split("|")]
        for row in table.group(1).splitlines()
    ]


@pytest.mark.promise("S04")
def test_every_scope_is_named_with_a_reason_and_when_it_is_needed():
    named = {scope: when for scope, why, when in rows("scope") if why}
    always = {scope for scope, when in named.items() if when == "always"}
    set_up = {scope for scope, when in named.items() if "setup-crm" in when}

    assert always == {*scopes.TO_READ, *scopes.TO_WRITE}
    assert set_up == set(scopes.TO_SET_UP)
    assert named.keys() - set_up == set(scopes.scopes_for(scopes.OF_KIND))
    assert not scopes.Scopes(frozenset(named)).excess()


def test_every_property_of_ours_is_listed_in_the_words_of_setup_crm():
    listed = [tuple(cells) for cells in rows("property")]

    assert listed == [(each.full_name, each.purpose) for each in OWN_PROPERTIES]


def test_the_limits_are_those_the_sandbox_keeps():
    limits = {tier: (burst, day) for tier, burst, day in rows("account")}
    allowance = Allowance()

    assert limits["Professional"] == (f"{allowance.burst}", f"{allowance.daily:,}")
