"""What a pull selects of the history objects, compiled once per request. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import STAGE
from gatekeeper.crm.reader import Reader
from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.reading import past
from gatekeeper.crm.salesforce.reading.columns import (
    Columns,
    Place,
    deal_place,
    find_first,
)
from gatekeeper.crm.salesforce.reading.translate import converter
from gatekeeper.crm.salesforce.wire.soql import Among

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import Catalogue
    from gatekeeper.core.model import FieldValue
    from gatekeeper.crm.salesforce.metadata.describe import Found
    from gatekeeper.crm.salesforce.reading.feeds import Feeds

_WHEN = ("CreatedDate", "CreatedById")
_FORECAST = "ForecastCategory"
_FORECASTS = {
    "BestCase": "Best Case",
    "MostLikely": "Most Likely",
    "Forecast": "Commit",
}
"""The history holds the fixed value where the deal shows the stock name."""


def shape_past(
    asked: frozenset[str], columns: Columns, catalogue: Catalogue, feeds: Feeds
) -> past.PastShape:
    """Read what OpportunityHistory keeps there, all else as tracked changes.

    Args:
        asked: Canonical names, `stage` for the stages.
        columns: Of the deal query.
        catalogue: What the names mean.
        feeds: Makes the feeds.
    """
    columns.select(names.DEAL_OBJECT, ("CreatedDate", "CurrencyIsoCode"))
    stages = feeds.made(past.STAGES, past.STAGES, past.BY)
    stages.columns.select(stages.object, (*_WHEN, "StageName"))
    kept: list[tuple[str, Reader]] = []
    tracked: list[past.Tracked] = []
    for name in sorted(asked - {STAGE}):
        place = deal_place(name, catalogue, feeds.objects)
        found = find_first(feeds.objects, place)
        if found is None or len(found.path) > 1:
            continue
        same = past.KEPT.get(found.path[0])
        if same is None:
            tracked.append(_tracked(name, found, place.kind, feeds))
            continue
        where = Place(stages.object, (same,), place.kind)
        read = stages.columns.read(where)
        kept.append((name, _labelled(read) if same == _FORECAST else read))
    _read_changes(tuple(each.path for each in tracked), feeds)
    person = converter(Kind.USER, "reference", feeds.tongue)
    return past.PastShape(person, tuple(kept), tuple(tracked), feeds.tongue.currency)


def _labelled(read: Reader) -> Reader:
    """Read a forecast category under the name that the deal itself shows."""

    def convert(wire: object) -> FieldValue:
        return read.convert(_FORECASTS.get(str(wire), wire))

    return Reader(read.get, convert)


def _tracked(
    name: str, found: Found, declared: Kind | None, feeds: Feeds
) -> past.Tracked:
    kind = declared or (found.field.kinds() or (Kind.TEXT,))[0]
    convert = converter(kind, found.field.type, feeds.tongue)
    is_lookup = found.field.type == "reference"
    path = past.name_in_history(found.field)
    return past.Tracked(name, path, kind, convert, is_lookup)


def _read_changes(paths: tuple[str, ...], feeds: Feeds) -> None:
    if not paths:
        return
    changes = feeds.made(past.CHANGES, past.CHANGES, past.BY)
    wanted = (*_WHEN, "Field", "OldValue", "NewValue")
    changes.columns.select(changes.object, wanted)
    changes.where = Among("Field", paths)
