"""The foot of a letter: how far it can be trusted, and where all of it is. Pure."""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING

from gatekeeper.core.wording import plain
from gatekeeper.notify import words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import tzinfo

    from gatekeeper.core.digest.values import Digest
    from gatekeeper.notify.letter import Part

MOST_LEAVING = 3


def footer(digest: Digest, parts: Iterable[Part], zone: tzinfo) -> tuple[str, ...]:
    """Say how far it can be trusted, since when changes count, and where all of it is.

    Args:
        digest: What the letter is about.
        parts: Its lists, of which some may be shortened.
        zone: Where its reader is.
    """
    truth = digest.truth
    moment = truth.as_of.astimezone(zone)
    extent = "complete" if truth.is_complete else "partial"
    lines = [words.shortened(digest)] if any(part.more for part in parts) else []
    lines += [
        f"As the CRM stood on {words.day(moment)} at {moment:%H:%M %Z}"
        f" (run {truth.run_id}, {extent} reading,"
        f" held: {len(truth.held)}, cannot tell: {truth.cannot_tell:,}).",
    ]
    if digest.since is None:
        lines.append("This is the first digest: there is nothing to compare with.")
    else:
        since = words.day(digest.since.astimezone(zone))
        lines.append(f"Changes are counted since {since}.")
    if truth.rules_before:
        lines.append(
            f"The rules changed: {plain(truth.rules_before, 16)} before,"
            f" {plain(truth.rules, 16)} now."
        )
    lines += words.bounded(starmap(words.leaving, truth.leaving.items()), MOST_LEAVING)
    if truth.audit_head:
        lines.append(f"Head of the audit chain: {plain(truth.audit_head, 64)}.")
    return tuple(lines)
