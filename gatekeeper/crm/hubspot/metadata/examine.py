"""What `doctor` says of a portal: login, scopes, properties, history, calls, clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import CrmName
from gatekeeper.core.model import STAGE
from gatekeeper.crm.checkups import (
    SETUP,
    asked_fields,
    budget,
    clock,
    missing_rows,
    unreadable,
)
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.metadata import scopes
from gatekeeper.crm.hubspot.metadata.row_schema import parts_of
from gatekeeper.crm.hubspot.reading.columns import hop_of
from gatekeeper.crm.hubspot.reading.past import MOST_VERSIONS
from gatekeeper.crm.hubspot.reading.stays import dated_stays
from gatekeeper.errors import StopError
from gatekeeper.ports import Checkup, Health

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.pipeline import Pipeline
    from gatekeeper.crm.hubspot.metadata.portal import Portal
    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.ports import PullRequest


def examine(client: Client, portal: Portal, request: PullRequest) -> list[Checkup]:
    """Look at everything a run depends on; one line each, worst news included."""
    try:
        schema = portal.schema(request.catalogue)
    except StopError as error:
        return [Checkup("login", Health.FAIL, str(error))]
    return [
        Checkup("login", Health.OK, f"logged in to {schema.org}"),
        *_scopes(client, request),
        _budget(client),
        *_fields(schema, request),
        *_history(portal, request),
        *_currencies(portal),
        _key(schema),
        _flags(portal),
        clock(CrmName.HUBSPOT, client.meter.ahead),
    ]


def _scopes(client: Client, request: PullRequest) -> Iterator[Checkup]:
    found = scopes.read_scopes(client)
    if found.granted is None:
        text = "HubSpot does not show the scopes of this kind of token"
        yield Checkup("scopes", Health.WARN, text)
        return
    missing = found.missing(scopes.scopes_for(_kinds(request)))
    if missing:
        text = f"the token lacks {', '.join(missing)}"
        remedy = "add them in the private app's settings"
        yield Checkup("scopes", Health.FAIL, text, remedy)
    else:
        yield Checkup("scopes", Health.OK, "all scopes the rules need are granted")
    excess = found.excess()
    if excess:
        text = f"the token also has {', '.join(excess)}, which gatekeeper never uses"
        yield Checkup("excess scopes", Health.WARN, text, "take them away")


def _kinds(request: PullRequest) -> Iterator[str]:
    """Give the kinds of record that the rules read."""
    catalogue, needs = request.catalogue, request.needs
    for name in needs.fields:
        lookup = catalogue.lookups.get(name.partition(".")[0])
        hop = hop_of(lookup) if lookup else None
        if hop is not None:
            yield hop.record
    for name in needs.collections:
        lookup_name, _, own = name.rpartition(".")
        lookup = catalogue.lookups.get(lookup_name)
        hop = hop_of(lookup) if lookup else None
        if hop is not None:
            yield hop.record
        if own in catalogue.collections:
            yield from (part.kind for part in parts_of(catalogue.collections[own]))


def _budget(client: Client) -> Checkup:
    most, used = client.meter.allowed, client.meter.used
    left = None if most is None or used is None else most - used
    return budget(most, left)


def _fields(schema: CrmSchema, request: PullRequest) -> Iterator[Checkup]:
    remedy = "grant the scope, or disable the rules that need it"
    yield from missing_rows(schema, request, remedy)
    missing = unreadable(schema, request)
    if missing:
        text = f"this portal does not show {', '.join(missing)}"
        remedy = "create or map the property in fields.yaml, or disable the rules"
        yield Checkup("properties", Health.WARN, text, remedy)
    else:
        text = f"all {len(asked_fields(request))} properties the rules need are there"
        yield Checkup("properties", Health.OK, text)


def _history(portal: Portal, request: PullRequest) -> Iterator[Checkup]:
    """Say how far back the past that rules ask for is known, pipeline by pipeline."""
    asked = request.needs.history
    if STAGE in asked:
        pipelines = portal.pipelines()
        dated = {stay.stage for stay in dated_stays(portal.deals(), pipelines)}
        wanted = {name.casefold() for name in request.pipelines}
        for pipeline in pipelines.pipelines:
            if not wanted or pipeline.name.casefold() in wanted:
                yield _dated(pipeline, dated)
    others = ", ".join(sorted(asked - {STAGE}))
    if others:
        text = f"{others}: known back to the last {MOST_VERSIONS} values of each deal"
        yield Checkup("history", Health.OK, text)


def _dated(pipeline: Pipeline, dated: AbstractSet[str]) -> Checkup:
    without = [each.name for each in pipeline.stages if dated.isdisjoint(each.values)]
    count = len(pipeline.stages)
    if not without:
        text = f"HubSpot dates all {count} stages, from the creation of a deal on"
        return Checkup("history", Health.OK, f"{pipeline.name}: {text}")
    return Checkup(
        "history",
        Health.WARN,
        f"{pipeline.name}: HubSpot does not date {', '.join(without)}; of deals that"
        f" were there the last {MOST_VERSIONS} values of the stage are known",
    )


def _currencies(portal: Portal) -> Iterator[Checkup]:
    """Name the currencies of the account that no open deal tells a rate of (E406)."""
    more = portal.account().get("additionalCurrencies")
    rates = portal.rates()
    for code in more if isinstance(more, list) else ():
        if str(code) not in rates:
            yield Checkup(
                "currencies",
                Health.WARN,
                f"no open deal shows what one {code} is worth, so amounts in {code} are"
                ' "cannot tell" until one does.',
            )


def _key(schema: CrmSchema) -> Checkup:
    if schema.strict:
        text = "strict: HubSpot enforces one task per key"
        return Checkup("task key", Health.OK, text)
    if any(path.endswith(names.SHADOW_PROPERTY) for path in schema.by_path):
        text = (
            "best effort: tasks.gatekeeper_key is not unique in this portal, so"
            " gatekeeper looks before it creates a task"
        )
        return Checkup("task key", Health.WARN, text)
    return Checkup("task key", Health.FAIL, "tasks.gatekeeper_key is absent", SETUP)


def _flags(portal: Portal) -> Checkup:
    deals = portal.deals()
    wanted = (*names.FLAG_PROPERTIES.values(), names.SHADOW_PROPERTY)
    missing = sorted(path for path in wanted if path not in deals)
    if not missing:
        return Checkup("flags", Health.OK, "all our properties of the deal are there")
    text = f"absent: {', '.join(missing)}"
    return Checkup("flags", Health.FAIL, text, SETUP)
