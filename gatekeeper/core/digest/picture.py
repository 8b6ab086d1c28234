"""What the store knows, as digests read it. Pure, frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from gatekeeper.core.digest.values import Share
    from gatekeeper.core.pack import Deprecation


@dataclass(frozen=True, slots=True)
class Week:
    """One week up to its last day, and what failed on its last run.

    Attributes:
        failing: Owner id to counts by stage; None where no run of the week is stored.
    """

    until: date
    failing: Mapping[str, Mapping[str, int]] | None


@dataclass(frozen=True, slots=True)
class Picture:
    """What is stored of the run that digests tell of.

    Attributes:
        today: The day of `as_of` where the project is.
        problems: Why the run is partial; empty for a complete one.
        held: What waits for a person, in sentences.
        audit_head: Hash of the last row of the audit chain, "" where there is none.
        rules: The revision, or the fingerprint, of the rules it judged by.
        leaving: Rules that are on their way out and still run, by id.
        open_deals: Owner id to open deals.
        cannot_tell: Owner id to results that could not be told.
        judged: Owner id to each rule's deals that fail, of those judged.
        stages: Open stages as the CRM calls them, in their order.
        weeks: What failed on the last run of each week, oldest first.
    """

    run_id: str
    as_of: datetime
    today: date
    is_complete: bool = True
    problems: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    audit_head: str = ""
    rules: str = ""
    leaving: Mapping[str, Deprecation] = field(default_factory=dict)
    open_deals: Mapping[str, int] = field(default_factory=dict)
    cannot_tell: Mapping[str, int] = field(default_factory=dict)
    judged: Mapping[str, Mapping[str, Share]] = field(default_factory=dict)
    stages: tuple[str, ...] = ()
    weeks: tuple[Week, ...] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """What was known when the digest before this one was made.

    Attributes:
        open_deals: Owner id to open deals; None where that is no longer stored.
    """

    as_of: datetime
    rules: str = ""
    open_deals: Mapping[str, int] | None = None
