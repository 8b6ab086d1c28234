"""A small sales organisation: its people, its deals, its rules, and who judges them.

The rules ask that a field is filled once a deal has left Qualification. What a deal
lacks is judged here a second time, from its record alone and with nothing of the
product, so that the promises are held against an independent answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from random import Random
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import CrmSchema
from gatekeeper.core.model import (
    EMPTY,
    Flags,
    Mode,
    Person,
    Severity,
    Unavailable,
)
from gatekeeper.core.pack import Grouping, Limits, Needs
from gatekeeper.core.roles import People
from tests.builders import NOW, ORG, PIPELINE, a_deal, a_pack, a_rule, filled

if TYPE_CHECKING:
    from gatekeeper.core.model import Deal, FieldValue
    from gatekeeper.core.pack import RulePack

FIELDS = {"qual-amount": "budget", "qual-next": "next_step", "qual-need": "need"}
"""Rule to the field it asks for."""
_ROLES = {"qual-next": "owner_manager"}
_SEVERITIES = {"qual-amount": Severity.HIGH, "qual-need": Severity.LOW}
NEEDS = Needs(
    frozenset(
        {*FIELDS.values(), "amount", "is_closed", "is_won", "close_date", "created_on"}
        | {"owner.name"}
    )
)
ASKED_IN = frozenset(
    {
        "Proposal",
        "Proposal/Price Quote",
        "decisionmakerboughtin",
        "closedwon",
        "Closed Won",
    }
)
"""The stages in which a deal has left Qualification for good."""
STAGES = ("Prospecting", "Qualification", "Proposal", "Proposal", "Proposal")
REP, OTHER_REP, MANAGER, LAST_RESORT = (f"005{n:012d}AAA" for n in range(1, 5))
MUCH = "Long text. " * 6_000
"""Not as long as a text may be, but longer than anything is kept or written."""
FAR = date(2031, 12, 31)
SCHEMA = CrmSchema("salesforce", ORG, NOW, {}, {}, (PIPELINE,), strict=True)


def lacks(deal: Deal, rule_id: str, pack: RulePack) -> bool | None:
    """Return whether a rule in force finds something missing; None: cannot tell."""
    is_asked = any(
        rule.id == rule_id and rule.mode is Mode.ENFORCE for rule in pack.rules
    )
    if not is_asked or deal.stage not in ASKED_IN:
        return False
    value = deal.fields.get(FIELDS[rule_id], EMPTY)
    return None if isinstance(value, Unavailable) else value is EMPTY


def owing(deal: Deal, pack: RulePack) -> list[str]:
    """Return the rules in force of which a deal lacks something."""
    return [rule.id for rule in pack.rules if lacks(deal, rule.id, pack) is True]


@dataclass(frozen=True, slots=True)
class OrgPlan:
    """What a seed makes of an org.

    Attributes:
        draw: Gives the particulars of the deals to come.
    """

    pack: RulePack
    users: dict[str, Person]
    deals: dict[str, Deal]
    is_hubspot: bool
    batch_size: int
    page_size: int


def org_of(seed: int) -> OrgPlan:
    """Return the org of a seed."""
    draw = Random(f"org {seed}")  # noqa: S311  (no secret depends on it)
    users = {
        REP: Person(REP, "Ann Rep", "ann@acme.example", manager_id=MANAGER),
        OTHER_REP: Person(OTHER_REP, "Cy Rep", "cy@acme.example", manager_id=MANAGER),
        MANAGER: Person(MANAGER, "Bea Boss", "bea@acme.example"),
        LAST_RESORT: Person(LAST_RESORT, "Rev Ops", "ops@acme.example"),
    }
    deals = [
        new_deal(number, draw.getrandbits(24)) for number in range(draw.randint(1, 5))
    ]
    return OrgPlan(
        _pack(draw),
        users,
        {deal.id: deal for deal in deals},
        is_hubspot=draw.random() < 0.4,
        batch_size=draw.choice((1, 2, 3, 100)),
        page_size=draw.choice((1, 2, 100)),
    )


def new_deal(place: int, number: int) -> Deal:
    """Return the deal that a number describes."""
    values: dict[str, FieldValue] = {
        field: EMPTY if number >> bit & 1 else "there"
        for bit, field in enumerate(FIELDS.values())
    }
    stage = STAGES[(number >> 4) % len(STAGES)]
    deal = a_deal(stage, deal_id=f"006{place + 1:012d}AAA", close_date=FAR)
    deal = replace(deal, fields={**deal.fields, **values})
    owner = (REP, OTHER_REP)[number >> 8 & 1]
    return replace(deal, name=f"Deal {place + 1}", owner_id=owner, flags=Flags())


def _pack(draw: Random) -> RulePack:
    rules = [
        a_rule(
            rule_id,
            require=filled(field),
            severity=_SEVERITIES.get(rule_id, Severity.MEDIUM),
            owed_by=_ROLES.get(rule_id, "deal_owner"),
            mode=draw.choice((Mode.WARN, *(Mode.ENFORCE,) * 4)),
        )
        for rule_id, field in FIELDS.items()
    ]
    limits = Limits(
        tasks_per_person_per_run=draw.choice((2, 10, 10)),
        tasks_per_person_per_day=draw.choice((1, 3, 15, 15)),
        writes_per_run=draw.choice((4, 2000, 2000)),
        new_violations_per_rule=draw.choice((1, 200, 200, 200)),
        ramp=draw.choice((None, None, None, 2)),
    )
    pack = a_pack(
        *rules,
        limits=limits,
        grouping=draw.choice((Grouping.DEAL, Grouping.DEAL, Grouping.RULE)),
        reopen_after=draw.choice((1, 3, 5)),
        reopen_times=draw.choice((0, 1, 2)),
        reopen_within=draw.choice((0, 5)),
    )
    return replace(pack, needs=NEEDS, people=People(fallback="ops@acme.example"))


def edited(pack: RulePack, number: int, all_rules: RulePack) -> RulePack:
    """Return the rules after somebody edited one of them."""
    rule_id = list(FIELDS)[number % len(FIELDS)]
    kind = number // len(FIELDS) % 3
    rules = {rule.id: rule for rule in pack.rules}
    before = rules.get(rule_id)
    if before is None or kind == 2:
        if rules.pop(rule_id, None) is None:
            rules[rule_id] = next(e for e in all_rules.rules if e.id == rule_id)
    elif kind == 1:
        mode = Mode.WARN if before.mode is Mode.ENFORCE else Mode.ENFORCE
        rules[rule_id] = replace(before, mode=mode)
    else:
        rules[rule_id] = replace(before, logic=f"logic {number % 5} of {rule_id}")
    kept = tuple(rules[each] for each in FIELDS if each in rules)
    return replace(pack, rules=kept, fingerprint=f"fp {number}")


def unlimited(pack: RulePack) -> RulePack:
    """Return the rules without the limits that hold a plan for a person."""
    limits = Limits(
        tasks_per_run=10_000,
        tasks_percent=10_000,
        tasks_per_person_per_run=10_000,
        tasks_per_person_per_day=10_000,
    )
    return replace(pack, project=replace(pack.project, limits=limits))
