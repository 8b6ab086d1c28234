"""Files of waivers, as written: who accepts what, for which deals, until when.

What a waiver says of rules is asked later, in `waiver_checks`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.model import Severity
from gatekeeper.core.waivers import WaiverPolicy
from gatekeeper.pack.files import schema
from gatekeeper.pack.files.conditions import read_condition
from gatekeeper.pack.files.names import short_place
from gatekeeper.pack.files.values import address, each, must_be, not_one_of, texts
from gatekeeper.pack.source.nodes import Listing, Scalar, Table
from gatekeeper.pack.source.read import Noun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.pack.files.conditions import DraftCondition
    from gatekeeper.pack.source.nodes import Node
    from gatekeeper.pack.source.read import Reader

EVERYTHING = "*"
_ALL = frozenset({"all", "all rules", "any rule", "every rule"})


@dataclass(frozen=True, slots=True)
class DraftWaiver:
    """One waiver as written, complete in itself."""

    table: Table
    part: schema.WaiverPart
    rules: tuple[Scalar, ...]
    deals_where: DraftCondition | None
    ends_early_when: DraftCondition | None
    versions: tuple[tuple[str, str], ...] | None


@dataclass(frozen=True, slots=True)
class DraftWaivers:
    """All waivers of a pack, and the one policy they follow."""

    waivers: tuple[DraftWaiver, ...] = ()
    policy: WaiverPolicy = field(default_factory=WaiverPolicy)


def read_waivers(
    reader: Reader, tables: Sequence[Table], currency: str
) -> DraftWaivers:
    """Read all files of waivers; those that cannot be read are left out."""
    policy, named = WaiverPolicy(), None
    waivers: list[DraftWaiver] = []
    for table in tables:
        reader.part(schema.WaiversFile, table, Noun("a file of waivers", "this file"))
        key = table.key("policy")
        if key is not None and named is not None:
            text = f"policy is also declared in {short_place(named)}."
            advice = "keep one; it holds for all waivers of the pack."
            reader.say(key.place, "E218", text, advice)
        elif key is not None:
            policy, named = _policy(reader, table.get("policy")), key
        for node in reader.entries(table.get("waivers"), "waivers"):
            waiver = _waiver(reader, node, currency)
            if waiver is not None:
                waivers.append(waiver)
    _unique(reader, waivers)
    return DraftWaivers(tuple(waivers), policy)


def _policy(reader: Reader, node: Node | None) -> WaiverPolicy:
    part = reader.part(schema.PolicyPart, node, Noun("policy"))
    if part is None or not isinstance(node, Table):
        return WaiverPolicy()
    approvers: dict[str, tuple[str, ...]] = {}
    choices = [*Severity, EVERYTHING]
    for key, people in reader.pairs(node.get("approvers"), "approvers"):
        if key.text not in choices:
            reader.unfit(key, "severity", not_one_of(key.text, choices))
            continue
        approvers[key.text] = reader.value(people, key.text, _addresses, ())
    return WaiverPolicy(part.max_duration, approvers, part.void_on_change)


def _addresses(value: object) -> tuple[str, ...]:
    return tuple(each(address, list(texts(value))))


def _waiver(reader: Reader, node: Node, currency: str) -> DraftWaiver | None:
    if not isinstance(node, Table):
        reader.unfit(node, "waivers", must_be("a list of waivers"))
        return None
    written = node.get("id")
    name = f"waiver {written.text}" if isinstance(written, Scalar) else "this waiver"
    part = reader.part(schema.WaiverPart, node, Noun("a waiver", name))
    where = read_condition(reader, node.get("deals_where"), "deals_where", currency)
    ended = read_condition(
        reader, node.get("ends_early_when"), "ends_early_when", currency
    )
    rules = read_rules(reader, node, name)
    versions = _versions(reader, node.get("approved_logic"))
    if part is None:
        return None
    _deals(reader, node, part, name)
    check_term(reader, node, part, name)
    return DraftWaiver(node, part, rules, where, ended, versions)


def read_rules(reader: Reader, table: Table, name: str) -> tuple[Scalar, ...]:
    """Take the rules named; a waiver of none (E202) or of all (E709) is refused."""
    node = table.get("rule")
    if isinstance(node, Listing) and not node.entries:
        reader.missing(node.place, Noun("a waiver", name), "rule")
    entries = node.entries if isinstance(node, Listing) else (node,)
    rules: list[Scalar] = []
    for entry in entries:
        if not isinstance(entry, Scalar):
            if entry is not None:
                reader.unfit(entry, "rule", must_be("a rule id or a list of rule ids"))
        elif _means_all(entry.text):
            text = f'"{entry.text.strip()}" is not accepted; name the rules.'
            reader.say(entry.place, "E709", text)
        else:
            rules.append(entry)
    return tuple(rules)


def _means_all(text: str) -> bool:
    return EVERYTHING in text or " ".join(text.casefold().split()) in _ALL


def _versions(reader: Reader, node: Node | None) -> tuple[tuple[str, str], ...] | None:
    if node is None:
        return None
    return tuple(
        (key.text, value.text)
        for key, value in reader.pairs(node, "approved_logic")
        if isinstance(value, Scalar)
    )


def _deals(reader: Reader, table: Table, part: schema.WaiverPart, name: str) -> None:
    """Ask for named deals, or for a condition with its bound."""
    place = table.place
    if not part.deals and part.deals_where is None:
        text = f'{name} has neither "deals" nor "deals_where".'
        reader.say(place, "E202", text, "deals: [006Hs00001ABCdE]")
    elif part.deals and part.deals_where is not None:
        text = f'{name} has both "deals" and "deals_where"; keep one.'
        reader.say(place, "E206", text)
    elif part.deals_where is not None and table.get("max_deals") is None:
        text = f'{name} has no "max_deals".'
        advice = "max_deals: 25 (a run in which it would cover more does not apply it)"
        reader.say(place, "E202", text, advice)


def check_term(
    reader: Reader, table: Table, part: schema.WaiverPart, name: str
) -> None:
    """Ask for a last day that is not before the first (E702)."""
    node = table.get("expires")
    if node is None:
        text = f'{name} has no "expires".'
        advice = "expires: 2026-12-31 (the last day it still works)"
        reader.say(table.place, "E702", text, advice)
    elif part.expires is not None and part.expires < part.approved_on:
        approved = f"{part.approved_on:%-d %b %Y}"
        day = f'on or after the day of "approved_on" ({approved})'
        reader.unfit(node, "expires", must_be(day))


def _unique(reader: Reader, waivers: Sequence[DraftWaiver]) -> None:
    known: dict[str, Scalar] = {}
    for waiver in waivers:
        node = waiver.table.get("id")
        if not isinstance(node, Scalar):
            continue
        other = known.setdefault(waiver.part.id, node)
        if other is not node:
            place = other.place
            text = f"id {node.text} is also used in {place.path}:{place.line}."
            reader.say(node.place, "E205", text, "the ids of waivers are unique.")
