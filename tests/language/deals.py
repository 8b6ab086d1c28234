"""Random deals, pasts and standpoints, each wholly decided by one number.

Plain random numbers instead of strategies: a deal has a hundred values, and building
them one draw at a time would take most of the time of a comparison.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.context import Context
from gatekeeper.core.model import (
    EMPTY,
    Deal,
    FieldChange,
    History,
    Money,
    Person,
    Row,
    Stint,
    Unavailable,
    by_field,
)
from tests.builders import NEW_YORK
from tests.language.checks import PARTNERS
from tests.language.scopes import ENTERPRISE

if TYPE_CHECKING:
    from collections.abc import Sequence

HIDDEN = Unavailable("hidden")
BEGAN = datetime(2026, 8, 3, 13, tzinfo=UTC)
ANN = Person("005A", "Ann Rep", "ann@x.io")
BEN = Person("005B", "Ben Boss")

# A Friday morning, a Sunday, the night on which clocks go back, the day after a
# holiday, and an evening that is tomorrow in UTC.
NOWS = (
    datetime(2026, 11, 20, 14, tzinfo=UTC),
    datetime(2026, 11, 22, 18, tzinfo=UTC),
    datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
    datetime(2026, 11, 27, 14, tzinfo=UTC),
    datetime(2026, 12, 31, 4, 30, tzinfo=UTC),
)
contexts = st.builds(
    lambda now, week_starts_on, fiscal: Context(
        now=now,
        zone=NEW_YORK,
        calendar=Calendar(frozenset({date(2026, 11, 26)})),
        rates={"EUR": Decimal("1.10")},
        pipelines={"Enterprise": ENTERPRISE, "Partners": PARTNERS},
        placeholders=frozenset({"na", "tbd", "-", "x"}),
        week_starts_on=week_starts_on,
        fiscal_starts_in=fiscal,
    ),
    st.sampled_from(NOWS),
    st.sampled_from([0, 6]),
    st.sampled_from([1, 2, 11]),
)

SMALL = tuple(map(Decimal, ("0", "1", "2", "20", "1.5")))
MONEY = (
    *(Money(amount, "USD") for amount in SMALL),
    Money(Decimal(50_000), "USD"),
    Money(Decimal(1_000), "EUR"),
    Money(Decimal(20), "CHF"),
    Money(Decimal(25_000), "USD"),
)
DAYS = (
    date(2026, 11, 20),
    date(2026, 12, 18),
    date(2026, 1, 31),
    date(2026, 8, 3),
    date(2026, 11, 1),
)
MOMENTS = (
    datetime(2026, 11, 20, 14, tzinfo=UTC),
    datetime(2026, 11, 21, 3, 30, tzinfo=UTC),
    datetime(2026, 11, 6, 12, tzinfo=UTC),
    datetime(2026, 10, 31, 16, tzinfo=UTC),
    datetime(2026, 12, 1, 9, tzinfo=UTC),
)
TEXTS = ("", "  ", "Send it", "zzz", "TBD!!", "x", "Acme")
PEOPLE = (ANN, BEN)
YES_NO = (True, False)
STAGES = (
    "Qualification", "Needs Analysis", "Value Proposition", "Solution Validation",
    "Proposal", "On Hold", "Closed Won", "Closed Lost", "Elsewhere",
)  # fmt: skip
PIPELINES = ("Enterprise", "Enterprise", "Partners")
EMAILS = ("d@x.io", "e@y.com")
SEVERAL = (frozenset[str](), frozenset({"Acme"}), frozenset({"Acme", "Beta_Corp"}))

FIELDS: dict[str, Sequence[Any]] = {
    "amount": MONEY,
    "seats": SMALL,
    "discount": SMALL,
    "close_date": DAYS,
    "signature_date": DAYS,
    "created_on": DAYS,
    "created_at": MOMENTS,
    "signed_at": MOMENTS,
    "next_step": TEXTS,
    "is_renewal": YES_NO,
    "is_won": YES_NO,
    "is_closed": YES_NO,
    "security_review": ("Approved", "In_progress"),
    "champion": ("Weak", "Partial", "Strong", "Odd"),
    "lead_source": ("Web", "SMB"),
    "account": ("001A",),
    "account.name": ("Acme", "Send"),
    "account.segment": ("SMB", "Enterprise", "Other"),
    "competitors": SEVERAL,
    "sponsor": PEOPLE,
    "owner": PEOPLE,
    "owner.email": (*EMAILS, "ANN@x.io"),
    "owner.is_active": YES_NO,
    "created_by": PEOPLE,
}
MEETING: dict[str, Sequence[Any]] = {
    "subject": (*TEXTS, "Demo"),
    "start": MOMENTS,
    "end": MOMENTS,
    "completed": YES_NO,
    "owner": PEOPLE,
    "contact_roles": (frozenset[str](), frozenset({"User"})),
}
ROWS: dict[str, dict[str, Sequence[Any]]] = {
    "contacts": {
        "name": TEXTS,
        "role": ("Champion", "User", "Economic_Buyer"),
        "is_primary": YES_NO,
        "email": EMAILS,
        "last_met_at": MOMENTS,
    },
    "line_items": {
        "product": ("Pro", "Basic"),
        "quantity": SMALL,
        "total": MONEY,
        "unit_price": MONEY,
    },
    "meetings": MEETING,
    "account.meetings": MEETING,
    "quotes": {"total": MONEY, "expires_on": DAYS},
    "siblings": {
        "name": TEXTS,
        "stage": STAGES,
        "pipeline": PIPELINES,
        "amount": MONEY,
    },
}
STEPS = (
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=20),
    timedelta(days=5),
    timedelta(days=31),
    timedelta(days=44),
)
CHANGING = ("close_date", "close_date", "amount", "next_step", "signed_at")
TRACKED = (*set(CHANGING), "stage", "seats", "is_renewal")
REACH = (BEGAN, BEGAN, BEGAN, datetime(2026, 9, 20, tzinfo=UTC), MOMENTS[2], None)


def _one(dice: Random, values: Sequence[Any]) -> Any:
    """Mostly one of the values; now and then empty or hidden."""
    throw = dice.random()
    if throw < 0.2:
        return EMPTY
    return HIDDEN if throw < 0.3 else dice.choice(values)


def _row(dice: Random, fields: dict[str, Sequence[Any]]) -> Row:
    return {name: _one(dice, values) for name, values in fields.items()}


def _rows(
    dice: Random, fields: dict[str, Sequence[Any]]
) -> tuple[Row, ...] | Unavailable:
    count = dice.randrange(-1, 4)
    return HIDDEN if count < 0 else tuple(_row(dice, fields) for _ in range(count))


def _stints(dice: Random, stage: str) -> tuple[Stint, ...]:
    gaps = dice.choices(STEPS, k=dice.randrange(5))
    bounds: list[Any] = [*accumulate(gaps, initial=BEGAN), None]
    stages = [*dice.choices(STAGES, k=len(gaps)), stage]
    return tuple(
        Stint(name, entered, left, dice.choice((ANN, BEN, EMPTY)))
        for name, (entered, left) in zip(stages, pairwise(bounds), strict=True)
    )


def _changes(dice: Random) -> tuple[FieldChange, ...]:
    made = []
    at = BEGAN
    for _ in range(dice.randrange(6)):
        at += dice.choice(STEPS)
        field = dice.choice(CHANGING)
        values = (*FIELDS[field], EMPTY)
        old, new = dice.choice((*values, HIDDEN)), dice.choice(values)
        by = dice.choice((ANN, BEN, EMPTY))
        after = at - dice.choice(STEPS) if dice.random() < 0.3 else None
        made.append(FieldChange(field, at, old, new, by, after))
    return tuple(made)


def _past(dice: Random, stage: str) -> History:
    reach = {name: dice.choice(REACH) for name in sorted(TRACKED)}
    known = {name: since for name, since in reach.items() if since is not None}
    began = dice.choice((BEGAN, BEGAN, BEGAN, None))
    present = stage if dice.random() < 0.9 else dice.choice(STAGES)
    return History(_stints(dice, present), by_field(_changes(dice)), known, began)


def a_random_deal(number: int) -> Deal:
    """The deal that a number stands for."""
    dice = Random(number)  # noqa: S311  (no secret)
    stage = dice.choice(STAGES)
    return Deal(
        org="o",
        id="1",
        name="Acme renewal",
        pipeline=dice.choice(PIPELINES),
        stage=stage,
        stage_label=stage,
        owner_id=None,
        url="",
        fields=_row(dice, FIELDS),
        related={name: _rows(dice, fields) for name, fields in ROWS.items()},
        history=_past(dice, stage),
    )


deals = st.integers(0, 2**32).map(a_random_deal)
