"""Where one person's deals fail more often than those of the peers. Pure.

A gap needs a sample, of the person and of the peers; it is never a rank.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from gatekeeper.core.digest.values import Gap, RepGaps

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from gatekeeper.core.digest.values import Share
    from gatekeeper.core.model import Person

FEWEST_DEALS = 10
"""Deals a rule must have been held against before a share says something."""

FEWEST_PEERS = 3
NARROWEST = 0.10
"""A smaller distance from the peers is chance."""

FEWEST_FAILING = 2
"""One deal is chance too, and of ten deals already the distance above."""

MOST_GAPS = 2
NONE = (0, 0)


def rep_gaps(
    reps: Iterable[Person],
    judged: Mapping[str, Mapping[str, Share]],
    titles: Mapping[str, str],
    open_deals: Mapping[str, int],
) -> tuple[RepGaps, ...]:
    """Return what stands out of each person, by name.

    Args:
        reps: Who work side by side; each one's peers are the others.
        judged: Owner id to each rule's deals that fail, of those judged.
        titles: Of the rules that count.
        open_deals: Owner id to open deals; who has neither these nor judged ones
            is left out.
    """
    people = sorted(reps, key=lambda each: (each.name.casefold(), each.id))
    ids = [each.id for each in people]
    return tuple(
        _of_one(person, ids, judged, titles, open_deals.get(person.id, 0))
        for person in people
        if person.id in judged or open_deals.get(person.id)
    )


def _of_one(
    person: Person,
    ids: Collection[str],
    judged: Mapping[str, Mapping[str, Share]],
    titles: Mapping[str, str],
    deals: int,
) -> RepGaps:
    gaps: list[Gap] = []
    is_comparable = False
    for rule_id, title in titles.items():
        own = judged.get(person.id, {}).get(rule_id, NONE)
        peers = _shares(rule_id, [each for each in ids if each != person.id], judged)
        if own[1] < FEWEST_DEALS or len(peers) < FEWEST_PEERS:
            continue
        is_comparable = True
        middle = median(peers)
        is_wide = own[0] / own[1] - middle >= NARROWEST
        if is_wide and own[0] >= FEWEST_FAILING:
            gaps.append(Gap(rule_id, title, own, middle))
    gaps.sort(key=lambda gap: (gap.peers - gap.own[0] / gap.own[1], gap.rule_id))
    widest = tuple(gaps[:MOST_GAPS])
    return RepGaps(person.id, person.name, deals, widest, too_few=not is_comparable)


def _shares(
    rule_id: str, peers: Iterable[str], judged: Mapping[str, Mapping[str, Share]]
) -> list[float]:
    """Return the failing share of each peer whose sample is large enough."""
    samples = (judged.get(peer, {}).get(rule_id, NONE) for peer in peers)
    return [failing / of for failing, of in samples if of >= FEWEST_DEALS]
