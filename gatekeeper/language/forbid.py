"""Phrases that do not count as an answer (`forbid:` of a check, language A9, A31).

Pure. A phrase is looked for as placeholders are compared: case, punctuation, blanks
and repeated letters play no part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Answer, Finding, Line, Standing, Unavailable
from gatekeeper.language.compiler.readers import field_reader, reduced
from gatekeeper.language.compiler.tree import Tree
from gatekeeper.language.explain.values import observed, subject
from gatekeeper.language.explain.voice import view_of
from gatekeeper.language.tree import typed
from gatekeeper.language.tree.walk import all_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal
    from gatekeeper.language.checker.state import Checked
    from gatekeeper.language.compiler.readers import Reader
    from gatekeeper.language.explain.view import View


@dataclass(frozen=True, slots=True)
class _Found:
    """A phrase in a text."""

    field: typed.Field
    phrase: str


def texts_of(checked: Checked) -> tuple[typed.Field, ...]:
    """Return the texts of the deal that a line reads; those of rows are left out."""
    fields = (
        each
        for each in all_of(typed.Field, checked.test)
        if each.collection is None and each.kind in {Kind.TEXT, None}
    )
    return tuple({each.name: each for each in fields}.values())


def forbidding(line: Line, checked: Checked, phrases: Sequence[str]) -> Line:
    """Let a line fail where one of its texts contains one of the phrases.

    Args:
        line: The compiled line; where it fails by itself it says so by itself.
        checked: Its tree.
        phrases: As written; the finding names the first that is found.
    """
    ban = _Ban(
        line,
        tuple((each, field_reader(each)) for each in texts_of(checked)),
        tuple((phrase, reduced(phrase)) for phrase in phrases),
    )
    return replace(line, compiled=lambda: (ban.test, ban.explain))


@dataclass(frozen=True, slots=True)
class _Ban:
    """A line with its texts and the phrases they may not contain."""

    line: Line
    readers: tuple[tuple[typed.Field, Reader], ...]
    phrases: tuple[tuple[str, str], ...]

    def test(self, deal: Deal, ctx: Context) -> Answer:
        """Decide: a line that would hold fails, or cannot be told."""
        answer = self.line.test(deal, ctx)
        if not (answer is True or (answer is EMPTY and self.line.blank_passes)):
            return answer
        found = self._found(deal, ctx)
        if isinstance(found, Unavailable):
            return found
        return answer if found is None else False

    def explain(self, deal: Deal, ctx: Context) -> Finding:
        """Name the phrase where it is the reason."""
        finding = self.line.explain(deal, ctx)
        if finding.standing is not Standing.MET:
            return finding
        found = self._found(deal, ctx)
        if found is None:
            return finding
        if isinstance(found, Unavailable):
            text = f"Cannot tell: {found.reason}."
            return _as(finding, Standing.CANNOT_TELL, text)
        return _named(finding, found, view_of(Tree(), deal, ctx))

    def _found(self, deal: Deal, ctx: Context) -> _Found | Unavailable | None:
        for field, read in self.readers:
            value = read(deal, ctx)
            if isinstance(value, Unavailable):
                return value
            text = reduced(value) if isinstance(value, str) else ""
            for phrase, plain in self.phrases:
                if plain in text:
                    return _Found(field, phrase)
        return None


def _named(finding: Finding, why: _Found, view: View) -> Finding:
    text = f'{subject(why.field, view)} contains "{why.phrase}", which does not count.'
    return replace(
        _as(finding, Standing.NOT_MET, text),
        observed=observed(why.field, view.value(why.field), view),
        expected=f'without "{why.phrase}"',
    )


def _as(finding: Finding, stands: Standing, text: str) -> Finding:
    return replace(
        finding,
        standing=stands,
        text=text,
        lasting_text=text,
        observed="",
        expected="",
        details=(),
        parts=(),
    )
