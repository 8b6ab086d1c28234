"""The messages a seller reads, row by row of the design.

Each condition on a deal that breaks it on 20 November 2026: what `explain` says, with
ages, and what the task says, in which nothing changes with time alone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import EMPTY, FieldChange, History, Stint, by_field
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import compile_line
from gatekeeper.language.parser.line import parse
from tests.builders import dollars
from tests.language.scopes import SCOPE
from tests.language.test_logic import CONTEXT, a_case

if TYPE_CHECKING:
    from gatekeeper.core.model import Deal, Row

BEGAN = datetime(2026, 8, 3, 15, tzinfo=UTC)
MET = datetime(2026, 10, 28, 15, tzinfo=UTC)


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 17, tzinfo=UTC)


def with_rows(collection: str, *rows: Row) -> Deal:
    return replace(a_case(), related={collection: rows})


def with_roles(*roles: str) -> Deal:
    rows: list[Row] = [{"name": role, "role": role} for role in roles]
    return with_rows("contacts", *rows)


def pushed(*days: datetime) -> Deal:
    """A deal whose close date moved out by ten days on each of these days."""
    dates = [date(2026, 9 + number, 30 - number) for number in range(len(days) + 1)]
    changes = tuple(
        FieldChange("close_date", when, dates[number], dates[number + 1], EMPTY)
        for number, when in enumerate(days)
    )
    since = {"close_date": BEGAN}
    return replace(a_case(), history=History((), by_field(changes), since, BEGAN))


def through(*stints: tuple[str, datetime]) -> Deal:
    """A deal that entered these stages at these moments and is in the last."""
    ends = [entered for _, entered in stints[1:]]
    whole = tuple(
        Stint(stage, entered, left, EMPTY)
        for (stage, entered), left in zip(stints, [*ends, None], strict=True)
    )
    past = History(whole, {}, {"stage": BEGAN}, BEGAN)
    return replace(a_case(), stage=stints[-1][0], history=past)


ENGAGED = 'role in ["Economic Buyer", "Champion", "Technical Buyer"]'
MOVED = through(("Qualification", BEGAN), ("Proposal", at(11, 4)))
LINES = with_rows("line_items", {"product": "Pro", "total": dollars(96_000)})


@pytest.mark.parametrize(
    ("line", "deal", "explained", "in_the_task"),
    [
        (
            "amount >= $min_amount",
            a_case(amount=dollars(42_000)),
            "Amount is 42,000.00; it must be at least 50,000.00.",
            None,
        ),
        (
            "amount >= $min_amount",
            a_case(amount=EMPTY),
            "Amount is empty; it must be at least 50,000.00.",
            None,
        ),
        ("next_step is filled", a_case(next_step=EMPTY), "Next Step is empty.", None),
        (
            "next_step is filled",
            a_case(next_step="tbd"),
            'Next Step is "tbd", which counts as empty.',
            None,
        ),
        (
            'security_review in ["Approved", "Not required"]',
            a_case(security_review="In_progress"),
            'Security Review is "In progress"; it must be Approved or Not required.',
            None,
        ),
        (
            "latest(meetings.start where start before now) within last 14 days",
            with_rows("meetings", {"subject": "Demo", "start": MET}),
            "The last meeting was on 28 Oct 2026, 23 days ago; it must be within the"
            " last 14 days.",
            "The last meeting was on 28 Oct 2026; one within 14 days is needed.",
        ),
        (
            "latest(meetings.start where start before now) within last 14 days",
            with_rows("meetings", {"subject": "Next", "start": at(11, 30)}),
            "There is no meeting before now.",
            None,
        ),
        (
            f"at least 2 contacts where {ENGAGED}",
            with_roles("Champion", "User", "User"),
            "1 of the 3 contacts has the role Economic Buyer, Champion or Technical"
            " Buyer; at least 2 are needed.",
            None,
        ),
        (
            "pushes(close_date, last 90 days) <= 2",
            pushed(at(8, 31), at(9, 30), at(11, 6)),
            "The close date was pushed 3 times within 90 days (on 31 Aug, 30 Sep and"
            " 6 Nov 2026); at most 2 are allowed.",
            "The close date may be pushed at most 2 times within 90 days.",
        ),
        (
            'visited("Discovery")',
            MOVED,
            "The deal went from Qualification to Proposal on 4 Nov 2026 without"
            " Discovery.",
            None,
        ),
        (
            'skipped("Discovery") is false',
            MOVED,
            "The deal went from Qualification to Proposal on 4 Nov 2026 without"
            " Discovery.",
            None,
        ),
        (
            "abs(sum(line_items.total) - amount) <= 1% * amount",
            replace(LINES, fields={**LINES.fields, "amount": dollars(120_000)}),
            "Line items add up to 96,000.00, Amount is 120,000.00: a difference of"
            " 24,000.00, allowed 1,200.00.",
            None,
        ),
    ],
)
def test_a_seller_reads_what_is_what_must_be_and_no_expression(
    line: str, deal: Deal, explained: str, in_the_task: str | None
) -> None:
    found = compile_line(check(parse(line), SCOPE)).explain(deal, CONTEXT)

    assert found.text == explained
    assert found.lasting_text == (in_the_task or explained)


def test_a_week_later_the_task_says_the_same() -> None:
    line = compile_line(
        check(
            parse("latest(meetings.start where start before now) within last 14 days"),
            SCOPE,
        )
    )
    deal = with_rows("meetings", {"subject": "Demo", "start": MET})
    later = replace(CONTEXT, now=CONTEXT.now.replace(day=27))

    now, then = line.explain(deal, CONTEXT), line.explain(deal, later)

    assert then.text == (
        "The last meeting was on 28 Oct 2026, 30 days ago; it must be within the last"
        " 14 days."
    )
    assert then.lasting_text == now.lasting_text
