"""Read a SOQL statement into its tree, or refuse it in Salesforce's words.

Pure: looks at the text alone. Whether its fields exist is decided by the rooms that
bind names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path as FilePath

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

from gatekeeper.sandbox.salesforce import soql_tree as tree
from gatekeeper.sandbox.salesforce.errors import SalesforceError

STATEMENT_LIMIT = 100_000
WINDOW_BEFORE = 46
WINDOW_AFTER = 36

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "b": "\b",
    "f": "\f",
    '"': '"',
    "'": "'",
    "\\": "\\",
    "_": "_",
    "%": "%",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """The text of a query, for messages that point into it."""

    text: str

    def refuse(self, code: str, message: str, at: int) -> SalesforceError:
        """Return the refusal with the caret under the character at offset `at`."""
        start = self.text.rfind("\n", 0, at) + 1
        end = self.text.find("\n", at)
        line = self.text[start : end if end >= 0 else len(self.text)]
        column = at - start
        shown, caret = _window(line, column)
        row = self.text.count("\n", 0, at) + 1
        where = f"ERROR at Row:{row}:Column:{column + 1}"
        return SalesforceError(
            code, f"\n{shown}\n{' ' * caret}^\n{where}\n{message}", 400
        )

    def malformed(self, message: str, at: int) -> SalesforceError:
        """Return a MALFORMED_QUERY that points at offset `at`."""
        return self.refuse("MALFORMED_QUERY", message, at)


def _window(line: str, column: int) -> tuple[str, int]:
    """Cut the line to the whole words around `column`, as the service does."""
    start = 0
    if column > WINDOW_BEFORE:
        space = line.find(" ", column - WINDOW_BEFORE, column)
        start = column if space < 0 else space + 1
    end = len(line)
    if end > column + WINDOW_AFTER:
        space = line.rfind(" ", column, column + WINDOW_AFTER)
        end = column + WINDOW_AFTER if space <= column else space
    return line[start:end], column - start


def parse(soql: str) -> tree.Query:
    """Read one statement.

    Raises:
        SalesforceError: MALFORMED_QUERY, with the place of the first mistake.
    """
    if not soql.strip():
        raise SalesforceError("MALFORMED_QUERY", "A query string has to be specified")
    if len(soql) > STATEMENT_LIMIT:
        message = f"SOQL statements cannot be longer than {STATEMENT_LIMIT} characters."
        raise SalesforceError("MALFORMED_QUERY", message)
    try:
        query = _parser().parse(soql)
    except UnexpectedCharacters as error:
        raise _strange(soql, error.pos_in_stream or 0) from error
    except UnexpectedToken as error:
        raise _unexpected(soql, error.token) from error
    except UnexpectedEOF as error:
        raise _at_end(soql) from error
    assert isinstance(query, tree.Query)  # noqa: S101 - the transformer's root rule
    return query


def unescape(literal: tree.Literal, statement: Statement) -> str:
    """Return the text that a quoted string stands for."""

    def plain(match: re.Match[str]) -> str:
        escape = match[1]
        if len(escape) > 1:
            return chr(int(escape[1:], 16))
        known = _ESCAPES.get(escape.lower() if escape.isalpha() else escape)
        if known is None:
            message = (
                f"Invalid string literal '{literal.text}'. Illegal character "
                f"sequence '{match[0]}' in string literal."
            )
            raise statement.malformed(message, literal.at)
        return known

    return _ESCAPE.sub(plain, literal.text)


def _strange(soql: str, at: int) -> SalesforceError:
    if soql[at] == "'":
        return _lexical(soql, len(soql), "mismatched character '<EOF>' expecting '''")
    word = re.compile(r"\w+|[^\w\s]").match(soql, at)
    text = word[0] if word else soql[at]
    if text[0].isascii() and (text[0].isalnum() or text[0] in "(),.:=<>!+-*/_"):
        return Statement(soql).malformed(f"unexpected token: '{text}'", at)
    return _lexical(soql, at, f"no viable alternative at character '{text[0]}'")


def _lexical(soql: str, at: int, message: str) -> SalesforceError:
    row = soql.count("\n", 0, at) + 1
    column = at - (soql.rfind("\n", 0, at) + 1)
    return SalesforceError("MALFORMED_QUERY", f"line {row}:{column} {message}")


def _unexpected(soql: str, token: Token) -> SalesforceError:
    if token.type == "$END":
        return _at_end(soql)
    at = token.start_pos or 0
    text = token.value[1:-1] if token.type == "STRING" else token.value
    return Statement(soql).malformed(f"unexpected token: '{text}'", at)


def _at_end(soql: str) -> SalesforceError:
    return Statement(soql).malformed("unexpected token: '<EOF>'", len(soql.rstrip()))


@v_args(inline=True)
class _Tree(Transformer[Token, object]):
    """Turns the parser's rules into nodes; method names are the grammar's rules."""

    def start(self, query: tree.Query) -> tree.Query:
        return query

    def path(self, *names: Token) -> tree.Path:
        return tree.Path(tuple(map(str, names)), names[0].start_pos or 0)

    def call(self, name: Token, argument: tree.Expression | None = None) -> tree.Call:
        return tree.Call(str(name), argument, name.start_pos or 0)

    def field(
        self, expression: tree.Expression, alias: Token | None = None
    ) -> tree.Field:
        return tree.Field(expression, None if alias is None else str(alias))

    def alias(self, name: Token) -> dict[str, object]:
        return {"alias": str(name)}

    def when(self, name: Token, *paths: tree.Path) -> tree.Branch:
        return tree.Branch(str(name), paths, name.start_pos or 0)

    def otherwise(self, *paths: tree.Path) -> tree.Branch:
        return tree.Branch(None, paths, paths[0].at)

    def typeof(self, path: tree.Path, *branches: tree.Branch) -> tree.Typeof:
        return tree.Typeof(path, branches)

    def subquery(self, query: tree.Query) -> tree.Subquery:
        return tree.Subquery(query)

    def select_list(
        self, *selected: tree.Field | tree.Typeof | tree.Subquery
    ) -> tuple[tree.Field | tree.Typeof | tree.Subquery, ...]:
        return selected

    def STRING(self, token: Token) -> tree.Literal:  # noqa: N802 - the terminal's name
        return tree.Literal(tree.Kind.STRING, token[1:-1], token.start_pos or 0)

    def DATE(self, token: Token) -> tree.Literal:  # noqa: N802 - the terminal's name
        return tree.Literal(tree.Kind.DATE, str(token), token.start_pos or 0)

    def DATETIME(self, token: Token) -> tree.Literal:  # noqa: N802 - the terminal's name
        return tree.Literal(tree.Kind.DATETIME, str(token), token.start_pos or 0)

    def NUMBER(self, token: Token) -> tree.Literal:  # noqa: N802 - the terminal's name
        return tree.Literal(tree.Kind.NUMBER, str(token), token.start_pos or 0)

    def WORD(self, token: Token) -> tree.Literal:  # noqa: N802 - the terminal's name
        return tree.Literal(tree.Kind.WORD, str(token), token.start_pos or 0)

    def values(self, *literals: tree.Literal) -> tuple[tree.Literal, ...]:
        return literals

    def compared(
        self, left: tree.Expression, operator: Token, right: tree.Literal
    ) -> tree.Comparison:
        word = "!=" if operator == "<>" else operator.upper()
        return tree.Comparison(left, word, right)

    def within(
        self,
        left: tree.Expression,
        operator: Token,
        right: tuple[tree.Literal, ...] | tree.Subquery,
    ) -> tree.Comparison:
        word = "NOT IN" if operator.type == "NOT_IN" else operator.upper()
        return tree.Comparison(left, word, right)

    def conjunction(self, *parts: tree.Condition) -> tree.Conjunction:
        return tree.Conjunction(parts)

    def disjunction(self, *parts: tree.Condition) -> tree.Disjunction:
        return tree.Disjunction(parts)

    def negation(self, inner: tree.Condition) -> tree.Negation:
        return tree.Negation(inner)

    def group(self, inner: tree.Condition) -> tree.Group:
        return tree.Group(inner)

    def where(self, condition: tree.Condition) -> dict[str, object]:
        return {"where": condition}

    def group_by(self, *expressions: tree.Expression) -> dict[str, object]:
        return {"group_by": expressions}

    def order(self, expression: tree.Expression, *words: Token) -> tree.Order:
        said = {word.lower() for word in words}
        return tree.Order(expression, "desc" in said, "last" in said)

    def order_by(self, *orders: tree.Order) -> dict[str, object]:
        return {"order_by": orders}

    def limit(self, count: tree.Literal) -> dict[str, object]:
        return {"limit": _whole(count)}

    def offset(self, count: tree.Literal) -> dict[str, object]:
        return {"offset": _whole(count)}

    def all_rows(self, _word: Token) -> dict[str, object]:
        return {"all_rows": True}

    def query(
        self,
        select: tuple[tree.Field | tree.Typeof | tree.Subquery, ...],
        source: tree.Path,
        *clauses: dict[str, object],
    ) -> tree.Query:
        query = tree.Query(select, source)
        names = {field.name for field in fields(tree.Query)}
        for clause in clauses:
            assert clause.keys() <= names  # noqa: S101 - clause rules name their field
            query = replace(query, **clause)  # type: ignore[arg-type]
        return query


def _whole(count: tree.Literal) -> int:
    if not count.text.isdigit():
        message = f"unexpected token: '{count.text}'"
        raise SalesforceError("MALFORMED_QUERY", message)
    return int(count.text)


@cache
def _parser() -> Lark:
    grammar = FilePath(__file__).with_name("soql.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", transformer=_Tree(), maybe_placeholders=False)
