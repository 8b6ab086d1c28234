"""Run the grammar's table over the words of a check.

lark reads the grammar, works out the table and says what to build; its own loop asks
at each word for more than a check needs (a lexer, positions, recovery), which is half
of what reading a check costs. What this loop does not accept, lark reads again, to say
which words it waited for. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lark.parsers.lalr_analysis import Shift

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lark import Lark, Token
    from lark.grammar import Rule

END = "$END"

Make = Callable[[list[object]], object]
Reduction = tuple[int, str, Make | None]
"""How many values a rule takes, its name, and what makes one of them; None keeps it."""
Steps = Mapping[str, int | Reduction]
"""By kind of word: the state that follows, or the rule that is complete."""


class NotAcceptedError(Exception):
    """No check goes on with this word."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The table of one grammar.

    Attributes:
        steps: What a state does with the next word.
        after: The state that follows a complete rule, by the state before it.
        starts: By name of a start rule the state to begin in.
        ends: By name of a start rule the state in which everything is read.
    """

    steps: Mapping[int, Steps]
    after: Mapping[int, Mapping[str, int]]
    starts: Mapping[str, int]
    ends: Mapping[str, int]

    @staticmethod
    def of(lark: Lark) -> Machine:
        """Take over the table that lark worked out."""
        parser = lark.parser.parser
        table, makes = parser._parse_table, parser.parser.callbacks
        steps: dict[int, dict[str, int | Reduction]] = {}
        after: dict[int, dict[str, int]] = {}
        for state, actions in table.states.items():
            steps[state], after[state] = {}, {}
            for word, (action, arg) in actions.items():
                if action is not Shift:
                    steps[state][word] = _reduction(arg, makes[arg])
                elif word.isupper():
                    steps[state][word] = arg
                else:
                    after[state][word] = arg
        return Machine(steps, after, table.start_states, table.end_states)

    def read(self, tokens: Iterable[Token], start: str) -> object:
        """Return what is built of the words.

        Raises:
            NotAcceptedError: They are no `start` of this grammar.
        """
        states, values = [self.starts[start]], list[object]()
        for token in tokens:
            following = self._reduced(states, values, token.type)
            states.append(following)
            values.append(token)
        self._reduced(states, values, END, self.ends[start])
        return values[0]

    def _reduced(
        self, states: list[int], values: list[object], word: str, end: int = -1
    ) -> int:
        """Complete every rule that ends before `word`; return the state after it."""
        steps, after = self.steps, self.after
        while True:
            step = steps[states[-1]].get(word)
            if step is None:
                raise NotAcceptedError
            if isinstance(step, int):
                return step
            size, name, make = step
            if make is None:
                states.pop()
            else:
                parts = values[-size:]
                del states[-size:], values[-size:]
                values.append(make(parts))
            following = after[states[-1]][name]
            if following == end:
                return end
            states.append(following)


def _reduction(rule: Rule, make: Make) -> Reduction:
    """Say what a complete rule does; every rule takes at least one word."""
    size = len(rule.expansion)
    keeps = size == 1 and rule.options.expand1 and rule.alias is None
    return size, rule.origin.name, None if keeps else make
