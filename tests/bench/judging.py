"""What judging a deal costs: its outcomes alone, with findings, and tracked on top.

The fifty rules and the deals are those of the evaluation; two rules in five fail on a
deal, so that most of the time goes into findings, which a run keeps for each failure.
Times are of the processor and the least of several turns.
"""

from __future__ import annotations

import gc
from dataclasses import replace
from time import process_time
from typing import TYPE_CHECKING

from gatekeeper.core.judge.evaluate import Judge
from gatekeeper.core.pack import Position, Reach, RulePack
from gatekeeper.core.track import Memory, track
from gatekeeper.flow.survey import PAGE
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import compile_line
from gatekeeper.language.parser.line import parse
from tests.bench.conditions import RULES
from tests.bench.evaluation import CONTEXT
from tests.builders import a_pack, a_rule
from tests.language.scopes import ENTERPRISE, SCOPE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gatekeeper.core.model import Deal, DealVerdicts

DEALS = 1_000
TURNS = 5


def measure_judging() -> bool:
    """Print the table; it has no goal of its own, the whole run has."""
    from tests.bench.worlds import pairs  # noqa: PLC0415  (only this bench needs the engines)

    deals = [pair.ours for pair in pairs(DEALS, seed=0)]
    pack = _pack()
    brief, full = Judge(pack, CONTEXT, is_brief=True), Judge(pack, CONTEXT)
    judged = _judged(full, deals)
    memories = [_standing(each, pack) for each in judged]
    turns: dict[str, Callable[[], object]] = {
        "outcomes alone": lambda: _judged(brief, deals),
        "with findings": lambda: _judged(full, deals),
        "tracking of what stands": lambda: [
            track(each, memory, pack, CONTEXT)
            for each, memory in zip(judged, memories, strict=True)
        ],
    }
    costs = {
        name: min(_timed(turn) for _ in range(TURNS)) for name, turn in turns.items()
    }
    print(f"\nJudging by {len(RULES)} rules, {DEALS:,} deals, least of {TURNS}")  # noqa: T201  a benchmark prints
    print(f"{'':>28} {'CPU ms a deal':>14}")  # noqa: T201
    for name, cost in costs.items():
        print(f"{name:>28} {cost / DEALS * 1e3:>14.2f}")  # noqa: T201
    return True


def _pack() -> RulePack:
    scope = replace(SCOPE, stage=None)
    rules = [
        a_rule(
            f"rule-{number}",
            reach=Reach.EVERY_OPEN_STAGE,
            position=Position.WHILE_IN,
            stage=None,
            require=compile_line(check(parse(text), scope)),
        )
        for number, (text, _) in enumerate(RULES)
    ]
    return replace(a_pack(*rules), pipelines={"Enterprise": ENTERPRISE})


def _judged(judge: Judge, deals: Sequence[Deal]) -> list[DealVerdicts]:
    return [
        each
        for start in range(0, len(deals), PAGE)
        for each in judge.judge_page(deals[start : start + PAGE])
    ]


def _standing(judged: DealVerdicts, pack: RulePack) -> Memory:
    """Return what an earlier run left of the same verdicts."""
    seen = {(rule.id, rule.logic) for rule in pack.rules}
    found = track(judged, Memory({}, seen), pack, CONTEXT)
    return Memory({each.rule_id: each for each in found}, seen)


def _timed(turn: Callable[[], object]) -> float:
    gc.collect()
    began = process_time()
    turn()
    return process_time() - began


if __name__ == "__main__":
    measure_judging()
