"""The digests of those on the roster, each of the kind that reader is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.flow.digest import night_of, roster_about
from gatekeeper.flow.post import send_digests
from gatekeeper.flow.rules_digest import rules_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gatekeeper.core.digest.recipients import Recipient, Untold
    from gatekeeper.core.digest.rules import AnyDigest, RulesDigest
    from gatekeeper.flow.digest import Desk
    from gatekeeper.flow.post import Post, Sent


def digests_for(
    recipients: Iterable[Recipient], desk: Desk, untold: tuple[Untold, ...] = ()
) -> Iterator[AnyDigest]:
    """Make the digests of some recipients, in their order.

    What all of them are made of is read once; those who write the rules are told of
    whom no digest reaches.

    Raises:
        SetupError: No run has kept track yet.
    """
    night = night_of(desk)
    of_rules: RulesDigest | None = None
    for recipient in recipients:
        if recipient.audience is not Audience.REVOPS:
            yield night.told(recipient)
            continue
        if of_rules is None:
            of_rules = rules_digest(desk, night, recipient.who, untold)
        yield replace(of_rules, whole=replace(of_rules.whole, who=recipient.who))


def send_all(desk: Desk, post: Post) -> tuple[Sequence[Sent], tuple[Untold, ...]]:
    """Send everybody on the roster the digest of the day, unless it was sent.

    Under one lease from the roster to the last letter: all of them tell of one run, and
    name nobody who was erased since.

    Returns:
        What became of each, and whom no digest reaches.

    Raises:
        LeaseHeldError: A run, or another sending, is under way.
        SetupError: No run has kept track yet.
    """
    with post.outbox.posting(post.org):
        roster = roster_about(desk, post.notifier.why_not)
        made = digests_for(roster.told, desk, roster.untold)
        return list(send_digests(made, post)), roster.untold
