"""Digests for others than managers: leadership about all deals, owners about theirs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.core.digest.values import Scope
from gatekeeper.flow.digest import night_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.core.digest.values import Digest
    from gatekeeper.core.model import Person
    from gatekeeper.flow.digest import Desk

NOBODY: frozenset[str] = frozenset()


def digest_of_all(desk: Desk, who: Person) -> Digest:
    """Make the digest of all deals, whoever owns them; nobody is compared.

    Raises:
        SetupError: No run has kept track yet.
    """
    night = night_of(desk)
    owners = frozenset(night.violations.keys() | night.picture.open_deals.keys())
    return replace(night.of(who, owners, NOBODY), scope=Scope.ALL)


def everyones_digests(desk: Desk) -> Iterator[Digest]:
    """Make the managers' digests, then those of owners who manage nobody.

    Raises:
        SetupError: No run has kept track yet.
    """
    night = night_of(desk)
    told = set()
    for digest in night.digests():
        told.add(digest.who.id)
        yield digest
    owners = night.violations.keys() | night.picture.open_deals.keys()
    for owner in sorted(owners - told):
        person = night.directory.get(owner)
        if person is not None:
            own = night.of(person, frozenset({owner}), NOBODY)
            yield replace(own, scope=Scope.OWN)
