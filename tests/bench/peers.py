"""Other engines on the same rules: each node of a condition in each engine's words.

What an engine cannot say is prepared for it, for it alone, before the clock starts.
Every engine gives, per rule, how many deals meet it.
"""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import business_rules
import cel
import json_logic
import jsonschema_rs
import polars as pl
import rule_engine
from business_rules.engine import check_conditions_recursively
from business_rules.variables import (
    BaseVariables,
    boolean_rule_variable,
    numeric_rule_variable,
    string_rule_variable,
)

from tests.bench import conditions as c

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.bench.worlds import Plain

    Ask = Callable[[Any], Any]
    Way = Callable[[Any], "Counts"]

Counts = list[int]
TESTS = [test for _, test in c.RULES]


class Engine(Protocol):
    """What is measured: preparing is free, counting is timed.

    Attributes:
        ways: Each counts, per rule, the deals that meet it; the quickest is taken.
    """

    name: str
    ways: Sequence[Way]

    @abstractmethod
    def prepared(self, deals: Sequence[Plain]) -> Any:
        """Bring deals into the shape the engine reads."""


PAGE = 100
"""Deals of a page, as in our own runs."""


def both_orders(
    asks: Sequence[Ask], opened: Callable[[Any], Any] | None = None
) -> Sequence[Way]:
    """Ask all rules of one deal after another, or one rule of a page after another.

    Args:
        asks: Each asks one rule of a deal.
        opened: Makes of a deal what the rules are asked of; timed, once per deal.
    """
    return partial(_deal_by_deal, asks, opened), partial(_rule_by_rule, asks, opened)


def _deal_by_deal(
    asks: Sequence[Ask], opened: Callable[[Any], Any] | None, prepared: Sequence[Any]
) -> Counts:
    found = [0] * len(asks)
    for deal in prepared:
        asked = opened(deal) if opened else deal
        for place, ask in enumerate(asks):
            if ask(asked):
                found[place] += 1
    return found


def _rule_by_rule(
    asks: Sequence[Ask], opened: Callable[[Any], Any] | None, prepared: Sequence[Any]
) -> Counts:
    """Ask one rule after another of the deals of a page."""
    found = [0] * len(asks)
    for start in range(0, len(prepared), PAGE):
        page = prepared[start : start + PAGE]
        asked = list(map(opened, page)) if opened else page
        for place, ask in enumerate(asks):
            found[place] += sum([1 for deal in asked if ask(deal)])
    return found


# ---- what some engines cannot say --------------------------------------------------


def truth(test: c.Test, row: Plain) -> bool:
    """Decide a test in plain Python, for what is prepared."""
    match test:
        case c.Compare(name, sign, value):
            return row[name] is not None and SIGNS[sign](row[name], value)
        case c.Gap(left, right, sign, value):
            sides = row[left], row[right]
            return None not in sides and SIGNS[sign](sides[0] - sides[1], value)
        case c.Filled(name):
            return row[name] is not None
        case c.Empty(name):
            return row[name] is None
        case c.OneOf(name, values):
            return row[name] in values
        case c.Longer(name, least):
            return len(row[name] or "") >= least
        case c.Contains(name, part):
            return part in (row[name] or "")
    return truth_of_several(test, row)


def truth_of_several(test: c.Test, row: Plain) -> bool:
    match test:
        case c.Rows(name, least, most, tests):
            count = matching(row[name], tests)
            return least <= count and (most is None or count <= most)
        case c.Every(name, each):
            return all(truth(each, one) for one in row[name])
        case c.Near(rows, field, name, share):
            total = sum(one[field] for one in row[rows])
            amount = row[name]
            return amount is not None and abs(total - amount) <= share * amount
        case c.All(parts):
            return all(truth(part, row) for part in parts)
        case c.Either(parts):
            return any(truth(part, row) for part in parts)
    raise AssertionError(test)


def matching(rows: Sequence[Plain], tests: Sequence[c.Test]) -> int:
    return sum(all(truth(test, row) for test in tests) for row in rows)


def name_of(test: c.Test) -> str:
    """The name under which the truth of a test is prepared."""
    words = (str(value) for value in vars(test).values())
    return "_".join(["is", *words]).translate(str.maketrans("<>=.", "lged"))


def _truths(
    row: Plain, *kinds: type, among: Sequence[c.Test] = TESTS
) -> dict[str, bool]:
    return {
        name_of(test): truth(test, row) for test in among if isinstance(test, kinds)
    }


