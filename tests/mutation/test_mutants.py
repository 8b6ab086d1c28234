"""The mutants of a module: which faults are made, and that each is one."""

from __future__ import annotations

import ast
import sys
from types import ModuleType

import pytest

from tests.mutation import mutants
from tests.mutation.in_place import replacements
from tests.mutation.reach import Reach
from tests.mutation.report import Score, Survivor, table
from tests.mutation.tables import Tables
from tests.mutation.trial import Case, control_of, survivors

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
        ("day: date = field(init=False, repr=False)", []),
        ("day: date = field(compare=False)", ["nothing", "True"]),
        ("for a, b in zip(c, d, strict=True):\n    assert_never(a)", []),
        ("x = zip(a, b, strict=False)", ["nothing", "True"]),
        ("x = cast('Answer', 3)", ["4"]),
    ],
)
def test_each_form_has_its_faults(text: str, faults: list[str]) -> None:
    found = {one.now for one in mutants.read("a.py", text).mutants}
    assert found == set(faults)


def test_a_fault_knows_whether_it_runs_at_import_or_in_a_call() -> None:
    text = "def f(a=1):\n    def g(b=2):\n        pass\n    return 3\nx = lambda c=4: 5"
    found = {
        one.was: one.is_called
        for one in mutants.read("a.py", text).mutants
        if one.was.isdigit()
    }
    assert found == {"1": False, "2": True, "3": True, "4": False, "5": True}


def test_a_mutant_changes_the_module_in_its_one_place() -> None:
    module = mutants.read("a.py", "a = 1 + 2\nb = 3")
    first = next(one for one in module.mutants if one.now == "1 - 2")
    first.put()

    space: dict[str, object] = {}
    exec(module.code(), space)  # noqa: S102  (two sums)
    assert (space["a"], space["b"]) == (-1, 3)
    assert ast.unparse(module.tree) == "a = 1 - 2\nb = 3"


def test_a_mutant_that_is_only_tried_leaves_the_module_as_it_was() -> None:
    text = "f(a, key=b)\nx = [1, 2 < 3]"
    module = mutants.read("a.py", text)

    for one in module.mutants:
        with one.tried():
            assert ast.unparse(module.tree) != text
        assert ast.unparse(module.tree) == text


def test_trying_a_mutant_leaves_the_others_as_they_were() -> None:
    text = "def f(a, b):\n    return a is not None and b is not a and g(h, key=[1, -2])"
    tried = mutants.read("a.py", text)
    for one in tried.mutants:
        with one.tried():
            pass

    for number, one in enumerate(tried.mutants):
        fresh = mutants.read("a.py", text)
        fresh.mutants[number].put()
        with one.tried():
            assert ast.unparse(tried.tree) == ast.unparse(fresh.tree)


def test_a_seed_always_picks_the_same_mutants() -> None:
    module = mutants.read("a.py", "\n".join(f"x = {n}" for n in range(40)))

    first, again, other = (module.sample(9, seed) for seed in (1, 1, 2))
    assert first == again != other
    assert len(set(first)) == 9
    assert module.sample(40, 1) == tuple(range(40))


def test_the_tests_of_a_line_come_quickest_first_within_the_budget() -> None:
    seconds = {"slow": 5.0, "quick": 1.0, "long": 12.0}
    reach = Reach(seconds, {"a.py": {3: frozenset(seconds)}})

    found = reach.tests_of("a.py", (4, 3), [])
    assert list(found.items()) == [("quick", 1.0), ("slow", 5.0)]
    assert reach.tests_of("a.py", (7,), []) == {}


def test_a_line_that_runs_at_import_is_tried_by_the_tests_of_all_that_import_it() -> (
    None
):
    lines = {
        "a.py": {3: frozenset({"", "own"}), 9: frozenset({"beside"})},
        "user.py": {1: frozenset({""}), 2: frozenset({"above"})},
        "stranger.py": {1: frozenset({"elsewhere"})},
    }
    seconds = {"test_a.py::reads": 0.1, "test_b.py::reads": 0.1}
    imports = {"test_a.py": frozenset({"a"}), "test_b.py": frozenset({"b"})}
    reach = Reach(seconds, lines, imports)

    assert list(reach.tests_that_run("a.py", (3,))) == ["own"]
    assert list(reach.tests_that_run("a.py", (8, 9))) == ["beside"]
    found = reach.tests_of("a.py", (3,), ["user.py"])
    assert list(found) == ["own", "test_a.py::reads", "beside", "above"]
    assert list(reach.tests_of("a.py", (9,), ["user.py"])) == ["beside"]


def replaced(text: str, now: str) -> bool:
    module = mutants.read("a.py", text)
    before = module.code()
    with next(one for one in module.mutants if one.now == now).tried():
        return replacements(before, module.code()) is not None


def test_code_is_swapped_only_where_a_living_function_can_take_it() -> None:
    inner = "def f(a, b):\n    def g():\n        return {}\n    return g"

    assert replaced(inner.format("a + b"), "a - b")
    assert replaced(inner.format("len(a)"), "return None") is False
    assert replaced("def f(a):\n    return g(key=lambda: a)", "nothing") is False


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_mutant_survives_where_every_test_passes() -> None:
    cases = [Case(number, None, {"a": 0.1}) for number in range(4)]
    found = survivors(cases, lambda case: case.number in {1, 3}, start_s=1, jobs=2)
    assert sorted(found) == [0, 2]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_mutant_that_never_ends_is_noticed() -> None:
    def judge(case: Case) -> int:
        while case.number == 7:
            pass
        return 0

    assert survivors([Case(7, None, {"a": 0})], judge, start_s=0.1, jobs=1) == []


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_mutants_are_not_tried_where_unchanged_code_fails_too() -> None:
    with pytest.raises(RuntimeError, match="unchanged code fails"):
        survivors([Case(0, None, {"a": 0})], lambda _: 1, start_s=1, jobs=1)


