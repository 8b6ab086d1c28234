"""The limits of a portal: a rolling ten seconds per app, seconds of search, days.

Source: HubSpot's usage guidelines. A daily allowance ends at midnight in the
account's zone and is shared by all its apps; search has a limit of its own and says
nothing of it in its headers.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gatekeeper.sandbox.hubspot.errors import HubSpotError

if TYPE_CHECKING:
    from gatekeeper.sandbox.clock import Clock, Elapsed
    from gatekeeper.sandbox.hubspot.settings import PortalSettings


class Lane(StrEnum):
    """Which limits a call counts against."""

    ORDINARY = "ordinary"
    ASSOCIATIONS = "associations"
    SEARCH = "search"
    FREE = "free"


DAILY, BURST, SECONDLY = "DAILY", "TEN_SECONDLY_ROLLING", "SECONDLY"
_POLICIES = {
    DAILY: ("You have reached your daily limit.", ""),
    BURST: (
        "You have reached your ten_secondly_rolling limit.",
        "publicapi:private-apps",
    ),
    SECONDLY: ("You have reached your secondly limit.", ""),
}
_WAITS = {DAILY: 3600.0, BURST: 10.0, SECONDLY: 1.0}
"""Seconds after an ordered refusal until its window opens; a day ends by itself."""


def rate_error(policy: str, *, retry_after_s: int | None = None) -> HubSpotError:
    """Return the answer to one call too many: it carries no category."""
    message, group = _POLICIES[policy]
    extra = {"errorType": "RATE_LIMIT", "policyName": policy}
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return HubSpotError(
        message,
        "",
        429,
        extra=extra | ({"groupName": group} if group else {}),
        headers=headers,
    )


class Rates:
    """Counts calls and refuses those that are too many.

    Attributes:
        early: Limit to calls that came before the window it had shut was open again.
    """

    def __init__(
        self, clock: Clock, elapsed: Elapsed, settings: PortalSettings
    ) -> None:
        self._clock = clock
        self._elapsed = elapsed
        self._settings = settings
        self._calls: defaultdict[tuple[str, Lane], deque[float]] = defaultdict(deque)
        self._days: Counter[tuple[str, bool]] = Counter()
        self._shut: dict[tuple[str, Lane], tuple[str, float]] = {}
        self._shut_day = ""
        self.early: Counter[str] = Counter()

    def arrive(self, token: str, lane: Lane) -> None:
        """Note a call that should have waited, whatever becomes of it."""
        if lane is Lane.FREE:
            return
        policy, opens_at = self._shut.get(_window(token, lane), ("", 0.0))
        if self._elapsed.now() < opens_at:
            self.early[policy] += 1
        if self._today() == self._shut_day:
            self.early[DAILY] += 1

    def refusal(self, policy: str, token: str, lane: Lane) -> HubSpotError:
        """Return the refusal of a call that somebody ordered."""
        return self._refused(policy, _window(token, lane), _WAITS[policy])

    def spend(self, token: str, lane: Lane) -> None:
        """Count one call.

        Raises:
            HubSpotError: 429; refused calls count against the day all the same.
        """
        if lane is Lane.FREE:
            return
        of_associations = lane is Lane.ASSOCIATIONS
        day = (self._today(), of_associations)
        allowance = self._settings.allowance
        most = allowance.association_daily if of_associations else allowance.daily
        if self._days[day] >= most:
            raise self.refusal(DAILY, token, lane)
        self._days[day] += 1
        self._spend_window(
            _window(token, lane), SECONDLY if lane is Lane.SEARCH else BURST
        )

    def used_today(self) -> int:
        """Return how many calls of the day are gone."""
        return self._days[(self._today(), False)]

    def headers(self, token: str, lane: Lane) -> dict[str, str]:
        """Return what an ordinary answer says of the limits; others say nothing."""
        if lane is not Lane.ORDINARY:
            return {}
        allowance = self._settings.allowance
        burst, daily = allowance.burst, allowance.daily
        gone = len(self._calls[(token, lane)])
        return {
            "X-HubSpot-RateLimit-Daily": str(daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(daily - self.used_today()),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
            "X-HubSpot-RateLimit-Max": str(burst),
            "X-HubSpot-RateLimit-Remaining": str(max(burst - gone, 0)),
            "X-HubSpot-RateLimit-Secondly": str(burst // 10),
            "X-HubSpot-RateLimit-Secondly-Remaining": str(burst // 10),
        }

    def _spend_window(self, window: tuple[str, Lane], policy: str) -> None:
        calls, now = self._calls[window], self._elapsed.now()
        while calls and calls[0] <= now - _WAITS[policy]:
            calls.popleft()
        if len(calls) >= self._most(window[1]):
            first = calls[0] if calls else now
            raise self._refused(policy, window, first + _WAITS[policy] - now)
        calls.append(now)

    def _most(self, lane: Lane) -> int:
        match lane:
            case Lane.SEARCH:
                return self._settings.allowance.search_per_second
            case Lane.ASSOCIATIONS:
                return self._settings.allowance.association_burst
            case _:
                return self._settings.allowance.burst

    def _refused(
        self, policy: str, window: tuple[str, Lane], opens_in_s: float
    ) -> HubSpotError:
        if policy == DAILY:
            self._shut_day = self._today()
        else:
            self._shut[window] = (policy, self._elapsed.now() + opens_in_s)
        shows_wait = self._settings.sends_retry_after
        wait_s = int(_WAITS[policy]) if shows_wait else None
        return rate_error(policy, retry_after_s=wait_s)

    def _today(self) -> str:
        return (
            self._clock.now()
            .astimezone(ZoneInfo(self._settings.time_zone))
            .date()
            .isoformat()
        )


def _window(token: str, lane: Lane) -> tuple[str, Lane]:
    """Return whose calls count together: those of a token; searches of the account."""
    return ("" if lane is Lane.SEARCH else token, lane)
