"""Read the text of a check into its tree, or say what is wrong with it.

Pure apart from reading the grammar's tables once, at the first call. Every text gives
a tree or a `CheckSyntaxError`, in time linear in its length.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

from gatekeeper.language.messages import CheckSyntaxError
from gatekeeper.language.parser import failure, mistakes, words
from gatekeeper.language.parser.build import tree_builder
from gatekeeper.language.parser.machine import Machine, UnexpectedWordError

if TYPE_CHECKING:
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
    except UnexpectedWordError as error:
        where = failure.Failure(
            text, tuple(tokens), error.place, error.wanted, currency
        )
        raise CheckSyntaxError([mistakes.explain(where)]) from None


@cache
def _machine() -> Machine:
    return Machine.of(tree_builder())
