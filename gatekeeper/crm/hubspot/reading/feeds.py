"""The kinds of record that one pull reads, each made when first asked for.

Pure. HubSpot's definitions say what may be read; a feed that may not be says why.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.columns import Columns, Kinds, absent
from gatekeeper.crm.hubspot.reading.related import Feed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gatekeeper.crm.hubspot.reading.columns import Hop
    from gatekeeper.crm.hubspot.reading.translate import Tongue


@dataclass(slots=True)
class Feeds:
    """The feeds of one pull.

    Attributes:
        kinds: The properties of a kind; None where they are hidden.
        why_hidden: Says why they are.
        now: HubSpot's clock when it began.
        columns: Kind of record to what is read of it.
        hops: The lookups whose records are read, by name.
    """

    kinds: Kinds
    why_hidden: Callable[[str], str]
    tongue: Tongue
    now: datetime
    columns: dict[str, Columns] = field(default_factory=dict)
    hops: dict[str, Hop] = field(default_factory=dict)
    _made: dict[str, Feed] = field(default_factory=dict)

    def readable(self) -> tuple[Feed, ...]:
        """Return the feeds to read, in the order they were asked for."""
        return tuple(feed for feed in self._made.values() if not feed.why_not)

    def of(
        self,
        record: str,
        hop: Hop | None = None,
        label: str = "",
        splits: str = "",
    ) -> Feed:
        """Return the feed of a kind of record.

        Args:
            record: The kind.
            hop: The lookup whose records they hang on; None for the deal itself.
            label: Only associations with this label count.
            splits: A property of several ids, each of which is a row.
        """
        key = f"{hop.name}.{record}" if hop else record
        key = " ".join(part for part in (key, label, splits) if part)
        if key not in self._made:
            why_not = self.why_not(record) or (self.why_not(hop.record) if hop else "")
            columns = self.columns_of(record)
            feed = Feed(key, record, columns, hop, label, splits, why_not=why_not)
            self._made[key] = feed
            if splits and not columns.select((splits,)):
                feed.why_not = feed.why_not or absent(record, splits)
            if record == names.TASKS:
                columns.select((names.KEY_PROPERTY,))
            if hop is not None:
                self.follow(hop)
        return self._made[key]

    def follow(self, hop: Hop) -> Columns:
        """Read the record of a lookup, and return its columns."""
        self.hops[hop.name] = hop
        return self.columns_of(hop.record)

    def columns_of(self, record: str) -> Columns:
        """Return the columns of a kind, shared by all that read it."""
        if record not in self.columns:
            properties = self.kinds(record) or {}
            self.columns[record] = Columns(record, properties, self.tongue)
        return self.columns[record]

    def why_not(self, record: str) -> str:
        """Say why a kind cannot be read; "" where it can."""
        if self.kinds(record) is not None:
            return ""
        return self.why_hidden(record) or f"HubSpot shows no {record}"
