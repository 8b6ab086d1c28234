"""Fifty rules twice: as a check of ours, and as a neutral tree for the peers.

The tree speaks of plain nested rows: `None` where a value is empty, days as whole
numbers, the past as rows of stints and changes. A translator per peer writes each node
in that peer's own words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

TODAY = date(2026, 11, 20)
DAY = TODAY.toordinal()

Scalar = str | int | float | bool


@dataclass(frozen=True)
class Compare:
    """`name sign value`; false where the name is empty."""

    name: str
    sign: str
    value: Scalar


@dataclass(frozen=True)
class Gap:
    """`left - right sign value`, of two numbers of a row; false where one is empty."""

    left: str
    right: str
    sign: str
    value: int


@dataclass(frozen=True)
class Filled:
    """A value is there."""

    name: str


@dataclass(frozen=True)
class Empty:
    """No value is there."""

    name: str


@dataclass(frozen=True)
class OneOf:
    """The value is one of these texts."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Longer:
    """The text has so many characters at least."""

    name: str
    least: int


@dataclass(frozen=True)
class Contains:
    """The text holds another."""

    name: str
    part: str


@dataclass(frozen=True)
class Rows:
    """So many rows for which all of some tests hold; `most` None is no limit."""

    name: str
    least: int
    most: int | None
    tests: tuple[Test, ...] = ()


@dataclass(frozen=True)
class Every:
    """A test holds for each row."""

    name: str
    test: Test


@dataclass(frozen=True)
class Near:
    """The sum over rows differs from a number by at most a share of it."""

    rows: str
    field: str
    name: str
    share: float


@dataclass(frozen=True)
class All:
    """Each part holds."""

    parts: tuple[Test, ...]


@dataclass(frozen=True)
class Either:
    """One part holds."""

    parts: tuple[Test, ...]


Test = (
    Compare
    | Gap
    | Filled
    | Empty
    | OneOf
    | Longer
    | Contains
    | Rows
    | Every
    | Near
    | All
    | Either
)


def some(name: str, *tests: Test) -> Rows:
    return Rows(name, 1, None, tests)


def none(name: str, *tests: Test) -> Rows:
    return Rows(name, 0, 0, tests)


def within_last(name: str, days: int) -> All:
    return All((Compare(name, ">=", DAY - days), Compare(name, "<=", DAY)))


def within_next(name: str, days: int) -> All:
    return All((Compare(name, ">=", DAY), Compare(name, "<=", DAY + days)))


def pushes(most: int, days: int) -> Rows:
    tests = (
        Compare("field", "=", "close_date"),
        Gap("new_day", "old_day", ">", 0),
        Compare("day", ">=", DAY - days),
    )
    return Rows("changes", 0, most, tests)


def changed(field: str, days: int) -> Rows:
    return some(
        "changes", Compare("field", "=", field), Compare("day", ">=", DAY - days)
    )


BUYERS = ("Economic Buyer", "Champion", "Technical Buyer")
SIGNED = ("Approved", "Not required")
CHAMPION = Compare("role", "=", "Champion")
HELD = within_last("start_day", 14)
PRESENT = Compare("is_present", "=", value=True)

