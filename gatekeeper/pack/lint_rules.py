"""What is odd about one rule: lines that fight, lines that say nothing. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.pack import Position
from gatekeeper.language import syntax
from gatekeeper.language.format import canonical
from gatekeeper.language.lint_logic import can_hold, implies
from gatekeeper.language.walk import all_of, parts_of
from gatekeeper.pack.columns import place_of
from gatekeeper.pack.lint_facts import Asked, Facts, warning
from gatekeeper.pack.lint_order import position_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.language.lint_logic import Claim
    from gatekeeper.language.scope import Scope
    from gatekeeper.pack.problems import Problem

_OF_TODAY = frozenset({"days_since", "days_until"})


def rule_findings(facts: Facts) -> Iterator[Problem]:
    """Give what is odd about a rule."""
    unreachable = list(_unreachable(facts))
    yield from unreachable
    if not unreachable:
        yield from _logic(facts)
    yield from _maintainer(facts)
    yield from _clock(facts)


def _fights(facts: Facts, claims: Sequence[Claim]) -> bool:
    """Whether the claims cannot hold together in any pipeline of the rule."""
    return bool(facts.orders) and not any(
        can_hold(claims, each) for each in facts.orders
    )


def _follows(facts: Facts, premises: Sequence[Claim], claim: Claim) -> bool:
    return bool(facts.orders) and all(
        implies(premises, claim, each) for each in facts.orders
    )


# ---- W302, W303, W306 ------------------------------------------------------------


def _unreachable(facts: Facts) -> Iterator[Problem]:
    position = position_of(facts.rule, facts.file, facts.scope)
    for line in facts.when_lines:
        if line.claim is None or not line.is_top:
            continue
        if _fights(facts, [line.claim]):
            text = f"this can never hold: {line.checked.text}"
            yield warning(line.place, "W302", text, "no deal has such values.")
        elif _fights(facts, [*position, line.claim]):
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
    given = [line for line in facts.when_lines if line.claim and line.is_top]
    position = position_of(facts.rule, facts.file, facts.scope)
    earlier: list[Asked] = []
    for line in facts.require_lines:
        if line.claim is None:
            continue
        found = _fight(facts, line, [*given, *earlier], position) or _idle(
            facts, line, [*given, *earlier], position
        )
        if found is not None:
            yield found
        elif line.is_top:
            earlier.append(line)


def _fight(
    facts: Facts, line: Asked, others: list[Asked], position: Sequence[Claim]
) -> Problem | None:
    own = line.claim
    if own is None:
        return None
    if _fights(facts, [own]):
        text = f"this can never hold: {line.checked.text}"
        return warning(line.place, "W302", text, "no deal has such values.")
    if not line.is_top:
        return None
    for other in others:
        if other.claim and _fights(facts, [other.claim, own]):
            text = f'this and "{other.checked.text}" can never hold together.'
            remedy = f"the other line stands at {_spot(other)}."
            return warning(line.place, "W302", text, remedy)
    if _fights(facts, [*position, own]):
        text = f"this can never hold here: {_where(facts)}."
        return warning(line.place, "W302", text)
    return None


def _idle(
    facts: Facts, line: Asked, others: list[Asked], position: Sequence[Claim]
) -> Problem | None:
    claim = line.claim
    if claim is None:
        return None
    if _follows(facts, [], claim):
        text = f"this always holds: {line.checked.text}"
        return warning(line.place, "W303", text, "take the line out.")
    if not line.is_top:
        return None
    for other in others:
        if other.claim and _follows(facts, [other.claim], claim):
            text = f'this holds whenever "{other.checked.text}" does.'
            remedy = f"take one of the two out; the other stands at {_spot(other)}."
            return warning(line.place, "W303", text, remedy)
    if _follows(facts, position, claim):
        text = f"this always holds here: {_where(facts)}."
        return warning(line.place, "W303", text, "take the line out.")
    return None


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
        moving = _moving(line.draft.test, facts.scope, frozenset())
        if moving is None or line.draft.test is None:
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
    tree: object, scope: Scope, seen: frozenset[str]
) -> tuple[syntax.Span, str] | None:
    """Find what a line, or a define it rests on, asks of the clock."""
    found = next(filter(None, map(_moves, parts_of(tree))), None)
    if found is not None:
        return found
    for name in all_of(syntax.Name, tree):
        define = scope.defines.get(name.parts[0])
        if define is not None and define.name not in seen:
            inner = _moving(define.body, scope, seen | {define.name})
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
        case syntax.Window(span=span, direction=direction, length=length):
            return span, f"{direction} {canonical(length)}"
        case syntax.Call(function=name, span=span) if name in _OF_TODAY:
            return span, canonical(part)
    return None
