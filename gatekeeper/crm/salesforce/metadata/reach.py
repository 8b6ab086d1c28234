"""What `doctor` says of the past: how far back each question can be answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.model import STAGE
from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.reading import past
from gatekeeper.crm.salesforce.reading.columns import deal_place, find_first
from gatekeeper.crm.salesforce.reading.translate import to_moment
from gatekeeper.crm.salesforce.wire.soql import Compare, Select, both
from gatekeeper.errors import CrmRejectedError
from gatekeeper.ports import Checkup, Health

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.core.catalogue import Catalogue
    from gatekeeper.crm.salesforce.metadata.describe import WireField
    from gatekeeper.crm.salesforce.metadata.org import Org
    from gatekeeper.crm.salesforce.wire.soql import Condition
    from gatekeeper.ports import PullRequest

_OF_STAGES = "days_in_stage, entered, visited, skipped and moves_back"
_OF_FIELD = "changes, pushes and previous of"
_SWITCH_ON = (
    "switch on field history tracking under Object Manager, Opportunity, Fields &"
    " Relationships; answers become possible from that day on"
)


def past_checkups(org: Org, request: PullRequest) -> Iterator[Checkup]:
    """Say for each pipeline and each kind of question since when it has an answer."""
    asked = sorted(request.needs.history, key=lambda name: (name != STAGE, name))
    if not asked:
        return
    for pipeline, scope in _pipelines(org, request.pipelines):
        for name in asked:
            yield _checkup(org, request.catalogue, name, (pipeline, scope))


def _pipelines(
    org: Org, wanted: tuple[str, ...]
) -> Iterator[tuple[str, Condition | None]]:
    known = org.deal_object().record_types
    if not known:
        yield names.DEFAULT_PIPELINE, None
    chosen = {name.casefold() for name in wanted}
    for id_, label in known.items():
        if not chosen or label.casefold() in chosen:
            yield label, Compare("Opportunity.RecordTypeId", "=", id_)


def _checkup(
    org: Org, catalogue: Catalogue, name: str, pipeline: tuple[str, Condition | None]
) -> Checkup:
    label, scope = pipeline
    title, field = f"history of {label}", _field(org, catalogue, name)
    what = _OF_STAGES if name == STAGE else f"{_OF_FIELD} {name}"
    if name == STAGE or (field is not None and field.name in past.KEPT):
        first = _first(org, past.STAGES, scope)
    elif field is None:
        text = f"{what}: the integration user may not read the field"
        return Checkup(title, Health.WARN, text, "grant read access to it")
    else:
        tracked = org.tracking().fields()
        if tracked is not None and field.name not in tracked:
            text = f"{what}: field tracking is off for {field.name}"
            return Checkup(title, Health.WARN, text, _SWITCH_ON)
        named = Compare("Field", "=", past.name_in_history(field))
        first = _first(org, past.CHANGES, both(named, scope))
    if first:
        return Checkup(title, Health.OK, f"{what}: back to {first}")
    text = f"{what}: nothing is recorded yet, so nothing can be told"
    return Checkup(title, Health.WARN, text, "answers become possible with time")


def _field(org: Org, catalogue: Catalogue, name: str) -> WireField | None:
    place = deal_place(name, catalogue, org.described)
    found = find_first(org.described, place)
    return found.field if found is not None and len(found.path) == 1 else None


def _first(org: Org, source: str, where: Condition | None) -> str:
    """Return the day of the oldest row of a history; "" without one."""
    described = org.described(source)
    if described is None or not described.has("CreatedDate"):
        return ""
    select = Select(("CreatedDate",), described.name, where, ("CreatedDate",), 1)
    try:
        rows = org.client.query(select).rows
    except CrmRejectedError:
        return ""
    moment = to_moment(rows[0]["CreatedDate"]) if rows else None
    return f"{moment:%-d %b %Y}" if moment is not None else ""
