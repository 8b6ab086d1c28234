"""The only retry policy: repeat what is `Transient`, and nothing else.

Waits grow exponentially with full jitter, never below what the service asked for,
and never past the deadline: a wait that would cross it is not begun, and the
caller gets the last error as it was raised.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import structlog
import tenacity

from gatekeeper.errors import Transient

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")

ATTEMPTS = 5
DEADLINE = timedelta(minutes=5)
LONGEST_GUESS_S = 30.0  # a longer wait is only made when the service asks for it

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=30)
"""Between two attempts at a whole piece of work, whose calls were repeated already."""

_log = structlog.get_logger(__name__)
_jitter = tenacity.wait_random_exponential(multiplier=1, max=LONGEST_GUESS_S)


def retrying(
    call: Callable[[], Answer],
    *,
    attempts: int = ATTEMPTS,
    deadline: timedelta = DEADLINE,
    sleep: Callable[[float], None] = time.sleep,
    repeats_writes: bool = True,
) -> Answer:
    """Return what `call` returns, repeating it while it raises `Transient`.

    Args:
        call: Takes nothing; it must be complete in itself, timeouts included.
        attempts: How often it is made at most, the first time included; 1 or more.
        deadline: What all attempts and waits may take together. An attempt under
            way is not cut off, that is for the call's own timeout.
        sleep: Waits the given seconds; tests pass their own.
        repeats_writes: False where a second write would add to the first. An
            error with `outcome_unknown` is then raised at once.

    Raises:
        Transient: The last error, once attempts or deadline are used up.
    """
    return tenacity.Retrying(
        retry=tenacity.retry_if_exception(
            lambda error: _is_repeatable(error, repeats_writes=repeats_writes)
        ),
        stop=_stop_at(attempts, deadline),
        wait=_wait,
        sleep=sleep,
        before_sleep=_tell,
        reraise=True,
    )(call)


def wait_after(failures: int, asked: timedelta | None = None) -> timedelta:
    """Return how long a whole piece of work rests after failing so often in a row.

    Args:
        failures: 1 or more; each doubles the wait.
        asked: The least that the service asked for.
    """
    doubled = FIRST_WAIT * (1 << min(failures - 1, 10))
    return max(min(doubled, LONGEST_WAIT), asked or timedelta())


def _is_repeatable(error: BaseException, *, repeats_writes: bool) -> bool:
    if not isinstance(error, Transient):
        return False
    return repeats_writes or not error.outcome_unknown


def _stop_at(
    attempts: int, deadline: timedelta
) -> Callable[[tenacity.RetryCallState], bool]:
    def is_over(state: tenacity.RetryCallState) -> bool:
        # idle_for counts waits that an injected sleep did not really make
        spent_s = max(state.seconds_since_start or 0.0, state.idle_for)
        return (
            state.attempt_number >= attempts
            or spent_s + state.upcoming_sleep > deadline.total_seconds()
        )

    return is_over


def _wait(state: tenacity.RetryCallState) -> float:
    asked = _error_of(state).retry_after
    return max(_jitter(state), asked.total_seconds() if asked else 0.0)


def _tell(state: tenacity.RetryCallState) -> None:
    _log.warning(
        "call_repeated",
        attempt=state.attempt_number,
        wait_s=round(state.upcoming_sleep, 3),
        reason=str(_error_of(state)),
    )


def _error_of(state: tenacity.RetryCallState) -> Transient:
    error = state.outcome.exception() if state.outcome else None
    if not isinstance(error, Transient):
        msg = "tenacity asked for a wait without a transient error"
        raise TypeError(msg)
    return error
