"""Deals to evaluate, each as our own value and as plain nested rows for the peers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from gatekeeper.core.model import (
    EMPTY,
    STAGE,
    Deal,
    FieldChange,
    History,
    Money,
    Stint,
    by_field,
)
from tests.bench.conditions import DAY
from tests.language.scopes import CATALOGUE, ENTERPRISE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.core.catalogue import FieldSpec, RelationSpec
    from gatekeeper.core.model import Row

Plain = dict[str, Any]
STAGES = [stage for each in ENTERPRISE.stages[:4] for stage in each.values]
RANK: dict[str | None, int | None] = {
    value: ENTERPRISE.position_of_value(value) for value in STAGES
}
NOON = time(17, tzinfo=UTC)
DATES = {"close_day": "close_date", "created_day": "created_on"}
DATES["signature_day"] = "signature_date"
NAMES = {**DATES, "start_day": "start"}
COLLECTIONS = ("contacts", "meetings", "line_items")
PRODUCTS = ("Basic", "Pro", "Support")
ROLES = ("Champion", "Economic Buyer", "Technical Buyer", "User")
STEPS = (
    "Send redlines to procurement by Friday",
    "Call the champion",
    "Demo",
    "Agree the close plan with the economic buyer",
)


@dataclass(frozen=True)
class Pair:
    """One deal in both shapes."""

    ours: Deal
    plain: Plain


def pairs(count: int, seed: int = 1) -> list[Pair]:
    """Make so many deals up; the same seed gives the same deals."""
    dice = Random(seed)  # noqa: S311  (no secret)
    return [_pair(dice, number) for number in range(count)]


def _pair(dice: Random, number: int) -> Pair:
    plain = _scalars(dice)
    plain["contacts"] = [_contact(dice) for _ in range(dice.randrange(6))]
    plain["meetings"] = [_meeting(dice) for _ in range(dice.randrange(7))]
    plain["line_items"] = _line_items(dice, plain)
    plain["stints"] = _stints(dice, plain["created_day"])
    plain["changes"] = _changes(dice, plain["created_day"])
    return Pair(_deal(plain, number), plain)


def _or_none(dice: Random, value: Any, share: float = 0.15) -> Any:
    return None if dice.random() < share else value


def _scalars(dice: Random) -> Plain:
    created = DAY - dice.randrange(20, 500)
    return {
        "amount": _or_none(
            dice, dice.choice([5_000, 20_000, 50_000, 120_000, 2_000_000])
        ),
        "discount": _or_none(dice, dice.choice([0, 5, 10, 20, 28]), 0.3),
        "seats": _or_none(dice, dice.choice([0, 5, 10, 120, 900])),
        "next_step": _or_none(dice, dice.choice(STEPS)),
        "is_renewal": dice.random() < 0.3,
        "security_review": _or_none(
            dice, dice.choice(["Approved", "Not required", "In progress"])
        ),
        "lead_source": _or_none(dice, dice.choice(["Web", "Partner", "Event", "List"])),
        "close_day": DAY + dice.randrange(-40, 220),
        "created_day": created,
        "signature_day": _or_none(dice, DAY + dice.randrange(-60, 60), 0.6),
    }


def _contact(dice: Random) -> Plain:
    return {
        "name": "Dana Fox",
        "role": _or_none(dice, dice.choice(ROLES)),
        "email": _or_none(dice, "dana@example.com"),
        "is_primary": dice.random() < 0.3,
    }


def _meeting(dice: Random) -> Plain:
    return {
        "subject": "Review",
        "start_day": DAY + dice.randrange(-120, 20),
        "outcome": _or_none(dice, dice.choice(["Demo held", "Completed", "Scheduled"])),
        "completed": dice.random() < 0.5,
    }


def _line_items(dice: Random, plain: Plain) -> list[Plain]:
    count = dice.randrange(5)
    amount = plain["amount"] or 10_000
    share = amount // count if count else 0
    wrong = dice.choice([0, 0, 500])
    return [
        {
            "product": dice.choice(PRODUCTS),
            "quantity": dice.choice([0, 1, 1, 2, 10]),
            "total": share + wrong,
        }
        for _ in range(count)
    ]


def _stints(dice: Random, created: int) -> list[Plain]:
    count = dice.randrange(1, 6)
    days = sorted(dice.sample(range(created + 1, DAY), count - 1))
    found: list[Plain] = []
    for entered in [created, *days]:
        before = found[-1]["stage"] if found else None
        stage = dice.choice([name for name in STAGES if RANK[name] != RANK.get(before)])
        found.append(
            {
                "stage": stage,
                "rank": RANK[stage],
                "from_rank": RANK.get(before),
                "entered_day": entered,
                "is_present": False,
            }
        )
    found[-1]["is_present"] = True
    return found


def _changes(dice: Random, created: int) -> list[Plain]:
    count = dice.randrange(7)
    days = sorted(dice.sample(range(created + 1, DAY), min(count, DAY - created - 1)))
    return [_change(dice, day) for day in days]


def _change(dice: Random, day: int) -> Plain:
    field = dice.choice(["close_date", "close_date", "amount", "next_step"])
    old = DAY + dice.randrange(-90, 90)
    is_date = field == "close_date"
    return {
        "field": field,
        "day": day,
        "old_day": old if is_date else None,
        "new_day": old + dice.choice([-14, 14, 30, 60]) if is_date else None,
    }


# ---- our own shape -------------------------------------------------------------------


def _moment(day: int) -> datetime:
    return datetime.combine(date.fromordinal(day), NOON)


def _dollars(amount: int) -> Money:
    return Money(Decimal(amount), "USD")


def _deal(plain: Plain, number: int) -> Deal:
    stage = plain["stints"][-1]["stage"]
    return Deal(
        org="o",
        id=f"006{number:012}",
        name=f"Deal {number}",
        pipeline="Enterprise",
        stage=stage,
        stage_label=stage,
        owner_id=None,
        url="",
        fields=_row(plain, CATALOGUE.deal),
        related={
            spec.name: _rows(plain[spec.name], spec)
            for spec in map(CATALOGUE.collections.__getitem__, COLLECTIONS)
        },
        history=_history(plain),
    )


def _rows(rows: Sequence[Plain], spec: RelationSpec) -> tuple[Row, ...]:
    return tuple(_row(row, spec.fields) for row in rows)


def _row(values: Plain, specs: Mapping[str, FieldSpec]) -> Row:
    """Put values under the names of the catalogue, as a CRM's room does."""
    return {
        specs[NAMES.get(name, name)].name: _value(name, value)
        for name, value in values.items()
        if not isinstance(value, list)
    }


