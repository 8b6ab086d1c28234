"""Look over the waivers of a pack: what each covers, and what a person should know.

Pure. Reads what stands; a waiver's use is what it accepts now or accepted lately.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from gatekeeper.core.calendar import local_date
from gatekeeper.core.model import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from gatekeeper.core.model import Violation
    from gatekeeper.core.waivers import Waiver, WaiverBook

UNUSED_AFTER = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class WaiverReview:
    """One waiver as it stands on a day.

    Attributes:
        status: In one or two words.
        covers: Violations it accepts as of the last run; None before there was one.
        notices: What a person should know, in sentences.
        is_stale: It should be looked at: it ended, does nothing, or was approved for
            an earlier version of a rule.
    """

    waiver: Waiver
    status: str
    covers: int | None
    notices: tuple[str, ...] = ()
    is_stale: bool = False


class Watched(NamedTuple):
    """From when to when runs kept track, as days in the project's time zone.

    What was covered before or later nobody knows, so nothing is called unused for it.
    """

    first: date
    last: date


def review(
    book: WaiverBook,
    violations: Iterable[Violation],
    today: date,
    watched: Watched | None,
) -> tuple[WaiverReview, ...]:
    """Look over every waiver.

    Args:
        book: The waivers of a pack.
        violations: All that stand, and the resolved ones that are still kept.
        today: The day in the project's time zone.
        watched: The days on which runs kept track; None before one did.
    """
    known = [each for each in violations if each.waiver]
    return tuple(
        _reviewed(
            waiver,
            _Use([each for each in known if each.waiver == waiver.id], book, watched),
            today,
        )
        for waiver in book.waivers
    )


def unused(
    book: WaiverBook,
    idle: Iterable[Waiver],
    violations: Iterable[Violation],
    watched: Watched | None,
) -> tuple[Waiver, ...]:
    """Return which of some idle waivers have covered nothing for two weeks.

    Args:
        book: The waivers of a pack.
        idle: Those that accept nothing now.
        violations: All that stand or stood; read only where it matters.
        watched: The days on which runs kept track; None before one did.
    """
    if watched is None:
        return ()
    since = watched.last - UNUSED_AFTER
    old = [each for each in idle if max(each.approved_on, watched.first) <= since]
    if not old:
        return ()
    lately = {
        each.waiver
        for each in violations
        if each.waiver and _is_recent(each, book, since)
    }
    return tuple(each for each in old if each.id not in lately)


@dataclass(frozen=True, slots=True)
class _Use:
    """What a waiver accepts or accepted, as of the last run that kept track."""

    violations: Sequence[Violation]
    book: WaiverBook
    watched: Watched | None

    def covers(self) -> int | None:
        if self.watched is None:
            return None
        return sum(each.state is State.WAIVED for each in self.violations)

    def is_none(self, waiver: Waiver) -> bool:
        """Whether runs of two weeks found nothing that it covers."""
        if self.watched is None:
            return False
        since = self.watched.last - UNUSED_AFTER
        if max(waiver.approved_on, self.watched.first) > since:
            return False
        return not any(_is_recent(each, self.book, since) for each in self.violations)


def _reviewed(waiver: Waiver, use: _Use, today: date) -> WaiverReview:
    notices: list[str] = []
    is_stale = False
    if today > waiver.expires:
        notices.append(f"It ended with {_day(waiver.expires)}; take it out.")
        is_stale = True
    elif waiver.ends_soon(today):
        notices.append(
            f"It ends with {_day(waiver.expires)}; what it covers is open from the"
            " next day on."
        )
    if waiver.works_on(today) and use.is_none(waiver):
        notices.append(f"It has covered nothing for {UNUSED_AFTER.days} days.")
        is_stale = True
    for rule_id in sorted(waiver.outdated):
        void = use.book.policy.void_on_change
        ends = "it does not cover that rule any more" if void else "it holds"
        notices.append(f"Approved for an earlier version of {rule_id}; {ends}.")
        is_stale = True
    status = _status(waiver, today)
    return WaiverReview(waiver, status, use.covers(), tuple(notices), is_stale)


def _status(waiver: Waiver, today: date) -> str:
    if today > waiver.expires:
        return "ended"
    if today < waiver.approved_on:
        return "not yet"
    return "ends soon" if waiver.ends_soon(today) else "in force"


def _is_recent(violation: Violation, book: WaiverBook, since: date) -> bool:
    """Whether it is waived now, or was until a day after `since`."""
    if violation.state is State.WAIVED:
        return True
    ended = violation.resolved_at
    if ended is None:
        return False
    zone = book.zone
    return (local_date(ended, zone) if zone else ended.date()) > since


def _day(day: date) -> str:
    return f"{day:%-d %b %Y}"
