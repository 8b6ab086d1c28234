"""The rule pack as frozen values, and the pure questions asked of it.

`pack/` reads files into these; nothing here knows YAML or a CRM.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from gatekeeper.core.model import Condition, Escalation, Message, Mode, Severity
from gatekeeper.core.timetable import Timetable
from gatekeeper.core.waivers import WaiverBook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    from gatekeeper.core.calendar import Calendar
    from gatekeeper.core.catalogue import Catalogue, Pipeline
    from gatekeeper.core.fiscal import FiscalCalendar
    from gatekeeper.core.notices import Remark
    from gatekeeper.core.overlays import Overlay
    from gatekeeper.core.roles import People


class Position(StrEnum):
    """Where under a stage a rule sits."""

    EXIT = "exit"
    WHILE_IN = "while_in"
    ENTRY = "entry"


class Reach(StrEnum):
    """Which stage or stages a rule belongs to."""

    STAGE = "stage"
    EVERY_OPEN_STAGE = "every open stage"
    EVERY_STAGE = "every stage"


class Unit(StrEnum):
    """The unit of a grace period."""

    BUSINESS_DAYS = "business days"
    DAYS = "days"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Grace:
    """How long a violation stays pending, counted from the first failure."""

    count: int = 0
    unit: Unit = Unit.DAYS


@dataclass(frozen=True, slots=True)
class Needs:
    """What the checks read, so that the pull fetches exactly that.

    Attributes:
        fields: Canonical names of deal fields: `amount`, `account.segment`,
            `owner.is_active`, `custom.X__c`.
        collections: Collection name to the fields of its rows; an empty set means
            the rows are only counted.
        history: Names of deal fields whose changes are read; `stage` for the stages
            the deal stood in.
    """

    fields: frozenset[str] = frozenset()
    collections: Mapping[str, frozenset[str]] = field(default_factory=dict)
    history: frozenset[str] = frozenset()

    def __or__(self, other: Needs) -> Needs:
        is_known = other.fields <= self.fields and other.history <= self.history
        if is_known and all(map(self._reads, other.collections.items())):
            return self
        names = self.collections.keys() | other.collections.keys()
        return Needs(
            self.fields | other.fields,
            {
                name: self.collections.get(name, frozenset())
                | other.collections.get(name, frozenset())
                for name in sorted(names)
            },
            self.history | other.history,
        )

    def _reads(self, rows: tuple[str, frozenset[str]]) -> bool:
        name, fields = rows
        return name in self.collections and fields <= self.collections[name]


DUE_IN = {
    Severity.CRITICAL: 1,
    Severity.HIGH: 2,
    Severity.MEDIUM: 3,
    Severity.LOW: 5,
}
"""Business days until a task is due, where the rule does not say (language A33)."""


@dataclass(frozen=True, slots=True)
class Deprecation:
    """What is said of a rule that is on its way out and still runs.

    Attributes:
        replaced_by: The id of the rule that takes its place, "" for none.
        remove_after: The last day on which it may be in the pack; None for no end.
    """

    since: date
    replaced_by: str = ""
    remove_after: date | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One exit criterion, ready to run. `id` is permanent, the rest may change.

    Attributes:
        stage: Name of its stage; None where `reach` is not a single stage.
        pipelines: Names of the pipelines it belongs to; empty means all.
        fix: What the seller should do, with its placeholders filled per deal.
        fix_text: The same as written.
        due_in: Business days until its task is due; None where the severity decides.
        escalate: What gets worse while it fails; the last that is true counts.
        logic: Fingerprint over conditions, parameters, position and on_blank.
        wording: Fingerprint over title, fix and why.
        place: `file:line` of the rule.
        undecided: A parameter it uses has no value yet: it applies to nothing.
        off_until: The last day an overlay switches it off, and why in `off_because`.
        asked_when_leaving: "now" means when the deal left the rule's stage (A21).
        until_next_stage: It holds until the first stage reached after its own is left.
        suspend_when: While it holds nothing is decided; one for all rules of a file.
    """

    id: str
    title: str
    position: Position
    reach: Reach
    stage: str | None
    pipelines: tuple[str, ...]
    require: Condition
    fix: Message
    fix_text: str
    when: Condition | None = None
    unless: Condition | None = None
    why: str = ""
    severity: Severity = Severity.MEDIUM
    mode: Mode = Mode.OBSERVE
    grace: Grace = Grace()
    due_in: int | None = None
    maintainer: str = ""
    owed_by: str = "deal_owner"
    effective_from: date | None = None
    includes_existing: bool = False
    include_lost: bool = False
    is_optional: bool = False
    suppressed_by: tuple[str, ...] = ()
    escalate: tuple[Escalation, ...] = ()
    tags: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()
    deprecated: Deprecation | None = None
    needs: Needs = Needs()
    logic: str = ""
    wording: str = ""
    place: str = ""
    undecided: bool = False
    off_until: date | None = None
    off_because: str = ""
    asked_when_leaving: bool = False
    until_next_stage: bool = False
    suspend_when: Condition | None = None

    def due_after(self, severity: Severity) -> int:
        """Return after how many business days a violation of it is due."""
        return DUE_IN[severity] if self.due_in is None else self.due_in


