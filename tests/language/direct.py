"""A second reading of the language, straight off the parsed tree, for comparison.

Written from the design (B3, B5 and section A), slow and plain on purpose: it decides
by the values it meets instead of by static types, and shares no code with the
compiler. Percentages are fractions here, a stage is its place in the pipeline.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING, Any

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Money, Unavailable
from gatekeeper.language.functions_history import HISTORY
from gatekeeper.language.tree import syntax
from tests.language import direct_time, direct_values
from tests.language.scopes import SCOPE

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import Pipeline
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, Row
    from gatekeeper.language.scope import Scope


@dataclass(frozen=True)
class At:
    """Where a part of a check is asked: which deal, when, in which row."""

    deal: Deal
    ctx: Context
    scope: Scope = SCOPE
    row: Row | None = None
    rows_of: str = ""

    @property
    def pipeline(self) -> Pipeline | None:
        name: Any = self.deal.pipeline
        if self.row is not None and self.rows_of == "siblings":
            name = self.row["pipeline"]
        return self.ctx.pipelines.get(name) if isinstance(name, str) else None

    def whole_deal(self) -> At:
        return replace(self, row=None, rows_of="")


@dataclass(frozen=True)
class AtLeast:
    """A count of which only a part is known: it is so much, or more."""

    count: Decimal


@dataclass(frozen=True)
class Place:
    """A stage as its place in a pipeline; None where the pipeline lacks it."""

    position: int | None


Hidden = Unavailable | AtLeast


def answer(node: Any, at: At) -> Any:
    """Answer a condition: True, False, EMPTY or hidden."""
    match node:
        case syntax.Bracketed(test=test):
            return answer(test, at)
        case syntax.And(parts=parts) | syntax.Or(parts=parts):
            by = isinstance(node, syntax.Or)
            return decided([answer(part, at) for part in parts], by=by)
        case syntax.AtLeast(count=count, parts=parts):
            answers = [answer(part, at) for part in parts]
            # Of all ways to take so many parts, one must hold in every part.
            ways = combinations(answers, count)
            return decided([decided([*way], by=False) for way in ways], by=True)
        case syntax.Not(part=part):
            return opposite(answer(part, at))
        case syntax.Truthy(value=value):
            return value_of(value, at)
        case syntax.Quantified() | syntax.Every() | syntax.GroupTest():
            return _of_several(node, at)
        case syntax.Within() | syntax.InPeriod() | syntax.Changed():
            return direct_time.answer(node, at)
    return _of_one(node, at)


def decided(answers: list[Any], *, by: bool) -> Any:
    """One answer of this kind decides; else what the CRM did not say, then empty."""
    if by in answers:
        return by
    return blank(*answers) or (not by)


def opposite(found: Any) -> Any:
    return (not found) if isinstance(found, bool) else found


def blank(*values: Any) -> Any:
    """The blank among values, if there is one: hidden before EMPTY."""
    for value in values:
        if isinstance(value, Hidden):
            return value
    return EMPTY if any(value is EMPTY for value in values) else None


# ---- one value -------------------------------------------------------------------


def _of_one(node: Any, at: At) -> Any:
    match node:
        case syntax.Compare():
            sides = value_of(node.left, at), value_of(node.right, at)
            ordered = _is_ordered(node.left, at) or _is_ordered(node.right, at)
            return direct_values.compare(node.operator, *sides, at, ordered=ordered)
        case syntax.Between():
            ordered = _is_ordered(node.value, at)
            value = value_of(node.value, at)
            found = decided(
                [
                    direct_values.compare(
                        sign, value, value_of(edge, at), at, ordered=ordered
                    )
                    for sign, edge in ((">=", node.low), ("<=", node.high))
                ],
                by=False,
            )
        case syntax.In():
            value = value_of(node.value, at)
            found = decided(
                [
                    direct_values.compare("=", value, choice, at)
                    for choice in _choices(node.choices, at)
                ],
                by=True,
            )
        case syntax.TextTest():
            value = value_of(node.value, at)
            patterns = _choices(node.patterns, at)
            found = decided(
                [_text_test(node.operator, value, each) for each in patterns], by=True
            )
        case _:
            return _state(node, at)
    return opposite(found) if getattr(node, "negated", False) else found


def _is_there(node: Any, value: Hidden, at: At) -> bool:
    """Whether a field, or a moment of the past, is known to be there, not which."""
    if isinstance(node, syntax.Name) and node.text in at.scope.defines:
        return _is_there(at.scope.defines[node.text].body, value, at)
    is_past = isinstance(node, syntax.Call) and node.function in HISTORY
    is_lone = is_past or isinstance(node, syntax.Name)
    return is_lone and isinstance(value, Unavailable) and value.is_there


def _state(node: Any, at: At) -> Any:
    match node:
        case syntax.Is(state="empty" | "filled"):
            value = value_of(node.value, at)
            wanted = (node.state == "filled") != node.negated
            if isinstance(value, Hidden):
                return wanted if _is_there(node.value, value, at) else value
            return (value is not EMPTY) == wanted
        case syntax.Is():
            value = value_of(node.value, at)
            return value if blank(value) else value == (node.state == "true")
        case syntax.Includes():
            return _includes(node, at)
    raise AssertionError(node)


def _is_ordered(node: Any, at: At) -> bool:
    return isinstance(node, syntax.Name) and node.parts[-1] == "champion"


def _choices(node: Any, at: At) -> list[Any]:
    """The values of a list; a parameter may stand for several."""
    nodes = node.items if isinstance(node, syntax.Listing) else [node]
    found: list[Any] = []
    for each in nodes:
        value = value_of(each, at)
        found += value if isinstance(value, tuple) else [value]
    return found


def _text_test(operator: str, text: Any, part: Any) -> Any:
    return blank(text, part) or direct_values.text_test(operator, text, part)


def _includes(node: syntax.Includes, at: At) -> Any:
    held = value_of(node.value, at)
    if isinstance(held, Hidden):
        return held
    if held is EMPTY:
        return True if node.quorum == "none" else EMPTY
    wanted = _choices(node.choices, at)
    if blank(*wanted):
        return blank(*wanted)
    names = {direct_values.folded(each) for each in held}
    present = [direct_values.folded(each) in names for each in wanted]
    if node.quorum == "all":
        return all(present)
    return any(present) if node.quorum == "any" else not any(present)


# ---- several rows or fields --------------------------------------------------------

SINGULAR = {"contact": "contacts", "line_item": "line_items", "meeting": "meetings"}


def rows_of(name: str, where: Any, at: At) -> Any:
    """Pairs of a row and what its condition answers; hidden if nobody read the rows."""
    name = SINGULAR.get(name, name)
    define = at.scope.defines.get(name)
    conditions = [where]
    if define is not None and isinstance(define.body, syntax.Rows):
        conditions.append(define.body.where)
        name = define.body.collection.text
    rows = at.deal.related.get(name, Unavailable("not read"))
    if isinstance(rows, Unavailable):
        return rows
    found = []
    for row in rows:
        there = replace(at, row=row, rows_of=name)
        asked = [answer(each, there) for each in conditions if each is not None]
        found.append((there, decided(asked, by=False)))
    return found


def _of_several(node: Any, at: At) -> Any:
    if isinstance(node, syntax.GroupTest):
        return _group(node, at)
    if isinstance(node, syntax.Every):
        return _every(node, at)
    rows = rows_of(node.collection.text, node.where, at)
    if isinstance(rows, Unavailable):
        return rows
    return _counted(node, [asked for _, asked in rows], at)


def _counted(node: Any, answers: list[Any], at: At) -> Any:
    asked = 1 if node.count is None else node.count
    wanted = value_of(asked, at) if isinstance(asked, syntax.Param) else asked
    if blank(wanted):
        return blank(wanted)
    sure = answers.count(True)
    doubts = [each for each in answers if isinstance(each, Hidden)]
    # Whatever the ones in doubt turn out to be, is the outcome the same?
    outcomes = {
        _holds(str(node.quantity), sure + more, wanted)
        for more in range(len(doubts) + 1)
    }
    return outcomes.pop() if len(outcomes) == 1 else doubts[0]


def _holds(quantity: str, count: int, wanted: Any) -> bool:
    match quantity:
        case "some":
            return count >= 1
        case "no":
            return count == 0
        case "at least":
            return bool(count >= wanted)
        case "at most":
            return bool(count <= wanted)
        case _:
            return bool(count == wanted)


def _group(node: syntax.GroupTest, at: At) -> Any:
    names = at.scope.catalogue.groups[node.group.text]
    paths = [syntax.Name(tuple(name.split(".")), node.span) for name in names]
    answers = [answer(replace(node.test, value=path), at) for path in paths]
    if node.quantity == "every":
        return decided(
            [each is True or _hidden_or_no(each) for each in answers], by=False
        )
    return _counted(node, answers, at)


def _hidden_or_no(found: Any) -> Any:
    return found if isinstance(found, Hidden) else False


def _every(node: syntax.Every, at: At) -> Any:
    rows = rows_of(node.collection.text, node.where, at)
    if isinstance(rows, Unavailable):
        return rows
    each_holds = []
    for there, asked in rows:
        if asked is False or asked is EMPTY:
            continue
        has = answer(node.has, there)
        if asked is True:
            each_holds.append(has is True or _hidden_or_no(has))
        elif has is not True:
            each_holds.append(asked)
    return decided(each_holds, by=False)


# ---- values ------------------------------------------------------------------------


def value_of(node: Any, at: At) -> Any:
    """Work a value out: a plain value, EMPTY or hidden."""
    match node:
        case syntax.Param():
            return _param(node.name, at)
        case syntax.Bracketed(test=test):
            return answer(test, at)
        case syntax.Name():
            return named(node, at)
        case syntax.Negative(operand=operand):
            value = value_of(operand, at)
            return known(value) if blank(value) else -value
        case syntax.Arithmetic():
            return _calculated(node, at)
        case syntax.Call():
            return direct_values.called(node, at)
    return _literal(node, at)


def _literal(node: Any, at: At) -> Any:
    match node:
        case syntax.Number(value=value):
            return value
        case syntax.Text(value=value):
            return value.strip()
        case syntax.Percentage(value=value):
            return value / 100
        case syntax.DateLiteral(value=value):
            return direct_time.moment(value, at)
        case syntax.Today():
            return at.ctx.today
        case syntax.Now():
            return at.ctx.now
    assert isinstance(node, syntax.Duration)
    return node


def known(value: Any) -> Any:
    """A calculation on a count that is known in part tells nothing."""
    return Unavailable("known in part") if isinstance(value, AtLeast) else value


def _calculated(node: syntax.Arithmetic, at: At) -> Any:
    left, right = value_of(node.left, at), value_of(node.right, at)
    if blank(left, right):
        return known(blank(left, right))
    return direct_values.calculate(node.operator, left, right, at)


def named(node: syntax.Name, at: At) -> Any:
    """What a name means here: a definition, a field of the row, one of the deal."""
    define = at.scope.defines.get(node.text)
    if define is not None:
        body: Any = define.body
        return (
            value_of(body, at) if isinstance(body, syntax.Value) else answer(body, at)
        )
    parts = node.parts
    if at.row is not None and parts[0] != "deal":
        return read(at.row.get(parts[-1]), _kind_in_row(parts[-1], at), at)
    path = ".".join(parts[1:] if parts[0] == "deal" else parts)
    own = {"stage": at.deal.stage, "name": at.deal.name, "id": at.deal.id}
    value = own.get(path, at.deal.fields.get(path, Unavailable("not read")))
    return read(value, kind_of(path, at), at.whole_deal())


def kind_of(path: str, at: At) -> Kind:
    """The kind of a field of the deal or of a lookup."""
    catalogue = at.scope.catalogue
    if path in catalogue.deal:
        return catalogue.deal[path].kind
    lookup, _, field = path.partition(".")
    return catalogue.lookups[lookup].fields[field].kind


def _kind_in_row(name: str, at: At) -> Kind:
    catalogue = at.scope.catalogue
    if at.rows_of == "siblings":
        return catalogue.deal[name].kind
    return catalogue.collections[at.rows_of.rpartition(".")[2]].fields[name].kind


def read(value: Any, kind: Kind, at: At) -> Any:
    """Read a value as the CRM gave it."""
    if value is None:
        return Unavailable("not read")
    if blank(value):
        return value
    match kind:
        case Kind.STAGE:
            is_known = at.pipeline is not None
            return _place(value, at) if is_known else Unavailable("no pipeline")
        case Kind.PERCENT:
            return value / 100
        case Kind.MONEY:
            return _in_dollars(value, at)
        case Kind.TEXT | Kind.EMAIL | Kind.URL | Kind.REFERENCE:
            return direct_values.text(value, at)
    is_empty = kind is Kind.MULTI_PICKLIST and not value
    return EMPTY if is_empty else value


def _place(value: str, at: At) -> Place:
    assert at.pipeline is not None
    return Place(at.pipeline.position_of_value(value))


def _in_dollars(value: Any, at: At) -> Any:
    if not isinstance(value, Money):
        return value
    if value.currency == at.ctx.currency:
        return value.amount
    rate = at.ctx.rates.get(value.currency)
    if rate is None:
        return Unavailable("no rate", is_there=True)
    return round(value.amount * rate, 2)


def _param(name: str, at: At) -> Any:
    spec = at.scope.params[name]
    if spec.by is None:
        return (
            Unavailable("undecided") if spec.value is None else _given(spec.value, spec)
        )
    catalogue = at.scope.catalogue
    in_row = at.row is not None and (
        spec.by in catalogue.collections[at.rows_of].fields
        if at.rows_of != "siblings"
        else spec.by in catalogue.deal
    )
    by = syntax.Name(tuple(spec.by.split(".")), syntax.Span(0, 0))
    chooser = named(by, at if in_row else at.whole_deal())
    if isinstance(chooser, Hidden):
        return chooser
    return _given(_chosen(spec, chooser, at), spec)


def _chosen(spec: Any, chooser: Any, at: At) -> Any:
    otherwise = EMPTY if spec.otherwise is None else spec.otherwise
    if chooser is EMPTY:
        return otherwise
    if spec.bands is not None:
        fitting = [given for limit, given in spec.bands if limit <= chooser]
        return fitting[-1] if fitting else otherwise
    if isinstance(chooser, bool):
        chooser = "yes" if chooser else "no"
    if isinstance(chooser, Place):
        pipeline = at.whole_deal().pipeline
        place = chooser.position
        if pipeline is None or place is None:
            return otherwise
        chooser = pipeline.stages[place].name
    for key, given in spec.values.items():
        if direct_values.folded(key) == direct_values.folded(chooser):
            return given
    return otherwise


def _given(value: Any, spec: Any) -> Any:
    if isinstance(value, Decimal) and spec.kind is Kind.PERCENT:
        return value / 100
    return value