def test_the_control_runs_what_is_quick() -> None:
    cases = [Case(1, None, {"a": 1, "b": 1}), Case(2, None, {"b": 1, "c": 2})]
    slow = Case(3, None, {"d": 9})

    assert control_of([slow, *cases]) == Case(-1, None, {"a": 1, "b": 1, "c": 2})
    assert control_of([slow]) == Case(-1, None, {"d": 9})


def test_the_table_counts_and_lists_survivors() -> None:
    left = Survivor(0, 12, "a < b", "a <= b", has_tests=False)
    shown = table([Score("a.py", "1f", 30, 4, 3, 1.0, (left,))])

    assert shown.splitlines()[2:] == [
        "| a.py | 30 | 4 | 3 | 1 | 75.0 % |",
        "| together | 30 | 4 | 3 | 1 | 75.0 % |",
        "",
        "a.py: survivors",
        "  12: a < b  ->  a <= b   (no test runs this line)",
    ]


USES = """
WORDS = {"a": 1}
DERIVED = WORDS | {"b": 2}
MOST = 3
PAIR, OTHER = 1, 2

@cached(size=MOST)
def found(word, among=DERIVED):
    return WORDS[word], LIMIT

LIMIT = 4
"""


def table_around(was: str) -> tuple[str, dict[str, frozenset[int]]] | None:
    module = mutants.read("a.py", USES)
    mutant = next(one for one in module.mutants if one.was == was)
    found = Tables(module, {"a.py": module.tree}).around(mutant)
    return None if found is None else (found.name, found.lines)


def test_a_table_is_what_nothing_but_functions_looks_at() -> None:
    assert table_around("4") == ("LIMIT", {"a.py": frozenset({9})})
    assert table_around("1") is None  # another table is made of it
    assert table_around("3") is None  # a decorator looks at it
    assert table_around("2") is None  # a default is it


def test_another_module_that_looks_at_it_when_it_is_imported_counts() -> None:
    module = mutants.read("a.py", "WORDS = 1\ndef f():\n    return WORDS")
    late = ast.parse("from a import WORDS\ndef g():\n    return h(\n        WORDS)")
    early = ast.parse("import a\nclass A:\n    most = a.WORDS")

    found = Tables(module, {"b.py": late, "a.py": module.tree}).around(
        module.mutants[0]
    )
    assert found is not None
    assert found.lines == {"a.py": frozenset({3}), "b.py": frozenset({3, 4})}
    both = {"b.py": early, "a.py": module.tree}
    assert Tables(module, both).around(module.mutants[0]) is None


def test_a_table_is_renewed_wherever_it_is_known() -> None:
    module = mutants.read("a_table.py", "LIMIT = 4")
    names = ("a_table", "a_user", "a_stranger")
    owner, user, stranger = map(ModuleType, names)
    vars(owner)["LIMIT"] = vars(user)["LIMIT"] = 10**9
    vars(stranger)["LIMIT"] = least = 3
    module.mutants[0].put()
    table = Tables(module, {"a_table.py": module.tree}).around(module.mutants[0])
    assert table is not None

    sys.modules.update(zip(names, (owner, user, stranger), strict=True))
    try:
        assert table.is_renewed(module)
    finally:
        for name in names:
            del sys.modules[name]
    assert vars(owner)["LIMIT"] == vars(user)["LIMIT"] == 5
    assert vars(stranger)["LIMIT"] == least


def test_a_table_that_cannot_be_made_is_noticed_at_once() -> None:
    module = mutants.read("a_table.py", "OF = sum([1, MISSING])")
    own = ModuleType("a_table")
    vars(own)["OF"] = 0
    table = Tables(module, {"a_table.py": module.tree}).around(module.mutants[0])
    assert table is not None
    sys.modules["a_table"] = own
    try:
        assert not table.is_renewed(module)
    finally:
        del sys.modules["a_table"]


def test_the_tests_of_a_table_run_a_line_that_names_it_or_import_its_module() -> None:
    lines = {
        "a.py": {3: frozenset({"", "own"}), 4: frozenset({"other"})},
        "b.py": {9: frozenset({"user"})},
    }
    seconds = {"own": 0.2, "user": 0.1, "other": 0.1, "test_a.py::looks": 0.1}
    known = Reach(seconds, lines, {"test_a.py": frozenset({"a"})})
    found = known.tests_of_lines("a.py", {"a.py": {3}, "b.py": {9}, "c.py": {1}})
    assert list(found) == ["own", "user", "test_a.py::looks"]


def test_the_tests_that_run_most_of_a_module_come_first() -> None:
    lines = {
        "a.py": {
            1: frozenset({"near", "far"}),
            2: frozenset({"near"}),
            3: frozenset({"near"}),
        }
    }
    reach = Reach({"near": 0.3, "far": 0.1}, lines)
    assert list(reach.tests_that_run("a.py", (1,))) == ["near", "far"]