@dataclass(frozen=True, slots=True)
class Start:
    """Deals may be created at a stage while a condition holds (language A23)."""

    stage: str
    when: Condition
    logic: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Blast radius (product section 7); every percentage has a floor of 20."""

    tasks_per_run: int = 200
    tasks_percent: int = 5
    tasks_per_person_per_run: int = 10
    tasks_per_person_per_day: int = 15
    flag_changes_percent: int = 25
    resolves_percent: int = 25
    writes_per_run: int = 2000
    new_violations_per_rule: int = 200
    new_violations_percent: int = 20
    api_share_percent: int = 10
    ramp: int | None = None


class Grouping(StrEnum):
    """How violations become tasks."""

    DEAL = "deal"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Project:
    """project.yaml.

    Attributes:
        scope: Pipelines to pull; empty means all.
        stages: Stage of the rules to CRM name to the CRM's stage names.
        fiscal: The fiscal year where it follows no months; None where it does.
        ignore_stints_under: A shorter stay in a stage is a slip and does not count.
        reopen_within: A resolved violation that fails again within so many business
            days continues the old one.
        reopen_after: A task closed by hand is raised again after so many business
            days, at most `reopen_times`.
        schedule: When work is done, which decides nothing of what is done.
    """

    crm: str
    zone: ZoneInfo
    calendar: Calendar
    currency: str = "USD"
    week_starts_on: int = 0
    fiscal_starts_in: int = 1
    fiscal: FiscalCalendar | None = None
    placeholders: frozenset[str] = frozenset()
    mode_ceiling: Mode = Mode.OBSERVE
    closed_lookback: timedelta = timedelta(days=30)
    limits: Limits = Limits()
    grouping: Grouping = Grouping.DEAL
    scope: tuple[str, ...] = ()
    stages: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    ignore_stints_under: timedelta = timedelta(minutes=5)
    reopen_within: int = 5
    reopen_after: int = 5
    reopen_times: int = 2
    supported_stage: str = "all"
    schedule: Timetable = field(default=Timetable(), compare=False)


@dataclass(frozen=True, slots=True)
class RulePack:
    """Everything a folder of rules says, checked and compiled.

    Attributes:
        rules: Enabled rules in file order.
        retired: Ids that are disabled or deprecated away; their violations resolve.
        pipelines: By name, with `stages:` of project.yaml applied.
        needs: Everything any rule, role or flag reads.
        fingerprint: Over the logic and wording of the whole pack.
        remarks: What was found and does not stop a run, in file order.
        waivers: What people accept for a while.
        overlays: The teams, territories and pipelines for which rules differ.
        starts: By pipeline the stages in which deals may be created.
        revision: The git revision of its folder, "" where none is known.
    """

    project: Project
    people: People
    catalogue: Catalogue
    rules: tuple[Rule, ...]
    pipelines: Mapping[str, Pipeline]
    needs: Needs
    fingerprint: str
    params: Mapping[str, Decimal | str] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    waivers: WaiverBook = field(default_factory=WaiverBook)
    overlays: tuple[Overlay, ...] = ()
    starts: Mapping[str, tuple[Start, ...]] = field(default_factory=dict)
    revision: str = ""

    def rules_of(self, pipeline: str) -> tuple[Rule, ...]:
        """Return the rules that belong to a pipeline, in file order."""
        return tuple(
            rule
            for rule in self.rules
            if not rule.pipelines or pipeline in rule.pipelines
        )
