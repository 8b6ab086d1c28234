"""Calls to HubSpot: paths, limits, pages, refusals."""
