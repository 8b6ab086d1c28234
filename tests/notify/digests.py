"""Digests to render, with names that mean harm where asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from gatekeeper.core.digest.values import (
    Criterion,
    DealLine,
    Digest,
    EndingWaiver,
    Figure,
    Gap,
    Headline,
    Moving,
    RepGaps,
    Section,
    Trend,
    Truth,
)
from gatekeeper.core.model import Person

NIGHT = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
HOST = "https://acme.my.salesforce.com"
BEA = Person("005B", "Bea Boss", "bea@acme.example")


def url_of(deal_id: str) -> str:
    return f"{HOST}/lightning/r/Opportunity/{deal_id}/view"


def a_truth(**changes: Any) -> Truth:
    known: dict[str, Any] = {
        "run_id": "r-20261120-0007",
        "as_of": NIGHT,
        "is_complete": True,
        "problems": (),
        "held": (),
        "cannot_tell": 0,
        "rules": "9bc1f02",
    }
    return Truth(**{**known, **changes})


def a_headline(failing: int = 12) -> Headline:
    return Headline(
        open_deals=Figure(134, 130),
        failing_deals=Figure(failing, failing + 2),
        open_violations=Figure(2 * failing, 2 * failing),
        at_stake={"EUR": Decimal(80_000), "USD": Decimal("1250000.50")},
        at_stake_before={"USD": Decimal(900_000)},
        waived=3,
        pending=4,
    )


def a_line(number: int = 1, name: str = "", **changes: Any) -> DealLine:
    known: dict[str, Any] = {
        "deal_id": f"006{number:012d}AAA",
        "name": name or f"Northwind renewal {number}",
        "stage": "Proposal",
        "owner": "Ann Rep",
        "amount": Decimal(50_000 * number),
        "currency": "USD",
        "titles": ("The amount is known", "A decision maker is on the deal"),
        "fix": "Ask the buyer who signs, and add that person as Decision Maker.",
        "since": NIGHT - timedelta(days=3 * number),
    }
    return DealLine(**{**known, **changes})


def a_section(deals: int = 12, name: str = "") -> Section:
    lines = tuple(a_line(number, name) for number in range(1, min(deals, 10) + 1))
    return Section(2 * deals, deals, lines)


def a_full_digest(name: str = "", **changes: Any) -> Digest:
    """Build a digest with something in every part; `name` is everybody's name."""
    weeks = tuple(date(2026, 10, 2) + timedelta(weeks=each) for each in range(8))
    known: dict[str, Any] = {
        "who": BEA,
        "as_of": NIGHT,
        "since": NIGHT - timedelta(days=1),
        "headline": a_headline(),
        "truth": a_truth(rules_before="3f2a001"),
        "asks": tuple(a_line(number, name) for number in (1, 2, 3)),
        "criteria": (
            Criterion("a", name or "The amount is known", False, 14, 2, 5),
            Criterion("b", name or "A decision maker is on the deal", False, 9, 0, 1),
            Criterion("c", name or "The close date is ahead", False, 1, 1, 0),
            Criterion("d", name or "A next meeting is planned", True, 31, 0, 0),
        ),
        "new": a_section(3, name),
        "ageing": a_section(12, name),
        "fixed": a_section(2, name),
        "waivers": (
            EndingWaiver(
                name or "w-2026-07",
                name or "Waived until 24 Nov 2026 by Bea Boss (w-2026-07): pilot",
                date(2026, 11, 24),
                4,
                2,
            ),
        ),
        "ready": 3,
        "moving": (
            Moving(
                "006000000000009AAA",
                name or "Contoso expansion",
                "Proposal",
                "005A",
                name or "Bob Rep",
                Decimal(70_000),
                "USD",
                date(2026, 11, 30),
                (name or "The contract is signed",),
            ),
        ),
        "reps": (
            RepGaps(
                "005A",
                name or "Ann Rep",
                22,
                (Gap("a", name or "The amount is known", (8, 20), 0.15),),
            ),
            RepGaps("005C", name or "Cal Rep", 4, too_few=True),
            RepGaps("005D", name or "Dee Rep", 31),
        ),
        "trend": Trend(
            weeks,
            {
                name or "Discovery": (9, 8, 8, None, 7, 6, 6, 5),
                f"{name or 'Proposal'} 2": (3, 4, 5, None, 9, 12, 12, 14),
            },
        ),
    }
    return Digest(**{**known, **changes})


def an_empty_digest(**truth: Any) -> Digest:
    return Digest(
        who=BEA,
        as_of=NIGHT,
        since=NIGHT - timedelta(days=1),
        headline=Headline(Figure(34, 34), Figure(0, 0), Figure(0, 0), {}, {}, 0, 0),
        truth=a_truth(**truth),
    )
