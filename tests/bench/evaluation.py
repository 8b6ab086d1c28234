"""How fast deals are evaluated, beside other engines on the same rules and deals.

Each round gives every engine the same slice of the deals, so that all of them see all
deals once, side by side; a rate is the median over the rounds. That they count the
same verdicts, rule by rule, is asserted.

Our judge asks the rules of a page of deals rule by rule, so ours is timed that way. An
engine that is asked deal by deal is tried in both orders first, all rules of one deal
after another and one rule of a page after another, and timed in the quicker one.

`python -m tests.bench.evaluation 10000` prints this table alone, for so many deals. The
goals are those of the wheel that `make compiled` builds; in its tree they are held.
"""

from __future__ import annotations

import gc
import sys
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.context import Context
from gatekeeper.core.history.past import forget_past
from gatekeeper.flow.survey import PAGE
from gatekeeper.language.checker import check
from gatekeeper.language.compiler import line
from gatekeeper.language.parser.line import parse
from tests.bench.conditions import RULES
from tests.builders import NEW_YORK
from tests.language.scopes import ENTERPRISE, SCOPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.core.model import Deal
    from tests.bench.peers import Counts, Engine
    from tests.bench.worlds import Pair

DEALS = 100_000
ROUNDS = 5
TRIAL = 500
"""Deals on which the order of an engine is chosen."""
GOALS = {
    "rule-engine": 50.0,
    "common-expression-language": 8.0,
    "json-logic-qubit": 10.0,
    "business-rules": 5.0,
    "jsonschema-rs": 0.7,
    "Polars expressions": 0.1,
}
"""Our deals per second over theirs, at least; an engine without one is shown beside."""
PURE_GOALS = GOALS | {"common-expression-language": 6.5, "jsonschema-rs": 0.5}
"""What the wheel without compiled C holds: two peers are compiled throughout."""
IS_COMPILED = not str(line.__file__).endswith(".py")

CONTEXT = Context(
    now=datetime(2026, 11, 20, 14, tzinfo=UTC),
    zone=NEW_YORK,
    calendar=Calendar(),
    pipelines={"Enterprise": ENTERPRISE},
    placeholders=frozenset({"na", "tbd", "-", "x"}),
)


class Ours:
    """The compiled closures: the bare answer, as the others give it."""

    name = "gatekeeper"

    def __init__(self) -> None:
        scope = replace(SCOPE, stage=None)
        lines = [line.compile_line(check(parse(text), scope)) for text, _ in RULES]
        self.asks = [each.test for each in lines]
        self.ways = (self._counts,)

    def prepared(self, deals: Sequence[Deal]) -> Any:
        return deals

    def _counts(self, prepared: Sequence[Deal]) -> Counts:
        found = [0] * len(self.asks)
        for start in range(0, len(prepared), PAGE):
            page = prepared[start : start + PAGE]
            for place, ask in enumerate(self.asks):
                met = [1 for deal in page if ask(deal, CONTEXT) is True]
                found[place] += sum(met)
            for deal in page:
                forget_past(deal)  # as the judge does after a page
        return found


def measure_evaluation(deals: int) -> bool:
    """Print the table; False where a goal is missed."""
    from tests.bench import peers  # noqa: PLC0415  (only this bench needs the engines)
    from tests.bench.worlds import pairs  # noqa: PLC0415

    ours = Ours()
    engines = [make() for make in peers.ENGINES]
    names = [ours.name, *(engine.name for engine in engines)]
    rates: dict[str, list[float]] = {name: [] for name in names}
    trial = [pair.plain for pair in pairs(TRIAL, seed=ROUNDS)]
    for engine in engines:
        engine.ways = (_quickest(engine, trial),)
    for number in range(ROUNDS):
        slice_ = pairs(deals // ROUNDS, seed=number)
        plain = [pair.plain for pair in slice_]
        for name, rate in _round(ours, engines, slice_, plain).items():
            rates[name].append(rate)
    return _told({name: median(each) for name, each in rates.items()}, deals)


def _round(
    ours: Ours, engines: Sequence[Engine], pairs: Sequence[Pair], plain: list[Any]
) -> dict[str, float]:
    """Time every engine on one slice; deals per second by name.

    Raises:
        AssertionError: An engine counts other verdicts than we do.
    """
    expected, rate = _timed(ours, [pair.ours for pair in pairs])
    rates = {ours.name: rate}
    for engine in engines:
        found, rates[engine.name] = _timed(engine, plain)
        differing = [
            (RULES[place][0], count, found[place])
            for place, count in enumerate(expected)
            if count != found[place]
        ]
        assert not differing, (engine.name, differing)
    return rates


def _quickest(engine: Engine, deals: Sequence[Any]) -> Any:
    """Choose the way in which the engine counts these deals soonest."""
    prepared = engine.prepared(deals)
    counted = [(way, *_once(way, prepared)) for way in engine.ways]
    assert all(counts == counted[0][1] for _, counts, _ in counted)
    return min(counted, key=lambda each: each[2])[0]


def _timed(engine: Any, deals: Sequence[Any]) -> tuple[Counts, float]:
    """Count in the engine's one way; deals per second."""
    (way,) = engine.ways
    counts, spent = _once(way, engine.prepared(deals))
    return counts, len(deals) / spent


def _once(way: Any, prepared: Any) -> tuple[Counts, float]:
    gc.collect()
    gc.freeze()
    began = perf_counter()
    counts = way(prepared)
    spent = perf_counter() - began
    gc.unfreeze()
    return counts, spent


def _told(rates: dict[str, float], deals: int) -> bool:
    mine, goals = rates.pop("gatekeeper"), GOALS if IS_COMPILED else PURE_GOALS
    wheel = "compiled" if IS_COMPILED else "pure"
    print(f"\nEvaluation of {len(RULES)} rules on {deals:,} deals, median of {ROUNDS}")  # noqa: T201  a benchmark prints
    print(f"The wheel is {wheel}.")  # noqa: T201
    print(f"{'':>28} {'deals/s':>10} {'ours to it':>11} {'goal':>6}")  # noqa: T201
    print(f"{'gatekeeper':>28} {mine:>10,.0f}")  # noqa: T201
    for name, rate in rates.items():
        goal = goals.get(name, "")
        print(f"{name:>28} {rate:>10,.0f} {mine / rate:>11.2f} {goal:>6}")  # noqa: T201
    return all(mine / rates[name] >= goal for name, goal in goals.items())


if __name__ == "__main__":
    sys.exit(not measure_evaluation(int(sys.argv[1]) if len(sys.argv) > 1 else DEALS))
