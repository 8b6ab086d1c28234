"""Why a line stands as it does, in a seller's words.

Made from the same compiled tree that decides: an explanation first asks the line for
its answer and then puts that answer into words, so the two cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, Answer, Finding, Standing, Unavailable
from gatekeeper.language.explain.voice import view_of
from gatekeeper.language.explain.words import Words
from gatekeeper.language.tree import typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, Message
    from gatekeeper.language.compiler.tree import Tree
    from gatekeeper.language.explain.view import Kept, View


@dataclass(frozen=True, slots=True)
class Wording:
    """What the author gave one line besides its check.

    Attributes:
        line: The check, as text.
        fix: Fills the line's own fix text.
        blank_passes: An empty answer counts as met.
    """

    line: str
    title: str | None = None
    fix: Message | None = None
    blank_passes: bool = False


def explainer(
    test: typed.Test,
    tree: Tree,
    wording: Wording,
    ask: Callable[[Deal, Context], Answer],
) -> Callable[[Deal, Context], Finding]:
    """Make the function that explains one line.

    Args:
        test: The checked line.
        tree: Its compiled tree.
        wording: What its author wrote around it.
        ask: Decides the whole line.
    """
    conjuncts = test.parts if isinstance(test, typed.And) else ()
    of_part = replace(wording, title=None, fix=None)

    kept: Kept = {}

    def explain(deal: Deal, ctx: Context) -> Finding:
        view = view_of(tree, deal, ctx, kept)
        answer = ask(deal, ctx)
        if not conjuncts:
            return _finding(test, answer, view, wording)
        parts = tuple(
            _finding(part, view.answer(part), view, of_part) for part in conjuncts
        )
        return _joined(parts, answer, wording, view)

    return explain


def _standing(answer: Answer, wording: Wording) -> Standing:
    if answer is True or (answer is EMPTY and wording.blank_passes):
        return Standing.MET
    if isinstance(answer, Unavailable):
        return Standing.CANNOT_TELL
    return Standing.NOT_MET


def _finding(test: typed.Test, answer: Answer, view: View, wording: Wording) -> Finding:
    standing = _standing(answer, wording)
    if isinstance(answer, Unavailable):
        text = lasting = f"Cannot tell: {answer.reason}."
        words = Words("")
    else:
        words = view.words(test)
        text = words.text
        lasting = text if words.lasting is None else words.lasting_text
    if standing is Standing.MET:
        text = _met_text(words, answer)
        lasting = text if words.lasting is None else "Met."
    is_empty = answer is EMPTY or (answer is False and words.observed == "empty")
    return Finding(
        line=wording.line,
        standing=standing,
        text=text,
        lasting_text=lasting,
        observed=words.observed,
        expected=words.expected,
        fix=wording.fix(view.deal, view.ctx) if wording.fix else None,
        title=wording.title,
        because_empty=standing is Standing.NOT_MET and is_empty,
        details=words.details,
    )


def _met_text(words: Words, answer: Answer) -> str:
    if answer is EMPTY:
        return f"{words.saying}, which is allowed: met."
    return f"{words.saying}: met." if words.observed else "Met."


def _joined(
    parts: tuple[Finding, ...], answer: Answer, wording: Wording, view: View
) -> Finding:
    """Join the halves of an `and`: only those that are not met are spoken of."""
    standing = _standing(answer, wording)
    unmet = [part for part in parts if part.standing is not Standing.MET] or [*parts]
    if standing is Standing.NOT_MET:
        failing = [part for part in unmet if part.standing is Standing.NOT_MET]
        unmet = failing or unmet
    return Finding(
        line=wording.line,
        standing=standing,
        text=" ".join(part.text for part in unmet),
        lasting_text=" ".join(part.lasting_text for part in unmet),
        observed=", ".join(filter(None, (part.observed for part in unmet))),
        expected=", ".join(filter(None, (part.expected for part in unmet))),
        fix=wording.fix(view.deal, view.ctx) if wording.fix else None,
        title=wording.title,
        because_empty=standing is Standing.NOT_MET
        and all(part.because_empty for part in unmet),
        details=tuple(line for part in unmet for line in part.details),
        parts=parts,
    )
