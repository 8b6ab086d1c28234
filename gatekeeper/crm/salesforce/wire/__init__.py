"""Calls to Salesforce: login, transport, queries, pages, refusals."""
