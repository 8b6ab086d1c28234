"""What a rule says besides its conditions, the file's defaults filled in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from gatekeeper.core.model import Mode
from gatekeeper.core.pack import Deprecation, Position, Reach, Rule
from gatekeeper.pack.build.compile import fingerprint
from gatekeeper.pack.files.conditions import DraftCondition, DraftLine
from gatekeeper.pack.files.words import AppliesUntil, Asked, ExistingDeals
from gatekeeper.pack.source.nodes import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.core.model import Condition, Escalation, Message
    from gatekeeper.core.pack import Needs
    from gatekeeper.pack.build.compile import Canonical
    from gatekeeper.pack.files.rule_schema import Defaults, RulePart
    from gatekeeper.pack.files.rules import DraftFile, DraftRule
    from gatekeeper.pack.files.words import BlankWord

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Conditions:
    """The compiled conditions and texts of one rule, and what they read.

    Attributes:
        logic: What they ask, as nested texts.
        undecided: A parameter they use has no value yet.
    """

    require: Condition
    when: Condition | None
    unless: Condition | None
    fix: Message
    needs: Needs
    logic: Sequence[Canonical]
    escalate: tuple[Escalation, ...] = ()
    suspend_when: Condition | None = None
    undecided: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """What decides beside a rule's own words where it applies.

    Attributes:
        stage: Its stage by the name the CRM gave it first; "" under every stage.
        named: The pipelines as its file names them.
        pipelines: The same as the CRM names them.
        terms: What stages say of each other, for the fingerprint.
        place: `file:line` of the rule.
    """

    stage: str
    named: tuple[str, ...]
    pipelines: tuple[str, ...]
    terms: Canonical
    place: str


def first(own: T | None, default: T) -> T:
    """Return a rule's own value, or the file's where it has none."""
    return default if own is None else own


def blank_word(draft: DraftRule, file: DraftFile) -> BlankWord:
    """Return what an empty answer counts as in a rule."""
    own = draft.part.on_blank if draft.part else None
    return first(own, file.defaults.on_blank)


def make_rule(
    draft: DraftRule,
    part: RulePart,
    defaults: Defaults,
    conditions: Conditions,
    setting: Setting,
) -> Rule:
    """Fill a rule with its settings."""
    effective = first(part.effective_from, defaults.effective_from)
    existing = first(part.existing_deals, defaults.existing_deals)
    mode = first(part.mode, defaults.mode)
    written = draft.table.get("fix")
    return _asking(draft, conditions, setting)(
        id=part.id,
        title=part.title,
        fix_text=written.text if isinstance(written, Scalar) else part.fix,
        why=part.why,
        severity=first(part.severity, defaults.severity),
        mode=Mode.OBSERVE if conditions.undecided else mode,
        grace=first(part.grace, defaults.grace),
        due_in=first(part.due_in, defaults.due_in),
        maintainer=first(part.maintainer, defaults.maintainer),
        owed_by=first(part.owed_by, defaults.owed_by),
        effective_from=effective,
        includes_existing=existing is ExistingDeals.INCLUDE or effective is None,
        include_lost=first(part.include_lost, defaults.include_lost),
        is_optional=first(part.optional, defaults.optional),
        suppressed_by=part.suppressed_by,
        tags=first(part.tags, defaults.tags),
        formerly=part.formerly,
        deprecated=_deprecation(draft),
        logic=_logic(draft, part, defaults, conditions, setting),
        wording=_wording(draft, part, conditions),
        asked_when_leaving=_is_asked_when_leaving(draft, part, defaults),
        until_next_stage=_ends_with_the_next_stage(part, defaults),
    )


def _deprecation(draft: DraftRule) -> Deprecation | None:
    read = draft.deprecated
    if read is None:
        return None
    return Deprecation(read.since, read.replaced_by or "", read.remove_after)


def _asking(
    draft: DraftRule, conditions: Conditions, setting: Setting
) -> partial[Rule]:
    """Begin a rule with what it asks, and where."""
    return partial(
        Rule,
        position=draft.position,
        reach=draft.reach,
        stage=draft.home.word if draft.reach is Reach.STAGE else None,
        pipelines=setting.pipelines,
        place=setting.place,
        require=conditions.require,
        when=conditions.when,
        unless=conditions.unless,
        fix=conditions.fix,
        needs=conditions.needs,
        escalate=conditions.escalate,
        suspend_when=conditions.suspend_when,
        undecided=conditions.undecided,
    )


def _logic(
    draft: DraftRule,
    part: RulePart,
    defaults: Defaults,
    conditions: Conditions,
    setting: Setting,
) -> str:
    """Return the fingerprint of where a rule applies and what it asks."""
    position: list[Canonical] = [
        draft.position.value,
        draft.reach.value,
        setting.stage,
        [*sorted(setting.named)],
        str(first(part.include_lost, defaults.include_lost)),
    ]
    if _is_asked_when_leaving(draft, part, defaults):
        position.append("asked when leaving")
    if _ends_with_the_next_stage(part, defaults):
        position.append("until the next stage")
    if setting.terms:
        position.append(setting.terms)
    return fingerprint([position, *conditions.logic])


def _is_asked_when_leaving(
    draft: DraftRule, part: RulePart, defaults: Defaults
) -> bool:
    """Whether "now" means the leaving; only what is left can be asked so."""
    asked = first(part.asked, defaults.asked)
    return draft.position is Position.EXIT and asked is Asked.WHEN_LEAVING


def _ends_with_the_next_stage(part: RulePart, defaults: Defaults) -> bool:
    until = first(part.applies_until, defaults.applies_until)
    return until is AppliesUntil.NEXT_STAGE


def _wording(draft: DraftRule, part: RulePart, conditions: Conditions) -> str:
    """Return the fingerprint of what people read of a rule."""
    worse = (each.fix_text for each in conditions.escalate if each.fix_text)
    return fingerprint([part.title, part.fix, part.why, *_texts(draft.require), *worse])


def _texts(condition: DraftCondition | None) -> Iterator[Canonical]:
    """Give the titles and fixes of a condition's lines."""
    if isinstance(condition, DraftLine):
        yield [condition.title or "", condition.fix.text if condition.fix else ""]
    elif condition is not None:
        for part in condition.parts:
            yield from _texts(part)
