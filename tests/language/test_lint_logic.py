"""What lines say together: worked out by hand for each kind of condition."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import Quorum
from gatekeeper.language.checker import check
from gatekeeper.language.lint.atoms import Order
from gatekeeper.language.lint.logic import (
    Claim,
    Line,
    Lines,
    Question,
    can_hold,
    implies,
    opposite,
    question,
)
from gatekeeper.language.lint.values import Domain, between
from gatekeeper.language.parser.line import parse
from gatekeeper.language.scope import DefineSpec, ParamSpec
from gatekeeper.language.tree.syntax import AtLeast, Span
from tests.language.scopes import ENTERPRISE, SCOPE

NAMES = tuple(stage.name for stage in ENTERPRISE.stages)
WHOLE = Order(NAMES, complete=True)
OPEN = Order(NAMES)
TWO = AtLeast(2, tuple(map(parse, ("is_won", "is_renewal", "amount > 5"))), Span(0, 0))
DEFINES = {
    "big": DefineSpec("big", parse("amount > 5")),
    "two": DefineSpec("two", TWO),
}
KNOWN = replace(SCOPE, defines={**SCOPE.defines, **DEFINES})


def line(text: str, *, blank: bool = False) -> Line:
    return Line(check(parse(text), KNOWN).test, blank_passes=blank)


def asked(text: str, order: Order = WHOLE, *, blank: bool = False) -> Question:
    return question(line(text, blank=blank), order)


def pairs(table: str) -> list[tuple[str, str]]:
    rows = [row.split("|") for row in table.strip().splitlines()]
    return [(first.strip(), second.strip()) for first, second in rows]


NEVER = """
amount > 5                             | amount < 5
amount > 2.5                           | amount < 2.5
amount > 5                             | amount = 5
amount > 5                             | big is false
5 > amount                             | amount > 5
amount between 1 and 5                 | amount > 5
discount > 20%                         | discount < 20%
seats in [1, 2]                        | seats = 3
length(next_step) > 5                  | length(next_step) < 5
length(next_step) > 5                  | next_step is empty
length(next_step) * seats > 5          | seats is empty
amount is empty                        | not (amount > 5)
not (amount > 5)                       | amount > 6
big                                    | amount < 5
two                                    | is_won is false and is_renewal is false
two                                    | amount < 5 and is_won is false
is_won                                 | is_won is false
count(contacts) = 2                    | at least 3 contacts
count(contacts) < 0                    | some quotes
exactly 2 contacts                     | at most 1 contacts
exactly 2 contacts                     | at least 3 contacts
exactly 2 contacts                     | no contacts
at least 2 contacts                    | exactly 1 contact
at least $needed contacts              | no contacts
some contacts where role = "User"      | no contacts
at least 2 contacts where is_primary   | at most 1 contacts
lead_source = "A"                      | lead_source = "B"
lead_source = "New  Biz"               | lead_source != "new biz"
lead_source = "new biz"                | lead_source != " NEW  biz"
lead_source in ["A", "B"]              | lead_source in ["C", "D"]
stage = "Discovery"                    | stage = "Proposal"
stage after "Proposal"                 | stage before "Discovery"
close_date after 2026-01-01            | close_date before 2026-01-02
close_date = 2026-01-01                | close_date != 2026-01-01
close_date before today                | close_date after today
close_date before today                | today < close_date
close_date before today                | close_date within next 2 weeks
close_date within last 1 days          | close_date after today
close_date in this month               | close_date is empty
close_date before signature_date       | signature_date is empty
next_step contains "a"                 | next_step is empty
abs(seats) > 5                         | seats is empty
max(line_items.total) > 5              | max(line_items.total) is empty
sum(line_items.total) is empty         | is_won
count(contacts) is empty               | is_won
two                                    | is_won is false and amount is empty
not two                                | is_won and is_renewal is false and amount is empty
not two                                | is_won and is_renewal
days_since(created_on) > 5             | days_since(created_on) < 5
amount / seats > 5                     | amount / seats is empty
"""  # noqa: E501  (a pair stands on one line)


@pytest.mark.parametrize(("first", "second"), pairs(NEVER))
def test_no_deal_meets_both(first: str, second: str) -> None:
    assert not can_hold([asked(first), asked(second)])
    assert not can_hold([asked(second), asked(first)])


SOMETIMES = """
amount > 5                             | amount < 6
amount >= 5                            | amount <= 5
amount > 5                             | seats < 5
amount between 1 and seats             | amount > 5
amount in [1, 2]                       | amount = 2
lead_source != "A"                     | lead_source != "B"
lead_source = "A"                      | lead_source != "B"
champion > "Weak"                      | champion = "Strong"
two                                    | is_won is false
two                                    | amount < 5
some contacts                          | count(contacts) = 1
some contacts                          | no contacts where role = "User"
exactly 2 contacts                     | some contacts where role = "User"
at most 2 contacts                     | exactly 2 contacts
count(contacts) > 2.5                  | count(contacts) < 2.5
stage after "Qualification"            | stage before "Solution Validation"
close_date after 2026-01-01            | close_date before 2026-01-03
close_date = 2026-01-01                | close_date within next 3 days
created_at after 2026-01-01 08:00      | created_at before 2026-01-01 09:00
signed_at before now                   | signed_at after now
close_date within last 1 days          | close_date before today
close_date within last 1 days          | close_date within next 1 days
close_date within next 3 business days | close_date within last 3 business days
close_date within next $by_size        | close_date before today
close_date within next 3 months        | close_date before today
coalesce(seats, 5) > 3                 | seats is empty
not two                                | is_won is false and is_renewal is false and amount is empty
not two                                | is_won is false and amount < 5
some contacts where name = "a"         | no contacts where name = "b"
at least 2 contacts where is_primary   | at most 2 contacts
"""  # noqa: E501  (a pair stands on one line)


@pytest.mark.parametrize(("first", "second"), pairs(SOMETIMES))
def test_some_deal_may_meet_both(first: str, second: str) -> None:
    assert can_hold([asked(first), asked(second)])


FOLLOWS = """
amount > 6                             | amount > 5
amount > 5                             | amount is filled
amount > 5                             | big
amount = 2                             | amount in [1, 2]
amount between 2 and 3                 | amount between 1 and 4
some contacts where role = "User"      | some contacts
count(contacts) >= 1                   | some contacts
some contacts                          | count(contacts) >= 1
no contacts                            | no contacts where role = "User"
exactly 2 contacts                     | at least 2 contacts
lead_source = "A"                      | lead_source in ["A", "B"]
lead_source = "A"                      | lead_source != "B"
stage after "Discovery"                | stage != "Discovery"
stage is filled                        | stage on or before "Closed Lost"
close_date = today                     | close_date within last 3 days
close_date = today                     | close_date within next 3 days
close_date within last 7 days          | close_date on or before today
close_date within next 7 days          | close_date within next 1 weeks
close_date within next 1 weeks         | close_date within next 7 days
close_date within next 2 weeks         | close_date within next 14 days
close_date within next 14 days         | close_date within next 2 weeks
close_date within last 0 days          | close_date within next 0 days
close_date within last 1 days          | close_date within last 1 weeks
today > close_date                     | close_date before today
close_date before 2026-01-01           | close_date before 2026-01-02
is_won and is_renewal                  | two
next_step is filled                    | next_step contains "a" or not (next_step contains "a")
amount > 5                             | amount > 5 or competitors includes any of ["Acme"]
"""  # noqa: E501  (a pair stands on one line)


@pytest.mark.parametrize(("premise", "claim"), pairs(FOLLOWS))
def test_whoever_meets_the_first_meets_the_second(premise: str, claim: str) -> None:
    assert implies([asked(premise)], asked(claim))
    assert not can_hold([asked(premise), opposite(asked(claim))])


OPEN_ENDED = """
amount > 5                             | amount > 6
amount is filled                       | amount > 5
some contacts                          | some contacts where role = "User"
lead_source != "B"                     | lead_source = "A"
close_date within last 1 weeks         | close_date within last 1 days
close_date within next 3 business days | close_date within next 3 days
close_date within next 3 months        | close_date within next 90 days
close_date before today                | close_date within last 400 days
is_won                                 | two
seats > 5                              | amount > 5
competitors is filled                  | competitors includes any of ["Acme"] or not (competitors includes any of ["Acme"])
created_at before 2026-01-01 08:00     | created_at before 2026-01-01 09:00
"""  # noqa: E501  (a pair stands on one line)


@pytest.mark.parametrize(("premise", "claim"), pairs(OPEN_ENDED))
def test_the_second_does_not_follow_or_that_is_not_known(
    premise: str, claim: str
) -> None:
    assert not implies([asked(premise)], asked(claim))


def test_between_two_stages_lies_one_only_where_the_order_is_whole() -> None:
    texts = ('stage after "Qualification"', 'stage before "Solution Validation"')
    claim = 'stage = "Discovery"'
    assert implies([asked(text) for text in texts], asked(claim))
    open_ended = [asked(text, OPEN) for text in texts]
    assert not implies(open_ended, asked(claim, OPEN))


def test_every_stage_may_be_the_deals() -> None:
    for name in NAMES:
        assert can_hold([asked(f'stage = "{name}"')])
        assert can_hold([asked(f'stage = "{name}"', OPEN)])
    assert not can_hold([asked('stage after "Closed Lost"')])
    assert can_hold([asked('stage after "Closed Lost"', OPEN)])
    assert not can_hold([asked('stage before "Qualification"', OPEN)])


def test_a_stage_of_no_place_may_be_anything() -> None:
    elsewhere = Order(("Notice", "Done"), complete=True)
    both = [asked('stage = "Discovery"', elsewhere), asked("is_won", elsewhere)]
    assert can_hold(both)


def test_what_cannot_be_sampled_may_turn_out_either_way_or_not_at_all() -> None:
    either = asked('competitors includes any of ["Acme"]')
    assert can_hold([either])
    assert can_hold([asked('not (competitors includes any of ["Acme"])')])
    assert either.answers == {True, False}
    wanted = "at least $by_many contacts"
    many = ParamSpec("by_many", Kind.NUMBER, by="type", values={"New": Decimal(2)})
    scope = replace(SCOPE, params={"by_many": many})
    test = check(parse(f"{wanted} or not ({wanted})"), scope).test
    assert implies([], question(Line(test), WHOLE))


def test_empty_is_not_met_unless_it_passes() -> None:
    assert not implies([], asked("amount > 5 or not (amount > 5)"))
    assert implies([], asked("amount > 5 or not (amount > 5)", blank=True))
    assert can_hold([asked("amount > 5", blank=True), asked("amount is empty")])
    assert not can_hold([asked("amount > 5"), asked("amount is empty")])


def test_a_condition_that_always_holds_follows_from_nothing() -> None:
    assert implies([], asked("amount is filled or amount is empty"))
    assert not implies([], asked("amount is filled"))
    assert implies([asked("is_won")], asked("seats is filled or seats is empty"))


def test_a_group_has_no_more_fields_than_it_has() -> None:
    # meddppicc has three fields.
    assert not can_hold([asked("at least 4 of meddppicc is filled")])
    assert not can_hold([asked("exactly 4 of meddppicc is empty")])
    assert can_hold([asked("at least 3 of meddppicc is filled")])
    assert can_hold([asked("exactly 3 of meddppicc is filled")])
    assert implies([], asked("at most 3 of meddppicc is filled"))
    assert implies([], asked("at least 0 of meddppicc is filled"))
    assert not implies([], asked("at most 2 of meddppicc is filled"))
    assert not implies([], asked("at least 1 of meddppicc is filled"))


def test_premises_that_are_about_something_else_are_left_aside() -> None:
    premises = [asked("is_won"), asked("amount > 6"), asked("seats > 3")]
    assert implies(premises, asked("amount > 5"))
    assert not implies(premises, asked("discount > 5%"))


def test_three_claims_can_be_at_odds_although_no_two_are() -> None:
    three = [asked("amount > seats or is_won"), asked("not (amount > seats)")]
    assert can_hold(three)
    assert not can_hold([*three, asked("is_won is false")])
    apart = [asked("is_won"), asked("seats > 5"), asked("seats < 5")]
    assert not can_hold(apart)


# ---- lists of lines ------------------------------------------------------------------


def listed(quorum: Quorum, *texts: str, count: int = 0) -> Question:
    parts: tuple[Claim, ...] = tuple(line(text) for text in texts)
    return question(Lines(quorum, parts, count), WHOLE)


def test_all_any_or_some_of_several_lines() -> None:
    no = asked("is_won is false")
    assert not can_hold([listed(Quorum.ALL, "is_won", "is_renewal"), no])
    assert can_hold([listed(Quorum.ANY, "is_won", "is_renewal"), no])
    two = listed(Quorum.AT_LEAST, "is_won", "is_renewal", "seats > 5", count=2)
    assert can_hold([two, no])
    assert not can_hold([two, no, asked("is_renewal is false")])
    assert not can_hold([two, no, asked("seats < 5")])


# ---- what is settled -----------------------------------------------------------------


def test_what_a_claim_settles_about_fields() -> None:
    def settled(text: str) -> dict[str, bool]:
        found = asked(text).settled
        assert all(variable.domain is Domain.FILLED for variable in found)
        return {variable.subject: answer for variable, answer in found.items()}

    assert settled("amount > 5 and next_step is empty") == {
        "deal.amount": True,
        "deal.next_step": False,
    }
    assert settled("amount > 5 or next_step is empty") == {}


# ---- too much ------------------------------------------------------------------------


def test_as_many_as_are_tried_have_an_answer_and_one_more_have_none() -> None:
    """A flag that is filled or not, either way: 4; so 7 of them are 16,384."""
    names = [f"custom.F{number}__c" for number in range(8)]
    scope = replace(SCOPE, schema=None, pipelines={})

    def all_of(count: int) -> Question:
        text = " and ".join(names[:count])
        return question(Line(check(parse(text), scope).test), WHOLE)

    assert implies([all_of(7)], all_of(6))
    assert not implies([all_of(8)], all_of(7))
    assert all_of(7).settled == dict.fromkeys(all_of(7).settled, True)
    assert len(all_of(7).settled) == 7
    assert all_of(8).settled == {}


def test_too_many_combinations_have_no_answer() -> None:
    """Fifteen fields, filled or not and each one way or the other: 4 to the 15th."""
    names = [f"custom.F{number}__c" for number in range(15)]
    scope = replace(SCOPE, schema=None, pipelines={})
    text = " and ".join(f"{name} = {name[8:-3]}" for name in names)
    many = question(Line(check(parse(text), scope).test), WHOLE)
    assert can_hold([many, opposite(many)])
    assert not implies([many], opposite(opposite(many)))
    assert many.answers == {True, False}
    assert many.settled == {}


def test_between_numbers_and_beyond_them() -> None:
    assert between([]) == []
    assert sorted(between([Decimal(4), Decimal(1)])) == [
        Decimal(0),
        Decimal(1),
        Decimal("2.5"),
        Decimal(4),
        Decimal(5),
    ]
