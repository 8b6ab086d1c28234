"""Small faults put into a module, one at a time: the mutants its tests should notice.

Works on the syntax tree, so that a mutant is compiled as it stands and no file changes.
Left alone is what decides nothing when the program runs, so that no test of behaviour
could notice:

- docstrings, annotations, aliases of types, the type of a `cast` and
  `if TYPE_CHECKING`: for readers;
- imports and `__all__`: without one the program does not start, or nothing changes;
- decorators (`slots`, `frozen`, `lru_cache(maxsize=)`): how a value is kept; a class
  or function without its decorator fails every test;
- `init` and `repr` of `field(...)`: a value set in `__post_init__` either way, and how
  it is shown to programmers; `compare` stays, it decides;
- what says that a place is never reached or two rows are equally long, and so cannot
  come about: `raise AssertionError`, `assert_never`, `strict=True` of `zip`.
"""

from __future__ import annotations

import ast
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
ALIASES = {"Callable", "Literal", "Mapping", "NewType", "TypeVar", "Sequence", "dict"}
DECIDED = (ast.Compare, ast.BoolOp, ast.Constant)
CALLED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Mutant:
    """One fault: the node `holder.field[place]` gives way to `instead`.

    Attributes:
        place: Its index where the field is a list.
        line: Of the module.
        statement: The line on which the statement around it begins.
        was: The code it replaces.
        now: What stands there instead.
        is_called: It is in the body of a function, not in what runs at import.
    """

    holder: ast.AST
    field: str
    place: int | None
    instead: ast.AST | None
    line: int
    statement: int
    was: str
    now: str
    is_called: bool

    def put(self) -> None:
        """Change the tree for good."""
        if self.place is None:
            setattr(self.holder, self.field, self.instead)
        elif self.instead is None:
            del getattr(self.holder, self.field)[self.place]
        else:
            getattr(self.holder, self.field)[self.place] = self.instead

    @contextmanager
    def tried(self) -> Iterator[None]:
        """Change the tree for a while."""
        before = getattr(self.holder, self.field)
        kept = list(before) if isinstance(before, list) else None
        self.put()
        yield
        if kept is None:
            setattr(self.holder, self.field, before)
        else:
            before[:] = kept  # in place: a mutant around this one holds the same list


@dataclass(frozen=True)
class Module:
    """A module as a tree, with all its mutants in the order of its lines."""

    path: str
    tree: ast.Module
    mutants: tuple[Mutant, ...]

    @property
    def name(self) -> str:
        """The name under which it is imported."""
        return name_of(self.path)

    def sample(self, most: int, seed: int) -> tuple[int, ...]:
        """Give the numbers of all mutants, or of so many that a seed picks."""
        if len(self.mutants) <= most:
            return tuple(range(len(self.mutants)))
        chosen = Random(seed).sample(range(len(self.mutants)), most)  # noqa: S311
        return tuple(sorted(chosen))

    def code(self) -> CodeType:
        """Compile the tree as it stands."""
        return compile(ast.fix_missing_locations(self.tree), self.path, "exec")


def name_of(path: str) -> str:
    """Return the name under which the module of a file is imported."""
    return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def read(path: str, text: str) -> Module:
    """Parse a module and find its mutants."""
    tree = ast.parse(text, path)
    return Module(path, tree, tuple(_within(tree, 0, is_called=False)))


def _within(holder: ast.AST, statement: int, *, is_called: bool) -> Iterator[Mutant]:
    for field, value in ast.iter_fields(holder):
        if field in {"annotation", "returns", "decorator_list", "type_params"}:
            continue
        called = is_called or (isinstance(holder, CALLED) and field == "body")
        several = value if isinstance(value, list) else [value]
        for place, node in enumerate(several):
            if isinstance(node, ast.AST) and not _is_inert(holder, node):
                inner = node.lineno if isinstance(node, ast.stmt) else statement
                listed = place if value is several else None
                spot = _Spot(holder, field, listed, inner, called)
                yield from _at(spot, node)
                yield from _within(node, inner, is_called=called)


