"""How far the waivers of a pack reach in one run, and which of them reach too far.

Counts while deals are judged. A waiver that passes its `max_deals` is not applied in
that run (E708): the deals it covered until then are named, to be judged again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.model import Cover, Outcome
from gatekeeper.core.notices import Notice, NoticeKind
from gatekeeper.core.waiver_review import UNUSED_AFTER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import DealVerdicts, Verdict
    from gatekeeper.core.waivers import Waiver, WaiverBook


@dataclass(slots=True)
class Coverage:
    """Which deals each waiver covers; holds `max_deals` ids of each and a page's more.

    Attributes:
        too_broad: Waivers that are not applied in this run.
    """

    book: WaiverBook
    too_broad: set[str] = field(default_factory=set)
    _deals: defaultdict[str, set[str]] = field(
        default_factory=lambda: defaultdict(set), init=False
    )
    _beyond: Counter[str] = field(default_factory=Counter, init=False)
    _again: set[str] = field(default_factory=set, init=False)
    _counts: Counter[tuple[str, str]] = field(default_factory=Counter, init=False)
    _noted: dict[str, Counter[tuple[str, str]]] = field(
        default_factory=dict, init=False
    )

    def note(self, judged: DealVerdicts) -> None:
        """Count the waivers that speak of a judged deal."""
        failing = [each for each in judged.verdicts if each.outcome is Outcome.FAIL]
        counts = Counter((each.rule_id, _applied(each)) for each in failing)
        self._counts.update(counts)
        limited = {
            each.waived.waiver_id: each.waived.applies
            for each in failing
            if each.waived
            and each.waived.cover is not Cover.CANNOT_TELL
            and self._most(each.waived.waiver_id) is not None
        }
        for waiver_id, applies in limited.items():
            self._note_limited(waiver_id, judged.deal.id, applies=applies)
        if any(judged.deal.id in self._deals[each] for each in limited):
            self._noted[judged.deal.id] = counts

    def _most(self, waiver_id: str) -> int | None:
        waiver = self.book.get(waiver_id)
        return waiver.max_deals if waiver else None

    def _note_limited(self, waiver_id: str, deal_id: str, *, applies: bool) -> None:
        deals = self._deals[waiver_id]
        if deal_id in deals:
            return
        if waiver_id in self.too_broad and not applies:
            self._beyond[waiver_id] += 1
            return
        deals.add(deal_id)
        if len(deals) > (self._most(waiver_id) or 0):
            self.too_broad.add(waiver_id)
            self._again |= deals

    def to_judge_again(self) -> list[str]:
        """Hand over the deals that were judged under a waiver that reached too far.

        They are not counted any more until they are noted again.
        """
        ids, self._again = sorted(self._again), set()
        for deal_id in ids:
            self._counts.subtract(self._noted.pop(deal_id, {}))
        return ids

    # ---- what the report says ---------------------------------------------------

    def notices(self, context: Context) -> Iterator[Notice]:
        """Say which waivers were not applied and which end soon."""
        today = self.book.today(context)
        for waiver in self.book.waivers:
            if waiver.id in self.too_broad:
                yield e708(waiver, self._covered(waiver.id))
        for waiver in self.book.waivers:
            if waiver.ends_soon(today):
                yield Notice(NoticeKind.NOTE, "", ending(waiver))

    def _covered(self, waiver_id: str) -> int:
        return len(self._deals[waiver_id]) + self._beyond[waiver_id]

    def rates(self) -> dict[str, object]:
        """Count waived failures per rule and per approver, beside all failures."""
        failing: Counter[str] = Counter()
        by_rule: Counter[str] = Counter()
        by_approver: Counter[str] = Counter()
        for (rule_id, waiver_id), count in self._counts.items():
            failing[rule_id] += count
            waiver = self.book.get(waiver_id)
            if waiver is not None and count:
                by_rule[rule_id] += count
                by_approver[waiver.approved_by] += count
        return {
            "by_rule": {
                rule_id: {"waived": count, "failing": failing[rule_id]}
                for rule_id, count in sorted(by_rule.items())
            },
            "by_approver": dict(sorted(by_approver.items())),
        }

    def idle(self, context: Context) -> list[Waiver]:
        """Return the waivers in force that accepted nothing in this run."""
        today = self.book.today(context)
        used = {waiver_id for (_, waiver_id), count in self._counts.items() if count}
        return [
            waiver
            for waiver in self.book.waivers
            if waiver.works_on(today) and waiver.id not in used
        ]


def _applied(verdict: Verdict) -> str:
    """Return the waiver that accepts the failure, or ""."""
    waived = verdict.waived
    return waived.waiver_id if waived is not None and waived.applies else ""


def without_use(waiver: Waiver) -> str:
    """Say that a waiver does nothing."""
    return (
        f"Waiver {waiver.id} ({', '.join(waiver.rules)}) has covered nothing for"
        f" {UNUSED_AFTER.days} days. Take it out, or mend whom it is for."
    )


def e708(waiver: Waiver, deals: int) -> Notice:
    """Say that a waiver reaches too far."""
    text = (
        f"waiver {waiver.id} would cover {deals} deals; max_deals is"
        f" {waiver.max_deals}. It was not applied in this run."
    )
    return Notice(NoticeKind.NOTE, "E708", text)


def ending(waiver: Waiver) -> str:
    """Give notice of a waiver's end."""
    return (
        f"Waiver {waiver.id} ({', '.join(waiver.rules)}) ends with"
        f" {waiver.expires:%-d %b %Y}; {waiver.approved_by} approved it for"
        f" {waiver.requested_by}. From the next day on what it covers is open again."
    )
