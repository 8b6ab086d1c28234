"""The ticks: APScheduler calls each shift every few seconds, and does nothing else.

Jobs live in memory and fire by interval, never by local time, which comes twice or not
at all where clocks are moved. One thread does the work, so that runs and digests never
meet; another one keeps the pulse, so that a long run is not taken for a dead worker.
"""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gatekeeper.ports import Clock
    from gatekeeper.worker.shift import Shift

TICK = timedelta(seconds=20)
STALE = timedelta(minutes=2)
"""The age of the last tick from which on the process is taken for dead."""
PATIENCE_S = 40.0
NAP_S = 0.2
_PULSE = "pulse"
_WORK = "default"


@dataclass(slots=True)
class Pulse:
    """When the ticks last came."""

    clock: Clock
    last: datetime

    def beat(self) -> None:
        """Note that one came."""
        self.last = self.clock.now()

    @property
    def age(self) -> timedelta:
        """How long ago that was."""
        return self.clock.now() - self.last


def work(
    shifts: Sequence[Shift],
    pulse: Pulse,
    is_ending: Callable[[], bool],
    every: timedelta = TICK,
) -> bool:
    """Tick until the end is wanted; return whether the work came to a stop by then.

    Work under way is told by its own flow to stop after the request it is at. What
    does not stop in time is abandoned: its intents are committed, its lease runs out.
    """
    with ticking(shifts, pulse, every):
        while not is_ending():
            time.sleep(NAP_S)
    end = time.monotonic() + PATIENCE_S
    while any(shift.is_busy for shift in shifts):
        if time.monotonic() > end:
            return False
        time.sleep(NAP_S)
    return True


@contextmanager
def ticking(
    shifts: Sequence[Shift], pulse: Pulse, every: timedelta = TICK
) -> Iterator[None]:
    """Tick until the block is left; the work under way is not waited for.

    Args:
        shifts: Called in this order at each tick.
        pulse: Beats beside the work.
        every: From one tick to the next.
    """
    # A tick that finds its work still under way is no news.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={_WORK: ThreadPoolExecutor(1), _PULSE: ThreadPoolExecutor(1)},
        job_defaults={
            "coalesce": True,
            "max_instances": 1,
            "misfire_grace_time": None,
        },
    )
    seconds = every.total_seconds()
    for shift in shifts:
        kind = shift.duty.kind
        scheduler.add_job(shift.tick, id=f"{kind}, at the start")  # at once
        scheduler.add_job(shift.tick, "interval", seconds=seconds, id=kind)
    scheduler.add_job(
        pulse.beat, "interval", seconds=seconds, id=_PULSE, executor=_PULSE
    )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
