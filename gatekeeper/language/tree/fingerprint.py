"""The text that stands for the logic of a line: equal texts, equal logic.

Spelling, blanks and places do not count; the definitions and parameter values a line
rests on do. A stage counts by what it was called first, since its label may change.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum
from functools import cache, lru_cache
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from gatekeeper.language.tree import syntax
from gatekeeper.language.tree.syntax_values import singular_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gatekeeper.language.scope import DefineSpec, ParamSpec

    Writer = Callable[[Any, Mapping[str, str]], str]

LONGEST = 2_000
"""Characters of what a line rests on; a file may name it in thousands of lines."""
_AS_WRITTEN: Mapping[str, str] = MappingProxyType({})
_NOT_LOGIC = frozenset({"span", "name_span", "operator_span", "place", "is_typed"})


def rests_on(
    defines: Mapping[str, DefineSpec],
    params: Mapping[str, ParamSpec],
    stages: Mapping[str, str],
) -> str:
    """Render what a line rests on; where that is long, a digest stands for it.

    Args:
        defines: Those it uses, by name.
        params: Those it uses, by name.
        stages: Text that names a stage in it to what that stage was called first.
    """
    lines = [
        f"{name}: {render(defines[name].body, stages)}" for name in sorted(defines)
    ]
    lines += [f"${name}: {render(params[name], stages)}" for name in sorted(params)]
    text = "\n".join(lines)
    return text if len(text) <= LONGEST else sha256(text.encode()).hexdigest()


def render(value: object, texts: Mapping[str, str] = _AS_WRITTEN) -> str:
    """Render a tree or one of its values, without its places in the text.

    Args:
        value: What to render.
        texts: Texts that stand for others.
    """
    return _writer_of(type(value))(value, texts)  # type: ignore[arg-type]  # hashable


@cache
def _writer_of(kind: type) -> Writer:
    """Return what renders the values of a class."""
    if is_dataclass(kind):
        return _writer_of_nodes(kind)
    if issubclass(kind, Enum):
        return lambda value, _: str(value.value)
    for plain, writer in _OF_PLAIN.items():
        if issubclass(kind, plain):
            return writer
    return lambda value, _: repr(value)


def _writer_of_nodes(kind: type) -> Writer:
    if kind is syntax.Name:
        return _name
    names = [each.name for each in fields(kind) if each.name not in _NOT_LOGIC]

    def write(value: Any, texts: Mapping[str, str]) -> str:
        inner = [render(getattr(value, name), texts) for name in names]
        return f"{kind.__name__}({', '.join(inner)})"

    def write_once(value: Any, texts: Mapping[str, str]) -> str:
        same = _spelt_once(value)
        return write(value, texts) if same is None else render(same, texts)

    return write_once if issubclass(kind, _SPELT_IN_WAYS) else write


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


_SPELT_IN_WAYS = (syntax.Bracketed, syntax.Truthy, syntax.Every, syntax.Quantified)


def _is_plural(name: syntax.Name) -> bool:
    """Whether the rows go by the name of many: "every contact" is the same question."""
    return singular_of(name.parts[-1]) != name.parts[-1]


def _name(value: Any, _texts: Mapping[str, str]) -> str:
    return _named(value.parts)  # no field is a stage


@lru_cache(maxsize=1_000)
def _named(parts: tuple[str, ...]) -> str:
    """Render a name; the lines of a pack share few."""
    return f"Name({_listing(parts, _AS_WRITTEN)})"


# ---- what is no node ----------------------------------------------------------------


def _text(value: Any, texts: Mapping[str, str]) -> str:
    return repr(texts.get(value, value))


def _number(value: Any, _texts: Mapping[str, str]) -> str:
    text = str(value)
    return text if text.isdigit() else f"{value.normalize():f}"  # most are whole


def _listing(value: Any, texts: Mapping[str, str]) -> str:
    return f"[{', '.join([render(each, texts) for each in value])}]"


def _table(value: Any, texts: Mapping[str, str]) -> str:
    pairs = sorted((str(key), render(inner, texts)) for key, inner in value.items())
    return f"{{{', '.join(f'{key}: {inner}' for key, inner in pairs)}}}"


_OF_PLAIN: Mapping[type, Writer] = {
    str: _text,
    Decimal: _number,
    tuple: _listing,
    list: _listing,
    dict: _table,
}
