"""Salesforce: everything that knows its words, and nothing that decides.

Pure rooms: `names` (the table of built-in names), `describe`, `columns`, `shape`,
`related`, `derived`, `deals`, `translate` (wire to values), `soql` (values to
statements), `records` (changes to records), `refusals`, `own_fields`, `schema`.
Rooms that talk: `transport` (what may be sent at all), `login`, `client`, `paging`,
`pull`, `tasks`, `write`, `org`, `setup`, `examine`; `adapter` joins them to the port.

Choices, November 2026:
- We own the token and hand simple-salesforce a session: its own refresh loops, drops
  headers and cannot restart a query.
- Long queries are ordered by the deal's id and resumed by key, child objects are
  merged as one ordered stream each; lists of 2,000 ids where the order disagrees, for
  links of files and notes, which Salesforce filters by nothing else, and for rows of
  another parent than the deal. Such a list is too long for an address and travels in
  the body of a composite.
- Tasks are inserted under a unique key, never upserted: an upsert would undo what a
  person changed. What has no answer is unknown, not failed.
- A date-time declared a date is the day in the org's zone, except exactly midnight
  UTC, which is how loaders write a day.
"""
