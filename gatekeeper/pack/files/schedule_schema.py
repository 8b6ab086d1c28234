"""The keys under `schedule:` of project.yaml, and what must stand under each."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from gatekeeper.pack.files import times
from gatekeeper.pack.files.schema import Part


class Schedule(Part):
    """`schedule:` of project.yaml; both are read apart."""

    run: object = None
    digest: object = None


class RunTimes(Part):
    """When runs are made: at these times, or every so often."""

    at: Annotated[tuple[time, ...], BeforeValidator(times.clocks)] = ()
    every: Annotated[timedelta | None, BeforeValidator(times.pace)] = None
    first: Annotated[time | None, BeforeValidator(times.clock)] = Field(
        None, alias="from"
    )
    until: Annotated[time | None, BeforeValidator(times.clock)] = None
    days: Annotated[frozenset[int] | None, BeforeValidator(times.work_days)] = None


class DigestTimes(Part):
    """When digests are sent."""

    at: Annotated[time, BeforeValidator(times.clock)] = time(7)
    days: Annotated[frozenset[int] | None, BeforeValidator(times.work_days)] = None
