"""One deal as a line sees it, and what its line says of every deal alike.

Pure. Which rows are meant or whether time moves a value follows from the line alone:
that is worked out for the first deal a line is explained for, and kept with the line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from gatekeeper.language.tree import typed
from gatekeeper.language.tree.walk import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Answer, Deal, Row
    from gatekeeper.language.compiler.tree import Tree
    from gatekeeper.language.explain.words import Words

_T = TypeVar("_T")

Kept = dict[tuple[str, int], tuple[object, object]]
"""What is said of a node: the node itself, so that its id stays its own, and that."""

COUNTING_ON = frozenset({"days_in_stage", "total_days_in_stage"})
"""Functions of the past that count on by themselves; those with a window do so too."""

_MOVING = (typed.Moment, typed.Within, typed.InPeriod, typed.Changed)
_MOVING_FUNCTIONS = frozenset({"days_since", "days_until"})
_OF_ONE_DEAL = (
    typed.Aggregate,
    typed.Arithmetic,
    typed.Changed,
    typed.Chosen,
    typed.Condition,
    typed.Every,
    typed.Function,
    typed.Past,
    typed.Pattern,
    typed.Quantified,
    typed.Tally,
    typed.Undecided,
)


class Voice(Protocol):
    """Puts any part of a line into words.

    A condition is spoken of by the words of its parts, and a value gathered from rows
    by the condition of these. So that a module names only those below it, each asks
    the view for a part's words, and the view asks this.
    """

    def words(self, test: typed.Test, view: View, *, negated: bool) -> Words:
        """Say what is and what must be, for a condition that does not hold."""

    def which(
        self, where: typed.Test | None, view: View, gathered: typed.Field | None
    ) -> str:
        """Say which rows are meant, after their noun."""


@dataclass(frozen=True, slots=True)
class View:
    """One deal (and perhaps one of its rows) as one line sees it.

    Attributes:
        voice: Speaks of the parts of what is being said.
        kept: What the line says of every deal alike; one for all views of a line.
    """

    tree: Tree
    row: Row
    deal: Deal
    ctx: Context
    voice: Voice
    kept: Kept

    def words(self, test: typed.Test, *, negated: bool = False) -> Words:
        """Put a condition that does not hold into words.

        Args:
            test: The condition, or a part of one.
            negated: It must not hold.
        """
        return self.voice.words(test, self, negated=negated)

    def which(
        self, where: typed.Test | None, gathered: typed.Field | None = None
    ) -> str:
        """Say which rows are meant, after their noun: ` with role Champion`."""
        return self.voice.which(where, self, gathered)

    def answer(self, test: typed.Test) -> Answer:
        """What the line's own closure answers."""
        return self.tree.test(test)(self.deal, self.ctx, self.row)

    def value(self, node: typed.Value) -> object:
        """What the line's own closure gives."""
        return self.tree.value(node)(self.deal, self.ctx, self.row)

    def once(self, what: str, node: object, make: Callable[[], _T]) -> _T:
        """Work out for the first deal what depends on a part of the line alone."""
        key = what, id(node)
        known = self.kept.get(key)
        if known is None:
            known = self.kept[key] = node, make()
        return cast("_T", known[1])

    def moves(self, node: object) -> bool:
        """Whether time alone can change what a part of the line gives."""
        return self.once("moves", node, lambda: moves(node))

    def is_settled(self, node: object) -> bool:
        """Whether a condition of rows reads the same for every deal."""
        return self.once("is settled", node, lambda: is_settled(node))


def moves(node: object) -> bool:
    """Whether time alone can change what a part of a line gives."""
    return any(map(_moves_itself, parts_of(node)))


def _moves_itself(part: object) -> bool:
    match part:
        case typed.Function(name=name):
            return name in _MOVING_FUNCTIONS
        case typed.Past(function=function, window=window):
            return window is not None or function in COUNTING_ON
    return isinstance(part, _MOVING)


def is_settled(node: object) -> bool:
    """Whether a condition of rows reads the same for every deal.

    It does where rows' own fields, which are only named, are held against constants.
    A moment among those is written in the zone of the run, and so is not settled.
    """
    return all(map(_is_settled_itself, parts_of(node)))


def _is_settled_itself(part: object) -> bool:
    match part:
        case typed.Constant(value=value):
            return not isinstance(value, datetime)
        case typed.Field(collection=collection):
            return collection is not None
    return not isinstance(part, _OF_ONE_DEAL)
