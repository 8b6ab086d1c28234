"""Single conditions as questions about a few variables with few samples each. Pure."""

from __future__ import annotations

import operator
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gatekeeper.language.lint.values import (
    Domain,
    Truth,
    Variable,
    as_truth,
    between,
    counted,
    denied,
    is_count,
    joined,
    needed_by,
    rows_key,
    sides_of,
    subject_of,
)
from gatekeeper.language.tree import syntax, typed
from gatekeeper.language.tree.fingerprint import render
from gatekeeper.language.types import DATES, MIRRORED, NUMBERS, TEXTUAL, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

OTHER = "\0any other"
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
"""Both sides are of the one type that a variable's domain has."""
_DAYS_OF = {syntax.TimeUnit.DAYS: 1, syntax.TimeUnit.WEEKS: 7}


@dataclass(frozen=True)
class Order:
    """The stages in order; `complete` where the pipeline has no others."""

    stages: tuple[str, ...] = ()
    complete: bool = False

    @cached_property
    def _ranks(self) -> dict[str, int]:
        names = (stage.casefold() for stage in self.stages)
        return {name: 2 * place for place, name in enumerate(names)}

    def rank(self, name: object) -> int | None:
        """Return the place of a stage, None where it is not known."""
        return self._ranks.get(str(name).strip().casefold())


def samples_of(
    domain: Domain, constants: Collection[object], order: Order
) -> Sequence[object]:
    """Return the values of a variable that matter where it meets these constants."""
    match domain:
        case Domain.FILLED | Domain.FLAG | Domain.FREE:
            return (True, False)
        case Domain.UNKNOWABLE:
            return (True, False, None)
        case Domain.WORD:
            return (*sorted(map(str, constants)), OTHER)
        case Domain.STAGE:
            step = 2 if order.complete else 1
            return range(0, 2 * len(order.stages), step)
        case Domain.NUMBER:
            return between([Decimal(str(one)) for one in constants])
    near = {int(str(one)) + step for one in constants for step in (-1, 0, 1)}
    return sorted(n for n in near if n >= 0 or domain is not Domain.COUNT)


