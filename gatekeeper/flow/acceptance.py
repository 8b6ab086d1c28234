"""What a person says yes to must exist: a yes for nothing would be lost unheard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.model import State
from gatekeeper.language.suggest import no_rule

if TYPE_CHECKING:
    from collections.abc import Collection

    from gatekeeper.core.pack import RulePack
    from gatekeeper.flow.services import Services

_LIVE = [each.value for each in State if each is not State.RESOLVED]


def expect_known(accepted: Collection[str], pack: RulePack, services: Services) -> None:
    """Refuse a yes for a rule that neither the pack nor what stands knows.

    A rule that left the pack is let go under its old id, so what stands counts too.

    Raises:
        SetupError: There is no such rule; nothing was read of the CRM.
    """
    known = {rule.id for rule in pack.rules}
    if known.issuperset(accepted):
        return
    standing = services.store.violations(services.crm.org(), _LIVE)
    known.update(each.rule_id for each in standing)
    for rule_id in sorted(set(accepted) - known):
        raise no_rule(rule_id, sorted(known))