def _value(name: str, value: Any) -> Any:
    if value is None:
        return EMPTY
    if name in {"amount", "total"}:
        return _dollars(value)
    if name == "start_day":
        return _moment(value)
    if name in DATES:
        return date.fromordinal(value)
    if name in {"security_review", "role"}:
        return value.replace(" ", "_")
    return Decimal(value) if type(value) is int else value


def _history(plain: Plain) -> History:
    stints = plain["stints"]
    lefts = [each["entered_day"] for each in stints[1:]]
    began = _moment(plain["created_day"])
    return History(
        tuple(
            Stint(
                each["stage"],
                _moment(each["entered_day"]),
                None if left is None else _moment(left),
                EMPTY,
            )
            for each, left in zip(stints, [*lefts, None], strict=True)
        ),
        by_field(map(_field_change, plain["changes"])),
        dict.fromkeys([STAGE, "close_date", "amount", "next_step"], began),
        began,
    )


def _field_change(change: Plain) -> FieldChange:
    name = change["field"]
    if name == "close_date":
        old, new = (date.fromordinal(change[key]) for key in ("old_day", "new_day"))
        return FieldChange(name, _moment(change["day"]), old, new, EMPTY)
    return FieldChange(name, _moment(change["day"]), "before", "after", EMPTY)
