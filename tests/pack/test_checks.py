"""Equal lines are read and checked once, and still told apart where they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.language.compiler.line import CheckError
from gatekeeper.language.parser.line import parse
from gatekeeper.pack.build.checks import Checks
from gatekeeper.pack.files.conditions import DraftLine
from tests.language.scopes import OFFLINE, SCHEMA
from tests.pack.packs import RULES, a_draft

if TYPE_CHECKING:
    from pathlib import Path

TWICE = RULES + (
    "      - id: ent-next-step-again\n"
    "        title: A next step is written down\n"
    "        require: {line}\n"
    "        fix: Write what happens next.\n"
)


def test_the_same_mistake_in_two_rules_is_shown_at_both_lines(tmp_path: Path) -> None:
    rules = TWICE.replace("next_step is filled", "next_stp is filled")
    draft = a_draft(tmp_path, e_rules=rules.replace("{line}", "next_stp is filled"))
    found = [(each.code, each.place.line) for each in draft.findings(None)]
    assert found == [("E401", 9), ("E401", 13)]


def test_lines_of_one_text_are_one_tree(tmp_path: Path) -> None:
    draft = a_draft(tmp_path, e_rules=TWICE.replace("{line}", "next_step is filled"))
    one, other = (rule.require for rule in draft.rules)
    assert isinstance(one, DraftLine)
    assert isinstance(other, DraftLine)
    assert one.test is other.test
    assert one.scalar.place.line == 9
    assert other.scalar.place.line == 13


def test_a_line_is_checked_once_at_each_stage() -> None:
    checks, test = Checks(OFFLINE), parse("days_in_stage() > 3")
    assert checks.of(test) is checks.of(test)
    assert checks.at("Discovery").of(test) is checks.at("Discovery").of(test)
    assert checks.at("Discovery").of(test) is not checks.at("Proposal").of(test)
    assert checks.at("Discovery").scope.stage == "Discovery"


def test_a_mistake_is_told_every_time_it_is_asked_for() -> None:
    checks, test = Checks(OFFLINE), parse("nothing_like_it > 3")
    told = []
    for _ in range(2):
        with pytest.raises(CheckError) as caught:
            checks.of(test)
        told.append(caught.value.mistakes)
    assert told[0] == told[1]
    assert [each.code for each in told[0]] == ["E401"]


def test_what_empty_counts_as_tells_compiled_lines_apart() -> None:
    checks, test = Checks(OFFLINE), parse("amount > 3")
    strict = checks.plain(test, blank_passes=False)
    assert strict is checks.plain(test, blank_passes=False)
    assert checks.plain(test, blank_passes=True).blank_passes
    assert not strict.blank_passes


def test_a_draft_is_built_again_only_for_another_description(tmp_path: Path) -> None:
    draft = a_draft(tmp_path)
    assert draft.built(None) is draft.built(None)
    assert draft.compile(None) is draft.compile(None)
    assert draft.built(SCHEMA) is not draft.built(None)