@dataclass(slots=True)
class Readings:
    """Turns conditions into truths over variables, and remembers the variables."""

    order: Order
    constants: dict[Variable, set[object]] = field(
        default_factory=lambda: defaultdict(set)
    )

    # ---- truths ------------------------------------------------------------------

    def truth(self, test: typed.Test) -> Truth:
        """Return the condition as a three-valued truth."""
        match test:
            case typed.And(parts=parts):
                return joined([self.truth(part) for part in parts], wanted=True)
            case typed.Or(parts=parts):
                return joined([self.truth(part) for part in parts], wanted=False)
            case typed.AtLeast(count=count, parts=parts):
                return counted([self.truth(part) for part in parts], count)
            case typed.Not(part=part):
                return denied(self.truth(part))
            case typed.Named(test=inner):
                return self.truth(inner)
            case typed.Filled(value=value, wanted=wanted):
                return self._filled(value, wanted=wanted)
            case typed.Quantified() | typed.Tally():
                return self._counted(test) or self._free(test)
        return self._compared(test) or self._free(test)

    def _compared(self, test: typed.Test) -> Truth | None:
        match test:
            case typed.Truth(value=value, wanted=wanted):
                return self._asked(Domain.FLAG, value, (), lambda v: v is wanted)
            case typed.Compare():
                return self._compare(test)
            case typed.Member(value=value, choices=choices):
                parts = [
                    self._compare(typed.Compare("=", value, choice, test.reading))
                    for choice in choices
                ]
                found = [part for part in parts if part is not None]
                if len(found) == len(parts):
                    return joined(found, wanted=False)
            case typed.Between(value=value, low=low, high=high):
                least = self._compare(typed.Compare(">=", value, low, test.reading))
                most = self._compare(typed.Compare("<=", value, high, test.reading))
                return joined([least, most], wanted=True) if least and most else None
            case typed.Within():
                return self._within(test)
        return None

    def _compare(self, test: typed.Compare) -> Truth | None:
        sign, left, right = test.operator, test.left, test.right
        if isinstance(left, typed.Constant | typed.Moment):
            sign, left, right = MIRRORED[sign], right, left
        holds = _OPERATORS[sign]
        if isinstance(right, typed.Moment) and right.which == "today":
            if isinstance(left, typed.Constant | typed.Moment):
                return None
            return self._asked(Domain.FROM_TODAY, left, (0,), lambda v: holds(v, 0))
        if not isinstance(right, typed.Constant) or isinstance(left, typed.Constant):
            return None
        return self._against(sign, left, right, test.reading)

    def _against(
        self, sign: str, left: typed.Value, right: typed.Constant, reading: Reading
    ) -> Truth | None:
        holds, value = _OPERATORS[sign], right.value
        if reading is Reading.STAGE:
            rank = self.order.rank(value)
            if rank is None:
                return None
            return self._asked(Domain.STAGE, left, (), lambda v: holds(v, rank))
        if isinstance(value, Decimal) and {left.kind, right.kind} <= NUMBERS:
            domain = Domain.COUNT if is_count(left) else Domain.NUMBER
            if domain is Domain.COUNT and value != value.to_integral_value():
                return None
            return self._asked(domain, left, (value,), lambda v: holds(v, value))
        if isinstance(value, date) and not isinstance(value, datetime):
            day = value.toordinal()
            return self._asked(Domain.DAY, left, (day,), lambda v: holds(v, day))
        if isinstance(value, str) and sign in {"=", "!="} and left.kind in TEXTUAL:
            word = " ".join(value.casefold().split())
            return self._asked(Domain.WORD, left, (word,), lambda v: holds(v, word))
        return None

    def _within(self, test: typed.Within) -> Truth | None:
        length = test.length
        if not isinstance(length, typed.Constant) or test.value.kind not in DATES:
            return None
        span = length.value
        if not isinstance(span, syntax.Duration) or span.business:
            return None
        if span.unit not in _DAYS_OF:
            return None
        days = span.count * _DAYS_OF[span.unit]
        low, high = (-days, 0) if test.direction == "last" else (0, days)
        return self._asked(
            Domain.FROM_TODAY,
            test.value,
            (low, high),
            lambda v: low <= int(str(v)) <= high,
        )

    def _counted(self, test: typed.Quantified | typed.Tally) -> Truth | None:
        if isinstance(test, typed.Tally):
            return _settled(test)
        wanted: object = 1
        if test.count is not None:
            wanted = (
                test.count.value if isinstance(test.count, typed.Constant) else None
            )
        if not isinstance(wanted, int | Decimal):
            return None
        sign = {
            syntax.Quantity.NO: "<",
            syntax.Quantity.AT_MOST: "<=",
            syntax.Quantity.EXACTLY: "=",
        }.get(test.quantity, ">=")
        variable = Variable(Domain.COUNT, rows_key(test.rows))
        self.constants[variable].add(wanted)
        holds = _OPERATORS[sign]
        return lambda sample: holds(sample[variable], wanted)

    def _filled(self, value: typed.Value, *, wanted: bool) -> Truth:
        keys = self._presence(value)
        return lambda sample: all(sample[key] for key in keys) is wanted

    def _asked(
        self,
        domain: Domain,
        value: typed.Value,
        constants: Iterable[object],
        holds: Callable[[object], bool],
    ) -> Truth:
        subject = subject_of(value)
        variable = Variable(domain, subject)
        self.constants[variable].update(constants)
        keys = self._presence(value)

        def truth(sample: Mapping[Variable, object]) -> bool | None:
            for key in keys:
                if not sample[key]:
                    return None
            return holds(sample[variable])

        return truth

    def _free(self, test: typed.Test) -> Truth:
        """Read a condition that cannot be sampled: it may be anything."""
        values = sides_of(test)
        definite = values or isinstance(test, typed.Quantified | typed.Every)
        domain = Domain.FREE if definite else Domain.UNKNOWABLE
        variable = Variable(domain, render(test))
        self.constants[variable].update(())
        keys = [key for value in values for key in self._presence(value)]
        return lambda sample: (
            None if not all(sample[k] for k in keys) else as_truth(sample[variable])
        )

    def _presence(self, value: typed.Value) -> tuple[Variable, ...]:
        found = tuple(Variable(Domain.FILLED, each) for each in needed_by(value))
        for variable in found:
            self.constants[variable].update(())
        return found


def _settled(test: typed.Tally) -> Truth | None:
    """Say what a count of a group's fields is on every deal, if it is the same."""
    count = test.count.value if isinstance(test.count, typed.Constant) else None
    if not isinstance(count, int | Decimal):
        return None
    most = len(test.parts)
    if test.quantity == syntax.Quantity.AT_MOST:
        return (lambda _: True) if count >= most else None
    if count > most:
        return lambda _: False
    is_idle = test.quantity == syntax.Quantity.AT_LEAST and count <= 0
    return (lambda _: True) if is_idle else None
