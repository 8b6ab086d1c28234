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
    from collections.abc import Iterable, Sequence

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Condition, Deal


UNTOLD = "Cannot tell: "
"""How a sentence begins that says what could not be told."""

_LOWEST = (Standing.NOT_MET, Standing.NOT_ASKED, Standing.MET)
_HIGHEST = (Standing.MET, Standing.NOT_ASKED, Standing.NOT_MET)


def standing(condition: Condition, deal: Deal, context: Context) -> Standing:
    """Tell how a condition stands; an empty answer at the end of a line is not met."""
    if isinstance(condition, Group):
        return _group_standing(condition, deal, context)
    if condition.when is not None:
        asked = standing(condition.when, deal, context)
        if asked is not Standing.MET:
            return _not_asked(asked)
    return _answered(condition, deal, context)


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


def _answered(line: Line, deal: Deal, context: Context) -> Standing:
    """Tell how a line stands where it is asked."""
    answer = line.test(deal, context)
    if answer is True:
        return Standing.MET
    if answer is False:
        return Standing.NOT_MET
    if answer is EMPTY:
        return Standing.MET if line.blank_passes else Standing.NOT_MET
    return Standing.CANNOT_TELL


def _group_standing(group: Group, deal: Deal, context: Context) -> Standing:
    parts = [_part_standing(group, part, deal, context) for part in group.parts]
    if Standing.CANNOT_TELL not in parts:
        return _decided(group, parts)
    may_be = _may_be(group, deal, context)
    return may_be.pop() if len(may_be) == 1 else Standing.CANNOT_TELL


def _decided(group: Group, parts: Sequence[Standing]) -> Standing:
    """Tell how a group stands whose parts are all told."""
    asked = len(parts) - parts.count(Standing.NOT_ASKED)
    if not asked:
        return Standing.NOT_ASKED
    match group.quorum:
        case Quorum.ALL:
            needed = asked
        case Quorum.ANY:
            needed = 1
        case Quorum.AT_LEAST:
            needed = group.count
    is_met = parts.count(Standing.MET) >= needed
    return Standing.MET if is_met else Standing.NOT_MET


def _may_be(group: Group, deal: Deal, context: Context) -> set[Standing]:
    """Say how a group may stand, whichever way its untold parts fall."""
    parts = [_part_may_be(group, part, deal, context) for part in group.parts]
    may_be = {
        _decided(group, [min(part, key=order.index) for part in parts])
        for order in (_LOWEST, _HIGHEST)
    }
    if all(Standing.NOT_ASKED in part for part in parts):
        may_be.add(Standing.NOT_ASKED)
        if group.count > 1 and Standing.MET in may_be:
            may_be.add(Standing.NOT_MET)  # where too few of its lines are asked
    return may_be


def _part_may_be(
    group: Group, part: Condition, deal: Deal, context: Context
) -> set[Standing]:
    stands = _part_standing(group, part, deal, context)
    if stands is not Standing.CANNOT_TELL:
        return {stands}
    if isinstance(part, Group):
        return _may_be(part, deal, context)
    own = _answered(part, deal, context)
    may_be = {own}
    if own is Standing.CANNOT_TELL:
        may_be = {Standing.MET, Standing.NOT_MET}
    if part.when is None or standing(part.when, deal, context) is Standing.MET:
        return may_be
    return {*may_be, Standing.NOT_ASKED}


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
    if line.when is None:
        return line.explain(deal, context)
    asked = standing(line.when, deal, context)
    if asked is Standing.MET:
        return line.explain(deal, context)
    why = _deciding(line.when, asked, deal, context)
    if asked is Standing.CANNOT_TELL:
        return _open_finding(line, why, line.explain(deal, context))
    said = f"Not asked: {line.text} ({{}})."
    return Finding(
        line.text,
        Standing.NOT_ASKED,
        text=said.format(why.text.rstrip(".")),
        lasting_text=said.format(why.lasting_text.rstrip(".")),
    )


def _deciding(
    condition: Condition, stands: Standing, deal: Deal, context: Context
) -> Finding:
    """Return the finding that says why a condition stands as it does."""
    told = findings(condition, deal, context)
    return next((each for each in told if each.standing is stands), told[0])


def _open_finding(line: Line, why: Finding, asked: Finding) -> Finding:
    """Explain a line of which it cannot be told whether it is asked."""
    reason = why.text.removeprefix(UNTOLD).rstrip(".")
    text = f"{UNTOLD}{reason}, so it is open whether this is asked: {line.text}."
    return Finding(
        line.text,
        Standing.CANNOT_TELL,
        text,
        text,
        fix=asked.fix,
        title=asked.title,
        details=(f"If it is asked: {asked.text}",),
    )


def _group_finding(
    group: Group, parts: tuple[Finding, ...], stands: Standing
) -> Finding:
    is_met = stands is Standing.MET
    left_out = [part for part in parts if part.standing is Standing.NOT_ASKED]
    asked = [part for part in parts if part.standing is not Standing.NOT_ASKED]
    telling = [part for part in asked if (part.standing is Standing.MET) is is_met]
    lead = _group_lead(group, parts, stands)
    fixes = tuple(dict.fromkeys(part.fix for part in telling if part.fix))
    told = telling or left_out
    return Finding(
        line=" or ".join(part.line for part in parts),
        standing=stands,
        text=_joined(lead, (part.sentence for part in told)),
        lasting_text=_joined(lead, (part.lasting_sentence for part in told)),
        fix=None if is_met else " ".join(fixes) or None,
        because_empty=bool(telling) and all(part.because_empty for part in telling),
        parts=parts,
    )


def _group_lead(group: Group, parts: tuple[Finding, ...], stands: Standing) -> str:
    if stands is Standing.NOT_ASKED:
        return "None of these is asked"
    met = sum(part.standing is Standing.MET for part in parts)
    if group.quorum is Quorum.AT_LEAST:
        enough = f"{met} of the {group.count} needed"
        untold = f"{UNTOLD}{enough} known to hold"
        return untold if stands is Standing.CANNOT_TELL else enough
    if stands is Standing.CANNOT_TELL:
        return f"{UNTOLD}none of these is known to hold"
    return "One of several is enough" if met else "None of these holds"


def _joined(lead: str, texts: Iterable[str]) -> str:
    if lead.startswith(UNTOLD):
        texts = (text.removeprefix(UNTOLD) for text in texts)
    return f"{lead}: {'; '.join(text.rstrip('.') for text in texts)}."
