"""The past of deals: dates of stages and past values of properties.

Pure. HubSpot dates the latest stay in each stage (`hs_v2_date_entered_...`), which
tells a deal's whole way where stay follows stay without a gap from its creation on.
Elsewhere the past values of `dealstage` count, of which HubSpot keeps a limited number:
with so many, what came before the oldest is unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from gatekeeper.core.model import (
    EMPTY,
    STAGE,
    FieldChange,
    FieldValue,
    History,
    Stint,
    Unavailable,
    by_field,
)
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.columns import Place, find_first, place_of
from gatekeeper.crm.hubspot.reading.stays import Stay, dated_stays
from gatekeeper.crm.hubspot.reading.translate import person_of, to_moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gatekeeper.core.catalogue import Catalogue
    from gatekeeper.crm.hubspot.metadata.pipelines import Pipelines
    from gatekeeper.crm.hubspot.reading.columns import Columns
    from gatekeeper.crm.reader import Convert, Reader, WireRow

VERSIONS = "propertiesWithHistory"
MOST_VERSIONS = 20
"""Past values of a property that HubSpot keeps for a deal."""
AT_ONCE = timedelta(minutes=5)
"""A first value so much younger than its deal still is the one of its creation."""
_CREATED_BY = "hs_created_by_user_id"
_UNREAD = Unavailable("HubSpot dates the stages of a deal without who moved it")
_USER = re.compile(r"userId:(\d+)")


@dataclass(frozen=True, slots=True)
class Version:
    """One value a property had, from a moment on."""

    value: object
    at: datetime
    by: FieldValue


@dataclass(frozen=True, slots=True)
class PastShape:
    """How what HubSpot keeps of a deal becomes its past.

    Attributes:
        stays: The dates of each stage.
        kept: Canonical name, property and reader of each field that is asked for.
        has_stages: The stages are asked for.
        asks_who: Somebody asks who made a change.
        users: Reads a user's id.
    """

    stays: tuple[Stay, ...]
    kept: tuple[tuple[str, str, Reader], ...]
    users: Convert
    has_stages: bool
    asks_who: bool

    @property
    def properties(self) -> tuple[str, ...]:
        """The properties whose past values are read."""
        stage = (names.STAGE,) if self.has_stages else ()
        return tuple(dict.fromkeys((*stage, *(path for _, path, _ in self.kept))))

    def needs_versions(self, row: WireRow) -> bool:
        """Whether the dates of the stages do not tell all that is asked."""
        if self.kept or self.asks_who:
            return True
        return self.has_stages and self._dated(row, _created(row)) is None

    def of(self, row: WireRow) -> History:
        """Return the past of one deal, with the past values that were read of it."""
        said = row.get(VERSIONS)
        versions = said if isinstance(said, dict) else {}
        stages = self._versions(versions.get(names.STAGE))
        created = _created(row)
        # A loaded deal may be younger than the history that was loaded with it.
        known = [each for each in (created, *(one.at for one in stages[:1])) if each]
        began = min(known, default=None)
        stints, since = self._stages(row, stages, began)
        complete = {STAGE: since} if since is not None else {}
        changes: list[FieldChange] = []
        for name, path, read in self.kept:
            own = self._versions(versions.get(path))
            if began is not None and _is_whole(own, row.get(path), versions, path):
                complete[name] = _complete_since(own, began)
            changes += _changes(name, own, read, path, row)
        return History(stints, by_field(changes), complete, began)

    def _stages(
        self, row: WireRow, versions: Sequence[Version], began: datetime | None
    ) -> tuple[tuple[Stint, ...], datetime | None]:
        if not self.has_stages:
            return (), None
        dated = self._dated(row, began)
        if versions and (dated is None or self.asks_who):
            return _from_versions(row, versions, began)
        if dated is not None:
            return dated, began
        stints = self._latest_stays(row)
        # What went before the latest move may be a stay of which no date is left.
        return stints, stints[-1].entered if _ends_here(stints, row) else None

    def _dated(self, row: WireRow, began: datetime | None) -> tuple[Stint, ...] | None:
        """Return the stints where the dates of the stages leave no gap."""
        stints = self._latest_stays(row)
        if began is None or not _ends_here(stints, row):
            return None
        if abs(stints[0].entered - began) > AT_ONCE:
            return None
        if any(before.left != after.entered for before, after in pairwise(stints)):
            return None
        creator = self.users(row.get(_CREATED_BY))
        first = replace(stints[0], entered=min(began, stints[0].entered), by=creator)
        return (first, *stints[1:])

    def _latest_stays(self, row: WireRow) -> tuple[Stint, ...]:
        """Return the latest stay in each stage, oldest first."""
        found: list[Stint] = []
        for stay in self.stays:
            entered, left = (
                to_moment(row.get(stay.entered)),
                to_moment(row.get(stay.left)),
            )
            if isinstance(entered, datetime):
                until = left if isinstance(left, datetime) and left >= entered else None
                found.append(Stint(stay.stage, entered, until, _UNREAD))
        found.sort(key=lambda stint: stint.entered)
        return tuple(
            replace(stint, left=stint.left or after.entered)
            for stint, after in pairwise(found)
        ) + tuple(replace(stint, left=None) for stint in found[-1:])

    def _versions(self, said: object) -> tuple[Version, ...]:
        """Read the past values of a property, oldest first."""
        rows = said if isinstance(said, list) else []
        found = [
            Version(row.get("value"), at, self._by(row))
            for row in rows
            if isinstance(row, dict)
            and isinstance(at := to_moment(row.get("timestamp")), datetime)
        ]
        # Newest first as they come; values of one moment keep that order.
        return tuple(sorted(found, key=_at))

    def _by(self, version: Mapping[str, object]) -> FieldValue:
        user = version.get("updatedByUserId")
        named = _USER.search(str(version.get("sourceId") or ""))
        if user is None and named is None:
            return EMPTY
        return self.users(
            str(user) if user is not None else named[1] if named else None
        )


def _at(version: Version) -> datetime:
    return version.at


def _created(row: WireRow) -> datetime | None:
    moment = to_moment(row.get(names.CREATED))
    return moment if isinstance(moment, datetime) else None


def _ends_here(stints: Sequence[Stint], row: WireRow) -> bool:
    """Whether the last stay is in the stage the deal is in."""
    return bool(stints) and stints[-1].stage == row.get(names.STAGE)


def _is_whole(
    own: Sequence[Version], now: object, read: Mapping[str, object], path: str
) -> bool:
    """Whether the past values of a property were read and lead to what it is now."""
    latest = own[-1].value if own else None
    return path in read and (latest or None) == (now or None)


def _complete_since(versions: Sequence[Version], began: datetime) -> datetime:
    """Return from when on no value of a property is missing.

    A property without a value never had one; with so many values that HubSpot may have
    dropped some, nothing is known of the time before the oldest.
    """
    if len(versions) < MOST_VERSIONS:
        return began
    return max(began, versions[0].at)


def _from_versions(
    row: WireRow, versions: Sequence[Version], began: datetime | None
) -> tuple[tuple[Stint, ...], datetime | None]:
    """Return the stints that past values tell, and from when on none is missing."""
    entered = [
        version
        for place, version in enumerate(versions)
        if place == 0 or versions[place - 1].value != version.value
    ]
    ends: list[datetime | None] = [*(version.at for version in entered[1:]), None]
    stints = tuple(
        Stint(str(version.value or ""), version.at, left, version.by)
        for version, left in zip(entered, ends, strict=True)
    )
    first = versions[0].at
    if began is None or not _ends_here(stints, row):
        return stints, None
    if first - began <= AT_ONCE and len(versions) < MOST_VERSIONS:
        return (replace(stints[0], entered=began), *stints[1:]), began
    return stints, first


def _changes(
    name: str, versions: Sequence[Version], read: Reader, path: str, row: WireRow
) -> Iterable[FieldChange]:
    """Give the changes between values; the value given at creation is none."""
    values = [(read({**row, path: one.value}), one) for one in versions]
    for (old, _), (new, version) in pairwise(values):
        if old != new:
            yield FieldChange(name, version.at, old, new, version.by)


def shape_past(
    asked: frozenset[str],
    fields: frozenset[str],
    catalogue: Catalogue,
    deals: Columns,
    pipelines: Pipelines,
) -> PastShape:
    """Say what is read of the past.

    Args:
        asked: Canonical names, `stage` for the stages.
        fields: What rules read of the deal as it is; the creator among it means that
            somebody asks who changed something.
        catalogue: What the names mean.
        deals: Of the deals; they gain the dates of the stages.
        pipelines: The stages there are.
    """
    deals.select((names.CREATED, names.STAGE))
    asks_who, has_stages = "created_by" in fields, STAGE in asked
    stays = dated_stays(deals.properties, pipelines) if has_stages else ()
    for stay in stays:
        deals.select((stay.entered, stay.left))
    if has_stages:
        deals.select((_CREATED_BY,))
    kept: list[tuple[str, str, Reader]] = []
    for name in sorted(asked - {STAGE}):
        place = place_of(catalogue.deal.get(name), name, names.DEALS, names.DEAL)
        found = find_first(deals.properties, place)
        if found is not None:
            own = Place(names.DEALS, (found.name,), place.declared)
            kept.append((name, found.name, deals.read(own)))
    users = person_of(deals.tongue.users)
    return PastShape(stays, tuple(kept), users, has_stages, asks_who)
