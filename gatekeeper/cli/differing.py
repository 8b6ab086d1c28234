"""What differs between two packs, row by row, as `rules diff` shows it."""

from __future__ import annotations

from dataclasses import replace
from difflib import ndiff
from typing import TYPE_CHECKING, Any

from gatekeeper.pack.diff import (
    Difference,
    differences,
    overlay_differences,
    pack_differences,
)
from gatekeeper.pack.settled import settled
from gatekeeper.pack.written import meanings, overlays_written, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gatekeeper.pack.diff import RuleDifference
    from gatekeeper.pack.load import Draft


def differing(old: Draft, new: Draft) -> list[dict[str, Any]]:
    """Return the rows: rules, then overlays, then what is settled beside them.

    Raises:
        PackError: One of the packs has mistakes.
    """
    return [
        *_rule_differences(old, new),
        *_overlay_differences(old, new),
        *_pack_differences(old, new),
    ]


def _rule_differences(old: Draft, new: Draft) -> Iterator[dict[str, Any]]:
    # Both without the CRM: its own names of pipelines and stages are no difference.
    for draft in (old, new):
        draft.compile(None)  # with the overlays, so that their mistakes show
    plain = (replace(draft, overlays=()).compile(None) for draft in (old, new))
    found = differences(*plain)
    for one, lines in zip(found, _changed_lines(found, old, new), strict=True):
        row = {"difference": one.kind.value, "rule": one.rule_id}
        yield {**row, "detail": one.detail, "lines": lines}


def _overlay_differences(old: Draft, new: Draft) -> Iterator[dict[str, Any]]:
    before, after = overlays_written(old), overlays_written(new)
    for one in overlay_differences(before, after):
        lines = _apart(before.get(one.overlay, []), after.get(one.overlay, []))
        row = {"difference": one.kind.value, "overlay": one.overlay}
        yield {**row, "detail": "", "lines": lines}


def _pack_differences(old: Draft, new: Draft) -> Iterator[dict[str, Any]]:
    for one in pack_differences(settled(old), settled(new)):
        row = {"difference": one.kind.value, "place": one.place}
        yield {**row, "detail": one.detail, "lines": []}


def _changed_lines(
    found: Iterable[RuleDifference], old: Draft, new: Draft
) -> Iterator[list[str]]:
    """Give what a person wrote anew, once a rule: `- ` what went, `+ ` what came."""
    shown: set[str] = set()
    for one in found:
        is_text = one.kind in (Difference.LOGIC, Difference.WORDING)
        if is_text and one.rule_id not in shown:
            shown.add(one.rule_id)
            yield _apart(_text(old, one.rule_id), _text(new, one.rule_id))
        else:
            yield []


def _text(draft: Draft, rule_id: str) -> list[str]:
    """Return a rule's own lines, and below them what its names stand for."""
    names = meanings(draft, rule_id).items()
    return [*written(draft, rule_id), *(f"{name} = {text}" for name, text in names)]


def _apart(before: list[str], after: list[str]) -> list[str]:
    return [line for line in ndiff(before, after) if line[0] in "+-"]
