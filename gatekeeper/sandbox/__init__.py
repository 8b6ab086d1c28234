"""A CRM to run against: an HTTP server that refuses what the real service refuses.

A separate building that ships in the same wheel: it imports nothing of the product
and the product does not know it. `state.py` holds records and knows no HTTP,
`salesforce/` is one dialect over it.
"""
