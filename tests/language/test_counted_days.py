"""Which lengths a count of days, or elapsed time, can be held against."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from gatekeeper.core.catalogue import Kind
from gatekeeper.language.checker import check
from gatekeeper.language.messages import CheckError, Message
from gatekeeper.language.parser.line import parse
from gatekeeper.language.scope import ParamSpec
from gatekeeper.language.tree.syntax import Duration, Span, TimeUnit
from tests.language.scopes import SCOPE, days

WEEKS, MONTHS = days(2, TimeUnit.WEEKS), days(1, TimeUnit.MONTHS)
BUSINESS = Duration(5, TimeUnit.DAYS, business=True, span=Span(0, 0))
SHORT = days(7)
CHOSEN = {
    "good": ParamSpec(
        "good", Kind.DURATION, by="account.segment", values={"SMB": SHORT, "E": WEEKS}
    ),
    "in_values": ParamSpec(
        "in_values", Kind.DURATION, by="account.segment", values={"SMB": MONTHS}
    ),
    "in_bands": ParamSpec(
        "in_bands",
        Kind.DURATION,
        by="amount",
        bands=((Decimal(0), SHORT), (Decimal(5), MONTHS)),
        otherwise=SHORT,
    ),
    "in_else": ParamSpec(
        "in_else",
        Kind.DURATION,
        by="account.segment",
        values={"SMB": SHORT},
        otherwise=BUSINESS,
    ),
    "fixed": ParamSpec("fixed", Kind.DURATION, MONTHS),
}
ALL = replace(SCOPE, params={**SCOPE.params, **CHOSEN})


def refused(text: str) -> Message:
    with pytest.raises(CheckError) as caught:
        check(parse(text), ALL)
    (said,) = caught.value.mistakes
    return said


@pytest.mark.parametrize(
    "text",
    [
        "days_in_stage() <= 14 days",
        "days_in_stage() <= 2 weeks",
        "2 weeks >= days_in_stage()",
        "days_in_stage() <= $good",
        "business_days_between(created_on, close_date) <= 5 business days",
        "5 business days >= business_days_between(created_on, close_date)",
        "business_days_between(created_on, close_date) <= 14 days",
        "close_date - created_on <= 14 days",
        "signed_at - created_at <= 3 hours",
        "signed_at - created_at <= 2 weeks",
        "days_in_stage() between 3 days and 2 weeks",
    ],
)
def test_a_length_of_so_many_days_can_be_held_against_a_count(text: str) -> None:
    check(parse(text), ALL)


MONTH = "1 month is not always the same number of days."
HOURS = "days_in_stage() counts whole days."
IN_DAYS, IN_WEEKS = "give the length in days.", "give the length in days or weeks."


@pytest.mark.parametrize(
    ("text", "said", "remedy"),
    [
        ("days_in_stage() <= 1 month", MONTH, IN_WEEKS),
        ("1 month >= days_in_stage()", MONTH, IN_WEEKS),
        (
            "days_in_stage() <= $fixed",
            "$fixed (1 month) is not always the same number of days.",
            IN_WEEKS,
        ),
        (
            "days_in_stage() <= $in_values",
            "$in_values (1 month) is not always the same number of days.",
            IN_WEEKS,
        ),
        (
            "days_in_stage() <= $in_bands",
            "$in_bands (1 month) is not always the same number of days.",
            IN_WEEKS,
        ),
        ("signed_at - created_at <= 1 month", MONTH, IN_WEEKS),
        ("days_in_stage() <= 36 hours", HOURS, IN_DAYS),
        ("36 hours >= days_in_stage()", HOURS, IN_DAYS),
        (
            "business_days_between(created_on, close_date) <= 1 month",
            MONTH,
            IN_WEEKS,
        ),
    ],
)
def test_a_length_that_is_no_count_of_days_is_told(
    text: str, said: str, remedy: str
) -> None:
    message = refused(text)
    assert (message.code, message.text, message.help) == ("E411", said, remedy)


@pytest.mark.parametrize(
    ("counted", "instead"),
    [
        ("days_in_stage()", "business_days_between(entered(), today)"),
        ("days_since(created_on)", "business_days_between(created_on, today)"),
        ("Days_Until(close_date)", "business_days_between(today, close_date)"),
        (
            "days_between(created_on, close_date)",
            "business_days_between(created_on, close_date)",
        ),
        ('total_days_in_stage("Discovery")', ""),
        ("close_date - created_on", ""),
    ],
)
def test_a_length_in_business_days_is_told_how_they_are_counted(
    counted: str, instead: str
) -> None:
    message = refused(f"{counted} <= 5 business days")
    assert message.text.startswith("5 business days is a length in business days, and ")
    assert message.text.endswith(" counts every day.")
    asked = f"{instead} <= 5, or " if instead else ""
    assert message.help == f"{asked}{IN_DAYS}"


def test_an_else_in_business_days_is_told_too() -> None:
    message = refused("days_in_stage() <= $in_else")
    assert message.text == (
        "$in_else (5 business days) is a length in business days, and days_in_stage()"
        " counts every day."
    )
