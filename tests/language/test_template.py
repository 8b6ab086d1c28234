"""Texts for people: what stands in for a placeholder, and which texts are refused."""

from __future__ import annotations

import pytest

from gatekeeper.language.compiler.line import CheckError, message_template
from gatekeeper.language.messages import Message
from gatekeeper.language.template import LONGEST_TEXT
from gatekeeper.language.tree.syntax import Span
from tests.language.scopes import SCOPE
from tests.language.test_logic import CONTEXT, a_case


def filled(text: str, next_step: str = "Call") -> str:
    return message_template(text, SCOPE).filled(a_case(next_step=next_step), CONTEXT)


def refused(text: str, noun: str = "fix text") -> list[Message]:
    with pytest.raises(CheckError) as caught:
        message_template(text, SCOPE, noun=noun)
    return list(caught.value.mistakes)


@pytest.mark.parametrize("written", ["Xerox", 'Ask "Bo"', '"Go" or "no go"', "a XX"])
def test_a_text_stands_in_its_place_as_it_was_written(written: str) -> None:
    assert filled("Now: {next_step}.", written) == f"Now: {written}."


def test_a_text_may_be_as_long_as_a_task_and_no_longer() -> None:
    longest = "x" * LONGEST_TEXT

    assert LONGEST_TEXT == 5000
    assert filled(longest) == longest
    assert refused(longest + "y", "title") == [
        Message(
            "E319", "this title is 5001 characters long (limit 5000).", Span(0, 5001)
        )
    ]


def test_a_mistaken_placeholder_is_marked_with_its_braces() -> None:
    """Blanks inside the braces do not move the mark."""
    assert refused("Ask { owner } or {ammount}") == [
        Message(
            "E426",
            "the fix text mentions {ammount}; did you mean {amount}?",
            Span(17, 26),
        )
    ]


def test_a_dollar_sign_means_a_param_and_never_a_field() -> None:
    assert filled("At least {$min_amount} or {min_amount}.") == (
        "At least 50,000.00 or 50,000.00."
    )
    assert [each.code for each in refused("{$amount} {$custom.Odd__c}")] == [
        "E426",
        "E426",
    ]
