"""Random checks, as text that the checker accepts, over every form of the language."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from gatekeeper.core.catalogue import Kind, Path, Pipeline, Stage
from gatekeeper.language.parser.line import parse, parse_rows
from gatekeeper.language.scope import DefineSpec, ParamSpec
from gatekeeper.language.tree.syntax import AtLeast, Span
from tests.language.scopes import ENTERPRISE, SCHEMA, SCOPE

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

LONGEST = 480
DEEPEST = 7
PARTNERS = Pipeline(
    "Partners",
    (
        Stage("Discovery", ("Needs Analysis",)),
        Stage("Proposal", ("Proposal",)),
        Stage("On Hold", ("On Hold",), path=Path.SIDE),
        Stage("Closed Won", ("Closed Won",), is_closed=True, is_won=True),
        Stage("Closed Lost", ("Closed Lost",), is_closed=True),
    ),
)
_PARAMS = (
    ParamSpec(
        "by_stage",
        Kind.NUMBER,
        by="stage",
        values={"Discovery": Decimal(1), "Proposal": Decimal(2)},
    ),
    ParamSpec(
        "by_renewal",
        Kind.NUMBER,
        by="is_renewal",
        values={"yes": Decimal(1), "no": Decimal(20)},
    ),
    ParamSpec(
        "fine",
        Kind.TEXT,
        is_list=True,
        by="account.segment",
        values={"SMB": ("In progress", "Approved"), "Enterprise": ("Approved",)},
    ),
)
_DEFINES = (
    DefineSpec("active", parse("is_renewal is true or seats > 1")),
    DefineSpec("is_champion", parse('role = "Champion"')),
    DefineSpec("buyers_only", parse_rows('contacts where is_primary or role = "User"')),
    DefineSpec("nearly", parse("active and amount >= $min_amount")),
    DefineSpec(
        "two_of_three",
        AtLeast(
            2,
            (parse("amount > 50k"), parse("is_renewal is true"), parse("seats > 1")),
            Span(0, 1),
        ),
    ),
)
ALL = replace(
    SCOPE,
    schema=replace(SCHEMA, pipelines=(ENTERPRISE, PARTNERS)),
    pipelines={"Enterprise": ENTERPRISE, "Partners": PARTNERS},
    params={**SCOPE.params, **{spec.name: spec for spec in _PARAMS}},
    defines={**SCOPE.defines, **{spec.name: spec for spec in _DEFINES}},
)
STAGES = [
    "Qualification", "Discovery", "Solution Validation", "Proposal", "On Hold",
    "Closed Won",
]  # fmt: skip
HOMES = [None, None, "Discovery", "Proposal", "Closed Won"]

Texts = "SearchStrategy[str]"


def one(*texts: str) -> SearchStrategy[str]:
    return st.sampled_from(texts)


def joined(pattern: str, *parts: SearchStrategy[str]) -> SearchStrategy[str]:
    return st.tuples(*parts).map(lambda chosen: pattern.format(*chosen))


def growing(
    leaf: SearchStrategy[str], *patterns: str, leaves: int = 3
) -> SearchStrategy[str]:
    """Grow texts by patterns of one or two of them."""
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            *(joined(each, *([inner] * each.count("{"))) for each in patterns)
        ),
        max_leaves=leaves,
    )


def nested(leaf: SearchStrategy[str], leaves: int = 3) -> SearchStrategy[str]:
    return growing(leaf, "({} and {})", "({} or {})", "not ({})", leaves=leaves)


stage_names = one(*(f'"{name}"' for name in STAGES))
signs = one("=", "!=", "<", "<=", ">", ">=")
orders = one("=", "<", "before", "after", "on or before", "on or after")
negations = one("", "not ")
lengths = one(
    "0 days", "7 days", "2 weeks", "1 months", "1 quarters", "3 business days"
)
windows = st.one_of(
    joined("last {}", lengths),
    one("last $idle", "last 30 hours", "last 400 days", "last $by_size"),
    one("since stage entry", "since creation", "since 2026-11-01", "since created_on"),
    joined("since entered({})", stage_names),
    one("since last_changed(amount)", "since close_date", "since 2026-10-30 09:00"),
)

# ---- numbers, money, percentages -----------------------------------------------------

row_names = one("role", "email", "is_primary", "name", "last_met_at")
of_contacts = nested(
    st.one_of(
        joined("{} is {}", row_names, one("filled", "empty", "not filled")),
        one('role = "Champion"', 'role != "User"', 'role in ["User", "Champion"]'),
        one(
            "is_primary is true",
            "is_champion",
            "role in $buyers",
            'email ends with "io"',
        ),
        one(
            "deal.is_renewal is true", "name contains deal.account.name", "deal.active"
        ),
        joined("deal.seats {} {}", signs, one("0", "1", "2", "$needed")),
        joined(
            "last_met_at {} {}", orders, one("now", "2026-11-20", "deal.close_date")
        ),
        joined("last_met_at within last {}", lengths),
        joined("days_in_stage() {} {}", signs, one("0", "10", "2 weeks")),
    ).filter(lambda text: text != "deal.active")
)
of_products = nested(
    st.one_of(
        joined("{} is {}", one("quantity", "total", "product"), one("filled", "empty")),
        joined("quantity {} {}", signs, one("0", "1", "2", "deal.seats")),
        joined(
            "total {} {}", signs, one("$list_price * quantity", "100", "deal.amount")
        ),
        joined("total between {} and {}", one("0", "1"), one("20", "deal.amount / 2")),
        one('product = "pro"', "total * 2 > unit_price * quantity"),
    )
)
of_meetings = nested(
    st.one_of(
        joined(
            "start {} {}",
            orders,
            one("now", "today", "deal.created_at", "end - 1 hours"),
        ),
        joined("start within {} {}", one("last", "next"), lengths),
        one(
            "completed",
            "completed is false",
            'subject starts with "De"',
            'owner = "a@x.io"',
        ),
        one('contact_roles includes any of ["User"]', "owner = deal.owner"),
    )
)
rows = st.one_of(
    joined("contacts where {}", of_contacts),
    joined("line_items where {}", of_products),
    joined("meetings where {}", of_meetings),
    joined("held where {}", of_meetings),
    joined("buyers_only where {}", of_contacts),
    one("contacts", "line_items", "held", "buyers_only", "account.meetings", "quotes"),
    joined("siblings where stage {} {}", orders, stage_names),
    joined("siblings where amount {} {}", signs, one("20", "deal.amount")),
    joined("account.meetings where {}", of_meetings),
)
plain_numbers = st.one_of(
    one("0", "1", "2", "20", "$needed", "$by_stage", "$by_renewal", "1.5"),
    one("seats", "length(next_step)", "(amount / half)", "sum(line_items.quantity)"),
    one("max(line_items.quantity)", "min(line_items.quantity)", "(amount / amount)"),
    joined(
        "{}({})",
        one("days_until", "days_since"),
        one("close_date", "created_at", "signed_at", "latest(held.start)"),
    ),
    joined(
        "{}(created_at, {})",
        one("days_between", "business_days_between"),
        one("close_date", "today", "signed_at"),
    ),
    joined("count({})", rows),
    joined("count(contacts.email where {})", of_contacts),
    joined("sum(line_items.quantity where {})", of_products),
    joined("total_days_in_stage({})", stage_names),
    one("days_in_stage()", "(close_date - created_on)", "previous(seats)"),
    joined("moves_back({})", windows),
    joined("{}(close_date, {})", one("pushes", "pushed_days"), windows),
    joined(
        "changes({}, {})", one("stage", "is_closed", "close_date", "amount"), windows
    ),
)
numbers = growing(
    plain_numbers,
    "({} + {})",
    "({} - {})",
    "({} * {})",
    "({} / {})",
    "abs({})",
    "-({})",
    "round({})",
    "coalesce({}, {})",
)
money = growing(
    st.one_of(
        one(
            "amount",
            "half",
            "$min_amount",
            "sum(line_items.total)",
            "discount * amount",
        ),
        one(
            "max(line_items.total)",
            "previous(amount)",
            "10% * amount",
            "seats * amount",
        ),
        one("value_on_entry(amount)", "deal.amount", "min(quotes.total)", "-amount"),
        joined("value_on_entry(amount, {})", stage_names),
        joined("sum(line_items.total where {})", of_products),
        joined("(amount / {})", one("2", "seats", "20%")),
        joined("amount + {}", one("1", "20", "50k")),
    ),
    "({} + {})",
    "({} - {})",
    "abs({})",
    "round({}, 1)",
    "coalesce({}, {})",
    leaves=2,
)
money_or_literal = money | one("0", "20", "50k", "50_000")
shares = growing(
    one("discount", "$max_discount", "10%", "discount * 2", "discount * discount"),
    "({} + {})",
    "coalesce({}, {})",
    leaves=2,
)

# ---- dates, stages, texts ------------------------------------------------------------

moments = st.one_of(
    one("created_at", "signed_at", "now", "2026-11-20 09:00", "last_changed(amount)"),
    one("entered()", "latest(meetings.start)", "last_changed(stage)", "now - 3 days"),
    one("created_at + 2 months", "signed_at + 30 hours", "previous(signed_at)"),
    joined("entered({})", stage_names),
    joined("{}(meetings.start where {})", one("latest", "earliest"), of_meetings),
)
dates = st.one_of(
    one(
        "close_date",
        "signature_date",
        "created_on",
        "today",
        "2026-11-20",
        "2026-12-18",
    ),
    one("close_date + 1 months", "today - 2 business days", "signature_date + 4 weeks"),
    one("previous(close_date)", "max(quotes.expires_on)", "value_on_entry(close_date)"),
    one("coalesce(signature_date, close_date)", "2026-01-31", "today + 1 quarters"),
    joined(
        "{}({}, {})",
        one("later_of", "earlier_of"),
        one("created_on", "signed_at", "close_date"),
        one("signature_date", "last_changed(close_date)", "created_at"),
    ),
)
periods = joined(
    "in {} {}",
    one("this", "last", "next"),
    one("week", "month", "quarter", "year", "fiscal quarter", "fiscal year"),
)
present_stages = one("stage", "first_stage()", "furthest_stage()", "previous(stage)")
texts = one("next_step", "name", "account.name", "previous(next_step)", "owner.email")
parts = one(
    '"send"', '"IT"', '""', '["zz", "Send it"]', "account.name", '"z" ', '["z"]'
)
picklists = one("security_review", "champion", "lead_source", "account.segment")
people = one(
    "sponsor", "owner", "changed_by(close_date)", "changed_by(stage)", "created_by"
)
addresses = one('"ANN@x.io"', '"005b"', '"Ann rep"', "owner.email", "owner", "sponsor")
quantities = one(
    "some",
    "no",
    "at least 2",
    "at most 1",
    "exactly 2",
    "at least $needed",
    "exactly 0",
)
anything = one(
    "amount",
    "next_step",
    "close_date",
    "seats",
    "is_renewal",
    "discount",
    "sponsor",
    "competitors",
    "stage",
    "account",
    "account.segment",
    "signed_at",
    "security_review",
    "previous(amount)",
    "entered()",
    "max(line_items.total)",
    "half",
    "first_stage()",
)
truths = st.one_of(
    one(
        "two_of_three",
        "is_renewal",
        "is_won",
        "active",
        "nearly",
        "is_big_deal",
        "moved_back()",
    ),
    one("buying_group_engaged", "owner.is_active", "previous(is_renewal)"),
    joined("{}({})", one("visited", "skipped"), stage_names),
)

leaves = st.one_of(
    joined("{} {} {}", numbers, signs, numbers),
    joined("{} {} {}", numbers, signs, numbers),
    joined("{} {}between {} and {}", numbers, negations, one("0", "1"), numbers),
    joined("{} {}in [0, 1, {}]", plain_numbers, negations, one("2", "seats")),
    joined("{} {} {}", money, signs, money_or_literal),
    joined(
        "{} {}between {} and {}", money, negations, one("1", "20"), money_or_literal
    ),
    joined("{} {} {}", shares, signs, shares),
    joined("{} {} {}", dates, orders, dates | moments),
    joined("{} {} {}", moments, orders, dates | moments),
    joined("{} {}between {} and {}", dates | moments, negations, dates, dates),
    joined("{} {}in [today, {}, 2026-12-18]", dates, negations, dates),
    joined("{} within {} {}", dates | moments, one("last", "next"), lengths),
    joined("{} within last {}", dates | moments, one("$idle", "$by_size", "400 days")),
    joined("{} within last $idle_by_segment", dates | moments),
    joined("{} within {} 30 hours", moments, one("last", "next")),
    joined("{} {}", dates | moments, periods),
    joined(
        "now - {} {} {}",
        moments.filter(lambda text: " " not in text),
        signs,
        one("10 days", "30 hours", "3 days * 2"),
    ),
    joined("{} <= 2 weeks", one("days_in_stage()", "days_until(close_date)", "seats")),
    joined("{} {} {}", present_stages, orders, stage_names | present_stages),
    joined("stage {}in [{}, {}]", negations, stage_names, stage_names),
    joined("stage {}between {} and {}", negations, stage_names, stage_names),
    joined(
        "{} {}{} {}",
        texts,
        negations,
        one("contains", "starts with", "ends with"),
        parts,
    ),
    joined(
        "{} {}matches {}",
        texts,
        negations,
        one('"[a-z]+d"', '"^A"', '["zz", "(?i)IT$"]'),
    ),
    joined("{} {} {}", texts, one("=", "!="), one('"SEND it"', "account.name", '"x"')),
    joined(
        "{} {}in {}", texts, negations, one('["send it", "Acme"]', "[account.name]")
    ),
    joined(
        "text_like({}, {})",
        texts,
        one('"{account.name} {rest}"', '"send{text}"', '"{text}"'),
    ),
    joined("security_review {} {}", one("=", "!="), one('"Approved"', '"in progress"')),
    joined(
        "security_review {}in {}",
        negations,
        one('["Approved", "In progress"]', "$fine"),
    ),
    joined("champion {} {}", signs, one('"Weak"', '"Partial"', '"strong"')),
    joined('champion {}between "Partial" and "Strong"', negations),
    joined(
        "{} {} {}", picklists, one("=", "!="), one("lead_source", "account.segment")
    ),
    joined(
        "competitors includes {} of {}",
        one("any", "all", "none"),
        one('["Acme"]', '["Acme", "beta corp"]', '["Beta Corp"]'),
    ),
    joined("{} {} {}", people, one("=", "!="), addresses),
    joined("{} {}in [{}, {}]", people, negations, addresses, addresses),
    joined("{} is {}{}", anything, negations, one("filled", "empty")),
    truths,
    joined("{} is {}", truths, one("true", "false")),
    joined(
        "{} changed {}",
        one("next_step", "close_date", "stage", "is_won", "amount"),
        windows.map(
            lambda text: (
                text.replace("last", "within last", 1)
                if text.startswith("last")
                else text
            )
        ),
    ),
    joined("({} {})", quantities, rows),
    joined("({} {})", quantities, rows),
    joined("(every contact has ({}))", of_contacts),
    joined("(every line_item where ({}) has ({}))", of_products, of_products),
    joined("(every held where ({}) has ({}))", of_meetings, of_meetings),
    joined(
        "{} of meddppicc is {}{}",
        quantities | one("every"),
        negations,
        one("filled", "empty"),
    ),
)


def depth_of(text: str) -> int:
    deepest = depth = 0
    for sign in text:
        depth += (sign in "([") - (sign in ")]")
        deepest = max(deepest, depth)
    return deepest


checks = nested(leaves, leaves=4).filter(
    lambda text: len(text) < LONGEST and depth_of(text) <= DEEPEST
)
