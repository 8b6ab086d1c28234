"""What past runs and the deals say of the rules (W405, W501-W503, W506). Pure.

Says nothing where too little was seen, and says how much that is.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING

from gatekeeper.core.pack import Grace, Position, Reach, Unit
from gatekeeper.pack.lint.facts import warning
from gatekeeper.pack.source.nodes import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from gatekeeper.core.experience import Experience, RuleRecord
    from gatekeeper.core.pack import RulePack
    from gatekeeper.language.messages import Place
    from gatekeeper.pack.lint.facts import Facts
    from gatekeeper.pack.source.problems import Problem

LEAST_DEALS = 20
LEAST_STAYS = 20
LEAST_DAYS = 30
"""Fewer tell nothing: of deals, of finished stays, of days that runs reach back."""
OFTEN_EMPTY = Decimal(5)
FIRES_TOO_OFTEN = Decimal(60)
"""In percent (language B8)."""
_DAYS_OF = {
    Unit.DAYS: Decimal(1),
    Unit.HOURS: Decimal(1) / 24,
    Unit.BUSINESS_DAYS: Decimal(7) / 5,
}


@dataclass(slots=True)
class PastFindings:
    """What the past says, and of how much it says nothing.

    Attributes:
        too_little: What there was too little of, counted.
    """

    problems: list[Problem] = field(default_factory=list)
    too_little: Counter[str] = field(default_factory=Counter)


def past_findings(
    pack: RulePack, facts: Sequence[Facts], seen: Experience, today: date
) -> PastFindings:
    """Hold every rule against what was seen.

    Args:
        pack: The pack as compiled, for its overlays.
        facts: Its rules, in file order.
        seen: What runs and deals tell.
        today: From which the runs reach back.
    """
    found = PastFindings()
    for one in facts:
        if not one.rule.undecided:
            found.problems += _often_empty(one, seen, found)
            found.problems += _firing(one, seen, found, today)
            found.problems += _long_grace(one, seen, found)
    for overlay in pack.overlays:
        rules = {rule.id: rule for rule in overlay.pack.rules} if overlay.pack else {}
        for one in facts:
            rule = rules.get(one.rule.id)
            if rule is not None and rule.grace != one.rule.grace:
                own = replace(one, rule=rule)
                for problem in _long_grace(own, seen, found):
                    text = f"in overlay {overlay.name}: {problem.text}"
                    found.problems.append(replace(problem, text=text))
    return found


# ---- W405 ----------------------------------------------------------------------------


def _often_empty(
    facts: Facts, seen: Experience, found: PastFindings
) -> Iterator[Problem]:
    for line in facts.when_lines:
        asking = seen.askings.get((facts.rule.id, line.checked.text))
        if asking is None or asking.deals < LEAST_DEALS:
            found.too_little["conditions asked of too few deals"] += 1
        elif 100 * asking.empty > OFTEN_EMPTY * asking.deals:
            share = _percent(asking.empty, asking.deals)
            text = (
                f"{asking.empty:,} of {asking.deals:,} deals ({share}) have nothing"
                f" here, so {facts.rule.id} silently leaves them out."
            )
            remedy = "ask for it in a rule of its own, or say here what empty means."
            yield warning(line.place, "W405", text, remedy)


# ---- W501, W502 ----------------------------------------------------------------------


def _firing(
    facts: Facts, seen: Experience, found: PastFindings, today: date
) -> Iterator[Problem]:
    record = seen.records.get(facts.rule.id)
    if record is None or record.since is None or record.deals < LEAST_DEALS:
        found.too_little["rules judged on too few deals in runs"] += 1
        return
    told = f"in {_runs(record)} on up to {record.deals:,} deals"
    if 100 * record.failed > FIRES_TOO_OFTEN * record.judged:
        share = _percent(record.failed, record.judged)
        text = f"{facts.rule.id} failed {share} of the time {told}."
        remedy = "lower the bar, help people over it, or keep it in observe till then."
        yield warning(facts.id_place, "W502", text, remedy)
    elif not record.failed and (today - record.since).days < LEAST_DAYS:
        found.too_little["rules that never failed in runs of too few days"] += 1
    elif not record.failed:
        text = f"{facts.rule.id} never failed {told}."
        remedy = "check that it still asks something, or take it out."
        yield warning(facts.id_place, "W501", text, remedy)


def _runs(record: RuleRecord) -> str:
    noun = "run" if record.runs == 1 else "runs"
    return f"{record.runs:,} {noun} since {record.since:%-d %b %Y}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%"


# ---- W503 ----------------------------------------------------------------------------


def _long_grace(
    facts: Facts, seen: Experience, found: PastFindings
) -> Iterator[Problem]:
    grace = facts.rule.grace
    if not grace.count:
        return
    stays, where = _stays(facts, seen)
    if len(stays) < LEAST_STAYS:
        found.too_little["graces with too few finished stays to compare"] += 1
        return
    usual = median(stays)
    if grace.count * _DAYS_OF[grace.unit] > usual:
        text = (
            f"a grace of {_written(grace)} is longer than half of the deals take"
            f" {where} (median {usual:.1f} days of {len(stays):,}): most violations"
            " of this rule are never seen."
        )
        yield warning(_grace_place(facts), "W503", text, "shorten the grace.")


def _stays(facts: Facts, seen: Experience) -> tuple[Sequence[Decimal], str]:
    """Return how long the rule may be asked of a deal, and how that is called."""
    rule = facts.rule
    if rule.reach is not Reach.STAGE or rule.stage is None:
        return seen.stays.whole, "from their creation to their end"
    if rule.position is Position.WHILE_IN:
        return seen.stays.inside.get(rule.stage, ()), f"in {rule.stage}"
    after = seen.stays.after.get(rule.stage, ())
    return after, f"from leaving {rule.stage} to their end"


def _written(grace: Grace) -> str:
    unit = grace.unit.value
    return f"{grace.count} {unit.removesuffix('s') if grace.count == 1 else unit}"


def _grace_place(facts: Facts) -> Place:
    for table in (facts.draft.table, facts.file.defaults_table):
        node = table.get("grace") if table else None
        if isinstance(node, Scalar):
            return node.place
    return facts.id_place
