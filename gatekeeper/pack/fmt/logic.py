"""What the rules of a file ask, read as the program reads them to run. Pure.

The layout is held against this once more, whatever the layout itself took for a check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import BUILT_IN
from gatekeeper.language.tree.fingerprint import render
from gatekeeper.pack.files.conditions import DraftLine
from gatekeeper.pack.files.rules import read_rules
from gatekeeper.pack.source.nodes import Scalar
from gatekeeper.pack.source.read import EnoughMistakesError, Reader

if TYPE_CHECKING:
    from gatekeeper.pack.files.conditions import DraftCondition
    from gatekeeper.pack.files.rules import DraftRule
    from gatekeeper.pack.source.nodes import Table

_CURRENCY = "USD"
"""Named by messages only, and none is shown."""


def logic_of(root: Table) -> object:
    """Return a value that is equal for files whose rules ask the same.

    None for a file that holds no rules, or more mistakes than are read.
    """
    kind = root.get("kind")
    if not isinstance(kind, Scalar) or kind.text != "rules":
        return None
    try:
        file = read_rules(Reader(), root, BUILT_IN, _CURRENCY)
    except EnoughMistakesError:
        return None
    return [_rule(each) for each in file.rules]


def _rule(rule: DraftRule) -> object:
    return (
        rule.id,
        rule.position,
        rule.home.word,
        [_asked(each) for each in (rule.require, rule.when, rule.unless)],
    )


def _asked(condition: DraftCondition | None) -> object:
    if condition is None:
        return None
    if isinstance(condition, DraftLine):
        test = condition.test
        return (
            condition.scalar.text if test is None else render(test),
            condition.on_blank,
            condition.forbid,
            _asked(condition.when),
        )
    return (
        condition.quorum,
        condition.count,
        [_asked(each) for each in condition.parts],
    )
