"""The keys each kind of file may have, and what must stand under each.

pydantic is known here and in `rule_schema` only. Models describe one level of a file:
conditions and parts that hold further parts stay as they are and are read from their
nodes, so one broken part never hides another.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Annotated, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from gatekeeper.core.catalogue import CrmName, Kind
from gatekeeper.core.model import Mode
from gatekeeper.core.pack import Grouping
from gatekeeper.pack.files import times, values
from gatekeeper.pack.files.words import (
    SupportedStage,
)

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

M = TypeVar("M", bound=BaseModel)

Text = Annotated[str, BeforeValidator(values.text)]
Texts = Annotated[tuple[str, ...], BeforeValidator(values.texts)]
YesNo = Annotated[bool, BeforeValidator(values.yes_no)]
Whole = Annotated[int, BeforeValidator(values.whole)]
Percent = Annotated[int, BeforeValidator(values.percent)]
BusinessDays = Annotated[int, BeforeValidator(times.business_days)]
Day = Annotated[date, BeforeValidator(times.day)]
MaybeDay = Annotated[date | None, BeforeValidator(times.day)]
ModeWord = Annotated[Mode, BeforeValidator(values.one_of(Mode))]


class Part(BaseModel):
    """One level of a file; a key it does not name is a mistake."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        arbitrary_types_allowed=True,
        defer_build=True,  # no command reads every kind of part
    )


class Limits(Part):
    """`limits:` of project.yaml."""

    tasks_per_run: Whole = 200
    tasks_percent: Percent = 5
    tasks_per_person_per_run: Whole = 10
    tasks_per_person_per_day: Whole = 15
    flag_changes_percent: Percent = 25
    resolves_percent: Percent = 25
    writes_per_run: Whole = 2000
    new_violations_per_rule: Whole = 200
    new_violations_percent: Percent = 20
    api_share_percent: Percent = 10
    ramp: Annotated[int | None, BeforeValidator(times.ramp)] = None


class BusinessCalendar(Part):
    """`business_calendar:` of project.yaml and overlays, `calendar:` of a person."""

    country: Text | None = None
    subdivision: Text | None = None
    extra_holidays: Annotated[tuple[date, ...], BeforeValidator(times.days)] = ()


class StageNames(Part):
    """What one stage of the rules is called in each CRM."""

    salesforce: Texts = ()
    hubspot: Texts = ()


class ProjectFile(Part):
    """project.yaml; parts that hold further keys are read apart."""

    version: object
    kind: object
    crm: Annotated[CrmName | None, BeforeValidator(values.one_of(CrmName))] = None
    timezone: Annotated[ZoneInfo, BeforeValidator(values.zone)]
    week_starts_on: Annotated[
        int, BeforeValidator(values.place_in(calendar.day_name, 0))
    ] = 0
    fiscal_year_starts: Annotated[
        int, BeforeValidator(values.place_in(list(calendar.month_name)[1:], 1))
    ] = 1
    fiscal_calendar: Annotated[str, BeforeValidator(values.text)] = ""
    business_calendar: object = None
    currency: Annotated[str, BeforeValidator(values.currency)] = "USD"
    placeholders: Texts = ()
    mode_ceiling: ModeWord = Mode.OBSERVE
    closed_lookback: Annotated[timedelta, BeforeValidator(times.calendar_days)] = (
        timedelta(days=30)
    )
    limits: object = None
    schedule: object = None
    group_tasks_by: Annotated[Grouping, BeforeValidator(values.one_of(Grouping))] = (
        Grouping.DEAL
    )
    scope: Texts = ()
    stages: object = None
    ignore_stints_under: Annotated[timedelta, BeforeValidator(times.short_time)] = (
        timedelta(minutes=5)
    )
    reopen_within: BusinessDays = 5
    reopen_after: BusinessDays = 5
    reopen_times: Whole = 2
    supported_stage: Annotated[
        SupportedStage, BeforeValidator(values.one_of(SupportedStage))
    ] = SupportedStage.ALL


