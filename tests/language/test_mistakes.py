"""What is said about a mistake: whole messages, read and approved as they stand.

Each block of the two files: the check, then for every mistake its carets, its
sentence and, two blanks in, what could be written instead.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import CheckError
from gatekeeper.language.messages import CheckSyntaxError
from gatekeeper.language.parser.line import parse
from tests.language.scopes import SCOPE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.language.messages import Message

HERE = Path(__file__).parent


def blocks(name: str) -> list[str]:
    return (HERE / name).read_text("utf-8").strip().split("\n\n")


def line_of(block: str) -> str:
    return block.partition("\n")[0]


def shown(line: str, mistakes: Iterable[Message]) -> str:
    lines = [line]
    for each in mistakes:
        start, end = each.span.start, each.span.end
        lines += [" " * start + "^" * (end - start), f"{each.code}: {each.text}"]
        lines += [f"  {each.help}"] if each.help else []
    return "\n".join(lines)


@pytest.mark.parametrize("block", blocks("mistakes.txt"), ids=line_of)
def test_a_mistake_is_told_in_these_words(block: str) -> None:
    line = line_of(block)
    with pytest.raises(CheckError) as caught:
        check(parse(line), SCOPE)

    assert shown(line, caught.value.mistakes) == block


@pytest.mark.parametrize("block", blocks("mistakes_of_syntax.txt"), ids=line_of)
def test_a_line_that_cannot_be_read_is_told_in_these_words(block: str) -> None:
    line = line_of(block)
    with pytest.raises(CheckSyntaxError) as caught:
        parse(line)

    assert shown(line, caught.value.mistakes) == block


def helps_for(line: str) -> str:
    try:
        check(parse(line), SCOPE)
    except (CheckError, CheckSyntaxError) as error:
        return " ".join(each.help or "" for each in error.mistakes)
    raise AssertionError(line)


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("close_date in Q4", "close_date in this quarter"),
        ("close_date in Q4", "close_date between 2026-10-01 and 2026-12-31"),
        ("close_date in q1", "close_date between 2026-01-01 and 2026-03-31"),
        ("created_on in 2026", "created_on between 2026-01-01 and 2026-12-31"),
        ("created_at in FY26", "created_at between 2026-01-01 and 2026-12-31"),
        ("close_date in February", "close_date in this month"),
        ("close_date in February", "close_date between 2026-02-01 and 2026-02-28"),
        ("close_date before 2026-12", "close_date < 2026-12-01"),
        ("close_date on or before 2026-12", "close_date <= 2026-12-31"),
        ("close_date after 2026/12", "close_date > 2026-12-31"),
        ("close_date >= 12-2026", "close_date >= 2026-12-01"),
        ("close_date = 2026-11", "close_date between 2026-11-01 and 2026-11-30"),
        ("close_date != 2026-11", "not (close_date between 2026-11-01 and 2026-11-30)"),
        ("close_date < 2 * seats", "days_until(close_date) < 2 * seats"),
        ("close_date < 3", "close_date within next 3 days"),
        ("close_date < 3.5", "days_until(close_date) < 3.5"),
        ("amount = 5 or 10", "amount in [5, 10]"),
        ("discount = 5% or 10%", "discount in [5%, 10%]"),
        (
            "close_date = 2026-12-01 or 2026-12-31",
            "close_date in [2026-12-01, 2026-12-31]",
        ),
        ("amount > 5 or 10", "amount > 5 or amount > 10"),
        (
            'security_review != "Approved" or "In progress"',
            'security_review not in ["Approved", "In progress"]',
        ),
        ("zero contacts", "no contacts"),
        ("0 contacts", "no contacts"),
        ('amount > 5 and zero contacts where role = "User"', "no contacts"),
    ],
)
def test_a_check_that_is_advised_is_no_mistake_itself(line: str, advice: str) -> None:
    assert advice in helps_for(line)
    assert check(parse(advice), SCOPE)


@pytest.mark.parametrize(
    ("line", "written", "advice"),
    [
        ("amount >= 1mm", "1mm", "1m"),
        ("amount >= 2.5mm", "2.5mm", "2.5m"),
        ("amount >= 1 mm", "1 mm", "1m"),
        ("amount >= 1bn", "1bn", "1000m"),
        ("amount >= 2.5bn", "2.5bn", "2500m"),
        ("amount >= 2 billion", "2 billion", "2000m"),
        ("close_date < 2026-02", "2026-02", "2026-02-01"),
        ("created_on < today - 30days", "30days", "30 days"),
        ("close date is filled", "close date", "close_date"),
        ("amount > 5 and close date > today", "close date", "close_date"),
        ("next step is filled", "next step", "next_step"),
        ("not next step is filled", "next step", "next_step"),
    ],
)
def test_a_word_that_is_advised_fits_where_the_mistake_stood(
    line: str, written: str, advice: str
) -> None:
    assert advice in helps_for(line)
    assert check(parse(line.replace(written, advice)), SCOPE)


def test_a_field_of_rows_that_the_rules_do_not_know_is_to_be_declared() -> None:
    assert helps_for("contacts.custom.X__c = 1") == (
        "declare X__c as a field of contacts in fields.yaml."
    )
    assert helps_for("contacts.a.b = 1") == ""
