"""A parameter stands for a stage, a pattern or a length as any other literal does."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from gatekeeper.core.catalogue import Kind
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import CheckError
from gatekeeper.language.parser.line import parse
from gatekeeper.language.scope import ParamSpec
from gatekeeper.language.tree.syntax import TimeUnit
from tests.language.scopes import PARAMS, SCOPE, days

OWN = {
    spec.name: spec
    for spec in (
        ParamSpec("begin", Kind.STAGE, "Discovery"),
        ParamSpec("gone", Kind.STAGE, "Discoverie"),
        ParamSpec("undecided_stage", Kind.STAGE),
        ParamSpec("stages", Kind.STAGE, ("Discovery", "Proposal"), is_list=True),
        ParamSpec("by_type", Kind.STAGE, by="type", values={"New": "Discovery"}),
        ParamSpec("form", Kind.TEXT, "{account.name} - {rest}"),
        ParamSpec("undecided_form", Kind.TEXT),
        ParamSpec("bad_form", Kind.TEXT, "{acount.name}"),
    )
}
SCOPE_OF_PARAMS = replace(SCOPE, params={**PARAMS, **OWN})


def codes(text: str) -> list[str]:
    with pytest.raises(CheckError) as caught:
        check(parse(text), SCOPE_OF_PARAMS)
    return [each.code for each in caught.value.mistakes]


@pytest.mark.parametrize(
    ("with_param", "written"),
    [
        ("visited($begin)", 'visited("Discovery")'),
        ("skipped($begin)", 'skipped("Discovery")'),
        ("total_days_in_stage($begin) < 5", 'total_days_in_stage("Discovery") < 5'),
        ("entered($begin) before today", 'entered("Discovery") before today'),
        (
            "value_on_entry(amount, $begin) > 5",
            'value_on_entry(amount, "Discovery") > 5',
        ),
        (
            "changes(amount, since entered($begin)) < 2",
            'changes(amount, since entered("Discovery")) < 2',
        ),
        ("text_like(name, $form)", 'text_like(name, "{account.name} - {rest}")'),
    ],
)
def test_a_parameter_means_what_stands_in_its_place(
    with_param: str, written: str
) -> None:
    found = check(parse(with_param), SCOPE_OF_PARAMS)
    plain = check(parse(written), SCOPE_OF_PARAMS)

    assert found.test == plain.test
    assert found.needs == plain.needs


@pytest.mark.parametrize("text", ["visited($gone)", 'visited("Discoverie")'])
def test_a_parameter_that_names_no_stage_is_a_mistake_as_the_name_is(text: str) -> None:
    assert codes(text) == ["E503"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("visited($stages)", "E422"),
        ("visited($by_type)", "E422"),
        ("visited($needed)", "E422"),
        ("visited($nowhere)", "E423"),
        ("text_like(name, $buyers)", "E422"),
        ("text_like(name, $nowhere)", "E423"),
        ("text_like(name, $bad_form)", "E401"),
        ("moves_back($begin)", "E422"),
    ],
)
def test_a_parameter_that_is_no_single_stage_or_pattern_is_refused(
    text: str, code: str
) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "text", ["visited($undecided_stage)", "text_like(name, $undecided_form)"]
)
def test_an_undecided_stage_or_pattern_leaves_the_rule_undecided(text: str) -> None:
    assert check(parse(text), SCOPE_OF_PARAMS).uses_undecided


BY_SEGMENT = ParamSpec(
    "idle",
    Kind.DURATION,
    by="account.segment",
    values={"SMB": days(3)},
    otherwise=days(1, TimeUnit.MONTHS),
)
BY_SIZE = ParamSpec(
    "idle",
    Kind.DURATION,
    by="amount",
    bands=((Decimal(5), replace(days(3), business=True)),),
)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (BY_SEGMENT, "$idle (1 month) is not always the same number of days."),
        (
            BY_SIZE,
            "$idle (3 business days) is a length in business days, and days_in_stage()"
            " counts every day.",
        ),
    ],
)
def test_a_length_that_only_some_deals_have_must_fit_too(
    spec: ParamSpec, said: str
) -> None:
    scope = replace(SCOPE, params={"idle": spec})
    with pytest.raises(CheckError) as caught:
        check(parse("days_in_stage() <= $idle"), scope)

    assert [each.text for each in caught.value.mistakes] == [said]


@pytest.mark.parametrize(
    "text",
    [
        "business_days_between(created_on, close_date) <= 3 business days",
        "business_days_between(created_on, close_date) <= 2 weeks",
        "days_in_stage() <= 2 weeks",
        "signed_at - created_at <= 36 hours",
    ],
)
def test_a_length_that_is_counted_the_same_way_fits(text: str) -> None:
    assert check(parse(text), SCOPE).test


BY_HOURS = ParamSpec(
    "brief",
    Kind.DURATION,
    by="account.segment",
    values={"SMB": days(12, TimeUnit.HOURS), "Enterprise": days(3)},
)
IN_HOURS = ParamSpec("brief", Kind.DURATION, days(12, TimeUnit.HOURS))


@pytest.mark.parametrize("spec", [BY_HOURS, IN_HOURS])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "close_date within last $brief",
            "close_date is a date; it has no hours to count.",
        ),
        (
            "close_date + 2 * $brief > today",
            "close_date is a date and 2 * $brief is a length of time.",
        ),
        (
            "close_date + $brief > today",
            "close_date is a date and $brief is a length of time.",
        ),
    ],
)
def test_hours_that_only_some_deals_have_do_not_fit_a_date(
    spec: ParamSpec, text: str, said: str
) -> None:
    scope = replace(SCOPE, params={"brief": spec})
    with pytest.raises(CheckError) as caught:
        check(parse(text), scope)

    assert [each.text for each in caught.value.mistakes] == [said]


def test_hours_that_only_some_deals_have_fit_a_moment() -> None:
    scope = replace(SCOPE, params={"brief": BY_HOURS})

    for text in ("signed_at within last $brief", "signed_at + $brief > now"):
        assert check(parse(text), scope).test
