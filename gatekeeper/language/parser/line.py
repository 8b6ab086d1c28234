"""Read the text of a check into its tree, or say what is wrong with it.

Pure apart from reading the grammar beside this file once, at the first call. Every
text gives a tree or a `CheckSyntaxError`, in time linear in its length.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

from lark import Lark
from lark.exceptions import UnexpectedToken

from gatekeeper.language.messages import CheckSyntaxError
from gatekeeper.language.parser import build, failure, mistakes, words
from gatekeeper.language.parser.machine import Machine, NotAcceptedError
from gatekeeper.language.parser.tokens import CheckLexer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lark import Token

    from gatekeeper.language.tree import syntax


def parse(text: str, *, currency: str = "USD") -> syntax.Test:
    """Read one check.

    Args:
        text: The check as it stands in the rule file, unquoted.
        currency: The project's currency, named by E307.

    Raises:
        CheckSyntaxError: With at least one message whose span lies in `text`.
    """
    return cast("syntax.Test", _read(text, "check", currency))


def parse_value(text: str, *, currency: str = "USD") -> syntax.Value:
    """Read a value, such as a define may name.

    Raises:
        CheckSyntaxError: As for `parse`.
    """
    return cast("syntax.Value", _read(text, "lone_value", currency))


def parse_rows(text: str, *, currency: str = "USD") -> syntax.Rows:
    """Read named rows: `meetings where ..`, or a bare collection.

    Raises:
        CheckSyntaxError: As for `parse`.
    """
    return cast("syntax.Rows", _read(text, "rows", currency))


def _read(text: str, start: str, currency: str) -> object:
    tokens = words.within_limits(text)
    found = words.mistaken_words(text, tokens, currency)
    if found:
        raise CheckSyntaxError(found)
    try:
        return _machine().read(tokens, start)
    except NotAcceptedError:
        pass
    try:
        return _parser().parse(tokens, start=start)
    except UnexpectedToken as error:
        at = _place_of(error.token, tokens)
        wanted = frozenset(error.accepts or ())
        where = failure.Failure(text, tuple(tokens), at, wanted, currency)
        raise CheckSyntaxError([mistakes.explain(where)]) from None


@cache
def _machine() -> Machine:
    return Machine.of(_parser())


@cache
def _parser() -> Lark:
    return Lark.open_from_package(
        __name__,
        "grammar.lark",
        parser="lalr",
        lexer=CheckLexer,
        strict=True,
        start=["check", "lone_value", "rows"],
        transformer=build.tree_builder(),
        maybe_placeholders=False,
    )


def _place_of(unexpected: Token, tokens: Sequence[Token]) -> int:
    """Return which token was not expected; their number where it is the end."""
    if unexpected.type == "$END":
        return len(tokens)
    return next(
        place
        for place, token in enumerate(tokens)
        if token.start_pos == unexpected.start_pos
    )
