"""How the rows of a collection are spoken of: which are meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.language.compiler.readers import is_blank
from gatekeeper.language.explain.phrases import (
    INFINITIVES,
    compare_phrase,
    period_phrase,
)
from gatekeeper.language.explain.values import (
    expected_text,
    observed,
    quoted,
    subject,
)
from gatekeeper.language.explain.wording import inside, joined, unquoted
from gatekeeper.language.tree import typed
from gatekeeper.language.types import Reading

if TYPE_CHECKING:
    from gatekeeper.language.explain.view import View

_TIMES = {
    "at": "a time",
    "start": "a start",
    "end": "an end",
    "expires on": "an expiry date",
    "last met at": "a last meeting",
    "last heard at": "a last mail or call",
}
"""What a row has at a time that its name does not make a noun of."""
_DATED = frozenset({Kind.DATE, Kind.DATETIME})
_PREPOSITIONS = ("on ", "before", "after", "within", "in ", "between")

_A_PAIR = 2
_BEGIN_SMALL = frozenset(
    {"length", "negative", "days_since", "days_until", "days_between"}
)


def with_quality(
    where: typed.Test | None, view: View, gathered: typed.Field | None = None
) -> str:
    """Say which rows are meant, after their noun: ` with role Champion`.

    Args:
        where: The condition of the rows, if there is one.
        view: Gives the texts of what is compared.
        gathered: A date that is gathered from the rows; a condition on it needs no
            name ("no meeting before now").
    """
    if where is None:
        return ""
    if (
        gathered is not None
        and isinstance(where, typed.Compare)
        and where.left == gathered
        and where.reading in {Reading.DATE, Reading.DATETIME}
    ):
        right = expected_text(where.right, view)
        return f" {compare_phrase(where.operator, where.reading, right)}"
    return f" with {quality(where, view)}"


def quality(test: typed.Test, view: View, article: str = "") -> str:
    """Say what a row must have: `role Economic Buyer or Champion`.

    Args:
        test: A condition on the row.
        view: Gives the texts of what is compared.
        article: Put before a plain property (`the `).
    """
    if view.is_settled(test):
        return view.once(f"{article}quality", test, lambda: _said(test, view, article))
    return _said(test, view, article)


def _said(test: typed.Test, view: View, article: str) -> str:
    match test:
        case typed.And(parts=parts) | typed.Or(parts=parts):
            word = "and" if isinstance(test, typed.And) else "or"
            return _joined(parts, word, view, article)
        case typed.AtLeast(count=count, parts=parts):
            return f"at least {count} of {_joined(parts, 'and', view, article)}"
        case typed.Not(part=part):
            return _lacking(part, view)
        case typed.Named(test=inner):
            return quality(inner, view, article)
        case typed.Compare():
            return _compared(test, view, article)
        case typed.Member(value=value, choices=choices):
            listed = joined([expected_text(each, view) for each in choices], "or")
            return f"{article}{_plain(value, view)} {listed}"
        case _:
            return _other_quality(test, view)


def _joined(
    parts: tuple[typed.Test, ...], word: str, view: View, article: str = ""
) -> str:
    """Join conditions so that those in brackets still belong together."""
    texts = [_grouped(part, view, article) for part in parts]
    if any(map(_is_several, parts)):
        return f", {word} ".join(texts)
    return joined(texts, word)


def _grouped(test: typed.Test, view: View, article: str) -> str:
    """Say a condition among others: `either the role User or score more than 2`."""
    said = quality(test, view, article)
    match _inner(test):
        case typed.Or():
            return f"either {said}"
        case typed.And(parts=parts):
            return f"{'both' if len(parts) == _A_PAIR else 'all of'} {said}"
    return said


def _is_several(test: typed.Test) -> bool:
    inner = _inner(test)
    if isinstance(inner, typed.Not):
        return _is_several(inner.part)
    return isinstance(inner, typed.And | typed.Or | typed.AtLeast)


def _inner(test: typed.Test) -> typed.Test:
    """Return what a name stands for."""
    return _inner(test.test) if isinstance(test, typed.Named) else test


def _compared(test: typed.Compare, view: View, article: str) -> str:
    right = expected_text(test.right, view)
    if isinstance(test.left, typed.Function) and test.left.name == "length":
        phrase = right if test.operator == "=" else f"other than {right}"
        if test.operator not in {"=", "!="}:
            phrase = compare_phrase(test.operator, test.reading, right)
        return _property(test.left, phrase, view)
    is_field = isinstance(test.left, typed.Field)
    if test.operator == "=":
        lead, link = (article, "") if is_field else ("", "equal to ")
        return f"{lead}{_plain(test.left, view)} {link}{right}"
    if test.operator == "!=":
        return f"{_plain(test.left, view)} other than {right}"
    phrase = compare_phrase(test.operator, test.reading, right)
    return _property(test.left, phrase, view)


def _lacking(test: typed.Test, view: View) -> str:
    """Say what a row must not have."""
    match test:
        case typed.Member(value=value, choices=choices):
            listed = joined([expected_text(each, view) for each in choices], "or")
            return f"{_plain(value, view)} other than {listed}"
        case typed.TextMatch(value=value, operator=word, patterns=patterns):
            verb = INFINITIVES[word]
            return (
                f"{_plain(value, view)} that does not {verb} {quoted(patterns, view)}"
            )
        case typed.Truth(value=typed.Pattern() as form, wanted=wanted):
            return _reading(form, view, wanted=not wanted)
        case typed.Or(parts=parts):
            return f"neither {_joined(parts, 'nor', view)}"
        case typed.Named(test=inner):
            return _lacking(inner, view)
    return f"not {_grouped(test, view, '')}"


def _so(test: typed.Truth, view: View) -> str:
    if isinstance(test.value, typed.Pattern):
        return _reading(test.value, view, wanted=test.wanted)
    return f"{_plain(test.value, view)} {'yes' if test.wanted else 'no'}"


def _reading(node: typed.Pattern, view: View, *, wanted: bool) -> str:
    """Say which form a text must have; what differs by row stands in braces."""
    form = "".join(_form_of(part, view) for part in node.parts)
    verb = "reads" if wanted else "does not read"
    return f'{_plain(node.value, view).lower()} that {verb} like "{form}"'


def _form_of(part: str | typed.Slot | typed.Field, view: View) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, typed.Slot) or part.collection is not None:
        return f"{{{part.name}}}"
    value = view.value(part)
    if is_blank(value):
        return f"{{{part.name}}}"
    return unquoted(observed(part, value, view))


def _other_quality(test: typed.Test, view: View) -> str:
    match test:
        case typed.Filled(value=value, wanted=wanted):
            name = _plain(value, view)
            return f"{name} filled" if wanted else f"{name} empty"
        case typed.Truth():
            return _so(test, view)
        case typed.Between(value=value, low=low, high=high):
            bounds = f"{expected_text(low, view)} and {expected_text(high, view)}"
            return _property(value, f"between {bounds}", view)
        case typed.TextMatch(value=value, operator=word, patterns=patterns):
            listed = quoted(patterns, view)
            return f"{_plain(value, view)} that {word} {listed}"
        case typed.Includes(value=value, quorum=quorum, choices=choices):
            listed = joined([expected_text(each, view) for each in choices], "or")
            return f"{_plain(value, view)} including {quorum} of {listed}"
        case typed.Within(value=value, direction=direction, length=length):
            reach = expected_text(length, view)
            return _property(value, f"within the {direction} {reach}", view)
        case typed.InPeriod(value=value):
            return _property(value, period_phrase(test), view)
    return "what is asked"


def _plain(node: typed.Value, view: View) -> str:
    """Name a value in the middle of a sentence."""
    name = subject(node, view)
    if isinstance(node, typed.Field):
        return name.lower().removeprefix("is ")
    if isinstance(node, typed.Function) and node.name in _BEGIN_SMALL:
        return f"{name[:1].lower()}{name[1:]}"
    return inside(name)


def _property(node: typed.Value, phrase: str, view: View) -> str:
    if isinstance(node, typed.Function) and node.name == "length":
        text = _plain(node.arguments[0], view)
        unit = "character" if phrase.rsplit(maxsplit=1)[-1] == "1" else "characters"
        return f"{_article(text)} {text} of {phrase} {unit}"
    name = _plain(node, view)
    if phrase.startswith(_PREPOSITIONS):
        name = _TIMES.get(name) or (_dated(name) if node.kind in _DATED else name)
    return f"{name} {phrase}"


def _dated(name: str) -> str:
    """Make a noun of a time's name: `due on` is "a due date"."""
    stem = name.removesuffix(" on").removesuffix(" at")
    return name if stem == name else f"{_article(stem)} {stem} date"


def _article(noun: str) -> str:
    return "an" if noun[:1] in "aeiou" else "a"
