"""The HubSpot dialect of the sandbox.

`portal.py` is one portal without HTTP: records, clock, settings. `records.py` writes
one record under every rule, `values.py` refuses, `derived.py` and `rollups.py` fill in
what HubSpot fills in, at once or late. `links.py` holds associations. `rest.py` lists
the routes, `http.py` does what all of them share; a route is a function from a `Call`
to an `Answer`. `importing.py` loads a folder, `stock.py` makes a fresh portal.

What lives here refuses what the real service refuses, in its words: a sandbox kinder
than the CRM is a defect. Nothing of the product is imported.
"""
