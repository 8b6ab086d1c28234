"""The keys of files with rules and of everything in them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from gatekeeper.core.model import Mode, Severity
from gatekeeper.core.pack import Grace
from gatekeeper.pack.files import times, values
from gatekeeper.pack.files.schema import (
    Day,
    MaybeDay,
    ModeWord,
    Part,
    Text,
    Texts,
    YesNo,
)
from gatekeeper.pack.files.words import (
    AppliesUntil,
    Asked,
    BlankWord,
    CountsAs,
    ExistingDeals,
    StagePath,
)

RuleId = Annotated[str, BeforeValidator(values.rule_id)]
RuleIds = Annotated[tuple[str, ...], BeforeValidator(values.rule_ids)]
GraceLength = Annotated[Grace, BeforeValidator(times.grace)]
SeverityWord = Annotated[Severity, BeforeValidator(values.one_of(Severity))]
Blank = Annotated[BlankWord, BeforeValidator(values.one_of(BlankWord))]


class RulesFile(Part):
    """A file of rules."""

    version: object
    kind: object
    pipeline: Texts
    use: Texts = ()
    defaults: object = None
    params: object = None
    define: object = None
    stages: object
    suspend_when: object = None


class DefsFile(Part):
    """A file of shared names."""

    version: object
    kind: object
    use: Texts = ()
    params: object = None
    define: object = None


class StagePart(Part):
    """One stage of a file of rules."""

    exit: object = None
    while_in: object = None
    entry: object = None
    start_when: object = None
    path: Annotated[StagePath | None, BeforeValidator(values.one_of(StagePath))] = None
    counts_as: Annotated[CountsAs | None, BeforeValidator(values.one_of(CountsAs))] = (
        None
    )
    when: object = None
    unless: object = None


class Defaults(Part):
    """What a file's rules have in common."""

    maintainer: Text = ""
    severity: SeverityWord = Severity.MEDIUM
    mode: ModeWord = Mode.OBSERVE
    grace: GraceLength = Grace()
    due_in: Annotated[int | None, BeforeValidator(times.business_days)] = None
    owed_by: Text = "deal_owner"
    on_blank: Blank = BlankWord.FAIL
    effective_from: MaybeDay = None
    existing_deals: Annotated[
        ExistingDeals, BeforeValidator(values.one_of(ExistingDeals))
    ] = ExistingDeals.LEAVE_ALONE
    applies_until: Annotated[
        AppliesUntil, BeforeValidator(values.one_of(AppliesUntil))
    ] = AppliesUntil.CLOSED
    asked: Annotated[Asked, BeforeValidator(values.one_of(Asked))] = Asked.ALWAYS
    include_lost: YesNo = False
    optional: YesNo = False
    tags: Texts = ()


class RulePart(Part):
    """One rule; what it leaves out comes from the file's defaults."""

    id: RuleId
    title: Text
    require: object
    fix: Text
    when: object = None
    unless: object = None
    why: Text = ""
    severity: SeverityWord | None = None
    mode: ModeWord | None = None
    grace: GraceLength | None = None
    due_in: Annotated[int | None, BeforeValidator(times.business_days)] = None
    maintainer: Text | None = None
    asked: Annotated[Asked | None, BeforeValidator(values.one_of(Asked))] = None
    escalate: object = None
    optional: YesNo | None = None
    owed_by: Text | None = None
    on_blank: Blank | None = None
    effective_from: MaybeDay = None
    existing_deals: Annotated[
        ExistingDeals | None, BeforeValidator(values.one_of(ExistingDeals))
    ] = None
    applies_until: Annotated[
        AppliesUntil | None, BeforeValidator(values.one_of(AppliesUntil))
    ] = None
    include_lost: YesNo | None = None
    tags: Texts | None = None
    formerly: RuleIds = ()
    deprecated: object = None
    enabled: YesNo = True
    suppressed_by: RuleIds = ()


class OverlayFor(Part):
    """`for:` of an overlay."""

    team: Texts = ()
    territory: Texts = ()
    pipeline: Texts = ()


class OverlayRule(Part):
    """What an overlay may change of a rule."""

    mode: ModeWord | None = None
    severity: SeverityWord | None = None
    grace: GraceLength | None = None
    owed_by: Text | None = None
    enabled: YesNo = True
    reason: Text = ""
    until: MaybeDay = None


class Deprecated(Part):
    """`deprecated:` of a rule."""

    since: Day
    replaced_by: RuleId | None = None
    remove_after: MaybeDay = None


class EscalationPart(Part):
    """One entry of `escalate:` of a rule."""

    when: object
    severity: SeverityWord | None = None
    owed_by: Text | None = None
    fix: Text | None = None


class LinePart(Part):
    """A check with keys of its own."""

    check: Text
    title: Text | None = None
    fix: Text | None = None
    on_blank: Blank | None = None
    when: object = None
    forbid: Texts = ()


class ParamPart(Part):
    """One parameter."""

    type: Text
    value: object = None
    by: Text | None = None
    values: object = None
    bands: object = Field(None, alias="from")
    otherwise: object = Field(None, alias="else")
