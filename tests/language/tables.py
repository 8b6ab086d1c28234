"""The tables that the parser of checks runs, worked out from the grammar by lark.

    python -m tests.language.tables

writes them beside the grammar. States and rules are numbered in an order that follows
from the grammar alone, so that equal grammars give equal files.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from lark import Lark
from lark.lexer import Lexer
from lark.parsers.lalr_analysis import Shift

from gatekeeper.language.parser import machine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lark import Token
    from lark.grammar import Rule
    from lark.parsers.lalr_analysis import IntParseTable

TABLES = Path(machine.__file__).with_name(machine.TABLES)
GRAMMAR = TABLES.with_name("grammar.lark")
STARTS = ["check", "lone_value", "rows"]


class _Words(Lexer):
    """Takes words that are cut already."""

    def __init__(self, _conf: object) -> None:
        pass

    def lex(self, words: list[Token]) -> Iterator[Token]:  # type: ignore[override]
        return iter(words)


def tables_text() -> str:
    """Return the tables as they are kept: a rule or a state on each line."""
    table: IntParseTable = lark_of_checks().parser.parser._parse_table
    states = _in_order(table)
    rules = sorted(set(_rules(table)), key=_key)
    blocks: dict[str, Sequence[object]] = {
        "rules": [_stated(rule) for rule in rules],
        "steps": [_steps(table, state, states, rules) for state in states],
        "after": [_after(table, state, states) for state in states],
    }
    parts = [_block(name, rows) for name, rows in blocks.items()]
    for name, of in (("starts", table.start_states), ("ends", table.end_states)):
        places = {start: states.index(of[start]) for start in STARTS}
        parts.append(f'"{name}": {_line(places)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _block(name: str, rows: Sequence[object]) -> str:
    lines = ",\n".join(map(_line, rows))
    return f'"{name}": [\n{lines}\n]'


def lark_of_checks() -> Lark:
    """Return lark itself on the grammar; it reads words that are cut already."""
    return Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        parser="lalr",
        lexer=_Words,
        strict=True,
        start=STARTS,
        maybe_placeholders=False,
    )


def _in_order(table: IntParseTable) -> list[int]:
    """Number the states as they are met from the starts on, in the order of names."""
    met = [table.start_states[name] for name in STARTS]
    for state in met:
        for _, (action, following) in sorted(table.states[state].items(), key=_name):
            if action is Shift and following not in met:
                met.append(following)
    return met


def _name(entry: tuple[str, object]) -> str:
    return entry[0]


def _rules(table: IntParseTable) -> Iterator[Rule]:
    for steps in table.states.values():
        for action, rule in steps.values():
            if action is not Shift:
                yield rule


def _key(rule: Rule) -> tuple[str, list[str]]:
    return rule.origin.name, [symbol.name for symbol in rule.expansion]


def _stated(rule: Rule) -> tuple[str, int, str | None, bool]:
    """Return what `Machine.of` reads: name, size, what makes its value, spreads."""
    name = rule.origin.name
    spreads = any(
        not symbol.is_term and symbol.name.startswith("_") for symbol in rule.expansion
    )
    makes: str | None = "" if name.startswith("_") else rule.alias or name
    if rule.options.expand1 and rule.alias is None and len(rule.expansion) == 1:
        makes = None
    return name, len(rule.expansion), makes, spreads


def _steps(
    table: IntParseTable, state: int, states: list[int], rules: list[Rule]
) -> dict[str, int]:
    return {
        kind: states.index(arg) if action is Shift else -1 - rules.index(arg)
        for kind, (action, arg) in sorted(table.states[state].items(), key=_name)
        if kind.isupper()
    }


def _after(table: IntParseTable, state: int, states: list[int]) -> dict[str, int]:
    return {
        name: states.index(following)
        for name, (_, following) in sorted(table.states[state].items(), key=_name)
        if not name.isupper()
    }


def _line(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


if __name__ == "__main__":
    TABLES.write_text(tables_text(), encoding="utf-8")
