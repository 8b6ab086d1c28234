"""Run the tables of the grammar over the words of a check.

lark turns `grammar.lark` into the tables of an LALR(1) parser, which takes longer than
reading a whole rule pack. So they are worked out once, when the grammar changes, and
kept beside it in `grammar.json`; a test holds the two together. Pure apart from reading
that file once, at the first check.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pkgutil import get_data
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gatekeeper.language.parser.tokens import Token

END = "$END"
TABLES = "grammar.json"

Make = Callable[..., object]
Steps = Mapping[str, int]
"""By kind of word: the state that follows, or minus one less the complete rule."""


class UnexpectedWordError(Exception):
    """No check goes on with this word.

    Attributes:
        place: Which word it is; their number where the end came too early.
        wanted: Kinds of words that could have come instead, `END` among them.
    """

    def __init__(self, place: int, wanted: frozenset[str]) -> None:
        super().__init__(place, wanted)
        self.place = place
        self.wanted = wanted


class Rule(NamedTuple):
    """What to do where a rule of the grammar is complete.

    Attributes:
        name: Of the rule.
        size: How many values it takes; at least one.
        make: Makes one value of them; None keeps the only one.
    """

    name: str
    size: int
    make: Make | None


@dataclass(frozen=True, slots=True)
class Machine:
    """The tables of the grammar.

    Attributes:
        rules: The rules of the grammar.
        steps: By state what to do with the next word.
        after: By state the one that follows a complete rule, by its name.
        starts: By name of a start rule the state to begin in.
        ends: By name of a start rule the state in which everything is read.
    """

    rules: Sequence[Rule]
    steps: Sequence[Steps]
    after: Sequence[Mapping[str, int]]
    starts: Mapping[str, int]
    ends: Mapping[str, int]
    _landed: dict[tuple[int, str, str], int] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @staticmethod
    def of(builder: object) -> Machine:
        """Read the tables; a method of the builder makes the values of each rule."""
        tables = json.loads(get_data(__package__, TABLES) or "")
        rules = [
            Rule(name, size, _maker(builder, makes, spreads=spreads))
            for name, size, makes, spreads in tables.pop("rules")
        ]
        return Machine(rules, **tables)

    def read(self, tokens: Sequence[Token], start: str) -> object:
        """Return what is built of the words.

        Raises:
            UnexpectedWordError: They are no `start` of this grammar.
        """
        rules, steps, landed = self.rules, self.steps, self._landed
        states, values = [self.starts[start]], list[object]()
        for place, kind in enumerate([*(token.type for token in tokens), END]):
            while (step := steps[states[-1]].get(kind, 0)) < 0:
                name, size, make = rules[-1 - step]
                if make is not None:
                    values[-size:] = (make(*values[-size:]),)
                del states[-size:]
                way = states[-1], name, kind
                state = landed.get(way)
                states.append(self._landing(*way) if state is None else state)
            if not step:
                break
            states.append(step)
            values.append(tokens[place])
        if place < len(tokens) or states[-1] != self.ends[start]:
            raise UnexpectedWordError(place, self._wanted(states))
        return values[0]

    def _landing(self, before: int, name: str, kind: str) -> int:
        """Return the state behind a complete rule and those that only keep its value.

        Most of what a word completes keeps an only value (a number is an atom, a term,
        a value); from one state and before one kind of word it ends in one place.
        """
        state = self.after[before][name]
        while (step := self.steps[state].get(kind, 0)) < 0:
            rule = self.rules[-1 - step]
            if rule.make is not None:
                break
            state = self.after[before][rule.name]
        self._landed[before, name, kind] = state
        return state

    def _wanted(self, states: list[int]) -> frozenset[str]:
        return frozenset(
            kind for kind in self.steps[states[-1]] if self._goes_on(states, kind)
        )

    def _goes_on(self, states: list[int], kind: str) -> bool:
        """Whether the rules that a word would complete leave it a place."""
        states = states.copy()
        while (step := self.steps[states[-1]].get(kind, 0)) < 0:
            rule = self.rules[-1 - step]
            del states[-rule.size :]
            states.append(self.after[states[-1]][rule.name])
        return step > 0 or (kind == END and states[-1] in self.ends.values())


def _maker(builder: object, makes: str | None, *, spreads: bool) -> Make | None:
    """Return what makes one value of those that a rule takes.

    Args:
        builder: Has a method for each rule.
        makes: The method; None keeps the only value, "" keeps all for the rule above.
        spreads: Some of the values were kept so, and are several.
    """
    if makes is None:
        return None
    if not makes:
        return _spread if spreads else _kept
    method: Make = getattr(builder, makes)
    return (lambda *parts: method(*_spread(*parts))) if spreads else method


def _kept(*parts: object) -> list[object]:
    return [*parts]


def _spread(*parts: object) -> list[object]:
    spread: list[object] = []
    for part in parts:
        if isinstance(part, list):
            spread += part
        else:
            spread.append(part)
    return spread
