"""Definitions in the place of their names: once read, and within what a run can ask."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatekeeper.language.checker import check
from gatekeeper.language.checker.alone import mistakes_alone
from gatekeeper.language.messages import CheckError
from gatekeeper.language.parser.line import parse, parse_rows
from gatekeeper.language.scope import DefineSpec, Scope
from tests.language.scopes import SCOPE


def scope_of(**lines: str) -> Scope:
    defines = {name: DefineSpec(name, parse(line)) for name, line in lines.items()}
    return replace(SCOPE, defines=defines)


def said(line: str, scope: Scope) -> list[tuple[str, str, str | None]]:
    """Return the mistakes of a line: where, what, and the remedy."""
    with pytest.raises(CheckError) as caught:
        check(parse(line), scope)
    return [
        (line[each.span.start : each.span.end], f"{each.code}: {each.text}", each.help)
        for each in caught.value.mistakes
    ]


def times(many: int, word: str) -> str:
    return " or ".join([word] * many)


TOO_MUCH = "this asks more than 3,000 things at once."
FEWER = "let it rest on fewer definitions."
TOWER = {
    "a0": times(30, "amount > 5"),
    "a1": times(80, "a0"),
    "a2": times(80, "a1"),
    "a3": times(80, "a2"),
}
"""Fifteen million comparisons in a kilobyte."""


def test_a_line_that_would_ask_millions_of_things_is_refused_at_once() -> None:
    scope = scope_of(**TOWER)

    assert said("next_step is filled and a3", scope) == [
        ("a3", f"E424: in a1: with a0 {TOO_MUCH}", FEWER)
    ]
    assert [each.text for each in mistakes_alone("a3", parse(TOWER["a3"]), scope)] == [
        "in a1: with a0 this asks more than 3,000 things at once."
    ]


def test_values_and_conditions_of_a_line_and_its_definitions_are_three_thousand() -> (
    None
):
    """A comparison is three things with its two sides, each "or" is one more.

    A name is two where it is used: a value, and that it holds.
    """
    ten = times(10, "amount > 5")  # 31
    scope = scope_of(ten=ten, hundred=times(10, "ten"))  # 1 + 10 * 33
    used = times(9, "hundred")  # 9 * 333, and one for the "or"

    assert check(parse(f"next_step is filled or {used}"), scope).needs.fields == {
        "amount",
        "next_step",
    }
    assert said(f"amount > 5 or {used}", scope) == [
        (
            "hundred",
            "E424: with hundred this asks more than 3,000 things at once.",
            "let it rest on fewer definitions.",
        )
    ]


def test_a_line_that_asks_too_much_is_told_so_once() -> None:
    scope = scope_of(big=times(60, "half"), half=times(25, "amount > 5"))

    assert said("big and big and not big", scope) == [
        ("big", f"E424: in big: with half {TOO_MUCH}", FEWER)
    ]


def test_what_many_lines_use_is_checked_once() -> None:
    scope = scope_of(big="amount > 5 or owner.is_active is true")

    first, second = (check(parse(line), scope) for line in ("big", "not big"))

    (kept,) = scope.kept.definitions
    assert kept == ("big", "")
    assert first.needs.fields == {"amount", "owner.is_active"}
    assert second.needs == first.needs
    assert first.canonical != second.canonical


def test_a_mistake_inside_is_shown_at_every_use_and_only_looked_for_once() -> None:
    scope = scope_of(bad="amonut > 5")

    remedy = (
        'did you mean "amount" (money; Salesforce Amount)?'
        " List all fields with: gatekeeper fields list"
    )
    mistake = 'E401: in bad: there is no field "amonut" on the deal.'
    assert said("bad", scope) == [("bad", mistake, remedy)]
    assert said("not bad or bad", scope) == [("bad", mistake, remedy)] * 2
    assert list(scope.kept.definitions) == [("bad", "")]


def test_a_definition_means_another_field_inside_the_rows_of_a_collection() -> None:
    scope = scope_of(named="name is filled")

    of_deal = check(parse("named"), scope).needs
    of_rows = check(parse("some contacts where named"), scope).needs

    assert of_deal.fields == {"name"}
    assert of_rows.fields == frozenset()
    assert of_rows.collections["contacts"] >= {"name"}


def test_what_was_read_at_the_top_may_still_lie_too_deep_elsewhere() -> None:
    scope = scope_of(d1="d2", d2="d3", d3="d4", d4="amount > 5 and d5", d5="amount > 6")

    assert check(parse("d2"), scope).needs.fields == {"amount"}
    assert said("d1", scope) == [
        ("d1", "E424: in d4: d1 is 5 definitions deep; at most 4.", None)
    ]
    assert check(parse("d2"), scope).needs.fields == {"amount"}


def test_one_that_lies_too_deep_is_not_read_any_further() -> None:
    scope = scope_of(d1="d2", d2="d3", d3="d4", d4="d5", d5="d6", d6="amount > 5")

    assert said("next_step is filled and d1", scope) == [
        ("d1", "E424: in d4: d1 is 5 definitions deep; at most 4.", None)
    ]


def test_what_fits_to_the_last_level_is_not_read_again() -> None:
    scope = scope_of(d1="d2", d2="d3", d3="d4", d4="amount > 5")
    check(parse("d2"), scope)
    before = dict(scope.kept.definitions)

    check(parse("d1"), scope)

    assert {name for name, _ in before} == {"d2", "d3", "d4"}
    assert all(scope.kept.definitions[key] is before[key] for key in before)


def test_a_ring_is_found_from_wherever_it_is_entered() -> None:
    scope = scope_of(ping="pong", pong="ping or amount > 5", way="pong")

    for line, said_of_it in (
        ("way", "E424: pong uses ping, which uses pong."),
        ("ping", "E424: ping uses pong, which uses ping."),
    ):
        found = said(f"next_step is filled and {line}", scope)
        assert found == [(line, said_of_it, None)]
    (mistake,) = mistakes_alone("pong", parse("amount > 5 or ping"), scope)
    assert mistake.text == "pong uses ping, which uses pong."
    assert (mistake.span.start, mistake.span.end) == (14, 18)


def test_named_rows_are_kept_apart_from_how_each_line_narrows_them() -> None:
    held = DefineSpec("held", parse_rows('meetings where outcome = "Completed"'))
    scope = replace(SCOPE, defines={"held": held})

    narrow = check(parse("some held where start before now"), scope)
    wide = check(parse("some held"), scope)

    assert narrow.needs.collections["meetings"] > wide.needs.collections["meetings"]
    assert "outcome" in wide.needs.collections["meetings"]
