"""The mutants of a module: which faults are made, and that each is one."""

from __future__ import annotations

import ast

import pytest

from tests.mutation import mutants
from tests.mutation.reach import Reach
from tests.mutation.report import Score, Survivor, table

TEXT = '''
"""What it is for."""
from __future__ import annotations
from typing import Callable
__all__ = ["grown"]
Asker = Callable[[int], "Answer"]

@cached(size=1)
def grown(count: "int", most: int = 9) -> "int":
    """Say how."""
    if count < most and not done:
        return count + 1
    raise AssertionError("never")
'''


def made(text: str) -> list[str]:
    module = mutants.read("a.py", text)
    return [f"{one.was} -> {one.now}" for one in module.mutants]


def test_every_fault_is_one_that_runs() -> None:
    assert made(TEXT) == [
        "9 -> 10",
        "count < most and (not done) -> count < most or not done",
        "count < most -> count <= most",
        "not done -> done",
        "return count + 1 -> return None",
        "count + 1 -> count - 1",
        "1 -> 2",
    ]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("x = 0 < a <= 9", ["0 <= a <= 9", "0 < a < 9", "1", "10"]),
        ("x += 2", ["x -= 2", "3"]),
        ("f(key=a)", ["pass", "nothing"]),
        ("x = [a for a in b if a]", ["not a"]),
        ("x = 'a' if b else True", ["not b", "'XXaXX'", "False"]),
        ("x = -a in b", ["-a not in b", "a"]),
        ("while True:\n    break", ["False", "continue"]),
    ],
)
def test_each_form_has_its_faults(text: str, faults: list[str]) -> None:
    found = {one.now for one in mutants.read("a.py", text).mutants}
    assert found == set(faults)


def test_a_mutant_changes_the_module_in_its_one_place() -> None:
    module = mutants.read("a.py", "a = 1 + 2\nb = 3")
    first = next(one for one in module.mutants if one.now == "1 - 2")
    first.put()

    space: dict[str, object] = {}
    exec(module.code(), space)  # noqa: S102  (two sums)
    assert (space["a"], space["b"]) == (-1, 3)
    assert ast.unparse(module.tree) == "a = 1 - 2\nb = 3"


def test_a_seed_always_picks_the_same_mutants() -> None:
    module = mutants.read("a.py", "\n".join(f"x = {n}" for n in range(40)))

    first, again, other = (module.sample(9, seed) for seed in (1, 1, 2))
    assert first == again != other
    assert len(first) == 9
    assert module.sample(40, 1) == module.mutants


def test_the_tests_of_a_line_come_quickest_first_within_the_budget() -> None:
    seconds = {"slow": 9.0, "quick": 1.0, "other": 2.0}
    lines = {
        "a.py": {
            3: frozenset({"slow", "quick"}),
            5: frozenset({"", "slow"}),
            6: frozenset({"other"}),
        }
    }
    reach = Reach(seconds, lines)

    assert reach.tests_of("a.py", (4, 3), 20) == ("quick", "slow")
    assert reach.tests_of("a.py", (3,), 5) == ("quick",)
    assert reach.tests_of("a.py", (5,), 20) == ("slow", "quick", "other")
    assert reach.tests_of("a.py", (7,), 20) == ()


def test_the_table_counts_and_lists_survivors() -> None:
    left = Survivor(12, "a < b", "a <= b", has_tests=False)
    shown = table([Score("a.py", 30, 4, 3, 1.0, (left,))])

    assert shown.splitlines()[2:] == [
        "| a.py | 30 | 4 | 3 | 1 | 75.0 % |",
        "| together | 30 | 4 | 3 | 1 | 75.0 % |",
        "",
        "a.py: survivors",
        "  12: a < b  ->  a <= b   (no test runs this line)",
    ]
