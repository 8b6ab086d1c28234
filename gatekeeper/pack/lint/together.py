"""What is odd about the rules together: twins, rules that ask nothing new. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from gatekeeper.core.pack import Position, Reach
from gatekeeper.language.lint.logic import implies, question
from gatekeeper.language.tree import typed
from gatekeeper.language.tree.walk import all_of
from gatekeeper.pack.files.words import AppliesUntil
from gatekeeper.pack.lint.facts import Facts, warning
from gatekeeper.pack.lint.order import position_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatekeeper.language.lint.atoms import Order
    from gatekeeper.language.lint.logic import Claim
    from gatekeeper.language.scope import ParamSpec
    from gatekeeper.pack.load import Draft
    from gatekeeper.pack.source.problems import Problem

MOST_COMPARED = 50
"""One rule is held against so many others at most, so that lint stays quick."""


def pack_findings(draft: Draft, facts: Sequence[Facts]) -> list[Problem]:
    """Return what is odd about rules side by side and about parameters."""
    twins = list(_twins(facts))
    same = {problem.place for problem in twins}
    rest = [*_subsumed(facts), *_overlapping(facts)]
    return [
        *twins,
        *(each for each in rest if each.place not in same),
        *_open_maps(draft, facts),
    ]


# ---- W304, W305, W309 ------------------------------------------------------------


def _twins(facts: Sequence[Facts]) -> Iterator[Problem]:
    """Give the rules that ask of the same person what another asks."""
    first: dict[object, Facts] = {}
    for one in facts:
        rule = one.rule
        key = (rule.logic, rule.grace, rule.owed_by, rule.pipelines)
        other = first.setdefault(key, one)
        if other is not one:
            text = f"{rule.id} asks exactly what {other.rule.id} asks."
            remedy = f"keep one; the other stands at {_spot(other)}."
            yield warning(one.id_place, "W304", text, remedy)


def _subsumed(facts: Sequence[Facts]) -> Iterator[Problem]:
    """Give exit rules that hold whenever one of an earlier stage holds."""
    exits = [one for one in facts if _is_exit(one)]
    speaking: defaultdict[str, set[int]] = defaultdict(set)
    for number, one in enumerate(exits):
        for subject in frozenset[str]().union(*_subjects(one)):
            speaking[subject].add(number)
    for number, late in enumerate(exits):
        for other in sorted(_candidates(late, speaking) - {number})[:MOST_COMPARED]:
            early = exits[other]
            if _stands_before(early, late) and _asks_no_more(late, early):
                text = (
                    f"{late.rule.id} asks nothing that {early.rule.id} does not ask"
                    f" from {early.rule.stage} on."
                )
                remedy = f"take one out; the other stands at {_spot(early)}."
                yield warning(late.id_place, "W305", text, remedy)
                break


def _subjects(one: Facts) -> list[frozenset[str]]:
    """Return what each line that must hold is about."""
    return [
        line.questions[0].kin
        for line in one.require_lines
        if line.questions and line.is_top
    ]


def _candidates(late: Facts, speaking: Mapping[str, set[int]]) -> set[int]:
    """Return the rules that speak of what every line of the rule speaks of."""
    each = [
        set[int]().union(*(speaking[subject] for subject in about))
        for about in _subjects(late)
    ]
    return set.intersection(*each) if each else set()


def _is_exit(one: Facts) -> bool:
    rule, home = one.rule, one.draft.home
    part = one.draft.part
    until = (part.applies_until if part else None) or one.file.defaults.applies_until
    return (
        rule.position is Position.EXIT
        and rule.reach is Reach.STAGE
        and one.require is not None
        and not (home.part.path or home.when or home.unless)
        and until is AppliesUntil.CLOSED
    )


def _stands_before(early: Facts, late: Facts) -> bool:
    """Whether every pipeline that has both stages has them in this order."""
    ranks = [
        (order.rank(early.rule.stage), order.rank(late.rule.stage))
        for order in early.orders
        if order in late.orders
    ]
    return bool(ranks) and all(
        a is not None and b is not None and a < b for a, b in ranks
    )


def _asks_no_more(late: Facts, early: Facts) -> bool:
    """Whether `early` covers the deals and the question of `late`."""
    mine, other = late.rule, early.rule
    if not (mine.needs.fields <= other.needs.fields and _reads_rows(late, early)):
        return False
    if not set(mine.pipelines or ["*"]) <= set(
        other.pipelines or mine.pipelines or ["*"]
    ):
        return False
    if mine.include_lost and not other.include_lost:
        return False
    if other.is_optional or early.unless_lines or not _covers(early, late):
        return False
    if early.require is None or late.require is None:
        return False
    return _implies([early.require], late.require, late.orders)


def _reads_rows(late: Facts, early: Facts) -> bool:
    return late.rule.needs.collections.keys() <= early.rule.needs.collections.keys()


def _covers(early: Facts, late: Facts) -> bool:
    """Whether `early` is asked of every deal of which `late` is asked."""
    if not early.when_lines:
        return True
    if early.when is None or late.when is None:
        return False
    given = [*position_of(late.rule, late.file, late.scope), late.when]
    return _implies(given, early.when, late.orders)


def _implies(premises: Sequence[Claim], claim: Claim, orders: Sequence[Order]) -> bool:
    """Whether the claim follows in every order of stages."""
    return all(
        implies([question(one, each) for one in premises], question(claim, each))
        for each in orders
    )


def _overlapping(facts: Sequence[Facts]) -> Iterator[Problem]:
    """Give entry rules that ask what the exit of the stage before asks already."""
    exits = [one for one in facts if _is_exit(one)]
    entries = [
        one
        for one in facts
        if one.rule.position is Position.ENTRY and one.require is not None
    ]
    for entry in entries:
        for before in exits:
            if _is_next(before, entry) and _asks_no_more(entry, before):
                text = (
                    f"{entry.rule.id} asks on entry what {before.rule.id} asks on"
                    f" leaving {before.rule.stage}."
                )
                remedy = f"keep the exit criterion at {_spot(before)}."
                yield warning(entry.id_place, "W309", text, remedy)
                break


def _is_next(before: Facts, entry: Facts) -> bool:
    for order in before.orders:
        first, second = order.rank(before.rule.stage), order.rank(entry.rule.stage)
        if first is not None and second is not None and second - first == 2:
            return True
    return False


def _spot(one: Facts) -> str:
    return f"{one.id_place.path}:{one.id_place.line}"


# ---- W411 ------------------------------------------------------------------------


def _open_maps(draft: Draft, facts: Sequence[Facts]) -> Iterator[Problem]:
    for _, words in draft.files:
        for spec in words.params.values():
            if spec.by is None or spec.otherwise is not None:
                continue
            key, _ = words.declared[f"${spec.name}"]
            others, remedy = _left_out(spec)
            effect = _without_value(spec, facts)
            text = f"${spec.name} has no value for {others}: {effect}."
            yield warning(key.place, "W411", text, remedy)


def _without_value(spec: ParamSpec, facts: Sequence[Facts]) -> str:
    """Say what comes of a missing value, by whether rows or deals choose it."""
    lines = (
        line
        for one in facts
        if one.scope.params.get(spec.name) == spec
        for line in one.lines
        if spec.name in line.checked.params
    )
    by_rows = {
        chosen.by.collection is not None
        for line in lines
        for chosen in all_of(typed.Chosen, line.checked.test)
        if chosen.param == spec.name
    }
    effects = []
    if by_rows != {True}:
        effects.append("rules that use it do not apply to those deals")
    if True in by_rows:
        effects.append('such rows are not counted, and break "every"')
    return "; ".join(effects)


def _left_out(spec: ParamSpec) -> tuple[str, str]:
    """Name the values of the field that choose nothing, and what chooses for them."""
    if spec.bands is None:
        return f"other values of {spec.by}", "add else: with the value for all others."
    lowest = spec.bands[0][0]
    remedy = "add else: with the value below that, or a band that begins at 0."
    return f"{spec.by} below {lowest:,f}", remedy
