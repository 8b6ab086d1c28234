"""Trees of checks as the parser may give them, for properties over all of them."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from gatekeeper.language.parser.tokens import RESERVED
from gatekeeper.language.tree import syntax as tree

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

NOWHERE = tree.Span(0, 0)
# Words that mean something only beside others; alone they are names, but a tree
# that puts two of them side by side has no text.
HALF_WORDS = {"at", "on", "starts", "ends", "changed", "stage", "entry", "creation"}
ONE_KIND_OF_QUOTE = st.characters(
    exclude_characters='"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2018\u2019\u201a\u201b'
)

words = st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True).filter(
    lambda word: word not in RESERVED | HALF_WORDS
)
names = st.lists(words, min_size=1, max_size=2).map(
    lambda parts: tree.Name(tuple(parts), NOWHERE)
)
params = words.map(lambda word: tree.Param(word, NOWHERE))
decimals = st.decimals(0, 10**9, places=2)
units = st.sampled_from(tree.TimeUnit)
durations = st.builds(
    lambda count, unit: tree.Duration(count, unit, business=False, span=NOWHERE),
    st.integers(0, 100),
    units,
) | st.integers(0, 100).map(
    lambda count: tree.Duration(count, tree.TimeUnit.DAYS, business=True, span=NOWHERE)
)
lengths = durations | params
days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
moments = st.builds(
    lambda day, hour, minute: datetime.combine(day, time(hour, minute)),
    days,
    st.integers(0, 23),
    st.integers(0, 59),
)
leaves = st.one_of(
    names,
    params,
    durations,
    decimals.map(lambda value: tree.Number(value, NOWHERE)),
    decimals.map(lambda value: tree.Percentage(value, NOWHERE)),
    # Without an empty one: what is compared with it is told "is empty" (E303).
    st.text(ONE_KIND_OF_QUOTE, min_size=1, max_size=8)
    .filter(str.strip)
    .map(lambda text: tree.Text(text, NOWHERE)),
    (days | moments).map(lambda day: tree.DateLiteral(day, NOWHERE)),
    st.just(tree.Today(NOWHERE)),
    st.just(tree.Now(NOWHERE)),
)


def values(depth: int) -> SearchStrategy[tree.Value]:
    """Give values with at most so many parentheses inside each other."""
    if depth == 0:
        return leaves
    products = st.builds(
        lambda sign, left, right: tree.Arithmetic(sign, left, right, NOWHERE),
        st.sampled_from(["*", "/"]),
        leaves,
        leaves,
    )
    sums = st.builds(
        lambda sign, left, right: tree.Arithmetic(sign, left, right, NOWHERE),
        st.sampled_from(["+", "-"]),
        products | leaves,
        products | leaves,
    )
    negatives = leaves.map(lambda value: tree.Negative(value, NOWHERE))
    bracketed = tests(depth - 1).map(lambda test: tree.Bracketed(test, NOWHERE))
    return st.one_of(leaves, products, sums, negatives, bracketed, calls(depth - 1))


def calls(depth: int) -> SearchStrategy[tree.Value]:
    """Give calls of functions, whatever their names."""
    plain = st.builds(
        lambda value, where: tree.Argument(value, where, NOWHERE),
        values(depth),
        st.none() | parts(depth),
    )
    spans = (windows | sinces(depth)).map(
        lambda value: tree.Argument(value, None, NOWHERE)
    )
    return st.builds(
        lambda name, arguments: tree.Call(name, tuple(arguments), NOWHERE, NOWHERE),
        words.filter(lambda word: word not in FORMULA_WORDS),
        st.lists(plain | spans, max_size=3),
    )


FORMULA_WORDS = {"if", "len", "case", "text", "value", "isnull"}
windows = st.builds(
    lambda side, length: tree.Window(side, length, NOWHERE),
    st.sampled_from(["last", "next"]),
    lengths,
)


def sinces(depth: int) -> SearchStrategy[tree.Since]:
    """Give windows that begin at a moment."""
    anchors: SearchStrategy[object] = st.sampled_from(["stage entry", "creation"])
    return (anchors | values(depth)).map(
        lambda anchor: tree.Since(anchor, NOWHERE)  # type: ignore[arg-type]
    )


def listings(depth: int) -> SearchStrategy[tree.Listing]:
    """Give lists of one to three values."""
    return st.lists(values(depth), min_size=1, max_size=3).map(
        lambda entries: tree.Listing(tuple(entries), NOWHERE)
    )


def simple_tests(depth: int) -> SearchStrategy[tree.Test]:
    """Give tests that hold no other test outside parentheses."""
    value, choices = values(depth), listings(0) | params
    negated = st.booleans()
    comparisons = st.sampled_from(
        [*"=<>", "!=", "<=", ">=", "before", "after", "on or before", "on or after"]
    )
    operators = st.sampled_from(["contains", "starts with", "ends with", "matches"])
    sides = st.sampled_from(["last", "next"])
    periods = st.sampled_from(["week", "month", "quarter", "year"])
    nowhere = st.just(NOWHERE)
    return st.one_of(
        st.builds(tree.Compare, comparisons, value, value, nowhere, nowhere),
        st.builds(tree.Is, value, states, negated, nowhere),
        st.builds(tree.In, value, negated, choices, nowhere),
        st.builds(tree.Between, value, negated, value, value, nowhere),
        st.builds(
            tree.TextTest, value, operators, negated, value | listings(0), nowhere
        ),
        st.builds(
            tree.Includes,
            value,
            st.sampled_from(["any", "all", "none"]),
            choices,
            nowhere,
        ),
        st.builds(tree.Within, value, sides, lengths, nowhere),
        changes(value, depth),
        st.builds(
            tree.InPeriod,
            value,
            st.sampled_from(["this", "last", "next"]),
            st.booleans(),
            periods,
            nowhere,
        ),
        quantified(st.none()),
        groups(depth),
        value.map(_standing_alone),
    )


def _standing_alone(value: tree.Value) -> tree.Test:
    if isinstance(value, tree.Bracketed):
        return value
    return tree.Truthy(value, NOWHERE)


states = st.sampled_from(["empty", "filled", "true", "false"])


def changes(
    value: SearchStrategy[tree.Value], depth: int
) -> SearchStrategy[tree.Changed]:
    """Give tests of history."""
    recent = lengths.map(lambda length: tree.Window("last", length, NOWHERE))
    return st.builds(tree.Changed, value, recent | sinces(depth), st.just(NOWHERE))


quantities = st.sampled_from(["some", "no"]).map(
    lambda word: (tree.Quantity(word), None)
) | st.tuples(
    st.sampled_from(["at least", "at most", "exactly"]).map(tree.Quantity),
    st.integers(0, 99) | params,
)


def quantified(where: SearchStrategy[tree.Test | None]) -> SearchStrategy[tree.Test]:
    """Give quantifiers over rows."""
    return st.builds(
        lambda quantity, rows, test: tree.Quantified(
            quantity[0], quantity[1], rows, test, NOWHERE
        ),
        quantities,
        names,
        where,
    )


def groups(depth: int) -> SearchStrategy[tree.Test]:
    """Give tests of field groups; their inner test names the group again."""
    every = st.just(("every", None))

    def build(quantity: tuple[object, object], test: tree.Is | tree.Changed) -> object:
        return tree.GroupTest(
            *quantity,  # type: ignore[arg-type]
            test.value,  # type: ignore[arg-type]
            test,
            NOWHERE,
        )

    inner = st.builds(
        tree.Is, names, states, st.booleans(), st.just(NOWHERE)
    ) | changes(names, depth)
    return st.builds(build, quantities | every, inner)  # type: ignore[arg-type]


def parts(depth: int) -> SearchStrategy[tree.Test]:
    """Give conditions that may stand beside others: `or`, `and`, `not`, tests."""
    simple = simple_tests(depth)
    negations = simple | simple.map(lambda test: tree.Not(test, NOWHERE))

    def several(
        kind: type[tree.And | tree.Or], of: SearchStrategy[tree.Test]
    ) -> SearchStrategy[tree.Test]:
        return st.lists(of, min_size=2, max_size=3).map(
            lambda tests: kind(tuple(tests), NOWHERE)
        )

    conjunctions = several(tree.And, negations)
    return st.one_of(
        negations, conjunctions, several(tree.Or, negations | conjunctions)
    )


def tests(depth: int) -> SearchStrategy[tree.Test]:
    """Give whole checks, tails included."""
    condition = parts(depth)
    every = st.builds(
        lambda rows, where, has: tree.Every(rows, where, has, NOWHERE),
        names,
        st.none() | condition,
        condition,
    )
    return st.one_of(condition, quantified(condition), every)
