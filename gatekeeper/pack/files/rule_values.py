"""What a rule says besides its conditions, the file's defaults filled in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from gatekeeper.core.pack import Position, Reach, Rule
from gatekeeper.pack.build.compile import fingerprint
from gatekeeper.pack.files.conditions import DraftCondition, DraftLine
from gatekeeper.pack.files.words import AppliesUntil, Asked, ExistingDeals
from gatekeeper.pack.source.nodes import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.core.model import Condition, Escalation, Message
    from gatekeeper.core.pack import Needs
    from gatekeeper.pack.build.compile import Canonical
    from gatekeeper.pack.files.rule_schema import Defaults, RulePart
    from gatekeeper.pack.files.rules import DraftFile, DraftRule
    from gatekeeper.pack.files.words import BlankWord

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Conditions:
    """The compiled conditions and texts of one rule, and what they read."""

    require: Condition
    when: Condition | None
    unless: Condition | None
    fix: Message
    needs: Needs
    escalate: tuple[Escalation, ...] = ()
    suspend_when: Condition | None = None


def first(*values: T | None, default: T) -> T:
    """Return the first value that is given."""
    return next((value for value in values if value is not None), default)


def blank_word(draft: DraftRule, file: DraftFile) -> BlankWord:
    """Return what an empty answer counts as in a rule."""
    own = draft.part.on_blank if draft.part else None
    return first(own, default=file.defaults.on_blank)


def make_rule(
    draft: DraftRule, part: RulePart, defaults: Defaults, conditions: Conditions
) -> Rule:
    """Fill a rule with its settings; its pipelines and logic are given elsewhere."""
    existing = first(part.existing_deals, default=defaults.existing_deals)
    effective = first(part.effective_from, defaults.effective_from, default=None)
    written = draft.table.get("fix")
    return Rule(
        id=part.id,
        title=part.title,
        position=draft.position,
        reach=draft.reach,
        stage=draft.stage.text.strip() if draft.reach is Reach.STAGE else None,
        pipelines=(),
        require=conditions.require,
        fix=conditions.fix,
        fix_text=written.text if isinstance(written, Scalar) else part.fix,
        when=conditions.when,
        unless=conditions.unless,
        why=part.why,
        severity=first(part.severity, default=defaults.severity),
        mode=first(part.mode, default=defaults.mode),
        grace=first(part.grace, default=defaults.grace),
        due_in=first(part.due_in, defaults.due_in, default=None),
        maintainer=first(part.maintainer, default=defaults.maintainer),
        owed_by=first(part.owed_by, default=defaults.owed_by),
        effective_from=effective,
        includes_existing=existing is ExistingDeals.INCLUDE or effective is None,
        include_lost=first(part.include_lost, default=defaults.include_lost),
        is_optional=first(part.optional, default=defaults.optional),
        suppressed_by=part.suppressed_by,
        escalate=conditions.escalate,
        tags=first(part.tags, default=defaults.tags),
        formerly=part.formerly,
        needs=conditions.needs,
        asked_when_leaving=_is_asked_when_leaving(draft, part, defaults),
        until_next_stage=_ends_with_the_next_stage(part, defaults),
        suspend_when=conditions.suspend_when,
        wording=_wording(draft, part, conditions),
    )


def _is_asked_when_leaving(
    draft: DraftRule, part: RulePart, defaults: Defaults
) -> bool:
    """Whether "now" means the leaving; only what is left can be asked so."""
    asked = first(part.asked, default=defaults.asked)
    return draft.position is Position.EXIT and asked is Asked.WHEN_LEAVING


def _ends_with_the_next_stage(part: RulePart, defaults: Defaults) -> bool:
    until = first(part.applies_until, default=defaults.applies_until)
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
