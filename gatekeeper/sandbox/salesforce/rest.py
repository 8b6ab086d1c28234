"""All routes of the Salesforce dialect in one list.

A room that answers calls offers a tuple of `Route`; a route's function takes a `Call`
(session, parts of the address, query, body) and returns an `Answer` or raises a
`SalesforceError`. The composite call may use every route but the token endpoint.
"""

from __future__ import annotations

from gatekeeper.sandbox.salesforce.bulk import BULK_ROUTES
from gatekeeper.sandbox.salesforce.collection import COLLECTION_ROUTES
from gatekeeper.sandbox.salesforce.collection_read import RETRIEVE_ROUTES
from gatekeeper.sandbox.salesforce.composite import composite_route
from gatekeeper.sandbox.salesforce.describe import DESCRIBE_ROUTES
from gatekeeper.sandbox.salesforce.limits import LIMIT_ROUTES
from gatekeeper.sandbox.salesforce.oauth import OAUTH_ROUTES
from gatekeeper.sandbox.salesforce.queries import QUERY_ROUTES
from gatekeeper.sandbox.salesforce.records import RECORD_ROUTES
from gatekeeper.sandbox.salesforce.tooling import TOOLING_ROUTES

_RESOURCES = (
    *LIMIT_ROUTES,
    *QUERY_ROUTES,
    *DESCRIBE_ROUTES,
    *RECORD_ROUTES,
    *COLLECTION_ROUTES,
    *RETRIEVE_ROUTES,
    *TOOLING_ROUTES,
    *BULK_ROUTES,
)
ROUTES = (*OAUTH_ROUTES, *_RESOURCES, composite_route(_RESOURCES))