@dataclass(frozen=True)
class _Spot:
    """Where in the tree a node hangs."""

    holder: ast.AST
    field: str
    place: int | None
    statement: int
    is_called: bool


def _at(spot: _Spot, node: ast.AST) -> Iterator[Mutant]:
    where = node.value if isinstance(node, ast.keyword) else node
    line = getattr(where, "lineno", spot.statement)
    for instead in _alternatives(spot.holder, spot.field, node):
        yield Mutant(
            spot.holder,
            spot.field,
            spot.place,
            instead,
            line,
            spot.statement,
            _text(node),
            "nothing" if instead is None else _text(instead),
            spot.is_called,
        )


def _text(node: ast.AST) -> str:
    shown = ast.unparse(ast.fix_missing_locations(node)).split("\n")
    return shown[0] if len(shown) == 1 else f"{shown[0]} ..."


def _is_inert(holder: ast.AST, node: ast.AST) -> bool:
    match holder, node:
        case ast.Call(func=ast.Name(id="cast"), args=[kind, *_]), _ if node is kind:
            return True
        case ast.Call(func=ast.Name(id="field")), ast.keyword(arg="init" | "repr"):
            return True
        case (
            ast.Call(func=ast.Name(id="zip")),
            ast.keyword(arg="strict", value=ast.Constant(value=True)),
        ):
            return True
    return _is_inert_anywhere(node)


def _is_inert_anywhere(node: ast.AST) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Pass():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id="assert_never"))):
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Raise(exc=ast.Call(func=ast.Name(id="AssertionError"))):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case ast.Assign(value=value):
            return _is_alias(value)
    return False


def _is_alias(value: ast.AST) -> bool:
    match value:
        case ast.Subscript(value=ast.Name(id=name)):
            return name in ALIASES
        case ast.Call(func=ast.Name(id=name)):
            return name in ALIASES
        case ast.BinOp(op=ast.BitOr(), left=left):
            return isinstance(left, ast.Name | ast.Attribute) or _is_alias(left)
    return False


# ---- which faults -----------------------------------------------------------------


def _alternatives(holder: ast.AST, field: str, node: Any) -> Iterator[ast.AST | None]:
    yield from _of_values(node)
    yield from _of_statements(node)
    is_condition = field in {"test", "guard"} or (
        isinstance(holder, ast.comprehension) and field == "ifs"
    )
    if is_condition and not isinstance(node, DECIDED) and not _is_not(node):
        yield ast.UnaryOp(ast.Not(), node)
    if isinstance(node, ast.keyword) and isinstance(holder, ast.Call) and node.arg:
        yield None


def _is_not(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _of_values(node: Any) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(left=left, ops=[only], comparators=others):
            yield ast.Compare(left, [COMPARISONS[type(only)]()], others)
        case ast.Compare(left=left, ops=several, comparators=others):
            for place, one in enumerate(several):
                changed = list(several)
                changed[place] = COMPARISONS[type(one)]()
                yield ast.Compare(left, changed, others)
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            yield ast.BinOp(left, OPERATORS[type(op)](), right)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.Constant(value=value):
            yield from _of_constants(value)


def _of_constants(value: object) -> Iterator[ast.AST]:
    match value:
        case bool():
            yield ast.Constant(not value)
        case int() | float():
            yield ast.Constant(value + 1)
        case str():
            yield ast.Constant(f"XX{value}XX")


def _of_statements(node: Any) -> Iterator[ast.AST]:
    match node:
        case ast.Return(value=value) if value is not None:
            if not isinstance(value, ast.Constant):
                yield ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call()):
            yield ast.Pass()
        case ast.AugAssign(target=target, op=op, value=value) if type(op) in OPERATORS:
            yield ast.AugAssign(target, OPERATORS[type(op)](), value)
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()
