"""One record on its way to the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatekeeper.sandbox.state import Row


@dataclass(frozen=True, slots=True)
class Save:
    """A save under way; `row` may still be filled in.

    Args:
        before: The row as it stands; None on create.
        row: The row as it will stand.
        given: Names of the fields the request carried.
    """

    before: Row | None
    row: Row
    given: frozenset[str]

    @property
    def is_new(self) -> bool:
        """Whether this save creates the record."""
        return self.before is None

    def changes(self, name: str) -> bool:
        """Tell whether the save changes that field of a record that was there."""
        return self.before is not None and self.before[name] != self.row[name]
