"""Texts for people: what stands in for a placeholder, and which texts are refused."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY
from gatekeeper.language.compiler.line import CheckError, message_template
from gatekeeper.language.messages import Message
from gatekeeper.language.scope import ParamSpec
from gatekeeper.language.template import LONGEST_TEXT
from gatekeeper.language.tree.syntax import Span
from tests.language.scopes import PARAMS, SCOPE
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


def test_a_list_stands_there_as_findings_write_it() -> None:
    lists = {
        "buyers": PARAMS["buyers"],
        "shares": ParamSpec(
            "shares", Kind.PERCENT, (Decimal(5), Decimal("7.5")), is_list=True
        ),
    }
    scope = replace(SCOPE, params=lists)
    written = message_template("{buyers}: {$shares}", scope).filled(a_case(), CONTEXT)
    assert written == "Champion or User: 5% or 7.5%"


def test_a_list_that_a_segment_chooses_is_written_alike() -> None:
    by_segment = ParamSpec(
        "asked",
        Kind.TEXT,
        is_list=True,
        by="account.segment",
        values={"SMB": ("User", "Champion")},
    )
    scope = replace(SCOPE, params={"asked": by_segment})
    written = message_template("{asked}", scope).filled(a_case(), CONTEXT)
    assert written == "User or Champion"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{id}", "006A"),
        ("{account}", "Acme"),
        ("{deal.account}", "Acme"),
        ("{owner}", "Bo"),
    ],
)
def test_a_record_is_told_by_its_name_and_the_deal_by_its_id(
    text: str, expected: str
) -> None:
    assert filled(text) == expected


def test_a_record_whose_name_is_missing_says_so() -> None:
    template = message_template("{account}", SCOPE)
    assert template.needs.fields == {"account.name"}
    nobody = a_case({"account": EMPTY, "account.name": EMPTY})
    assert template.filled(nobody, CONTEXT) == "(account is empty)"