SIGNS: dict[str, Callable[..., Any]] = {
    "=": lambda left, right: left == right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


# ---- rule-engine -------------------------------------------------------------------


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


class RuleEngine:
    name = "rule-engine"

    def __init__(self) -> None:
        asks = [rule_engine.Rule(self.text(test)).matches for test in TESTS]
        self.ways = both_orders(asks)

    def prepared(self, deals: Sequence[Plain]) -> Any:
        return deals

    def text(self, test: c.Test, of: str = "") -> str:
        match test:
            case c.Compare(name, sign, value):
                sign = "==" if sign == "=" else sign
                return f"({of}{name} != null and {of}{name} {sign} {_literal(value)})"
            case c.Gap(left, right, sign, value):
                left, right = of + left, of + right
                there = f"{left} != null and {right} != null"
                return f"({there} and {left} - {right} {sign} {value})"
            case c.Filled(name):
                return f"{of}{name} != null"
            case c.Empty(name):
                return f"{of}{name} == null"
            case c.OneOf(name, values):
                return f"{of}{name} in [{', '.join(map(_literal, values))}]"
            case c.Longer(name, least):
                return f"({of}{name} != null and {of}{name}.length >= {least})"
            case c.Contains(name, part):
                return f'({of}{name} != null and "{part}" in {of}{name})'
        return self._of_several(test, of)

    def _of_several(self, test: c.Test, of: str) -> str:
        match test:
            case c.Rows(name, least, most, tests):
                return self._rows(name, least, most, tests)
            case c.Every(name, each):
                missing = f"[x for x in {name} if not ({self.text(each, 'x.')})]"
                return f"{missing}.length == 0"
            case c.Near(rows, field, name, share):
                total = f"$sum([x.{field} for x in {rows}])"
                return (
                    f"({name} != null and $abs({total} - {name}) <= {share} * {name})"
                )
            case c.All(parts):
                return f"({' and '.join(self.text(part, of) for part in parts)})"
            case c.Either(parts):
                return f"({' or '.join(self.text(part, of) for part in parts)})"
        raise AssertionError(test)

    def _rows(
        self, name: str, least: int, most: int | None, tests: Sequence[c.Test]
    ) -> str:
        found = name
        if tests:
            asked = " and ".join(self.text(test, "x.") for test in tests)
            found = f"[x for x in {name} if {asked}]"
        parts = [f"{found}.length >= {least}"] if least else []
        parts += [] if most is None else [f"{found}.length <= {most}"]
        return f"({' and '.join(parts)})"


# ---- CEL ---------------------------------------------------------------------------


class Cel:
    name = "common-expression-language"

    def __init__(self) -> None:
        asks = [cel.compile(self.text(test)).execute for test in TESTS]
        self.ways = both_orders(asks, lambda deal: cel.Context(variables=deal))

    def prepared(self, deals: Sequence[Plain]) -> Any:
        return [deal | _truths(deal, c.Near) for deal in deals]

    def text(self, test: c.Test, of: str = "") -> str:
        match test:
            case c.Compare(name, sign, value):
                sign = "==" if sign == "=" else sign
                return f"({of}{name} != null && {of}{name} {sign} {_literal(value)})"
            case c.Gap(left, right, sign, value):
                left, right = of + left, of + right
                there = f"{left} != null && {right} != null"
                return f"({there} && {left} - {right} {sign} {value})"
            case c.Filled(name):
                return f"{of}{name} != null"
            case c.Empty(name):
                return f"{of}{name} == null"
            case c.OneOf(name, values):
                return f"{of}{name} in [{', '.join(map(_literal, values))}]"
            case c.Longer(name, least):
                return f"({of}{name} != null && size({of}{name}) >= {least})"
            case c.Contains(name, part):
                return f'({of}{name} != null && {of}{name}.contains("{part}"))'
        return self._of_several(test, of)

    def _of_several(self, test: c.Test, of: str) -> str:
        match test:
            case c.Rows(name, least, most, tests):
                return self._rows(name, least, most, tests)
            case c.Every(name, each):
                return f"{name}.all(x, {self.text(each, 'x.')})"
            case c.Near():
                return name_of(test)  # CEL adds no rows up: prepared
            case c.All(parts):
                return f"({' && '.join(self.text(part, of) for part in parts)})"
            case c.Either(parts):
                return f"({' || '.join(self.text(part, of) for part in parts)})"
        raise AssertionError(test)

    def _rows(
        self, name: str, least: int, most: int | None, tests: Sequence[c.Test]
    ) -> str:
        asked = " && ".join(self.text(test, "x.") for test in tests)
        if tests and (least, most) in {(1, None), (0, 0)}:
            return f"{'!' if most == 0 else ''}{name}.exists(x, {asked})"
        found = f"{name}.filter(x, {asked})" if tests else name
        parts = [f"size({found}) >= {least}"] if least else []
        parts += [] if most is None else [f"size({found}) <= {most}"]
        return f"({' && '.join(parts)})"


# ---- JsonLogic ---------------------------------------------------------------------


class JsonLogic:
    name = "json-logic-qubit"

    def __init__(self) -> None:
        apply = json_logic.jsonLogic
        self.ways = both_orders([partial(apply, self.tree(test)) for test in TESTS])

    def prepared(self, deals: Sequence[Plain]) -> Any:
        return [deal | _truths(deal, c.Near, c.Longer) for deal in deals]

    def tree(self, test: c.Test) -> Any:
        match test:
            case c.Compare(name, sign, value):
                sign = "===" if sign == "=" else sign
                compared = {sign: [{"var": name}, value]}
                is_above = sign in {">", ">=", "==="}
                return compared if is_above else self._there(name, compared)
            case c.Gap(left, right, sign, value):
                apart = {sign: [{"-": [{"var": left}, {"var": right}]}, value]}
                return self._there(left, self._there(right, apart))
            case c.Filled(name):
                return {"!==": [{"var": name}, None]}
            case c.Empty(name):
                return {"===": [{"var": name}, None]}
            case c.OneOf(name, values):
                return {"in": [{"var": name}, list(values)]}
            case c.Contains(name, part):
                return self._there(name, {"in": [part, {"var": name}]})
        return self._of_several(test)

    def _there(self, name: str, then: Any) -> Any:
        return {"and": [{"!==": [{"var": name}, None]}, then]}

    def _of_several(self, test: c.Test) -> Any:
        match test:
            case c.Longer():
                return {"var": name_of(test)}  # JsonLogic measures no text: prepared
            case c.Rows(name, least, most, tests):
                return self._rows(name, least, most, tests)
            case c.Every(name, each):
                missing = {"!": [self.tree(each)]}
                return {"none": [{"var": name}, missing]}
            case c.Near():
                return {"var": name_of(test)}  # prepared, as for CEL
            case c.All(parts):
                return {"and": [self.tree(part) for part in parts]}
            case c.Either(parts):
                return {"or": [self.tree(part) for part in parts]}
        raise AssertionError(test)

    def _rows(
        self, name: str, least: int, most: int | None, tests: Sequence[c.Test]
    ) -> Any:
        asked = {"and": [self.tree(test) for test in tests]} if tests else True
        if (least, most) in {(1, None), (0, 0)}:
            return {"some" if least else "none": [{"var": name}, asked]}
        add = {"+": [{"var": "accumulator"}, 1]}
        rows: Any = {"var": name}
        found = {"reduce": [{"filter": [rows, asked]} if tests else rows, add, 0]}
        parts = [{">=": [found, least]}] if least else []
        parts += [] if most is None else [{"<=": [found, most]}]
        return parts[0] if len(parts) == 1 else {"and": parts}


# ---- JSON Schema -------------------------------------------------------------------


class JsonSchema:
    name = "jsonschema-rs"

    def __init__(self) -> None:
        asks = [
            jsonschema_rs.Draft202012Validator(self.schema(test)).is_valid
            for test in TESTS
        ]
        self.ways = both_orders(asks)

    def prepared(self, deals: Sequence[Plain]) -> Any:
        return [self._with_gaps(deal) for deal in deals]

    def _with_gaps(self, deal: Plain) -> Plain:
        found = deal | _truths(deal, c.Near, c.Gap)
        for test in TESTS:
            if isinstance(test, c.Rows):
                rows = (
                    row | _truths(row, c.Gap, among=test.tests)
                    for row in found[test.name]
                )
                found[test.name] = list(rows)
        return found

    def schema(self, test: c.Test) -> Any:
        match test:
            case c.Compare(name, sign, value):
                limit = {"type": "number", LIMITS.get(sign, ""): value}
                return self._property(name, {"const": value} if sign == "=" else limit)
            case c.Gap():
                return self._property(name_of(test), {"const": True})
            case c.Filled(name):
                return self._property(name, {"not": {"type": "null"}})
            case c.Empty(name):
                return self._property(name, {"type": "null"})
            case c.OneOf(name, values):
                return self._property(name, {"enum": list(values)})
            case c.Longer(name, least):
                return self._property(name, {"type": "string", "minLength": least})
        return self._of_several(test)

    def _property(self, name: str, schema: Any) -> Any:
        return {"properties": {name: schema}}

    def _of_several(self, test: c.Test) -> Any:
        match test:
            case c.Rows(name, least, most, tests):
                return self._property(name, self._rows(least, most, tests))
            case c.Every(name, each):
                return self._property(name, {"items": self.schema(each)})
            case c.Contains(name, part):
                return self._property(name, {"type": "string", "pattern": part})
            case c.Near():
                return self._property(name_of(test), {"const": True})  # prepared
            case c.All(parts):
                return {"allOf": [self.schema(part) for part in parts]}
            case c.Either(parts):
                return {"anyOf": [self.schema(part) for part in parts]}
        raise AssertionError(test)

    def _rows(self, least: int, most: int | None, tests: Sequence[c.Test]) -> Any:
        each = {"allOf": [self.schema(test) for test in tests]} if tests else True
        limits = {"minContains": least} | (
            {} if most is None else {"maxContains": most}
        )
        return {"contains": each} | limits


LIMITS = {"<": "exclusiveMaximum", "<=": "maximum", ">": "exclusiveMinimum"}
LIMITS[">="] = "minimum"


# ---- business-rules ----------------------------------------------------------------


def _variables() -> tuple[type[BaseVariables], list[Any]]:
    """A class of variables, and the conditions over them: it knows scalars only."""
    members: dict[str, Any] = {"__init__": _keep}
    found = [_condition(test, place, members) for place, test in enumerate(TESTS)]
    return type("Variables", (BaseVariables,), members), found


def _keep(self: Any, deal: Plain) -> None:
    self.deal = deal


def _condition(test: c.Test, place: int, members: dict[str, Any]) -> Any:
    match test:
        case c.All(several):
            return {"all": [_condition(part, place, members) for part in several]}
        case c.Compare():
            return _comparison(test, members)
        case c.Filled("next_step" as name):
            members[name] = string_rule_variable(_reader(name, ""))
            return _one(name, "non_empty", value=True)
        case c.Contains(name, part):
            members[name] = string_rule_variable(_reader(name, ""))
            return _one(name, "contains", part)
        case c.OneOf(name, values):
            members[name] = string_rule_variable(_reader(name, ""))
            return {"any": [_one(name, "equal_to", value) for value in values]}
    return _prepared_condition(test, place, members)


def _comparison(test: c.Compare, members: dict[str, Any]) -> Any:
    name, sign, value = test.name, test.sign, test.value
    if isinstance(value, bool):
        members[name] = boolean_rule_variable(_reader(name, default=False))
        return _one(name, "is_true" if value else "is_false", value=True)
    if isinstance(value, str):
        members[name] = string_rule_variable(_reader(name, ""))
        return _one(name, "equal_to", value)
    members[name] = numeric_rule_variable(_reader(name, NOTHING))
    parts: list[tuple[str, str, object]] = [(name, NUMERIC[sign], value)]
    if sign in {"<", "<="}:
        parts.append((name, "greater_than", NOTHING))
    return _all_of(parts)


def _prepared_condition(test: c.Test, place: int, members: dict[str, Any]) -> Any:
    """Rows and pairs of values are beyond it: counts and truths are prepared."""
    name = f"prepared_{place}"
    if isinstance(test, c.Rows):
        members[name] = numeric_rule_variable(_reader(name, 0))
        parts: list[tuple[str, str, object]] = []
        if test.least:
            parts.append((name, "greater_than_or_equal_to", test.least))
        if test.most is not None:
            parts.append((name, "less_than_or_equal_to", test.most))
        return _all_of(parts)
    members[name] = boolean_rule_variable(_reader(name, default=False))
    return _one(name, "is_true", value=True)


def _reader(name: str, default: Any) -> Callable[[Any], Any]:
    def read(self: Any) -> Any:
        value = self.deal[name]
        return default if value is None else value

    read.__name__ = name
    return read


def _one(name: str, operator: str, value: object) -> Any:
    return {"name": name, "operator": operator, "value": value}


def _all_of(parts: list[tuple[str, str, object]]) -> Any:
    found = [_one(*part) for part in parts]
    return found[0] if len(found) == 1 else {"all": found}


NOTHING = -(10**9)
"""Stands for an empty number: it has no other word for one."""
NUMERIC = {
    "=": "equal_to",
    "<": "less_than",
    "<=": "less_than_or_equal_to",
    ">": "greater_than",
    ">=": "greater_than_or_equal_to",
}


class BusinessRules:
    name = "business-rules"

    def __init__(self) -> None:
        assert business_rules
        variables, conditions = _variables()
        check = check_conditions_recursively
        self.ways = both_orders(
            [partial(check, each) for each in conditions], variables
        )

    def prepared(self, deals: Sequence[Plain]) -> Any:
        return [deal | self._found(deal) for deal in deals]

    def _found(self, deal: Plain) -> Plain:
        return {
            f"prepared_{place}": matching(deal[test.name], test.tests)
            if isinstance(test, c.Rows)
            else truth(test, deal)
            for place, test in enumerate(TESTS)
        }


# ---- Polars ------------------------------------------------------------------------


class Polars:
    """Takes the rows into a frame itself, as an evaluator on Polars has to each run."""

    name = "Polars expressions"

    def __init__(self) -> None:
        self._sums = [
            self.expression(test, pl.col).fill_null(value=False).sum().alias(str(place))
            for place, test in enumerate(TESTS)
        ]
        self.ways: Sequence[Way] = (self._counts,)

    def prepared(self, deals: Sequence[Plain]) -> Any:
        return list(deals)

    def framed(self, deals: Sequence[Plain]) -> Any:
        """Make a frame of nested rows: related ones become lists of structs."""
        return pl.DataFrame(deals, infer_schema_length=None)

    def counted(self, frame: Any) -> Counts:
        """Count per rule the deals of a frame that meet it."""
        return list(frame.select(self._sums).row(0))

    def _counts(self, prepared: Any) -> Counts:
        return self.counted(self.framed(prepared))

    def expression(self, test: c.Test, at: Callable[[str], pl.Expr]) -> pl.Expr:
        match test:
            case c.Compare(name, sign, value):
                found: pl.Expr = SIGNS[sign](at(name), value)
                return found
            case c.Gap(left, right, sign, value):
                gap: pl.Expr = SIGNS[sign](at(left) - at(right), value)
                return gap
            case c.Filled(name):
                return at(name).is_not_null()
            case c.Empty(name):
                return at(name).is_null()
            case c.OneOf(name, values):
                return at(name).is_in(list(values))
            case c.Longer(name, least):
                return at(name).str.len_chars() >= least
            case c.Contains(name, part):
                return at(name).str.contains(part, literal=True)
        return self._of_several(test, at)

    def _of_several(self, test: c.Test, at: Callable[[str], pl.Expr]) -> pl.Expr:
        match test:
            case c.Rows(name, least, most, tests):
                count = self._count(name, tests)
                upper = [] if most is None else [count <= most]
                return pl.all_horizontal(count >= least, *upper)
            case c.Every(name, each):
                holds = self.expression(each, _element).fill_null(value=False)
                return pl.col(name).list.eval(holds).list.all()
            case c.Near(rows, field, name, share):
                total = pl.col(rows).list.eval(_element(field)).list.sum()
                return (total - at(name)).abs() <= share * at(name)
            case c.All(parts):
                return pl.all_horizontal(self.expression(part, at) for part in parts)
            case c.Either(parts):
                return pl.any_horizontal(self.expression(part, at) for part in parts)
        raise AssertionError(test)

    def _count(self, name: str, tests: Sequence[c.Test]) -> pl.Expr:
        if not tests:
            return pl.col(name).list.len()
        holds = pl.all_horizontal(self.expression(test, _element) for test in tests)
        return pl.col(name).list.eval(holds.fill_null(value=False)).list.sum()


class PolarsOnFrame(Polars):
    """Finds its frame ready: the columns alone, without what it takes to get them."""

    name = "Polars, frame ready"

    def prepared(self, deals: Sequence[Plain]) -> Any:
        return self.framed(list(deals))

    def _counts(self, prepared: Any) -> Counts:
        return self.counted(prepared)


def _element(name: str) -> pl.Expr:
    return pl.element().struct.field(name)


# ---- all of them -------------------------------------------------------------------


ENGINES: tuple[Callable[[], Engine], ...] = (
    RuleEngine,
    Cel,
    JsonLogic,
    BusinessRules,
    JsonSchema,
    Polars,
    PolarsOnFrame,
)