RULES: tuple[tuple[str, Test], ...] = (
    ("amount >= 50_000", Compare("amount", ">=", 50_000)),
    ("amount < 1m", Compare("amount", "<", 1_000_000)),
    (
        "amount between 20k and 500k",
        All((Compare("amount", ">=", 20_000), Compare("amount", "<=", 500_000))),
    ),
    ("next_step is filled", Filled("next_step")),
    ("length(next_step) >= 15", Longer("next_step", 15)),
    ('next_step contains "procurement"', Contains("next_step", "procurement")),
    ("discount <= 20%", Compare("discount", "<=", 20)),
    (
        "discount is empty or discount <= 10%",
        Either((Empty("discount"), Compare("discount", "<=", 10))),
    ),
    ("seats > 0", Compare("seats", ">", 0)),
    (
        "seats >= 10 and seats <= 500",
        All((Compare("seats", ">=", 10), Compare("seats", "<=", 500))),
    ),
    ("is_renewal is false", Compare("is_renewal", "=", value=False)),
    (
        "is_renewal is true or amount >= 20k",
        Either(
            (Compare("is_renewal", "=", value=True), Compare("amount", ">=", 20_000))
        ),
    ),
    (
        'security_review in ["Approved", "Not required"]',
        OneOf("security_review", SIGNED),
    ),
    ('lead_source = "Partner"', Compare("lead_source", "=", "Partner")),
    (
        'lead_source in ["Web", "Partner", "Event"]',
        OneOf("lead_source", ("Web", "Partner", "Event")),
    ),
    ("close_date on or after today", Compare("close_day", ">=", DAY)),
    ("close_date within next 60 days", within_next("close_day", 60)),
    ("close_date within next 180 days", within_next("close_day", 180)),
    ("created_on within last 365 days", within_last("created_day", 365)),
    ("signature_date is filled", Filled("signature_day")),
    (
        "signature_date on or before close_date",
        Gap("signature_day", "close_day", "<=", 0),
    ),
    (
        "days_between(created_on, close_date) <= 270",
        Gap("close_day", "created_day", "<=", 270),
    ),
    ("close_date - created_on >= 30", Gap("close_day", "created_day", ">=", 30)),
    ("some contacts", some("contacts")),
    ("at least 2 contacts", Rows("contacts", 2, None)),
    ('some contacts where role = "Champion"', some("contacts", CHAMPION)),
    (
        'at least 2 contacts where role in ["Economic Buyer", "Champion",'
        ' "Technical Buyer"]',
        Rows("contacts", 2, None, (OneOf("role", BUYERS),)),
    ),
    (
        "some contacts where is_primary is true",
        some("contacts", Compare("is_primary", "=", value=True)),
    ),
    (
        'exactly 1 contact where role = "Economic Buyer"',
        Rows("contacts", 1, 1, (Compare("role", "=", "Economic Buyer"),)),
    ),
    ("every contact has email is filled", Every("contacts", Filled("email"))),
    ('no contacts where role = "User"', none("contacts", Compare("role", "=", "User"))),
    (
        'some contacts where role = "Champion" and email is filled',
        some("contacts", CHAMPION, Filled("email")),
    ),
    ("count(contacts) >= 3", Rows("contacts", 3, None)),
    ("some meetings where start within last 14 days", some("meetings", HELD)),
    (
        "latest(meetings.start where start on or before today) within last 30 days",
        some("meetings", within_last("start_day", 30)),
    ),
    (
        "some meetings where start after today",
        some("meetings", Compare("start_day", ">", DAY)),
    ),
    (
        'some meetings where outcome = "Demo held" and start within last 60 days',
        some(
            "meetings",
            Compare("outcome", "=", "Demo held"),
            within_last("start_day", 60),
        ),
    ),
    (
        "at least 3 meetings where start within last 90 days",
        Rows("meetings", 3, None, (within_last("start_day", 90),)),
    ),
    (
        "count(meetings where completed is true) >= 2",
        Rows("meetings", 2, None, (Compare("completed", "=", value=True),)),
    ),
    ("some line_items", some("line_items")),
    (
        "every line_item has quantity > 0",
        Every("line_items", Compare("quantity", ">", 0)),
    ),
    (
        "no line_items where total > 200k",
        none("line_items", Compare("total", ">", 200_000)),
    ),
    (
        "abs(sum(line_items.total) - amount) <= 1% * amount",
        Near("line_items", "total", "amount", 0.01),
    ),
    (
        'some line_items where product = "Support" and quantity >= 1',
        some(
            "line_items",
            Compare("product", "=", "Support"),
            Compare("quantity", ">=", 1),
        ),
    ),
    (
        "days_in_stage() <= 45",
        none("stints", PRESENT, Compare("entered_day", "<", DAY - 45)),
    ),
    (
        'visited("Discovery")',
        some("stints", OneOf("stage", ("Needs Analysis", "Value Proposition"))),
    ),
    (
        "moves_back(last 30 days) = 0",
        none(
            "stints",
            Gap("rank", "from_rank", "<", 0),
            Compare("entered_day", ">=", DAY - 30),
        ),
    ),
    ("pushes(close_date, last 90 days) <= 2", pushes(2, 90)),
    ("next_step changed within last 30 days", changed("next_step", 30)),
    (
        "changes(amount, last 60 days) <= 1",
        Rows(
            "changes",
            0,
            1,
            (Compare("field", "=", "amount"), Compare("day", ">=", DAY - 60)),
        ),
    ),
)
