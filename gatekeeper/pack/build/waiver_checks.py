"""Waivers held against the rules they name and the policy they follow."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import SUPPORTED_STAGE, CrmName
from gatekeeper.core.model import Severity
from gatekeeper.core.waivers import Waiver, WaiverBook
from gatekeeper.pack.build.checks import Checks
from gatekeeper.pack.build.compile import RuleCompiler, fingerprint
from gatekeeper.pack.build.crm_checks import Use
from gatekeeper.pack.build.references import scalars
from gatekeeper.pack.files.names import short_place
from gatekeeper.pack.files.values import did_you_mean_rule
from gatekeeper.pack.source.read import short

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.core.pack import Project, Rule
    from gatekeeper.core.waivers import WaiverPolicy
    from gatekeeper.language.scope import Scope
    from gatekeeper.pack.files.waivers import DraftWaiver
    from gatekeeper.pack.load import Draft
    from gatekeeper.pack.source.read import Reader


_WAY_OUT = "take the waiver out"

_DEAL_IDS = {
    CrmName.SALESFORCE: (
        re.compile(r"\b006[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?\b"),
        "open the deal: its id begins with 006 in the address of the page, for"
        " example 006Hs00001ABCdE.",
    ),
    CrmName.HUBSPOT: (
        re.compile(r"\b\d+\b"),
        "open the deal: its id is the last number in the address of the page, for"
        " example 9876543210.",
    ),
}
"""What ids of deals look like, and where people find one."""


def check_waivers(reader: Reader, draft: Draft) -> None:
    """Note what waivers say that is not so (E701, E703, E706, E707, E710)."""
    names = draft.rule_ids
    policy = draft.waivers.policy
    for waiver in draft.waivers.waivers:
        for node in waiver.rules:
            if node.text.strip() not in names:
                reader.say(
                    node.place,
                    "E701",
                    f"waiver {waiver.part.id} names rule {node.text}, which does not"
                    " exist.",
                    did_you_mean_rule(node.text, names),
                )
        if draft.project is not None:
            _ids(reader, waiver, CrmName(draft.project.crm))
        _duration(reader, waiver, policy)
        _requester(reader, waiver)
        _versions(reader, waiver, policy)


def _ids(reader: Reader, waiver: DraftWaiver, crm: CrmName) -> None:
    """Refuse deals by their names: ids are what a waiver is held against (E710).

    An id of the other CRM is none of a mistake: one pack may serve an org of each.
    """
    form, example = _DEAL_IDS[crm]
    for node in scalars(waiver.table.get("deals")):
        if any(each.fullmatch(node.text.strip()) for each, _ in _DEAL_IDS.values()):
            continue
        text = (
            f'"{short(node.text)}" is not the id of a deal in {crm.label}, so waiver'
            f" {waiver.part.id} would not cover it."
        )
        inside = form.findall(node.text) if "/" in node.text else []
        advice = f"write only the id: {inside[-1]}" if inside else example
        reader.say(node.place, "E710", text, advice)


def _duration(reader: Reader, waiver: DraftWaiver, policy: WaiverPolicy) -> None:
    expires, node = waiver.part.expires, waiver.table.get("expires")
    if policy.max_duration is None or expires is None or node is None:
        return
    days, most = (expires - waiver.part.approved_on).days, policy.max_duration.days
    if days > most:
        text = f"it would last {days} days; the policy allows {most}."
        reader.say(node.place, "E703", text)


def _requester(reader: Reader, waiver: DraftWaiver) -> None:
    part, node = waiver.part, waiver.table.get("approved_by")
    if node is not None and _same(part.approved_by, part.requested_by):
        text = f"{part.approved_by} requested this waiver and may not approve it."
        reader.say(node.place, "E706", text)


def _versions(reader: Reader, waiver: DraftWaiver, policy: WaiverPolicy) -> None:
    if not policy.void_on_change or waiver.versions is not None:
        return
    reader.say(
        waiver.table.place,
        "E202",
        f'waiver {waiver.part.id} has no "approved_logic".',
        "the policy says void_on_change; gatekeeper waivers add writes what was"
        " approved.",
    )


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


# ---- the book ---------------------------------------------------------------------


def waiver_book(
    reader: Reader, draft: Draft, project: Project, rules: Sequence[Rule], scope: Scope
) -> tuple[WaiverBook, tuple[Use, ...]]:
    """Compile the waivers.

    A condition may use the names its (first) rule may use in its own file.

    Args:
        reader: Takes the mistakes.
        draft: The pack as read.
        project: For its time zone.
        rules: The compiled rules as they stand anywhere, overlays included.
        scope: What names mean in any condition.

    Returns:
        The book, and what its conditions read.
    """
    names = draft.rule_ids
    policy = draft.waivers.policy
    uses: list[Use] = []
    waivers: list[Waiver] = []
    for waiver in draft.waivers.waivers:
        named = [names.get(node.text.strip(), "") for node in waiver.rules]
        found = [rule for rule_id in named for rule in rules if rule.id == rule_id]
        _approver(reader, waiver, policy, found)
        compiler = RuleCompiler(reader, Checks(_with_words(scope, draft, named)))
        versions = waiver.versions or ()
        approved = {names.get(rule_id, rule_id): logic for rule_id, logic in versions}
        made = _compiled(compiler, waiver, found, approved)
        if made is not None:
            waivers.append(made)
            uses += (
                Use(f"waiver {made.id}", made.place, compiler.needs, node, _WAY_OUT)
                for node in waiver.rules[:1]
            )
    return WaiverBook(tuple(waivers), project.zone, policy), tuple(uses)


def _with_words(scope: Scope, draft: Draft, rule_ids: Sequence[str]) -> Scope:
    """Add the defines and params of the file of the first rule."""
    for file, words in draft.files:
        if any(rule.id in rule_ids[:1] for rule in file.rules):
            return replace(scope, params=words.params, defines=words.defines)
    return scope


def _approver(
    reader: Reader,
    waiver: DraftWaiver,
    policy: WaiverPolicy,
    rules: Sequence[Rule],
) -> None:
    """Ask for an approver who may speak for the worst of the rules (E707)."""
    node = waiver.table.get("approved_by")
    for severity in reversed(Severity):
        allowed = policy.may_approve(severity)
        if node is None or allowed is None:
            return
        if all(rule.severity is not severity for rule in rules):
            continue
        if not any(_same(waiver.part.approved_by, one) for one in allowed):
            whom = " or ".join(allowed) or "somebody whom the policy does not name yet"
            text = f"{severity} rules need approval by {whom}."
            reader.say(node.place, "E707", text)
            return


def _asks_itself(compiler: RuleCompiler, waiver: DraftWaiver) -> bool:
    """Refuse a waiver that asks what it has a part in (E429, language A27)."""
    if SUPPORTED_STAGE not in compiler.needs.fields:
        return False
    text = (
        f"waiver {waiver.part.id} reads supported_stage(), which follows from the"
        " criteria that waivers decide about."
    )
    compiler.reader.say(waiver.table.place, "E429", text)
    return True


def _compiled(
    compiler: RuleCompiler,
    waiver: DraftWaiver,
    rules: Sequence[Rule],
    approved: Mapping[str, str],
) -> Waiver | None:
    where, where_text = compiler.condition(waiver.deals_where)
    ended, ended_text = compiler.condition(waiver.ends_early_when)
    part = waiver.part
    if compiler.is_broken or part.expires is None or _asks_itself(compiler, waiver):
        return None
    if where is None and not part.deals:
        return None
    return Waiver(
        id=part.id,
        rules=tuple(dict.fromkeys(rule.id for rule in rules)),
        reason=part.reason,
        requested_by=part.requested_by,
        approved_by=part.approved_by,
        approved_on=part.approved_on,
        expires=part.expires,
        deals=frozenset(part.deals),
        deals_where=where,
        max_deals=part.max_deals,
        ends_early_when=ended,
        ticket=part.ticket,
        outdated=frozenset(
            rule.id for rule in rules if rule.logic != approved.get(rule.id, rule.logic)
        ),
        logic=fingerprint([where_text, ended_text]),
        place=short_place(waiver.rules[0]) if waiver.rules else "",
    )
