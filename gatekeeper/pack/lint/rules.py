"""What is odd about one rule: lines that fight, lines that say nothing. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.pack import Position
from gatekeeper.language.lint.logic import can_hold, implies
from gatekeeper.language.tree import syntax
from gatekeeper.language.tree.format import canonical
from gatekeeper.language.tree.walk import of_kind, parts_of
from gatekeeper.pack.lint.facts import Asked, Facts, Questions, warning
from gatekeeper.pack.source.columns import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.language.scope import Scope
    from gatekeeper.pack.source.problems import Problem

_OF_TODAY = frozenset({"days_since", "days_until"})


def rule_findings(facts: Facts) -> Iterator[Problem]:
    """Give what is odd about a rule."""
    unreachable = list(_unreachable(facts))
    yield from unreachable
    if not unreachable:
        yield from _logic(facts)
    yield from _maintainer(facts)
    yield from _clock(facts)


def _fights(*claims: Questions) -> bool:
    """Whether the claims cannot hold together in any pipeline of the rule."""
    together = list(zip(*claims, strict=True))
    return bool(together) and not any(map(can_hold, together))


def _follows(*claims: Questions) -> bool:
    """Whether the last claim holds wherever the others do."""
    together = list(zip(*claims, strict=True))
    return bool(together) and all(
        implies(premises, claim) for *premises, claim in together
    )


# ---- W302, W303, W306 ------------------------------------------------------------


def _unreachable(facts: Facts) -> Iterator[Problem]:
    for line in facts.when_lines:
        if line.claim is None or not line.is_top:
            continue
        if _fights(line.questions):
            text = f"this can never hold: {line.checked.text}"
            yield warning(line.place, "W302", text, "no deal has such values.")
        elif _fights(*_near(facts.position, line), line.questions):
            text = f"{facts.rule.id} is never asked: {_where(facts)}."
            yield warning(line.place, "W306", text, "move the rule, or mend its when.")


def _where(facts: Facts) -> str:
    rule, pipelines = facts.rule, " or ".join(facts.file.pipeline_names)
    if rule.stage is None:
        return f"it is about the pipeline {pipelines}"
    words = {
        Position.EXIT: f"it binds deals that are past {rule.stage}",
        Position.WHILE_IN: f"it binds deals that are in {rule.stage}",
        Position.ENTRY: f"it binds deals that have reached {rule.stage}",
    }
    inside = f" of the pipeline {pipelines}" if pipelines else ""
    return words[rule.position] + inside


def _logic(facts: Facts) -> Iterator[Problem]:
    """Hold every line against itself, what is given, and the lines before it."""
    others = [line for line in facts.when_lines if line.claim and line.is_top]
    for line in facts.require_lines:
        if line.claim is None:
            continue
        found = _fight(facts, line, others) or _idle(facts, line, others)
        if found is not None:
            yield found
        elif line.is_top:
            others.append(line)


def _fight(facts: Facts, line: Asked, others: Sequence[Asked]) -> Problem | None:
    if _fights(line.questions):
        text = f"this can never hold: {line.checked.text}"
        return warning(line.place, "W302", text, "no deal has such values.")
    if not line.is_top:
        return None
    for other in others:
        if _fights(*_near([other.questions], line), line.questions):
            text = f'this and "{other.checked.text}" can never hold together.'
            remedy = f"the other line stands at {_spot(other)}."
            return warning(line.place, "W302", text, remedy)
    if _fights(*_near(facts.position, line), line.questions):
        text = f"this can never hold here: {_where(facts)}."
        return warning(line.place, "W302", text)
    return None


def _idle(facts: Facts, line: Asked, others: Sequence[Asked]) -> Problem | None:
    if _follows(line.questions):
        text = f"this always holds: {line.checked.text}"
        return warning(line.place, "W303", text, "take the line out.")
    if not line.is_top:
        return None
    for other in others:
        if _follows(*_near([other.questions], line), line.questions):
            text = f'this holds whenever "{other.checked.text}" does.'
            remedy = f"take one of the two out; the other stands at {_spot(other)}."
            return warning(line.place, "W303", text, remedy)
    if _follows(*_near(facts.position, line), line.questions):
        text = f"this always holds here: {_where(facts)}."
        return warning(line.place, "W303", text, "take the line out.")
    return None


def _near(claims: Sequence[Questions], line: Asked) -> list[Questions]:
    """Return the claims that speak of what the line speaks of; no other decides it."""
    return [
        each
        for each in claims
        if any(
            not one.kin.isdisjoint(other.kin)
            for one, other in zip(each, line.questions, strict=True)
        )
    ]


def _spot(line: Asked) -> str:
    place = line.place
    return f"{place.path}:{place.line}"


# ---- W308, W409 ------------------------------------------------------------------


def _maintainer(facts: Facts) -> Iterator[Problem]:
    if not facts.rule.maintainer:
        text = f"{facts.rule.id} has no maintainer: nobody answers questions about it."
        remedy = "maintainer: revops@example.com (on the rule or under defaults)"
        yield warning(facts.id_place, "W308", text, remedy)


def _clock(facts: Facts) -> Iterator[Problem]:
    if facts.rule.position is not Position.EXIT or _says_asked(facts):
        return
    for line in facts.lines:
        moving = _moving(line.parts, facts.scope, frozenset())
        if moving is None:
            continue
        span, word = moving
        text = (
            f'"{word}" moves with time, so this exit criterion turns false by itself'
            " after the deal has left the stage."
        )
        remedy = "asked: when_leaving (or, if that is meant, asked: always)"
        place = place_of(line.draft.scalar, span)
        yield warning(place, "W409", text, remedy)
        return


def _says_asked(facts: Facts) -> bool:
    tables = (facts.draft.table, facts.file.defaults_table)
    return any(table is not None and table.get("asked") is not None for table in tables)


def _moving(
    parts: Sequence[object], scope: Scope, seen: frozenset[str]
) -> tuple[syntax.Span, str] | None:
    """Find what a line, or a define it rests on, asks of the clock."""
    found = next(filter(None, map(_moves, parts)), None)
    if found is not None:
        return found
    for name in of_kind(syntax.Name, parts):
        define = scope.defines.get(name.parts[0])
        if define is not None and define.name not in seen:
            body = tuple(parts_of(define.body))
            inner = _moving(body, scope, seen | {define.name})
            if inner is not None:
                return name.span, inner[1]
    return None


def _moves(part: object) -> tuple[syntax.Span, str] | None:
    match part:
        case syntax.Today(span=span):
            return span, "today"
        case syntax.Now(span=span):
            return span, "now"
        case syntax.Within(span=span) | syntax.InPeriod(span=span):
            return span, canonical(part)
        case syntax.Changed(span=span, window=syntax.Window()):
            return span, canonical(part)
        case syntax.Window(span=span, direction=direction, length=length):
            return span, f"{direction} {canonical(length)}"
        case syntax.Call(function=name, span=span) if name in _OF_TODAY:
            return span, canonical(part)
    return None
