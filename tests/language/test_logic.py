"""What each form of a check answers, worked out by hand from the design (B5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.catalogue import Kind
from gatekeeper.core.context import Context
from gatekeeper.core.model import (
    EMPTY,
    Deal,
    FieldValue,
    Line,
    Money,
    Person,
    Row,
    Unavailable,
)
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import compile_line
from gatekeeper.language.parser.line import parse
from gatekeeper.language.scope import DefineSpec, ParamSpec
from tests.builders import NEW_YORK, dollars
from tests.language.scopes import ENTERPRISE, OFFLINE, SCOPE

if TYPE_CHECKING:
    from gatekeeper.core.model import Answer

HIDDEN = Unavailable("the integration user may not read it")
ANN = Person("005A", "Ann Rep", "ann@example.com")
# Friday 20 November 2026, 09:00 in New York; Thursday 26 is a holiday.
CONTEXT = Context(
    now=datetime(2026, 11, 20, 14, tzinfo=UTC),
    zone=NEW_YORK,
    calendar=Calendar(frozenset({date(2026, 11, 26)})),
    rates={"EUR": Decimal("1.10")},
    pipelines={"Enterprise": ENTERPRISE},
    placeholders=frozenset({"na", "tbd", "-", "x"}),
    fiscal_starts_in=2,
)
FIELDS: dict[str, FieldValue] = {
    "amount": dollars(50_000),
    "close_date": date(2026, 12, 18),
    "created_on": date(2026, 8, 3),
    "created_at": datetime(2026, 8, 3, 12, tzinfo=UTC),
    "next_step": "  Send redlines to Procurement ",
    "discount": Decimal(10),
    "seats": Decimal(0),
    "is_renewal": False,
    "is_won": True,
    "competitors": frozenset({"Acme", "Beta_Corp"}),
    "security_review": "In_progress",
    "champion": "Partial",
    "signed_at": EMPTY,
    "signature_date": EMPTY,
    "lead_source": EMPTY,
    "type": HIDDEN,
    "account": "001A",
    "account.segment": "SMB",
    "account.name": "Acme",
    "sponsor": ANN,
    "owner": Person("005B", "Bo", "bo@example.com"),
    "owner.email": "ANN@example.com",
}
RELATED: dict[str, tuple[Row, ...] | Unavailable] = {
    "contacts": (
        {"name": "Dana Fox", "role": "Champion", "is_primary": True, "email": "d@x.io"},
        {"name": "Lee Park", "role": EMPTY, "is_primary": False, "email": EMPTY},
        {"name": "Ana Ruiz", "role": "User", "is_primary": HIDDEN, "email": "a@x.io"},
    ),
    "meetings": (
        {"subject": "Demo", "start": datetime(2026, 11, 6, 5, 30, tzinfo=UTC)},
        {"subject": "Plan", "start": datetime(2026, 12, 2, 20, tzinfo=UTC)},
    ),
    "line_items": (
        {"product": "Basic", "quantity": Decimal(2), "total": dollars(30_000)},
        {"product": "Pro", "quantity": Decimal(1), "total": dollars("19600.50")},
    ),
    "quotes": (),
    "files": HIDDEN,
}


def a_case(known: dict[str, FieldValue] | None = None, **fields: FieldValue) -> Deal:
    return Deal(
        org="o",
        id="006A",
        name="Acme - renewal 2026",
        pipeline="Enterprise",
        stage="Value Proposition",
        stage_label="Value Proposition",
        owner_id=None,
        url="",
        fields={**FIELDS, **fields, **(known or {})},
        related=RELATED,
    )


def a_case_in(stage: str) -> Deal:
    return replace(a_case(), stage=stage)


def answer(text: str, deal: Deal | None = None, context: Context = CONTEXT) -> Answer:
    line = compile_line(check(parse(text), SCOPE))
    return line.test(deal or a_case(), context)


def _table(text: str) -> list[tuple[str, Answer]]:
    """Read rows of `answer | check`."""
    words: dict[str, Answer] = {"yes": True, "no": False, "empty": EMPTY}
    rows = [line.split("|", 1) for line in text.strip().splitlines()]
    return [(check_.strip(), words.get(word.strip(), HIDDEN)) for word, check_ in rows]


ANSWERS = """
yes    | amount >= $min_amount
no     | amount > $min_amount
no     | amount < $min_amount
yes    | amount <= 50k
yes    | amount = 50_000
no     | amount != 50000
yes    | 40k < amount
no     | 50k < amount
yes    | 50k <= amount
no     | 50k > amount
yes    | 60k > amount
yes    | 50k >= amount
no     | 40k >= amount
yes    | 50k = amount
no     | 50k != amount
no     | every of boxes is true
yes    | created_at between created_on and now
no     | created_at between created_on and 2026-08-03 07:00
no     | created_at between close_date and now
yes    | some of boxes is true
yes    | exactly 1 of boxes is false
empty  | signature_date > today
empty  | not signature_date > today
hidden | type = "New"
hidden | type is filled
no     | signature_date is filled
yes    | signature_date is empty
yes    | seats is filled
yes    | is_renewal is filled
yes    | is_renewal is false
no     | is_renewal
yes    | is_won
yes    | amount >= 1 and is_won
no     | amount < 1 and signature_date > today
empty  | amount > 1 and signature_date > today
no     | type = "x" and amount < 1
hidden | type = "x" and amount > 1
hidden | type = "x" and signature_date > today
yes    | type = "x" or amount > 1
hidden | type = "x" or amount < 1
hidden | signature_date > today or type = "x"
yes    | signature_date > today or amount > 1
empty  | signature_date > today or amount < 1
hidden | not type = "x"
yes    | next_step = "send redlines to procurement"
yes    | next_step contains "REDLINES"
yes    | next_step contains ["zzz", "send"]
no     | next_step not contains "redlines"
yes    | next_step starts with "send"
yes    | next_step ends with "procurement"
yes    | next_step matches "red[a-z]+s"
no     | next_step matches "RED"
yes    | next_step matches "(?i)RED"
yes    | length(next_step) = 28
yes    | security_review = "in progress"
yes    | security_review in ["Approved", "In progress"]
yes    | security_review not in ["Approved"]
empty  | lead_source not in ["Web"]
empty  | lead_source != "Web"
yes    | champion >= "Partial"
no     | champion > "Partial"
yes    | champion between "Weak" and "Strong"
yes    | competitors includes any of ["Beta Corp"]
no     | competitors includes all of ["Acme"] and competitors includes none of ["Acme"]
yes    | competitors includes all of ["Acme", "Beta Corp"]
yes    | amount between 50000 and 50001
no     | amount not between 50000 and 50001
yes    | discount = 10%
yes    | discount <= $max_discount
yes    | 10% * amount = 5000
yes    | amount / 3 > 16_666
empty  | amount / seats > 1
empty  | seats / seats = 1
yes    | amount / amount = 100%
yes    | discount * 2 = 20%
yes    | half = 25_000
yes    | -amount < 0
yes    | stage = "Discovery"
yes    | stage after "Qualification"
no     | stage on or after "Proposal"
yes    | stage in ["Discovery", "Closed Won"]
yes    | stage is filled
yes    | account is filled
yes    | sponsor = "Ann@Example.com"
yes    | sponsor = "005a"
yes    | sponsor != owner
yes    | sponsor = owner.email
yes    | close_date after today
yes    | close_date = 2026-12-18
yes    | created_at = 2026-08-03
yes    | created_at before now
yes    | created_at = 2026-08-03 08:00
yes    | close_date within next 28 days
no     | close_date within next 27 days
no     | close_date within last 300 days
yes    | today within last 0 days
yes    | now within next 1 hours
yes    | close_date within next 1 months
yes    | created_on within last 4 months
no     | created_on within last 3 months
yes    | close_date within next 19 business days
no     | close_date within next 18 business days
yes    | close_date in next month
yes    | close_date in this year
yes    | close_date in this quarter
no     | close_date in this fiscal year and not close_date in this fiscal year
yes    | close_date in this fiscal quarter
no     | created_on in this fiscal quarter
yes    | created_on in last fiscal quarter
yes    | today in this week
yes    | days_until(close_date) = 28
yes    | days_since(created_on) = 109
yes    | days_until(close_date) <= 4 weeks
yes    | days_between(created_on, close_date) = 137
yes    | business_days_between(today, close_date) = 19
yes    | close_date - created_on = 137
yes    | close_date - 28 days = today
yes    | close_date + 1 months = 2027-01-18
yes    | now - created_at > 100 days
yes    | abs(0 - amount) = amount
yes    | round(amount / 3) = 16_667
yes    | round(amount / 3, 2) = 16666.67
yes    | coalesce(signature_date, close_date) = close_date
hidden | coalesce(type, "x") = "x"
yes    | later_of(created_on, close_date, signature_date) = close_date
yes    | earlier_of(created_at, close_date) = created_on
yes    | some contacts
yes    | at least 3 contacts
no     | at most 2 contacts
yes    | exactly 3 contacts
no     | no contacts
no     | some quotes
yes    | no quotes
hidden | some files
hidden | no files
yes    | exactly 1 contact where role = "Champion"
yes    | some contacts where role = "champion"
yes    | no contacts where role = "Technical Buyer"
yes    | at least 2 contacts where email is filled
yes    | at least $needed contacts where role in $buyers
yes    | some contacts where is_primary is true
hidden | no contacts where is_primary is true and role = "User"
hidden | at least 2 contacts where is_primary is true
no     | at least 3 contacts where is_primary is true
no     | no contacts where is_primary is true
hidden | exactly 1 contact where is_primary is true
no     | exactly 3 contacts where is_primary is true
no     | every contact has role is filled
no     | every contact has role = "User"
yes    | every contact where (role is filled) has email is filled
hidden | every contact where (role is filled) has is_primary is filled
yes    | every quote has status = "Presented"
yes    | every line_item has quantity > 0
yes    | count(contacts) = 3
yes    | count(contacts where role is empty) = 1
yes    | count(contacts.email) = 2
yes    | count(held) = 1
yes    | some held
yes    | sum(line_items.total) = 49_600.50
yes    | abs(sum(line_items.total) - amount) <= 1% * amount
no     | abs(sum(line_items.total) - amount) <= 0.5% * amount
yes    | sum(quotes.total) = 0
empty  | max(quotes.total) > 0
yes    | max(line_items.quantity) = 2
yes    | min(line_items.total) < 20k
yes    | latest(meetings.start) after now
yes    | latest(held.start) within last 14 days
no     | latest(held.start) within last 13 days
yes    | earliest(meetings.start) = 2026-11-06
hidden | count(files) > 0
hidden | count(contacts where is_primary is true) = 1
yes    | count(contacts where is_primary is true) >= 1
no     | count(contacts where is_primary is true) < 1
no     | count(contacts where is_primary is true) = 0
hidden | count(contacts where is_primary is true) <= 1
hidden | count(contacts where is_primary is true) + 1 >= 2
no     | latest(held.start) within last $idle_by_segment
yes    | latest(held.start) within last $by_size
yes    | is_big_deal or buying_group_engaged or amount > 1
no     | is_big_deal
no     | buying_group_engaged
no     | some of meddppicc is empty
yes    | every of meddppicc is filled
yes    | at least 3 of meddppicc is filled
yes    | some contacts where name contains deal.account.name or name = "Dana Fox"
yes    | 2 days * 7 = 14 days
yes    | now - signed_at > 1 hours or signed_at is empty
yes    | sponsor is filled
yes    | sponsor in ["ann@example.com"]
yes    | stage between "Qualification" and "Proposal"
no     | stage not in ["Discovery"]
yes    | close_date in [2026-12-17, 2026-12-18]
yes    | is_won = is_won
no     | (amount > 5) is false
yes    | created_at within last 3000 hours
no     | created_at within last 24 hours
empty  | signed_at within last 24 hours
empty  | signed_at in this month
hidden | type in ["New"]
empty  | lead_source in ["Web"]
yes    | not competitors includes none of ["Acme"]
yes    | length(name) between 5 and 100
yes    | discount between 10% and 10%
yes    | some line_items where total > $list_price * quantity
yes    | some line_items where total * 2 > deal.amount
yes    | text_like(name, "{account.name} - {rest}")
yes    | text_like(name, "acme  -  renewal {number}")
no     | text_like(name, "{account.name}")
yes    | name starts with account.name
empty  | name starts with lead_source
"""


@pytest.mark.parametrize(("text", "expected"), _table(ANSWERS), ids=str)
def test_a_check_answers_as_the_design_says(text: str, expected: Answer) -> None:
    got = answer(text)

    assert isinstance(got, Unavailable) if expected is HIDDEN else got is expected


@pytest.mark.parametrize(
    "text", ["tbd", "TBD!!", "n/a", "N/A.", "xxxx", "-", "--", " "]
)
def test_a_placeholder_counts_as_empty(text: str) -> None:
    deal = a_case(next_step=text)

    assert answer("next_step is filled", deal) is False
    assert answer('next_step contains "b"', deal) is EMPTY


def test_money_compares_in_the_projects_currency() -> None:
    deal = a_case(amount=Money(Decimal(46_000), "EUR"))

    assert answer("amount >= $min_amount", deal) is True
    assert answer("amount < 50_601", deal) is True
    assert answer("amount = 50_600", deal) is True


def test_money_without_a_rate_cannot_be_told() -> None:
    deal = a_case(amount=Money(Decimal(46_000), "CHF"))

    assert answer("amount >= $min_amount", deal) == Unavailable(
        "there is no exchange rate for CHF", is_there=True
    )


def test_money_without_a_rate_is_there_all_the_same() -> None:
    deal = a_case(amount=Money(Decimal(46_000), "CHF"))

    assert answer("amount is filled", deal) is True
    assert answer("amount is empty", deal) is False
    assert isinstance(answer("amount / 0 is filled", deal), Unavailable)


def test_a_date_and_time_is_the_local_calendar_date() -> None:
    late = a_case(signed_at=datetime(2026, 11, 21, 4, 30, tzinfo=UTC))  # 23:30 on 20th

    assert answer("signed_at = today", late) is True
    assert answer("signed_at within last 0 days", late) is True
    assert answer("signed_at before now", late) is False


def test_days_keep_the_local_hour_over_a_change_of_the_clock() -> None:
    # New York leaves summer time on 1 November 2026.
    deal = a_case(signed_at=datetime(2026, 10, 31, 16, tzinfo=UTC))  # 12:00 local

    assert answer("signed_at + 1 days = 2026-11-01 12:00", deal) is True
    assert answer("signed_at + 24 hours = 2026-11-01 11:00", deal) is True


def test_a_month_ends_where_the_shorter_one_does() -> None:
    deal = a_case(close_date=date(2027, 1, 31))

    assert answer("close_date + 1 months = 2027-02-28", deal) is True
    assert answer("close_date - 2 months = 2026-11-30", deal) is True


def test_a_stage_that_the_pipeline_lacks_is_unknown() -> None:
    deal = a_case()
    moved = replace(deal, stage="Elsewhere")

    assert answer('stage before "Proposal"', moved) is EMPTY
    assert answer('stage = "Proposal"', deal) is False


def test_a_pipeline_that_is_not_known_cannot_be_told() -> None:
    moved = replace(a_case(), pipeline="Partners")

    assert isinstance(answer('stage = "Proposal"', moved), Unavailable)


def test_a_window_chosen_by_a_field_without_else_is_not_asked_elsewhere() -> None:
    line = compile_line(
        check(parse("latest(held.start) within last $idle_by_segment"), SCOPE)
    )
    other = a_case({"account.segment": "Public"})
    hidden = a_case({"account.segment": HIDDEN})

    asked = line.when
    assert isinstance(asked, Line)
    assert asked.test(a_case(), CONTEXT) is True
    assert asked.test(other, CONTEXT) is False
    assert asked.test(hidden, CONTEXT) == HIDDEN


def _with_param(text: str, spec: ParamSpec, deal: Deal) -> Answer:
    scope = replace(SCOPE, params={spec.name: spec})
    return compile_line(check(parse(text), scope)).test(deal, CONTEXT)


def test_a_stage_chooses_a_value_by_its_name_in_the_rules() -> None:
    spec = ParamSpec(
        "limit",
        Kind.NUMBER,
        by="stage",
        values={"Discovery": Decimal(5), "Proposal": Decimal(50)},
    )

    assert _with_param("seats + 6 > $limit", spec, a_case()) is True
    assert _with_param("seats + 6 > $limit", spec, a_case_in("Proposal")) is False


def test_a_yes_no_field_chooses_a_value() -> None:
    spec = ParamSpec(
        "limit",
        Kind.MONEY,
        by="is_renewal",
        values={"yes": Decimal(1), "no": Decimal(50_001)},
    )

    assert _with_param("amount >= $limit", spec, a_case()) is False
    assert _with_param("amount >= $limit", spec, a_case(is_renewal=True)) is True


def test_a_chosen_list_holds_labels_or_values() -> None:
    spec = ParamSpec(
        "fine",
        Kind.TEXT,
        is_list=True,
        by="account.segment",
        values={"SMB": ("In progress", "Approved"), "Enterprise": ("Approved",)},
    )
    enterprise = a_case({"account.segment": "Enterprise"})

    assert _with_param("security_review in $fine", spec, a_case()) is True
    assert _with_param("security_review in $fine", spec, enterprise) is False


@pytest.mark.parametrize(
    ("amount", "window"), [(5, 7), (19_999, 7), (20_000, 14), (60_000, 28)]
)
def test_the_highest_limit_at_or_below_the_value_counts(
    amount: int, window: int
) -> None:
    deal = a_case(amount=dollars(amount), close_date=date(2026, 11, 20))
    on_edge = replace(
        CONTEXT, now=datetime(2026, 11, 20, 14, tzinfo=UTC) + timedelta(days=window)
    )
    beyond = replace(on_edge, now=on_edge.now + timedelta(days=1))

    assert answer("close_date within last $by_size", deal, on_edge) is True
    assert answer("close_date within last $by_size", deal, beyond) is False


def test_a_definition_inside_a_where_speaks_of_the_row() -> None:
    define = DefineSpec("is_champion", parse('role = "Champion"'))
    scope = replace(SCOPE, defines={define.name: define})
    line = compile_line(check(parse("exactly 1 contact where is_champion"), scope))

    assert line.test(a_case(), CONTEXT) is True


def test_an_undecided_parameter_cannot_be_told() -> None:
    assert answer("amount >= $later") == Unavailable("$later is undecided")


def test_siblings_compare_stages_in_their_own_pipeline() -> None:
    rows: tuple[Row, ...] = (
        {"name": "A", "stage": "Proposal", "pipeline": "Enterprise"},
        {"name": "B", "stage": "Proposal", "pipeline": "Partners"},
    )
    deal = replace(a_case(), related={"siblings": rows})
    text = 'some siblings where stage after "Discovery"'

    assert answer(text, deal) is True
    assert isinstance(answer(text.replace("some", "at least 2"), deal), Unavailable)
    assert answer("some siblings where stage = deal.stage", deal) is not True


def test_a_raw_name_reads_its_own_key() -> None:
    deal = a_case({"custom.Pilot_Result__c": "Success"})

    assert answer('custom.Pilot_Result__c = "success"', deal) is True


def test_a_raw_name_without_schema_takes_the_type_of_what_it_meets() -> None:
    deal = a_case({"custom.Seats__c": Decimal(12), "custom.Kind__c": "Big"})

    for text in ("custom.Seats__c >= 12", 'custom.Kind__c = "big"'):
        line = compile_line(check(parse(text), OFFLINE))
        assert line.test(deal, CONTEXT) is True


def test_a_value_of_another_type_cannot_be_told() -> None:
    assert isinstance(answer("amount > 5", a_case(amount="many")), Unavailable)
    assert isinstance(answer("is_won", a_case(is_won="yes")), Unavailable)


def test_a_value_beyond_the_calendar_cannot_be_told() -> None:
    deal = a_case(close_date=date(9999, 12, 31))

    assert isinstance(answer("close_date + 1 years > today", deal), Unavailable)
