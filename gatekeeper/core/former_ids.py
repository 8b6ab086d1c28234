"""Rules that got another id: what stood under the former one goes on (`formerly`).

Pure.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.core.model import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.core.model import Violation
    from gatekeeper.core.pack import RulePack


def present_ids(pack: RulePack) -> dict[str, str]:
    """Return former id to present id."""
    return {old: rule.id for rule in pack.rules for old in rule.formerly}


def known_as(
    violations: Mapping[str, Violation], pack: RulePack
) -> dict[str, Violation]:
    """File known violations under the present id of their rule (`formerly`)."""
    renamed = present_ids(pack)
    filed: defaultdict[str, list[Violation]] = defaultdict(list)
    for rule_id, violation in violations.items():
        filed[renamed.get(rule_id, rule_id)].append(violation)
    return {rule_id: _as_one(rule_id, found) for rule_id, found in filed.items()}


def _as_one(rule_id: str, found: Sequence[Violation]) -> Violation:
    if len(found) == 1 and found[0].rule_id == rule_id:
        return found[0]
    return replace(_merged(found), rule_id=rule_id)


def _merged(violations: Sequence[Violation]) -> Violation:
    """Make one violation of those of several merged rules (language A44).

    What stands open leads; the first date is the earliest of those that stand.
    """
    live = [each for each in violations if each.is_live]
    if not live:
        return max(violations, key=lambda each: each.resolved_at or each.first_seen)
    leading = min(
        live, key=lambda each: (each.state is not State.OPEN, each.first_seen)
    )
    return replace(leading, first_seen=min(each.first_seen for each in live))
