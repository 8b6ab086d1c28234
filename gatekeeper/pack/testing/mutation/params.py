"""Parameters with one of their values changed. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, cast

from gatekeeper.core.catalogue import Kind
from gatekeeper.pack.testing.mutation.neighbours import neighbours, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from gatekeeper.language.scope import ParamSpec, ParamValue

V = TypeVar("V")


def changed_params(spec: ParamSpec) -> Iterator[tuple[str, ParamSpec]]:
    """Give a parameter with one value moved, and what completes "if ..."."""
    if spec.value is not None:
        for what, value in _changed_values(spec, spec.value):
            yield what, replace(spec, value=value)
    for key, chosen in (spec.values or {}).items():
        for what, value in _changed_values(spec, chosen):
            values = {**(spec.values or {}), key: value}
            yield f"{what} for {key}", replace(spec, values=values)
    yield from _changed_bands(spec, spec.bands or ())
    if spec.otherwise is not None:
        for what, value in _changed_values(spec, spec.otherwise):
            yield f"{what} else", replace(spec, otherwise=value)


def _changed_bands(
    spec: ParamSpec, bands: tuple[tuple[Decimal, ParamValue], ...]
) -> Iterator[tuple[str, ParamSpec]]:
    for number, (start, chosen) in enumerate(bands):
        others = (*bands[:number], *bands[number + 1 :])
        for near in neighbours(start):
            moved = sorted((*others, (near, chosen)), key=lambda band: band[0])
            what = f"{shown(start)} becomes {shown(near)}"
            yield what, replace(spec, bands=tuple(moved))
        for what, value in _changed_values(spec, chosen):
            moved = sorted((*others, (start, value)), key=lambda band: band[0])
            yield f"{what} from {shown(start)}", replace(spec, bands=tuple(moved))


def _changed_values(spec: ParamSpec, value: V) -> Iterator[tuple[str, V]]:
    if isinstance(value, tuple):
        for number, member in enumerate(value):
            if len(value) > 1:
                rest = (*value[:number], *value[number + 1 :])
                yield f'"{member}" is left out', cast("V", rest)
        return
    is_percent = spec.kind is Kind.PERCENT
    for near in neighbours(value):
        old, new = (shown(one, is_percent=is_percent) for one in (value, near))
        yield f"{old} becomes {new}", near
