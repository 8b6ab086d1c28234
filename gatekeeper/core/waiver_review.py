"""Look over the waivers of a pack: what each covers, and what a person should know.

Pure. Reads what stands; a waiver's use is what it accepts now or accepted lately.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

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
        covers: Violations it accepts now.
        notices: What a person should know, in sentences.
        is_stale: It should be looked at: it ended, does nothing, or was approved for
            an earlier version of a rule.
    """

    waiver: Waiver
    status: str
    covers: int
    notices: tuple[str, ...] = ()
    is_stale: bool = False


def review(
    book: WaiverBook, violations: Iterable[Violation], today: date
) -> tuple[WaiverReview, ...]:
    """Look over every waiver.

    Args:
        book: The waivers of a pack.
        violations: All that stand, and the resolved ones that are still kept.
        today: The day in the project's time zone.
    """
    known = [each for each in violations if each.waiver]
    return tuple(
        _reviewed(
            waiver, [each for each in known if each.waiver == waiver.id], book, today
        )
        for waiver in book.waivers
    )


def unused(
    book: WaiverBook,
    idle: Iterable[Waiver],
    violations: Iterable[Violation],
    today: date,
) -> tuple[Waiver, ...]:
    """Return which of some idle waivers have covered nothing for two weeks.

    Args:
        book: The waivers of a pack.
        idle: Those that accept nothing now.
        violations: All that stand or stood; read only where it matters.
        today: The day in the project's time zone.
    """
    old = [each for each in idle if each.approved_on <= today - UNUSED_AFTER]
    if not old:
        return ()
    lately = {
        each.waiver
        for each in violations
        if each.waiver and _is_recent(each, book, today - UNUSED_AFTER)
    }
    return tuple(each for each in old if each.id not in lately)


def _reviewed(
    waiver: Waiver, violations: Sequence[Violation], book: WaiverBook, today: date
) -> WaiverReview:
    covers = sum(each.state is State.WAIVED for each in violations)
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
    if waiver.works_on(today) and _is_unused(waiver, violations, book, today):
        notices.append(f"It has covered nothing for {UNUSED_AFTER.days} days.")
        is_stale = True
    for rule_id in sorted(waiver.outdated):
        ends = "it does not cover that rule any more" if _is_void(book) else "it holds"
        notices.append(f"Approved for an earlier version of {rule_id}; {ends}.")
        is_stale = True
    status = _status(waiver, today)
    return WaiverReview(waiver, status, covers, tuple(notices), is_stale)


def _is_void(book: WaiverBook) -> bool:
    return book.policy.void_on_change


def _status(waiver: Waiver, today: date) -> str:
    if today > waiver.expires:
        return "ended"
    if today < waiver.approved_on:
        return "not yet"
    return "ends soon" if waiver.ends_soon(today) else "in force"


def _is_unused(
    waiver: Waiver, violations: Sequence[Violation], book: WaiverBook, today: date
) -> bool:
    since = today - UNUSED_AFTER
    if waiver.approved_on > since:
        return False
    return not any(_is_recent(each, book, since) for each in violations)


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
