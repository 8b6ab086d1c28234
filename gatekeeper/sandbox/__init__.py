"""A CRM to run against: an HTTP server that refuses what the real service refuses.

A separate building that ships in the same wheel: it imports nothing of the product
and the product does not know it. `state.py` holds records and knows no HTTP,
`salesforce/` and `hubspot/` are two dialects over it; each offers the server a
`wire.Front`. `server.py` serves whichever it is given.
"""
