"""Keeps calls within HubSpot's limits: no call leaves before its window opens.

Ordinary calls and association calls have rolling windows of ten seconds each, searches
one of a second, and the day ends at midnight in the account's time zone. A window
remembers when its calls left and starts below the limit, for a refused call counts too.
Touches no network; the clock and the waiting come in.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

from gatekeeper.crm.hubspot.wire.paths import Policy
from gatekeeper.errors import DeferredError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

_SHARE = 0.9
"""How much of a limit is used: other calls of the same token count against it too."""
_MAX, _LENGTH = "X-HubSpot-RateLimit-Max", "X-HubSpot-RateLimit-Interval-Milliseconds"
_LEFT = "X-HubSpot-RateLimit-Remaining"


_LAST_ZONE = timezone(timedelta(hours=-12))
"""Where a day ends last on earth: no account's midnight is later."""


@dataclass(slots=True)
class Window:
    """A rolling window.

    Attributes:
        most: Calls in any `length_s` seconds.
        opens_at: Before this tick nothing leaves, whatever was counted.
    """

    most: int
    length_s: float
    opens_at: float = 0.0
    _left: deque[float] = field(default_factory=deque)

    def slot(self, now: float) -> float:
        """Take the next place and return its tick."""
        at = max(now, self.opens_at)
        while len(self._left) > self.most:
            self._left.popleft()
        if len(self._left) == self.most:
            at = max(at, self._left.popleft() + self.length_s)
        self._left.append(at)
        return at


def _windows() -> dict[Policy, Window]:
    # The lowest tier's limits, until an answer tells this account's own.
    return {
        Policy.BURST: Window(90, 10.0),
        Policy.ASSOCIATIONS: Window(90, 10.0),
        Policy.SEARCH: Window(4, 1.0),
    }


@dataclass(slots=True)
class Pace:
    """The limits of one account.

    Attributes:
        sleep: Waits the given seconds.
        tick: A clock that never goes back, in seconds.
        zone: The account's; its midnight begins a new day of calls. None while
            nobody has told it.
    """

    sleep: Callable[[float], None]
    tick: Callable[[], float]
    zone: tzinfo | None = None
    _windows: dict[Policy, Window] = field(default_factory=_windows)
    _day_opens_at: float = 0.0
    _day: str = ""

    def wait(self, policy: Policy) -> None:
        """Wait until a call may leave.

        Raises:
            DeferredError: Not before tomorrow.
        """
        now = self.tick()
        if now < self._day_opens_at:
            raise DeferredError(self._day)
        at = self._windows[policy].slot(now)
        if at > now:
            self.sleep(at - now)

    def shut(self, policy: Policy, seconds: float) -> None:
        """Let nothing of a kind leave for some seconds."""
        window = self._windows[policy]
        window.opens_at = max(window.opens_at, self.tick() + seconds)

    def end_day(self, now: datetime | None) -> DeferredError:
        """Let nothing leave until the account's midnight, and say so.

        Args:
            now: HubSpot's own clock; None where no answer told it.
        """
        text, wait = "midnight of the account", timedelta(hours=1)
        if now is not None:
            midnight = _midnight(now, self.zone or _LAST_ZONE)
            wait = midnight.astimezone(UTC) - now.astimezone(UTC)
            if self.zone is not None:
                text = f"{midnight:%-d %b %Y %H:%M} ({self.zone})"
        self._day = (
            "HubSpot's daily allowance of calls is used up. The next run after"
            f" {text} goes on from here."
        )
        self._day_opens_at = self.tick() + wait.total_seconds()
        return DeferredError(self._day)

    def learn(self, policy: Policy, headers: Mapping[str, str]) -> None:
        """Take an account's own limit from the headers of an answer."""
        most, length = _number(headers.get(_MAX)), _number(headers.get(_LENGTH))
        if policy is Policy.SEARCH or not most or not length:
            return
        window = self._windows[policy]
        window.most, window.length_s = max(1, int(most * _SHARE)), length / 1000
        if headers.get(_LEFT) == "0":
            self.shut(policy, window.length_s)


def _midnight(now: datetime, zone: tzinfo) -> datetime:
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0
