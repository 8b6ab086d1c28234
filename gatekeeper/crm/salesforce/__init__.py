"""Salesforce: everything that knows its words, and nothing that decides.

Pure rooms: `names` and `row_names` (the tables of built-in names), `describe`,
`columns`, `parents` (whose rows), `feeds`, `collect`, `shape`, `related`, `derived`,
`deals`, `translate` (wire to values), `soql` (values to statements), `records` (changes
to records), `refusals`, `own_fields`, `schema` with `row_schema`.
Rooms that talk: `transport` (what may be sent at all), `login`, `connection` (a session
and its library), `client` (one method per call), `bulk`, `paging`,
`pull`, `siblings`, `tasks`, `write`, `org`, `tracking`, `setup`, `examine` with
`reach`; `adapter` joins them to the port.

Choices, November 2026:
- We own the token and hand simple-salesforce a session: its own refresh loops, drops
  headers and cannot restart a query.
- Long queries are ordered by the deal's id and resumed by key, child objects are
  merged as one ordered stream each; lists of 2,000 ids where the order disagrees, for
  links of files and notes, which Salesforce filters by nothing else, and for rows of
  another parent than the deal. Such a list is too long for an address and travels in
  the body of a composite.
- An account's meetings, calls, mails and tasks are those Salesforce keeps its id on,
  which takes in those of its deals and contacts; its mails are read from their tasks,
  for a mail itself hangs on one record only.
- Everybody on an activity is read from its relation object by lists of deals: a join
  with the deals would go through the activity, which Salesforce refuses.
- Tasks are inserted under a unique key, never upserted: an upsert would undo what a
  person changed. What has no answer is unknown, not failed.
- A date-time declared a date is the day in the org's zone, except exactly midnight
  UTC, which is how loaders write a day.
"""
