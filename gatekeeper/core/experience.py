"""What past runs and the deals themselves tell about the rules, counted. Frozen values.

Counted, not judged: whoever reads these says how much is enough to tell anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from decimal import Decimal

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, FieldValue


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """How a rule went in the stored runs that held its present logic.

    Attributes:
        runs: How many they are.
        since: The day of the oldest.
        judged: Pairs of a deal and a run in which it passed or failed.
        failed: Of these, those in which it failed, waived ones included.
        deals: Most deals it judged in one run.
    """

    runs: int = 0
    since: date | None = None
    judged: int = 0
    failed: int = 0
    deals: int = 0


@dataclass(frozen=True, slots=True)
class Asking:
    """How many deals a line of `when` looked at, and where nothing there decided.

    Attributes:
        empty: Deals that the whole `when` leaves out and would not if its empty lines
            held.
    """

    deals: int = 0
    empty: int = 0


@dataclass(frozen=True, slots=True)
class Stays:
    """Finished stays, in days.

    Attributes:
        inside: Stage to the time deals stood in it.
        after: Stage to the time from leaving it to the end of the deal.
        whole: From creation to the end.
    """

    inside: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)
    after: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)
    whole: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class Probe:
    """A value that is wanted of every won deal as it was won, under a name."""

    name: str
    read: Callable[[Deal, Context], FieldValue]


@dataclass(frozen=True, slots=True)
class Experience:
    """What was looked at, and what it tells.

    Attributes:
        runs: Stored runs and plans looked at.
        deals: Deals read, closed ones of the last year included.
        won: Of these, the won ones.
        records: Rule id to its record.
        askings: Rule id and line of its `when` to how often that decided by being
            empty.
        values: Name of a probe to what won deals had.
        problems: Sentences that say what could not be read.
    """

    runs: int
    deals: int
    won: int
    records: Mapping[str, RuleRecord] = field(default_factory=dict)
    askings: Mapping[tuple[str, str], Asking] = field(default_factory=dict)
    stays: Stays = Stays()
    values: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
