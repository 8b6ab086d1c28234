"""Hold compiled lines against the second reading, case after case.

`python -m tests.language.logic 100000` compares so many random checks on random deals.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from gatekeeper.core.model import EMPTY, Answer, Unavailable
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import compile_line
from gatekeeper.language.parser.line import parse
from tests.language import checks, deals, direct

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal

A_BATCH = 1_000


def compiled(text: str, home: str | None, deal: Deal, ctx: Context) -> Answer:
    scope = replace(checks.ALL, stage=home)
    return compile_line(check(parse(text), scope)).test(deal, ctx)


def read_directly(text: str, home: str | None, deal: Deal, ctx: Context) -> object:
    scope = replace(checks.ALL, stage=home)
    return direct.answer(parse(text), direct.At(deal, ctx, scope))


def agree(got: Answer, expected: object) -> bool:
    if isinstance(expected, direct.Hidden):
        return isinstance(got, Unavailable)
    return got is expected


def word_of(answer: Answer) -> str:
    if isinstance(answer, Unavailable):
        return "cannot tell"
    return "unknown" if answer is EMPTY else str(answer).lower()


homes = st.sampled_from(checks.HOMES)


def compare(cases: int, first_seed: int) -> dict[str, int]:
    """Compare so many cases; how often each answer came.

    Raises:
        AssertionError: Two readings differ; hypothesis shows the smallest case.
    """
    answers: dict[str, int] = {}

    @seed(first_seed)
    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(checks.checks, homes, deals.deals, deals.contexts)
    def same(text: str, home: str | None, deal: Deal, ctx: Context) -> None:
        got = compiled(text, home, deal, ctx)
        assert agree(got, read_directly(text, home, deal, ctx)), (text, got)
        answers[word_of(got)] = answers.get(word_of(got), 0) + 1

    same()
    return answers


def main(cases: int) -> None:
    started = perf_counter()
    total: dict[str, int] = {}
    for number in range(-(-cases // A_BATCH)):
        for word, count in compare(min(cases, A_BATCH), number).items():
            total[word] = total.get(word, 0) + count
    told = ", ".join(f"{word} {count:,}" for word, count in sorted(total.items()))
    cost = f"{sum(total.values()):,} cases in {perf_counter() - started:.0f} s"
    sys.stdout.write(f"{cost}, no difference: {told}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else A_BATCH)
