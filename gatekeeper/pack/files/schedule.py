"""`schedule:` of project.yaml: when runs are made and digests are sent."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from gatekeeper.core.timetable import Times, Timetable, every
from gatekeeper.pack.files import schedule_schema as schema
from gatekeeper.pack.source.read import Noun

if TYPE_CHECKING:
    from gatekeeper.pack.source.nodes import Node, Table
    from gatekeeper.pack.source.read import Reader

_USUAL = Timetable()
_MIDNIGHT, _DAY_ENDS = time(0), time(23, 59)


def read_schedule(reader: Reader, node: Node | None) -> Timetable:
    """Read what stands under `schedule`; what is not said is as usual."""
    table = reader.table(node, "schedule", "schedule: {run: {at: 05:00}}")
    if table is None or reader.part(schema.Schedule, table, Noun("schedule")) is None:
        return _USUAL
    return Timetable(
        _run_times(reader, table.get("run")), _digest_times(reader, table.get("digest"))
    )


def _run_times(reader: Reader, node: Node | None) -> Times:
    table = reader.table(node, "run", "run: {at: 05:00}")
    read = reader.part(schema.RunTimes, table, Noun("the times of runs"))
    if read is None or table is None or not _fits(reader, table, read):
        return _USUAL.run
    at = read.at or _USUAL.run.at
    if read.every is not None:
        at = every(read.every, read.first or _MIDNIGHT, read.until or _DAY_ENDS)
    return Times(at, read.days)


def _digest_times(reader: Reader, node: Node | None) -> Times:
    table = reader.table(node, "digest", "digest: {at: 07:00}")
    read = reader.part(schema.DigestTimes, table, Noun("the time of digests"))
    return Times((read.at,), read.days) if read else _USUAL.digest


def _fits(reader: Reader, table: Table, read: schema.RunTimes) -> bool:
    """Whether the keys go together; note the one that does not."""
    key = table.key("every")
    if key is not None and read.at and read.every is not None:
        text = '"at" and "every" both say when to run.'
        reader.say(key.place, "E224", text, "keep one of them.")
        return False
    for name, time_of_day in (("from", read.first), ("until", read.until)):
        lone = table.key(name)
        if lone is not None and time_of_day is not None and read.every is None:
            text = f'"{name}" says nothing without "every".'
            advice = f"for example: every: 1 hour, {name}: {time_of_day:%H:%M}"
            reader.say(lone.place, "E224", text, advice)
            return False
    return _in_order(reader, table, read)


def _in_order(reader: Reader, table: Table, read: schema.RunTimes) -> bool:
    until = table.get("until")
    first = read.first or _MIDNIGHT
    if until is None or read.until is None or first < read.until:
        return True
    text = f'"until" must be later than "from", which is {first:%H:%M}.'
    reader.say(until.place, "E224", text, "work past midnight is not one day's.")
    return False
