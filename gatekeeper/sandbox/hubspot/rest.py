"""All routes of the HubSpot dialect in one list; the first that fits answers."""

from __future__ import annotations

from gatekeeper.sandbox.hubspot.account import ACCOUNT_ROUTES
from gatekeeper.sandbox.hubspot.associations import ASSOCIATION_ROUTES
from gatekeeper.sandbox.hubspot.batches import BATCH_ROUTES
from gatekeeper.sandbox.hubspot.definitions import PROPERTY_ROUTES
from gatekeeper.sandbox.hubspot.labels import LABEL_ROUTES
from gatekeeper.sandbox.hubspot.merging import MERGE_ROUTES
from gatekeeper.sandbox.hubspot.objects import OBJECT_ROUTES
from gatekeeper.sandbox.hubspot.people import OWNER_ROUTES
from gatekeeper.sandbox.hubspot.pipeline_calls import PIPELINE_ROUTES
from gatekeeper.sandbox.hubspot.search import SEARCH_ROUTES

ROUTES = (
    *BATCH_ROUTES,
    *SEARCH_ROUTES,
    *MERGE_ROUTES,
    *OBJECT_ROUTES,
    *ASSOCIATION_ROUTES,
    *LABEL_ROUTES,
    *PROPERTY_ROUTES,
    *PIPELINE_ROUTES,
    *OWNER_ROUTES,
    *ACCOUNT_ROUTES,
)
