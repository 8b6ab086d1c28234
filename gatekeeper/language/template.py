"""Texts with `{amount}` placeholders over fields and parameters, no expressions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import Unavailable
from gatekeeper.language.checker.known import deal_spec, nearest
from gatekeeper.language.checker.line import checking_of
from gatekeeper.language.checker.names import field_of
from gatekeeper.language.checker.values import param_as_value
from gatekeeper.language.compiler.readers import is_blank
from gatekeeper.language.compiler.tree import Tree
from gatekeeper.language.explain.values import observed
from gatekeeper.language.explain.voice import view_of
from gatekeeper.language.explain.wording import unquoted, value_text
from gatekeeper.language.messages import CheckError
from gatekeeper.language.messages import Message as Mistake
from gatekeeper.language.scope import ParamSpec
from gatekeeper.language.tree import syntax, typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, Message
    from gatekeeper.core.pack import Needs
    from gatekeeper.language.checker.state import Checking
    from gatekeeper.language.scope import Scope

    Piece = Callable[[Deal, Context], str]

LONGEST_TEXT = 5000
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class Template(NamedTuple):
    """A compiled text for people.

    Attributes:
        filled: Fills it for a deal.
        needs: What it reads of one.
        params: Names of the parameters it mentions.
    """

    filled: Message
    needs: Needs
    params: frozenset[str] = frozenset()


def message_template(text: str, scope: Scope, *, noun: str = "fix text") -> Template:
    """Compile a text for people.

    Args:
        text: As written; `{account.name}`, `{$min_amount}` and `{min_amount}` stand
            for values.
        scope: What names mean.
        noun: What the text is, for messages.

    Raises:
        CheckError: E426 for every placeholder that names nothing; E319 for a text
            longer than any task.
    """
    checking = checking_of(scope)
    if len(text) > LONGEST_TEXT:
        said = f"this {noun} is {len(text)} characters long (limit {LONGEST_TEXT})."
        raise CheckError([Mistake("E319", said, syntax.Span(0, len(text)))])
    if "{" not in text:
        return Template(_fixed(text), checking.needs())
    pieces = [
        _placeholder(part, place, checking, noun) if is_name else _fixed(part)
        for part, place, is_name in _split(text)
    ]
    if checking.messages:
        raise CheckError(checking.messages)
    return Template(
        lambda deal, ctx: "".join(piece(deal, ctx) for piece in pieces),
        checking.needs(),
        frozenset(checking.params),
    )


def names_in(text: str) -> list[str]:
    """Return what a text mentions, parameters without their sign."""
    return [part.removeprefix("$") for part, _, is_name in _split(text) if is_name]


def placeholders_in(text: str) -> list[syntax.Span]:
    """Return where the placeholders of a text stand, braces included."""
    return [syntax.Span(*match.span()) for match in _PLACEHOLDER.finditer(text)]


def _split(text: str) -> list[tuple[str, int, bool]]:
    """Split into parts with their place; whether each is inside braces."""
    found: list[tuple[str, int, bool]] = []
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        found.append((text[end : match.start()], end, False))
        found.append((match.group(1).strip(), match.start(), True))
        end = match.end()
    return [*found, (text[end:], end, False)]


def _fixed(text: str) -> Piece:
    return lambda deal, ctx: text


def _placeholder(name: str, place: int, checking: Checking, noun: str) -> Piece:
    span = syntax.Span(place, place + len(name) + 2)
    value = _value(name, span, checking)
    if value is None:
        scope = checking.scope
        names = [*scope.catalogue.deal, *scope.params]
        text = f"the {noun} mentions {{{name}}}, which is no field or param."
        if meant := nearest(name, names):
            text = f"the {noun} mentions {{{name}}}; did you mean {{{meant}}}?"
        checking.messages.append(Mistake("E426", text, span))
        return _fixed("")
    if isinstance(value, ParamSpec):
        listed, kind = value.value, value.kind
        return lambda deal, ctx: value_text(listed, kind, ctx)
    return _filled(name, value)


def _filled(name: str, value: typed.Value) -> Piece:
    tree = Tree()
    is_id = isinstance(value, typed.Field) and value.name == "id"

    def fill(deal: Deal, ctx: Context) -> str:
        view = view_of(tree, deal, ctx)
        found = view.value(value)
        if isinstance(found, Unavailable):
            return f"({name} is not known)"
        if is_blank(found):
            return f"({name} is empty)"
        if isinstance(value, typed.Field) and not is_id:
            return unquoted(observed(value, found, view))
        return value_text(found, value.kind, ctx)

    return fill


def _value(
    name: str, span: syntax.Span, checking: Checking
) -> typed.Value | ParamSpec | None:
    parts = tuple(name.removeprefix("deal.").split("."))
    spec = checking.scope.params.get(name.removeprefix("$"))
    if deal_spec(parts, checking) is not None:
        return field_of(syntax.Name(_told(parts, checking), span), checking)
    if spec is not None:
        checking.params[spec.name] = spec
        if isinstance(spec.value, tuple):
            return spec
        return param_as_value(spec, syntax.Param(spec.name, span), checking)
    return None


def _told(parts: tuple[str, ...], checking: Checking) -> tuple[str, ...]:
    """Name a record that a lookup points to by its name; its id says nothing."""
    spec = deal_spec(parts, checking)
    lookup = checking.scope.catalogue.lookups.get(parts[0])
    is_reference = spec is not None and spec.kind is Kind.REFERENCE
    if not is_reference or lookup is None or len(parts) > 1:
        return parts
    return (*parts, "name") if "name" in lookup.fields else parts
