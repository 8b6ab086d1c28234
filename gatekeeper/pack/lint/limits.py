"""Numbers for limits that nobody has decided yet (`value: undecided`), from won deals.

Pure. A limit is proposed so that nine of ten won deals would have kept to it: a bar
that winners did not clear would only cost deals.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.experience import Probe
from gatekeeper.language.compiler.line import compile_value
from gatekeeper.language.tree import syntax, typed
from gatekeeper.language.tree.format import canonical
from gatekeeper.language.tree.walk import parts_of
from gatekeeper.pack.lint.facts import param_place, warning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.core.experience import Experience
    from gatekeeper.language.messages import Place
    from gatekeeper.pack.lint.facts import Asked, Facts
    from gatekeeper.pack.source.problems import Problem

LEAST_WON = 20
KEEPING = Decimal("0.9")
"""The share of won deals that keep to a proposed limit."""
_DIGITS = 2
_AT_LEAST, _AT_MOST = frozenset({">", ">="}), frozenset({"<", "<="})


@dataclass(frozen=True, slots=True)
class Open:
    """An undecided limit and what a line compares with it.

    Attributes:
        is_least: What is compared must be at least the limit; else at most.
        shown: The other side as the line writes it.
    """

    param: str
    kind: Kind
    is_least: bool
    shown: str
    value: typed.Value
    rule_id: str
    place: Place

    @property
    def name(self) -> str:
        """Tells this comparison from all others."""
        return f"{self.rule_id} {self.param} {self.shown}"

    def may_be(self, value: Decimal) -> bool:
        """Whether it counts: no window reaches a moment on its other side."""
        return self.kind is not Kind.DURATION or value >= 0


def open_limits(facts: Sequence[Facts]) -> list[Open]:
    """Return every comparison with a limit that is undecided."""
    return [
        found
        for one in facts
        if one.rule.undecided
        for line in one.lines
        for found in _in_line(one, line)
    ]


def probes_of(limits: Sequence[Open]) -> tuple[Probe, ...]:
    """Return what must be read of won deals to propose numbers."""
    return tuple(Probe(each.name, compile_value(each.value)) for each in limits)


def proposals(limits: Sequence[Open], seen: Experience) -> Iterator[Problem]:
    """Propose a number for each limit, or say why there is none."""
    for each in limits:
        values = sorted(filter(each.may_be, seen.values.get(each.name, ())))
        if len(values) < LEAST_WON:
            text = (
                f"${each.param} is undecided, and {len(values)} won deals with"
                f" {each.shown} are too few to propose a number ({LEAST_WON} needed)."
            )
            yield warning(each.place, "W506", text)
            continue
        number = _number(values, is_least=each.is_least)
        word = "or more" if each.is_least else "or less"
        text = (
            f"${each.param} is undecided; of {len(values):,} won deals"
            f" {_share(values, number, is_least=each.is_least)} had {each.shown} of"
            f" {_written(number, each.kind)} {word}."
        )
        remedy = f"value: {_written(number, each.kind)}"
        yield warning(each.place, "W506", text, remedy)


def _in_line(facts: Facts, line: Asked) -> Iterator[Open]:
    for each in parts_of(line.checked.test):
        for param, value, is_least in _limited(each):
            shown = _shown(line, param.param)
            spec = facts.scope.params[param.param]
            place = param_place(facts.file, spec) or line.place
            rule_id = facts.rule.id
            yield Open(param.param, param.kind, is_least, shown, value, rule_id, place)


def _limited(test: object) -> Iterator[tuple[typed.Undecided, typed.Value, bool]]:
    """Give each undecided limit of a condition, what keeps to it, and whether at least.

    What a window reaches is a number of days, what a quantifier counts one of rows.
    """
    match test:
        case typed.Compare(operator=sign, left=left, right=typed.Undecided() as limit):
            if sign in _AT_LEAST | _AT_MOST:
                yield limit, left, sign in _AT_LEAST
        case typed.Compare(operator=sign, left=typed.Undecided() as limit, right=right):
            if sign in _AT_LEAST | _AT_MOST:
                yield limit, right, sign in _AT_MOST
        case typed.Quantified(
            quantity=syntax.Quantity.AT_LEAST | syntax.Quantity.AT_MOST as quantity,
            count=typed.Undecided() as limit,
            rows=rows,
        ):
            count = typed.Aggregate("count", rows, None, Kind.NUMBER)
            yield limit, count, quantity is syntax.Quantity.AT_LEAST
        case typed.Within(
            value=value, direction=direction, length=typed.Undecided() as limit
        ):
            name = "days_since" if direction == "last" else "days_until"
            yield limit, typed.Function(name, (value,), Kind.NUMBER), False
        case typed.Changed(
            of=field, window=typed.Lookback(length=typed.Undecided() as limit)
        ):
            changed = typed.Past("last_changed", Kind.DATETIME, field)
            yield limit, typed.Function("days_since", (changed,), Kind.NUMBER), False


def _shown(line: Asked, param: str) -> str:
    """Return what keeps to a limit as the line writes it."""
    for part in line.parts:
        match part:
            case syntax.Compare(left=syntax.Param(name=name), right=other):
                shown = canonical(other)
            case syntax.Compare(left=other, right=syntax.Param(name=name)):
                shown = canonical(other)
            case syntax.Quantified(quantity=quantity, count=syntax.Param(name=name)):
                rows = canonical(part).removeprefix(f"{quantity} ${name} ")
                shown = f"count({rows})"
            case syntax.Within(value=value, length=syntax.Param(name=name)):
                way = "since" if part.direction == "last" else "until"
                shown = f"a time {way} {canonical(value)}"
            case syntax.Changed(
                value=value, window=syntax.Window(length=syntax.Param(name=name))
            ):
                shown = f"a time since the last change of {canonical(value)}"
            case _:
                continue
        if name == param:
            return shown
    return line.checked.text


def _number(values: Sequence[Decimal], *, is_least: bool) -> Decimal:
    """Return the round number that nine of ten values keep to."""
    spared = int(len(values) * (1 - KEEPING))
    edge = values[spared] if is_least else values[-1 - spared]
    if not edge:
        return edge
    step = Decimal(1).scaleb(edge.adjusted() + 1 - _DIGITS)
    rounding = ROUND_FLOOR if is_least else ROUND_CEILING
    return (edge / step).to_integral_value(rounding) * step


def _share(values: Sequence[Decimal], number: Decimal, *, is_least: bool) -> str:
    kept = sum(value >= number if is_least else value <= number for value in values)
    return f"{100 * kept / len(values):.0f}%"


def _written(number: Decimal, kind: Kind) -> str:
    digits = f"{number.normalize():,f}".replace(",", "_")
    match kind:
        case Kind.PERCENT:
            return f"{digits}%"
        case Kind.DURATION:
            return f"{digits} days"
    return digits
