"""The text that stands for the logic of a line: equal texts, equal logic.

Spelling, blanks and places do not count; the definitions and parameter values a line
rests on do. A stage counts by what it was called first, since its label may change.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from gatekeeper.language.tree import syntax
from gatekeeper.language.tree.syntax_values import singular_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.language.scope import DefineSpec, ParamSpec

_AS_WRITTEN: Mapping[str, str] = MappingProxyType({})
_NOT_LOGIC = frozenset({"span", "name_span", "operator_span", "place"})


def logic_text(
    test: syntax.Test,
    defines: Mapping[str, DefineSpec],
    params: Mapping[str, ParamSpec],
    stages: Mapping[str, str],
) -> str:
    """Render a line with what it rests on.

    Args:
        test: The line.
        defines: Those it uses, by name.
        params: Those it uses, by name.
        stages: Text that names a stage in it to what that stage was called first.
    """
    if not defines and not params:
        return render(test, stages)
    lines = [render(test, stages)]
    lines += [
        f"{name}: {render(defines[name].body, stages)}" for name in sorted(defines)
    ]
    lines += [f"${name}: {render(params[name], stages)}" for name in sorted(params)]
    return "\n".join(lines)


def render(value: object, texts: Mapping[str, str] = _AS_WRITTEN) -> str:
    """Render a tree or one of its values, without its places in the text.

    Args:
        value: What to render.
        texts: Texts that stand for others.
    """
    kind = type(value)
    if kind is str:  # most are, and no word of an enumeration
        return repr(texts.get(value, value))  # type: ignore[call-overload]
    shape = _shape_of(kind)  # type: ignore[arg-type]  # a class may be hashed
    if shape is None:
        return _render_plain(value, texts)
    if shape.is_spelt_in_ways and (same := _spelt_once(value)) is not None:
        return render(same, texts)
    inner = [render(getattr(value, name), texts) for name in shape.names]
    return f"{shape.kind}({', '.join(inner)})"


def _spelt_once(value: object) -> object | None:
    """Return the node that stands for all spellings; None where this one does."""
    match value:
        case syntax.Bracketed(test=inside) | syntax.Truthy(value=inside):
            return inside  # "(amount) >= 5" holds a test that is a value
        case syntax.Every() | syntax.Quantified() if _is_plural(value.collection):
            name = value.collection
            one = (*name.parts[:-1], singular_of(name.parts[-1]))
            return replace(value, collection=replace(name, parts=one))
    return None


def _render_plain(value: object, texts: Mapping[str, str]) -> str:
    """Render what is no node."""
    match value:
        case tuple() | list():
            return f"[{', '.join([render(each, texts) for each in value])}]"
        case Decimal():
            return f"{value.normalize():f}" if value.is_finite() else str(value)
        case Enum():
            return str(value.value)
        case str():
            return repr(texts.get(value, value))
        case dict():
            pairs = sorted(
                (str(key), render(inner, texts)) for key, inner in value.items()
            )
            return f"{{{', '.join(f'{key}: {inner}' for key, inner in pairs)}}}"
    return repr(value)


class _Shape(NamedTuple):
    """What counts of a kind of node.

    Attributes:
        is_spelt_in_ways: The same question may stand in another node, too.
    """

    kind: str
    names: tuple[str, ...]
    is_spelt_in_ways: bool


_SPELT_IN_WAYS = (syntax.Bracketed, syntax.Truthy, syntax.Every, syntax.Quantified)


@cache
def _shape_of(kind: type) -> _Shape | None:
    """Return the shape of a node, None for what is no node."""
    if not is_dataclass(kind):
        return None
    names = tuple(each.name for each in fields(kind) if each.name not in _NOT_LOGIC)
    return _Shape(kind.__name__, names, issubclass(kind, _SPELT_IN_WAYS))


def _is_plural(name: syntax.Name) -> bool:
    """Whether the rows go by the name of many: "every contact" is the same question."""
    return singular_of(name.parts[-1]) != name.parts[-1]
