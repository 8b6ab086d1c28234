"""`use:`: the shared names a file brings in, loops and clashes found. Pure."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from gatekeeper.pack.source.nodes import Listing, Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.language.scope import DefineSpec, ParamSpec
    from gatekeeper.pack.files.declared import Names
    from gatekeeper.pack.source.nodes import Node
    from gatekeeper.pack.source.read import Reader

Spec = TypeVar("Spec", "ParamSpec", "DefineSpec")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All names that may be used in one file.

    Attributes:
        declared: `$name` of a parameter or name of a condition to its key and value.
    """

    params: Mapping[str, ParamSpec]
    defines: Mapping[str, DefineSpec]
    declared: Mapping[str, tuple[Scalar, Node]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Library:
    """The files that may be named under `use`, by path."""

    names: Mapping[str, Names]
    rule_files: frozenset[str]


def vocabulary(reader: Reader, names: Names, library: Library) -> Vocabulary:
    """Join what a file declares with what it uses, directly or through another."""
    params: dict[str, ParamSpec] = {}
    defines: dict[str, DefineSpec] = {}
    used: dict[str, Names] = {}
    _collect(reader, names, library, (), used)
    declared: dict[str, tuple[Scalar, Node]] = {}
    for one in (*used.values(), names):
        declared = {**one.declared, **declared}
        _merge(reader, params, one.params, one)
        _merge(reader, defines, one.defines, one)
    return Vocabulary(params, defines, declared)


def _collect(
    reader: Reader,
    names: Names,
    library: Library,
    above: tuple[str, ...],
    used: dict[str, Names],
) -> None:
    """Add the files used to `used`, the innermost first, each once."""
    path = names.source.path
    for entry in _entries(names):
        target = posixpath.normpath(
            posixpath.join(posixpath.dirname(path), entry.text.strip())
        )
        if target in (*above, path):
            _loop(reader, entry, (*above, path), target)
        elif target not in library.names:
            _not_found(reader, entry, library, target)
        elif target not in used:
            inner = library.names[target]
            _collect(reader, inner, library, (*above, path), used)
            used[target] = inner


def _entries(names: Names) -> tuple[Scalar, ...]:
    entries = names.use.entries if isinstance(names.use, Listing) else (names.use,)
    return tuple(entry for entry in entries if isinstance(entry, Scalar))


def _not_found(reader: Reader, entry: Scalar, library: Library, target: str) -> None:
    if target in library.rule_files:
        reader.say(
            entry.place,
            "E213",
            f'{_short(target)} contains "stages"; a file brought in with "use" may hold'
            " only define and params.",
        )
        return
    text = f'"use: {entry.text}" was not found next to this file.'
    reader.say(entry.place, "E211", text)


def _loop(reader: Reader, entry: Scalar, chain: tuple[str, ...], target: str) -> None:
    circle = [*chain[chain.index(target) :], target]
    first, second, *rest = [_short(path) for path in circle]
    text = f"{first} uses {second}" + "".join(f", which uses {one}" for one in rest)
    reader.say(entry.place, "E212", f"{text}.")


def _short(path: str) -> str:
    return path.rpartition("/")[2]


def _merge(
    reader: Reader, into: dict[str, Spec], more: Mapping[str, Spec], names: Names
) -> None:
    for name, spec in more.items():
        known = into.setdefault(name, spec)
        if known is not spec:
            place = names.source.at(int(spec.place.rpartition(":")[2]) - 1, 0)
            reader.say(
                place,
                "E218",
                f"{name} is also declared in {known.place}.",
                "give one of them another name.",
            )
