"""Combine the lines of a rule: all, any, at least (language B5, rule 4).

Pure. The lines themselves were compiled by the language room; here is what several of
them say together, and how that is told.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.core.model import (
    EMPTY,
    Finding,
    Group,
    Line,
    Quorum,
    Standing,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Condition, Deal


def standing(condition: Condition, deal: Deal, context: Context) -> Standing:
    """Tell how a condition stands; an empty answer at the end of a line is not met."""
    if isinstance(condition, Group):
        return _group_standing(condition, deal, context)
    if condition.when is not None:
        asked = standing(condition.when, deal, context)
        if asked is not Standing.MET:
            return _not_asked(asked)
    answer = condition.test(deal, context)
    if answer is True:
        return Standing.MET
    if answer is False:
        return Standing.NOT_MET
    if answer is EMPTY:
        return Standing.MET if condition.blank_passes else Standing.NOT_MET
    return Standing.CANNOT_TELL


def findings(condition: Condition, deal: Deal, context: Context) -> tuple[Finding, ...]:
    """Explain every line of a condition, met ones included, in order."""
    if isinstance(condition, Line):
        return (_finding(condition, deal, context),)
    if condition.quorum is Quorum.ALL:
        return tuple(
            finding
            for part in condition.parts
            for finding in findings(part, deal, context)
        )
    parts = tuple(
        finding
        for part in condition.parts
        for finding in _part_findings(condition, part, deal, context)
    )
    return (_group_finding(condition, parts, standing(condition, deal, context)),)


def _not_asked(asked: Standing) -> Standing:
    return asked if asked is Standing.CANNOT_TELL else Standing.NOT_ASKED


def _group_standing(group: Group, deal: Deal, context: Context) -> Standing:
    asked = [
        each
        for part in group.parts
        if (each := _part_standing(group, part, deal, context))
        is not Standing.NOT_ASKED
    ]
    met = asked.count(Standing.MET)
    possible = met + asked.count(Standing.CANNOT_TELL)
    match group.quorum:
        case Quorum.ALL:
            needed = len(asked)
        case Quorum.ANY:
            needed = min(1, len(asked))
        case Quorum.AT_LEAST:
            needed = group.count
    if met >= needed:
        return Standing.MET if asked else Standing.NOT_ASKED
    return Standing.CANNOT_TELL if possible >= needed else Standing.NOT_MET


def _part_standing(
    group: Group, part: Condition, deal: Deal, context: Context
) -> Standing:
    """Leave an empty line with `on_blank: pass` out of an `any` (language A33)."""
    if _is_left_out(group, part, deal, context):
        return Standing.NOT_ASKED
    return standing(part, deal, context)


def _is_left_out(group: Group, part: Condition, deal: Deal, context: Context) -> bool:
    return (
        group.quorum is not Quorum.ALL
        and isinstance(part, Line)
        and part.blank_passes
        and part.test(deal, context) is EMPTY
    )


def _part_findings(
    group: Group, part: Condition, deal: Deal, context: Context
) -> tuple[Finding, ...]:
    """Explain a part of an any or at least; a line that is left out says so."""
    found = findings(part, deal, context)
    if not _is_left_out(group, part, deal, context):
        return found
    return tuple(
        replace(
            each,
            standing=Standing.NOT_ASKED,
            text=f"Left out, being empty: {each.line}",
            lasting_text=f"Left out, being empty: {each.line}",
        )
        for each in found
    )


def _finding(line: Line, deal: Deal, context: Context) -> Finding:
    if line.when is not None:
        asked = standing(line.when, deal, context)
        if asked is Standing.NOT_ASKED or asked is Standing.NOT_MET:
            return Finding(
                line.text,
                Standing.NOT_ASKED,
                text=f"Not asked: {line.text}",
                lasting_text=f"Not asked: {line.text}",
            )
    return line.explain(deal, context)


def _group_finding(
    group: Group, parts: tuple[Finding, ...], stands: Standing
) -> Finding:
    is_met = stands is Standing.MET
    asked = [part for part in parts if part.standing is not Standing.NOT_ASKED]
    telling = [part for part in asked if (part.standing is Standing.MET) is is_met]
    lead = _group_lead(group, parts, is_met=is_met)
    fixes = tuple(dict.fromkeys(part.fix for part in telling if part.fix))
    return Finding(
        line=" or ".join(part.line for part in parts),
        standing=stands,
        text=_joined(lead, (part.sentence for part in telling)),
        lasting_text=_joined(lead, (part.lasting_sentence for part in telling)),
        fix=None if is_met else " ".join(fixes) or None,
        because_empty=bool(telling) and all(part.because_empty for part in telling),
        parts=parts,
    )


def _group_lead(group: Group, parts: tuple[Finding, ...], *, is_met: bool) -> str:
    if group.quorum is Quorum.AT_LEAST:
        met = sum(part.standing is Standing.MET for part in parts)
        return f"{met} of the {group.count} needed"
    return "One of several is enough" if is_met else "None of these holds"


def _joined(lead: str, texts: Iterable[str]) -> str:
    return f"{lead}: {'; '.join(text.rstrip('.') for text in texts)}."
