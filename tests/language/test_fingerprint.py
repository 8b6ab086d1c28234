"""The text of a line's logic: fingerprints in every store rest on it, so it stays.

A change here resolves open violations as `rule_changed`; make one knowingly.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from gatekeeper.language.parser.line import parse
from gatekeeper.language.scope import DefineSpec
from gatekeeper.language.tree import syntax
from gatekeeper.language.tree.fingerprint import render, rests_on
from tests.language.scopes import DEFINES, PARAMS

AMOUNT = "Name(['amount'])"
ROLE = "Compare('=', Name(['role']), Text('User'))"


@pytest.mark.parametrize(
    ("line", "logic"),
    [
        ("amount >= 50_000.00", f"Compare('>=', {AMOUNT}, Number(50000))"),
        ("((amount) >= 50k)", f"Compare('>=', {AMOUNT}, Number(50000))"),
        ("deal.amount is not empty", "Is(Name(['deal', 'amount']), 'empty', True)"),
        (
            'stage in ["a", "b"]',
            "In(Name(['stage']), False, Listing([Text('a'), Text('b')]))",
        ),
        (
            "x within last 3 business days",
            "Within(Name(['x']), 'last', Duration(3, days, True))",
        ),
        ("some activities", "Quantified(some, None, Name(['activity']), None)"),
        ("a and $b", "And([Name(['a']), Param('b')])"),
        (
            'at least $n contacts where role = "User"',
            f"Quantified(at least, Param('n'), Name(['contact']), {ROLE})",
        ),
        (
            'every account.contacts where (role = "User") has a',
            f"Every(Name(['account', 'contact']), {ROLE}, Name(['a']))",
        ),
        ("first_stage() = b", "Compare('=', Call('first_stage', []), Name(['b']))"),
    ],
)
def test_the_logic_of_a_line_has_one_text(line: str, logic: str) -> None:
    assert render(parse(line)) == logic


def test_what_a_line_rests_on_follows_by_name() -> None:
    """A map of values stands in the order of its keys, however a file orders it."""
    defines = {"half": DEFINES["half"], "big": DEFINES["is_big_deal"]}
    names = ("min_amount", "idle_by_segment", "by_size", "buyers")

    text = rests_on(defines, {name: PARAMS[name] for name in names}, {})

    assert text.splitlines() == [
        f"big: Compare('>=', {AMOUNT}, Number(250000))",
        f"half: Arithmetic('/', {AMOUNT}, Number(2))",
        "$buyers: ParamSpec('buyers', text, ['Champion', 'User'], True, None, None,"
        " None, None)",
        "$by_size: ParamSpec('by_size', duration, None, False, 'amount', None,"
        " [[20000, Duration(14, days, False)], [60000, Duration(28, days, False)]],"
        " Duration(7, days, False))",
        "$idle_by_segment: ParamSpec('idle_by_segment', duration, None, False,"
        " 'account.segment', {Enterprise: Duration(45, days, False), SMB: Duration(7,"
        " days, False)}, None, None)",
        "$min_amount: ParamSpec('min_amount', money, 50000, False, None, None, None,"
        " None)",
    ]


def test_a_digest_stands_for_more_than_two_thousand_characters_of_definitions() -> None:
    """Thousands of lines may rest on them, and each would hold them all."""
    shortest = "d: Compare('>', Name(['a']), Number(5))"
    assert _resting_on(1) == shortest

    fits = 2_000 - len(shortest) + 1
    assert _resting_on(fits) == shortest.replace("a'", f"{'a' * fits}'")
    digests = {_resting_on(fits + more) for more in (1, 2, 3)}
    assert [len(each) for each in digests] == [64, 64, 64]


def _resting_on(letters: int) -> str:
    name = syntax.Name(("a" * letters,), syntax.Span(0, 1))
    number = syntax.Number(Decimal(5), syntax.Span(0, 1))
    at = syntax.Span(0, 1)
    body = syntax.Compare(">", name, number, at, at)
    return rests_on({"d": DefineSpec("d", body)}, {}, {})


def test_a_stage_that_was_renamed_keeps_the_logic_of_its_first_name() -> None:
    first, renamed = parse('stage = "Proposal"'), parse('stage = "Proposal Sent"')

    told = render(renamed, {"Proposal Sent": "Proposal"})

    assert told == render(first)
    assert told != render(renamed)
