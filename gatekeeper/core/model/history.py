"""A deal's past: the stages it stood in and the changes of its fields. Frozen values.

What was not recorded is never guessed: each part says from when on it is complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatekeeper.core.model.values import FieldValue

STAGE = "stage"
"""The name under which the stages are asked for and `complete_since` speaks of them."""


@dataclass(frozen=True, slots=True)
class Stint:
    """An unbroken stay in one stage.

    Attributes:
        stage: The CRM's own stage value.
        left: None while the deal is still there.
        by: Who moved it there; `EMPTY` where no person did.
    """

    stage: str
    entered: datetime
    left: datetime | None
    by: FieldValue


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One change of one field; a value given at creation is none.

    Attributes:
        field: Canonical name.
        at: When, or by when at the latest.
        by: Who changed it; `EMPTY` where no person did.
        after: It happened after this moment; None where `at` is exact.
    """

    field: str
    at: datetime
    old: FieldValue
    new: FieldValue
    by: FieldValue
    after: datetime | None = None

    @property
    def surely_at(self) -> datetime:
        """The earliest moment at which it may have happened."""
        return self.at if self.after is None else self.after


@dataclass(frozen=True, slots=True)
class Sighted:
    """What our own runs saw of one field of a deal, look by look.

    Attributes:
        since: From when on no run missed it.
        value: What the last run saw.
        changes: Between one look and the next, oldest first.
    """

    since: datetime
    value: FieldValue
    changes: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """What is known of a deal's past.

    Attributes:
        stints: Oldest first, without a gap.
        changes: Field to its changes, oldest first, each to another value; of all
            fields that were asked for.
        complete_since: Field (`stage` for the stints) to the moment from which
            nothing is missing; a name that is absent is known in parts at best.
        began: When the deal was created; None where nobody says.
    """

    stints: tuple[Stint, ...] = ()
    changes: Mapping[str, tuple[FieldChange, ...]] = field(default_factory=dict)
    complete_since: Mapping[str, datetime] = field(default_factory=dict)
    began: datetime | None = None

    def reaches(self, name: str, start: datetime | None = None) -> bool:
        """Whether nothing of `name` is missing from `start` (or creation) on."""
        since = self.complete_since.get(name)
        if since is None:
            return False
        if start is not None and since <= start:
            return True
        return self.began is not None and since <= self.began


def by_field(changes: Iterable[FieldChange]) -> Mapping[str, tuple[FieldChange, ...]]:
    """Bring changes into the order of a history; one that changed nothing is none."""
    found: dict[str, list[FieldChange]] = {}
    for change in sorted(changes, key=attrgetter("at")):
        if change.old != change.new:
            found.setdefault(change.field, []).append(change)
    return {name: tuple(made) for name, made in found.items()}


NO_HISTORY = History()
"""Nothing is known, or nothing was asked for."""
