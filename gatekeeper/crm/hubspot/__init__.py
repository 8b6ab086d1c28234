"""HubSpot: everything that knows its words, and nothing that decides.

`wire` calls it: `library` holds hubspot-api-client, `door` is the one way out (routes,
time limits, raw answers), `pace` keeps to its limits, `refusals` says what its errors
mean, `client` has one method per call.

Choices, November 2026:
- The library's transport is used, its models are not: they are slow, and lose answers
  whose status they do not expect. Nothing is retried below `client`.
- Every version stands in one table (`wire.paths`), for HubSpot moves to dated paths.
- No search decides anything: its index lags behind the records.
"""