class PeopleFile(Part):
    """people.yaml."""

    version: object
    kind: object
    fallback: Annotated[str | None, BeforeValidator(values.address)] = None
    roles: object = None
    people: object = None
    teams: object = None
    digests: object = None


class PersonPart(Part):
    """What the CRM does not say of a person; calendar and absences are read apart."""

    manager: Annotated[str | None, BeforeValidator(values.address)] = None
    timezone: Annotated[ZoneInfo | None, BeforeValidator(values.zone)] = None
    calendar: object = None
    absent: object = None
    slack: Annotated[str | None, BeforeValidator(values.slack_member)] = None


class TeamPart(Part):
    """What the CRM does not say of a team."""

    manager: Annotated[str, BeforeValidator(values.address)]


class ReadersPart(Part):
    """Who is sent digests beside the managers; lists are read apart."""

    revops: object = None
    leadership: object = None
    owners: YesNo = False
    fallback: Annotated[str | None, BeforeValidator(values.address)] = None


class AbsencePart(Part):
    """The first and the last day on which a person is away."""

    start: Day = Field(alias="from")
    until: Day


class OverlayFile(Part):
    """One overlay; calendar, parameters and rules are read apart."""

    version: object
    kind: object
    matches: object = Field(alias="for")
    timezone: Annotated[ZoneInfo | None, BeforeValidator(values.zone)] = None
    business_calendar: object = None
    params: object = None
    rules: object = None


class WaiversFile(Part):
    """A file of waivers."""

    version: object
    kind: object
    policy: object = None
    waivers: object = None


class PolicyPart(Part):
    """`policy:` of the waivers; `approvers` is read apart."""

    max_duration: Annotated[timedelta | None, BeforeValidator(times.calendar_days)] = (
        None
    )
    approvers: object = None
    void_on_change: YesNo = False


class WaiverPart(Part):
    """One waiver; rules, deals, conditions and versions are read apart."""

    id: Annotated[str, BeforeValidator(values.rule_id)]
    rule: object
    reason: Text
    requested_by: Annotated[str, BeforeValidator(values.address)]
    approved_by: Annotated[str, BeforeValidator(values.address)]
    approved_on: Day
    expires: MaybeDay = None
    deals: Texts = ()
    deals_where: object = None
    max_deals: Annotated[int | None, BeforeValidator(values.some_whole)] = None
    ends_early_when: object = None
    ticket: Text = ""
    approved_logic: object = None


class FieldsFile(Part):
    """fields.yaml."""

    version: object
    kind: object
    deal: object = None
    lookups: object = None
    collections: object = None
    groups: object = None


class FieldPart(Part):
    """One field of fields.yaml."""

    type: Annotated[Kind, BeforeValidator(values.one_of(Kind))]
    salesforce: Text | None = None
    hubspot: Text | None = None
    history: YesNo = False
    ordered: YesNo = False


class RelationPart(Part):
    """One lookup or collection of fields.yaml."""

    salesforce: object = None
    hubspot: object = None
    fields: object = None


class Source(Part):
    """Where one CRM keeps a lookup or a collection."""

    object: Text | None = None
    by: Text | None = None
    association: Text | None = None
    label: Text | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """One key that is missing, or with `unfit` not what it should be."""

    key: str
    unfit: values.Unfit | None = None


@cache
def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the keys a part may have, as they are written."""
    return tuple(part.alias or name for name, part in model.model_fields.items())


def validate(
    model: type[M], written: dict[str, object]
) -> tuple[M | None, list[Fault]]:
    """Read one part.

    Returns:
        The part and its faults. Where only optional keys are at fault the part is
        read without them, so that the rest of the file can still be looked at.
    """
    faults: list[Fault] = []
    rest = dict(written)
    for _ in range(2):
        try:
            return model.model_validate(rest), faults
        except ValidationError as error:
            faults = faults or [_fault(one) for one in error.errors(include_url=False)]
            for fault in faults:
                rest.pop(fault.key, None)
    return None, faults


def _fault(error: ErrorDetails) -> Fault:
    key = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "missing":
        return Fault(key)
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, values.Unfit):
        return Fault(key, cause)
    return Fault(key, values.must_be("something else"))
