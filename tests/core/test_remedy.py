"""What to do about a failure: the remedies of its lines and that of its rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatekeeper.core.judge.escalation import terms_of
from gatekeeper.core.judge.evaluate import judge
from gatekeeper.core.judge.remedy import remedy
from gatekeeper.core.model import Escalation, Finding, Group, Quorum, Standing
from gatekeeper.core.track import Memory, track
from tests.builders import a_context, a_deal, a_line, a_pack, a_rule, asking

RULE = a_rule()  # its fix is "Enter the amount."
DEAL = a_deal("Proposal")


def failing(fix=None, standing=Standing.NOT_MET, parts=()):
    return Finding("a check", standing, "It is.", "It is.", fix=fix, parts=parts)


def to_do(*findings, escalation=None):
    return remedy(terms_of(RULE, escalation), findings, DEAL, a_context())


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ((), "Enter the amount."),
        ((failing(),), "Enter the amount."),
        ((failing("Ask Ann."),), "Ask Ann."),
        ((failing("Ask Ann."), failing("Ask Bo.")), "Ask Ann. Ask Bo."),
        ((failing("Ask Ann."), failing("Ask Ann.")), "Ask Ann."),
        ((failing("Ask Ann."), failing()), "Ask Ann. Enter the amount."),
        ((failing(), failing("Ask Ann.")), "Ask Ann. Enter the amount."),
        ((failing("Enter the amount."), failing()), "Enter the amount."),
        (
            (failing("Ask Ann."), failing("Keep it.", Standing.MET)),
            "Ask Ann.",
        ),
        (
            (failing("Ask Ann."), failing(standing=Standing.CANNOT_TELL)),
            "Ask Ann.",
        ),
    ],
)
def test_the_rules_own_remedy_stands_where_a_failing_line_has_none(findings, expected):
    assert to_do(*findings) == expected


def test_every_failing_line_of_a_group_counts():
    """A group's own fix is put together from those of its lines."""
    some = failing("Ask Ann.", parts=(failing("Ask Ann."), failing()))
    assert to_do(some) == "Ask Ann. Enter the amount."
    each = failing("Ask Ann. Ask Bo.", parts=(failing("Ask Ann."), failing("Ask Bo.")))
    assert to_do(each) == "Ask Ann. Ask Bo."
    halves_of_an_and = failing("Ask Ann.", parts=(failing(), failing()))
    assert to_do(halves_of_an_and) == "Ask Ann."


def test_what_an_escalation_says_is_never_left_out():
    worse = Escalation(a_line(answer=True), fix=lambda _deal, _context: "Call Bo.")
    assert to_do(failing("Ask Ann."), escalation=worse) == "Ask Ann. Call Bo."
    same = replace(worse, fix=None)
    assert to_do(failing("Ask Ann."), escalation=same) == "Ask Ann."


def test_a_violation_carries_the_remedies_of_the_lines_that_fail():
    line = a_line(answer=False)
    told = asking(line, line.test, lambda _deal, _context: failing("Ask Ann."))
    rule = a_rule(require=Group(Quorum.ALL, (told, a_line(answer=True))))
    pack = a_pack(rule)
    (violation,) = track(judge(DEAL, pack, a_context()), Memory(), pack, a_context())
    assert violation.fix == "Ask Ann."
