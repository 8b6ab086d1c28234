"""Turn what the grammar recognised into the nodes of `syntax`.

Pure and total: the words were looked over before (see `words`), so no method refuses
anything. Method names are the grammar's rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from gatekeeper.language.parser.literals import date_of, decimal_of, split_duration
from gatekeeper.language.parser.tokens import Token
from gatekeeper.language.tree import syntax as tree

if TYPE_CHECKING:
    from collections.abc import Iterable

Part: TypeAlias = (
    "Token | tree.Value | tree.Test | tree.Listing | tree.Argument"
    " | tree.Window | tree.Since"
)
State: TypeAlias = Literal["empty", "filled", "true", "false"]


def start_of(part: Part) -> int:
    """Return where a token or node begins."""
    return part.start_pos if isinstance(part, Token) else part.span.start


def end_of(part: Part) -> int:
    """Return where a token or node ends."""
    return part.end_pos if isinstance(part, Token) else part.span.end


def span_of(first: Part, last: Part | None = None) -> tree.Span:
    """Return the characters from `first` to the end of `last`."""
    return tree.Span(start_of(first), end_of(first if last is None else last))


def phrase(token: Token) -> str:
    """Return the words of a token in lower case with single blanks."""
    return " ".join(token.lower().split())


def _is(part: Part, kind: str) -> bool:
    return isinstance(part, Token) and part.type == kind


def tree_builder() -> object:
    """Return what has a method for each rule, called innermost first."""
    return _TreeBuilder()


def _tokens_apart(parts: Iterable[Part]) -> list[Part]:
    """Leave out the words between nodes (`and`, `or`, commas)."""
    return [part for part in parts if not isinstance(part, Token)]


class _TreeBuilder:
    """One method per rule of the grammar."""

    # ---- values

    def name(self, token: Token) -> tree.Name:
        return tree.Name(
            tuple(token.split(".")), tree.Span(token.start_pos, token.end_pos)
        )

    def number(self, token: Token) -> tree.Number:
        return tree.Number(decimal_of(token), tree.Span(token.start_pos, token.end_pos))

    def percentage(self, token: Token) -> tree.Percentage:
        return tree.Percentage(decimal_of(token[:-1].strip()), span_of(token))

    def text(self, token: Token) -> tree.Text:
        return tree.Text(token[1:-1], tree.Span(token.start_pos, token.end_pos))

    def date(self, token: Token) -> tree.DateLiteral:
        return tree.DateLiteral(date_of(token), span_of(token))

    def today(self, token: Token) -> tree.Today:
        return tree.Today(span_of(token))

    def now(self, token: Token) -> tree.Now:
        return tree.Now(span_of(token))

    def param(self, token: Token) -> tree.Param:
        return tree.Param(token[1:], span_of(token))

    def duration(self, token: Token) -> tree.Duration:
        count, business, unit = split_duration(token)
        return tree.Duration(count, unit, business, span_of(token))

    def arithmetic(
        self, left: tree.Value, sign: Token, right: tree.Value
    ) -> tree.Arithmetic:
        operator = cast("Literal['+', '-', '*', '/']", str(sign))
        return tree.Arithmetic(operator, left, right, span_of(left, right))

    def negative(self, sign: Token, operand: tree.Value) -> tree.Negative:
        return tree.Negative(operand, span_of(sign, operand))

    def bracketed(self, opening: Token, test: tree.Test, end: Token) -> tree.Bracketed:
        return tree.Bracketed(test, tree.Span(opening.start_pos, end.end_pos))

    def call(self, name: Token, *parts: Token | tree.Argument) -> tree.Call:
        arguments = tuple(part for part in parts if isinstance(part, tree.Argument))
        span = span_of(name, parts[-1])
        return tree.Call(str(name), arguments, span_of(name), span)

    def argument(
        self, value: tree.Value | tree.Window | tree.Since, *where: Part
    ) -> tree.Argument:
        last = where[-1] if where else value
        test = cast("tree.Test", last) if where else None
        return tree.Argument(value, test, tree.Span(value.span.start, end_of(last)))

    def window(self, direction: Token, length: tree.Length) -> tree.Window:
        side: Literal["last", "next"] = "last" if direction.type == "LAST" else "next"
        return tree.Window(side, length, span_of(direction, length))

    def since(self, word: Token, value: tree.Value | None = None) -> tree.Since:
        if value is not None:
            return tree.Since(value, span_of(word, value))
        is_stage = phrase(word) == "since stage entry"
        return tree.Since("stage entry" if is_stage else "creation", span_of(word))

    def listing(self, opening: Token, *parts: Part) -> tree.Listing:
        values = cast("list[tree.Value]", _tokens_apart(parts))
        return tree.Listing(tuple(values), span_of(opening, parts[-1]))

    # ---- conditions

    def disjunction(self, *parts: Part) -> tree.Or:
        tests = cast("list[tree.Test]", _tokens_apart(parts))
        return tree.Or(tuple(tests), span_of(parts[0], parts[-1]))

    def conjunction(self, *parts: Part) -> tree.And:
        tests = cast("list[tree.Test]", _tokens_apart(parts))
        return tree.And(tuple(tests), span_of(parts[0], parts[-1]))

    def negated(self, word: Token, part: tree.Test) -> tree.Not:
        return tree.Not(part, span_of(word, part))

    def compare(self, left: tree.Value, sign: Token, right: tree.Value) -> tree.Compare:
        at = tree.Span(sign.start_pos, sign.end_pos)
        span = tree.Span(left.span.start, right.span.end)
        return tree.Compare(phrase(sign), left, right, at, span)

    def state(self, value: tree.Value, *words: Token) -> tree.Is:
        return _state(value, words, span_of(value, words[-1]))

    def membership(self, value: tree.Value, *parts: Part) -> tree.In:
        choices = cast("tree.Listing | tree.Param", parts[-1])
        return tree.In(value, _is(parts[0], "NOT"), choices, span_of(value, choices))

    def between(self, value: tree.Value, *parts: Part) -> tree.Between:
        low, high = cast("list[tree.Value]", _tokens_apart(parts))
        negated = _is(parts[0], "NOT")
        return tree.Between(value, negated, low, high, span_of(value, high))

    def text_test(self, value: tree.Value, *parts: Part) -> tree.TextTest:
        patterns = cast("tree.Listing | tree.Value", parts[-1])
        operator = cast(
            "Literal['contains', 'starts with', 'ends with', 'matches']",
            phrase(cast("Token", parts[-2])),
        )
        negated, span = _is(parts[0], "NOT"), span_of(value, patterns)
        return tree.TextTest(value, operator, negated, patterns, span)

    def includes(
        self, value: tree.Value, words: Token, choices: tree.Listing | tree.Param
    ) -> tree.Includes:
        quorum = cast("Literal['any', 'all', 'none']", phrase(words).split()[1])
        return tree.Includes(value, quorum, choices, span_of(value, choices))

    def within(
        self, value: tree.Value, _within: Token, side: Token, length: tree.Length
    ) -> tree.Within:
        span = span_of(value, length)
        return tree.Within(
            value, "last" if side.type == "LAST" else "next", length, span
        )

    def changed(self, value: tree.Value, *parts: Part) -> tree.Changed:
        window = cast("tree.Window | tree.Since", parts[-1])
        return tree.Changed(value, window, tree.Span(value.span.start, window.span.end))

    def in_period(self, value: tree.Value, words: Token) -> tree.InPeriod:
        _in, which, *fiscal, period = phrase(words).split()
        return tree.InPeriod(
            value,
            cast("Literal['this', 'last', 'next']", which),
            bool(fiscal),
            cast("Literal['week', 'month', 'quarter', 'year']", period),
            span_of(value, words),
        )

    def truthy(self, value: tree.Value) -> tree.Truthy | tree.Bracketed:
        if isinstance(value, tree.Bracketed):
            return value
        return tree.Truthy(value, value.span)

    # ---- rows and groups

    def counted(self, *parts: Part) -> tree.Quantified:
        return _quantified(parts, None)

    def counted_rows(self, *parts: Part) -> tree.Quantified:
        return _quantified(parts[:-2], cast("tree.Test", parts[-1]))

    def every_row(self, word: Token, rows: Token, *parts: Part) -> tree.Every:
        tests = cast("list[tree.Test]", _tokens_apart(parts))
        where = tests[0] if len(tests) == 2 else None
        has = tests[-1]
        return tree.Every(self.name(rows), where, has, span_of(word, has))

    def group_state(self, *parts: Part) -> tree.GroupTest:
        of = _place_of(parts, "OF")
        group = self.name(cast("Token", parts[of + 1]))
        words = cast("tuple[Token, ...]", parts[of + 2 :])
        test = _state(group, words, span_of(group, words[-1]))
        return _group(parts[:of], group, test)

    def group_changed(self, *parts: Part) -> tree.GroupTest:
        of = _place_of(parts, "OF")
        group = self.name(cast("Token", parts[of + 1]))
        return _group(parts[:of], group, self.changed(group, *parts[of + 2 :]))

    def rows(self, collection: Token, *where: Part) -> tree.Rows:
        test = cast("tree.Test", where[-1]) if where else None
        span = span_of(collection, where[-1] if where else None)
        return tree.Rows(self.name(collection), test, span)

    def lone_value(self, value: tree.Value) -> tree.Value:
        return value


def _place_of(parts: tuple[Part, ...], kind: str) -> int:
    return next(place for place, part in enumerate(parts) if _is(part, kind))


def _state(value: tree.Value, words: tuple[Token, ...], span: tree.Span) -> tree.Is:
    state = cast("State", words[-1].lower())
    return tree.Is(value, state, any(_is(word, "NOT") for word in words), span)


def _count(parts: tuple[Part, ...]) -> int | tree.Param | None:
    """Read the count of `at least 2` or `at least $n`; None for `some` and `no`."""
    match parts[1:]:
        case [tree.Param() as param]:
            return param
        case [Token() as number]:
            return int(decimal_of(number))
    return None


def _quantified(parts: tuple[Part, ...], where: tree.Test | None) -> tree.Quantified:
    *quantity, rows = parts
    word, collection = cast("Token", parts[0]), cast("Token", rows)
    return tree.Quantified(
        tree.Quantity(phrase(word)),
        _count(tuple(quantity)),
        tree.Name(tuple(collection.split(".")), span_of(collection)),
        where,
        span_of(word, where or collection),
    )


def _group(
    quantity: tuple[Part, ...], group: tree.Name, test: tree.Is | tree.Changed
) -> tree.GroupTest:
    word = cast("Token", quantity[0])
    how: tree.Quantity | Literal["every"] = (
        "every" if word.type == "EVERY" else tree.Quantity(phrase(word))
    )
    return tree.GroupTest(how, _count(quantity), group, test, span_of(word, test))
