"""Phrases that do not count as an answer (`forbid:` of a check, language A9, A31).

Pure. A phrase is looked for as placeholders are compared: case, punctuation and
repeated letters play no part. Words are: "on hold" is not in "Simon Holder".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Answer, Finding, Line, Standing, Unavailable
from gatekeeper.language.compiler.placeholders import reduced, reduced_words
from gatekeeper.language.compiler.readers import field_reader
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
        tuple((phrase, _sought(phrase)) for phrase in phrases),
    )
    return replace(line, compiled=lambda: (ban.test, ban.explain))


@dataclass(frozen=True, slots=True)
class _Ban:
    """A line with its texts and the phrases they may not contain."""

    line: Line
    readers: tuple[tuple[typed.Field, Reader], ...]
    phrases: tuple[tuple[str, re.Pattern[str]], ...]

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
            text = "\n".join(_forms(value)) if isinstance(value, str) else ""
            for phrase, sought in self.phrases:
                if sought.search(text):
                    return _Found(field, phrase)
        return None


def _forms(text: str) -> tuple[str, ...]:
    """Return a text with its signs left out and with blanks for them.

    So "T.B.C." is found by "tbc", and "on-hold" by "on hold". A text of punctuation
    only is what placeholders make of it.
    """
    forms = reduced_words(text)
    return forms if any(forms) else (reduced(text),)


def _sought(phrase: str) -> re.Pattern[str]:
    """Return what finds a phrase as words of their own."""
    return re.compile("|".join(dict.fromkeys(map(_whole, _forms(phrase)))))


def _whole(form: str) -> str:
    """Look for a form between words; scripts without case may have no blanks."""
    before = r"(?<!\w)" if _has_case(form[:1]) else ""
    after = r"(?!\w)" if _has_case(form[-1:]) else ""
    return f"{before}{re.escape(form)}{after}"


def _has_case(sign: str) -> bool:
    return sign.isdecimal() or sign.lower() != sign.upper()


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
