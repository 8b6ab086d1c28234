"""Compile a SELECT list into the closure that writes one record of the answer.

Every record, parent and child row carries `attributes`; names come back in their
canonical case; money and other fractions carry a decimal point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce import soql_tree as tree
from gatekeeper.sandbox.salesforce.query_names import Row
from gatekeeper.sandbox.salesforce.query_rows import parent, type_reader
from gatekeeper.sandbox.schema import FieldType

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.query_names import Column, Hop, Scope, View
    from gatekeeper.sandbox.schema import ObjectType

Record = dict[str, object]
Reader = Callable[[Row], object]

_FRACTIONS = {"currency", "double", "percent"}


@dataclass(slots=True)
class Shape:
    """What to write of one record: fields, parents, TYPEOF and children by key.

    `parents` are merged over the whole list, so that `Account.Name, Account.Industry`
    give one nested object.
    """

    type: ObjectType
    hop: Hop | None = None
    entries: dict[str, FieldType | Shape | Reader] = field(default_factory=dict)


def select_shape(scope: Scope, selected: Iterable[tree.Field]) -> Shape:
    """Return the shape of the plain fields of a SELECT list.

    Raises:
        SalesforceError: An unknown field, or one selected twice.
    """
    shape = Shape(scope.type)
    for entry in selected:
        add_field(scope, shape, entry)
    return shape


def add_field(scope: Scope, shape: Shape, entry: tree.Field) -> None:
    """Add one field of the SELECT list to the shape.

    Raises:
        SalesforceError: An unknown field, one selected twice, or a function.
    """
    expression = entry.expression
    if isinstance(expression, tree.Call):
        raise scope.malformed("unexpected token: '('", expression.at)
    if entry.alias is not None:
        message = "only aggregate expressions use field aliasing"
        raise scope.malformed(message, expression.at)
    _place(scope, shape, scope.column(expression), expression.at)


def _place(scope: Scope, shape: Shape, column: Column, at: int) -> None:
    for hop in column.hops:
        nested = shape.entries.get(hop.relationship)
        if not isinstance(nested, Shape):
            nested = Shape(hop.type, hop)
            shape.entries[hop.relationship] = nested
        shape = nested
    if column.field.name in shape.entries:
        message = f"duplicate field selected: {column.path}"
        raise scope.refuse("INVALID_FIELD", message, at)
    shape.entries[column.field.name] = column.field


def flat_columns(shape: Shape, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the path and the type of every plain field, parents' fields too."""
    for key, entry in shape.entries.items():
        if isinstance(entry, Shape):
            yield from flat_columns(entry, f"{prefix}{key}.")
        elif isinstance(entry, FieldType):
            yield prefix + key, entry.type


def add_typeof(scope: Scope, shape: Shape, typeof: tree.Typeof) -> None:
    """Add a TYPEOF expression to the shape.

    Raises:
        SalesforceError: Not a polymorphic relationship, or a type it cannot have.
    """
    hops = scope.hop(typeof.path)
    at = typeof.path.at
    if len(hops) != 1 or not hops[0].is_polymorphic:
        message = f"Cannot use TYPEOF with non-polymorphic field '{typeof.path}'"
        raise scope.malformed(message, at)
    hop = hops[0]
    if hop.relationship in shape.entries:
        message = f"duplicate field selected: {hop.relationship}"
        raise scope.refuse("INVALID_FIELD", message, at)
    shapes: dict[str, Shape] = {}
    otherwise: Shape | None = None
    for branch in typeof.branches:
        built = _branch(scope, hop, branch)
        if branch.type_name is None:
            otherwise = built
        else:
            shapes[built.type.name] = built
    shape.entries[hop.relationship] = _typeof_reader(scope.view, hop, shapes, otherwise)


def _branch(scope: Scope, hop: Hop, branch: tree.Branch) -> Shape:
    target = hop.type
    if branch.type_name is not None:
        wanted = branch.type_name.casefold()
        named = [known for known in hop.targets if known.name.casefold() == wanted]
        if not named:
            message = (
                f"sObject type '{branch.type_name}' cannot be used in TYPEOF of "
                f"'{hop.relationship}'"
            )
            raise scope.refuse("INVALID_TYPE", message, branch.at)
        target = named[0]
    inner = type(scope)(scope.view, target, parents=scope.parents)
    shape = Shape(target, hop)
    for path in branch.fields:
        _place(scope, shape, inner.column(path), path.at)
    return shape


def _typeof_reader(
    view: View, hop: Hop, shapes: dict[str, Shape], otherwise: Shape | None
) -> Reader:
    step = parent(view.source, hop)
    type_of = type_reader(hop)
    writers = {name: _body(view, shape) for name, shape in shapes.items()}
    fallback = None if otherwise is None else _body(view, otherwise)

    def read(row: Row) -> object:
        above = step(row)
        if above is None:
            return None
        name = str(type_of(above))
        write = writers.get(name, fallback)
        return None if write is None else write(above, name)

    return read


def compile_shape(view: View, shape: Shape) -> Callable[[Row], Record]:
    """Return the writer of one record; children are added by the caller."""
    write = _body(view, shape)
    name = shape.type.name
    return lambda row: write(row, name)


def _body(view: View, shape: Shape) -> Callable[[Row, str], Record]:
    readers = [
        (key, _reader(view, shape, entry)) for key, entry in shape.entries.items()
    ]
    base = f"/services/data/v{view.version}/sobjects/"

    def write(row: Row, type_name: str) -> Record:
        url = f"{base}{type_name}/{row.get('Id')}"
        record: Record = {"attributes": {"type": type_name, "url": url}}
        for key, read in readers:
            record[key] = read(row)
        return record

    return write


def _reader(view: View, shape: Shape, entry: FieldType | Shape | Reader) -> Reader:
    if isinstance(entry, Shape):
        return _parent_reader(view, entry)
    if callable(entry):
        return entry
    hop = shape.hop
    if hop is not None and hop.is_polymorphic and shape.type is hop.type:
        return type_reader(hop) if entry.name == "Type" else field_reader(entry)
    return field_reader(entry)


def _parent_reader(view: View, shape: Shape) -> Reader:
    hop = shape.hop
    if hop is None:
        raise ValueError(shape.type.name)
    step = parent(view.source, hop)
    write = _body(view, shape)
    type_of = type_reader(hop)

    def read(row: Row) -> object:
        above = step(row)
        return None if above is None else write(above, str(type_of(above)))

    return read


def field_reader(field_type: FieldType) -> Reader:
    """Return the reader of a field as JSON shows it."""
    name = field_type.name
    if field_type.type in _FRACTIONS:

        def fraction(row: Row) -> object:
            value = row.get(name)
            return float(value) if isinstance(value, int) else value

        return fraction
    return lambda row: row.get(name)
