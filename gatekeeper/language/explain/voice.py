"""Which function speaks of which node: the one place that knows them all. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.language.explain import (
    conditions,
    groups,
    history,
    logic,
    rows,
    states,
    windows,
)
from gatekeeper.language.explain.view import View
from gatekeeper.language.tree import typed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal
    from gatekeeper.language.compiler.tree import Tree
    from gatekeeper.language.explain.view import Kept
    from gatekeeper.language.explain.words import Words

_SPEAKERS: Mapping[type, Callable[..., Words]] = {
    typed.And: logic.every_part,
    typed.Or: logic.one_part,
    typed.AtLeast: logic.at_least,
    typed.Not: logic.opposite,
    typed.Named: logic.named,
    typed.Compare: conditions.compare,
    typed.Between: conditions.between,
    typed.Member: conditions.member,
    typed.TextMatch: conditions.text_match,
    typed.Includes: conditions.includes,
    typed.InPeriod: conditions.period,
    typed.Filled: states.filled,
    typed.Truth: states.truth,
    typed.Within: windows.within,
    typed.Changed: history.changed,
    typed.Quantified: groups.quantified,
    typed.Every: groups.every,
    typed.Tally: groups.tally,
}
"""One function for each kind of condition."""


class _Voice:
    """Speaks of each part by its kind."""

    __slots__ = ()

    def words(self, test: typed.Test, view: View, *, negated: bool) -> Words:
        return _SPEAKERS[type(test)](test, view, negated=negated)

    def which(
        self, where: typed.Test | None, view: View, gathered: typed.Field | None
    ) -> str:
        return rows.with_quality(where, view, gathered)


_VOICE = _Voice()


def view_of(tree: Tree, deal: Deal, ctx: Context, kept: Kept | None = None) -> View:
    """Look at a deal with the eyes of one line.

    Args:
        tree: The compiled tree of the line.
        deal: The deal that is spoken of.
        ctx: The run.
        kept: What the line already said of every deal alike.
    """
    return View(tree, deal.fields, deal, ctx, _VOICE, {} if kept is None else kept)
