"""Settings to services: the only place that picks implementations.

Names the wall clock, the database, the CRM's adapter and the kill switch, and gives
every command the same way in. Each room is imported by the function that needs it: a
command that asks for help loads neither a database nor a CRM.
"""

from gatekeeper.bootstrap.ground import Ground, prepare
from gatekeeper.bootstrap.machine import StopSwitch, WallClock
from gatekeeper.bootstrap.post import post_of, reach_of, why_no_way
from gatekeeper.bootstrap.work import (
    Work,
    desk_of,
    moved_by_us,
    opened,
)

__all__ = [
    "Ground",
    "StopSwitch",
    "WallClock",
    "Work",
    "desk_of",
    "moved_by_us",
    "opened",
    "post_of",
    "prepare",
    "reach_of",
    "why_no_way",
]
